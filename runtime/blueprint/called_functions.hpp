#pragma once

#include <set>
#include <string>
#include <string_view>

namespace troupe::blueprint {

/// Names that an expression calls as functions (`first(...)`, not `x.first(...)`), as far as can be told without a
/// parser: names that stand anywhere without a call (a parameter, a variable) are left out, and of what has template
/// literals nothing is said. So that an unknown function is found on publishing and none that is known is refused.
std::set<std::string> called_functions(std::string_view source);

/// Functions and constructors of the language itself that an expression may call.
bool is_language_function(std::string_view name);

/// True if `name` stands somewhere in a module's source as a word of its own.
bool contains_word(std::string_view source, std::string_view name);

} // namespace troupe::blueprint
