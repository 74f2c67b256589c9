#pragma once

#include "runtime/base/json.hpp"

namespace troupe {

/// Less than, equal to or greater than zero: numbers by their exact value, whichever of JSON's number types they are
/// kept in.
int compare_numbers(const json& left, const json& right);

/// A total order in which exactly those values are equal that are the same JSON: 1 and 1.0 are, 1 and true are not, the
/// order of an object's fields does not matter. Goes no deeper than both values do together; the caller bounds one of
/// them.
int compare(const json& left, const json& right);

} // namespace troupe
