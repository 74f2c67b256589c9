#pragma once

#include <array>
#include <span>
#include <string_view>

namespace troupe::blueprint {

/// An expression and its value as JSON.
struct function_example {
  std::string_view expression;
  std::string_view result;
};

/// A function that every expression can call.
struct built_in_function {
  std::string_view name;
  std::string_view signature; ///< how it is called: `first(list)`, `round(number, places = 0)`
  std::string_view description;
  std::array<function_example, 3> examples; ///< one at least; those that are not there are empty
  std::string_view source;                  ///< a JavaScript function expression; empty: written in C++
};

/// All of them, sorted by name.
std::span<const built_in_function> built_in_functions();

/// JavaScript that the sources rely on: declarations that stand before them, with `native` (make_natives) in sight.
std::string_view built_in_shared_source();

// Their parts, for built_in_functions().
std::span<const built_in_function> list_functions();
std::span<const built_in_function> number_functions();
std::span<const built_in_function> object_functions();
std::span<const built_in_function> text_functions();
std::span<const built_in_function> time_functions();

} // namespace troupe::blueprint
