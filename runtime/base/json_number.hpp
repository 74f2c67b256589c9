#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

/// A decimal number apart from its sign: 0.d1d2d3... times ten to the power of `exponent`. `digits` have no zeros at
/// either end; zero has none.
struct decimal {
  std::string digits;
  long exponent = 0;
  bool operator==(const decimal&) const = default;
};

/// Of a number as JSON writes it. Exponents beyond a million count as a million.
decimal decimal_of(std::string_view written);
/// Of the shortest text that gives this (finite) double back.
decimal decimal_of(double value);

/// Whether `value`, which was read from `written`, comes out again with the value that was written.
bool is_exact(std::string_view written, double value);

/// The document with every number that is above the greatest double replaced by `0` and blanks of the same length, and
/// which numbers of the document (counted from 0) those were. Anything else, well-formed or not, stays as it is.
std::pair<std::string, std::vector<std::size_t>> without_overflow(std::string_view document);

} // namespace troupe
