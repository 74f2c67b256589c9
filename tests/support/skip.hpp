#pragma once

#include "caf/test/unit_test.hpp"

#include <iostream>
#include <string_view>

namespace troupe::test {

/// Counts the running test as skipped and says what was missing; the test returns right after it.
inline void skip(std::string_view missing) {
  std::cerr << "SKIPPED " << caf::test::engine::current_test()->name() << ": " << missing << std::endl;
}

} // namespace troupe::test
