#pragma once

#include "runtime/blueprint/schema_node.hpp"

namespace troupe::blueprint {

/// How much there is to compare in a value: its depth, and about how many steps that takes (a value is one, and so are
/// some bytes of a string).
struct value_extent {
  std::size_t depth;
  std::size_t steps;
};

/// Without recursion.
value_extent extent_of(const json& value);

/// Of a finite number, as it is written.
exact_decimal exact_decimal_of(const json& value);

} // namespace troupe::blueprint
