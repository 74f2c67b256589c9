#pragma once

#include <span>
#include <string_view>

namespace troupe::blueprint {

/// A function that every expression can call. `example` is an expression that holds.
struct built_in_function {
  std::string_view name;
  std::string_view description;
  std::string_view example;
  std::string_view source; ///< a JavaScript function expression; empty: written in C++
};

/// All of them, sorted by name.
std::span<const built_in_function> built_in_functions();

} // namespace troupe::blueprint
