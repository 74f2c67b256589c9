#pragma once

#include "runtime/base/error.hpp"
#include "runtime/blueprint/script_engine.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::blueprint {

/// What a script was compiled to: shared between threads, loaded into the runtime of each that runs it.
using bytecode = std::vector<std::uint8_t>;

/// Translates a script (strict or not as it says); nothing of it is run. Refuses with `invalid_blueprint` and the
/// engine's message.
expected<bytecode> compile_script(std::string_view source);

/// Translates an ES module, for its message only.
expected<void> check_module_syntax(std::string_view source);

/// Loads and runs; the script's value or an exception.
JSValue run_bytecode(JSContext* context, const bytecode& code);

} // namespace troupe::blueprint
