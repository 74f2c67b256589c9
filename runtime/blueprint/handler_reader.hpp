#pragma once

#include "runtime/blueprint/action_level.hpp"

namespace troupe::blueprint {

/// Reads `globalCallbackHandler` and `globalErrorHandler` into the definition. Returns the policies for what names
/// none.
action_level read_handlers(definition& result, const object_reader& blueprint, compilation& work);

} // namespace troupe::blueprint
