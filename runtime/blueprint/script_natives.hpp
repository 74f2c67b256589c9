#pragma once

#include "runtime/blueprint/script_engine.hpp"

namespace troupe::blueprint {

/// What the built-in functions' JavaScript calls for the parts that are written in C++: exact decimals, instants and
/// durations, hashes, base64. Scripts cannot reach it. Every function throws a TypeError or RangeError that says what
/// was expected; texts are bounded, so that none of them outlasts the time of an evaluation by much.
JSValue make_natives(JSContext* context);

} // namespace troupe::blueprint
