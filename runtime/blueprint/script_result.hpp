#pragma once

#include "runtime/blueprint/script_engine.hpp"

namespace troupe::blueprint {

/// A script's value as JSON, as `JSON.stringify` sees it (`toJSON`, own enumerable names), but that `undefined` and
/// functions are null. False if an exception or the engine's failure says why not: getters may throw, and depth, size
/// and time are bounded.
bool to_json(script_engine& engine, JSValueConst value, json& result);

} // namespace troupe::blueprint
