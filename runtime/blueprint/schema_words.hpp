#pragma once

#include "runtime/blueprint/schema_node.hpp"

#include <string>

namespace troupe::blueprint {

/// `a string or null`, of the bits of `json_type`.
std::string words_for_types(unsigned types);

/// What a schema wants in a few words, as far as a few words can say it: `a string`, `one of "EUR", "USD"`, `an
/// object`.
std::string words_for(const node& schema);

/// `one of "EUR", "USD", ...`, cut after a handful.
std::string words_for_choices(const std::vector<const json*>& choices);

/// `at least 2 items`, `at most 1 item`, of whatever is counted.
std::string words_for_bound(std::string_view least_or_most, std::size_t count, std::string_view singular);

} // namespace troupe::blueprint
