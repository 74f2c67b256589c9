#pragma once

#include <set>
#include <string>
#include <string_view>

namespace troupe::blueprint {

/// Names that an expression calls as functions (`first(...)`, not `x.first(...)`), as far as can be told without a
/// parser: names that stand anywhere without a call (a parameter, a variable) are left out, and where the words are in
/// doubt there are none. So that an unknown function is found on publishing and none that is known is refused.
std::set<std::string> called_functions(std::string_view source);

} // namespace troupe::blueprint
