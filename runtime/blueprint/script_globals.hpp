#pragma once

#include "runtime/blueprint/script_engine.hpp"

#include <string_view>

namespace troupe::blueprint {

/// Gives a context its built-in functions, takes from it what would make an evaluation depend on more than its input,
/// and freezes every object that scripts can reach, so that no evaluation can leave anything behind for the next.
void set_up_globals(script_engine& engine);

/// True for the names that JavaScript itself or a built-in function has in every expression (`Math`, `sum`,
/// `undefined`): they mean what they mean and are no data.
bool is_global_name(std::string_view name);
/// True for words that cannot be names (`new`, `this`, `true`).
bool is_reserved_word(std::string_view word);

} // namespace troupe::blueprint
