#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::blueprint {

/// A number as people write it: `digits` times ten to the power of `exponent`. For arithmetic and formatting of money,
/// where a double stands for the shortest decimal that reads back as itself (0.1 is a tenth). Everything here is exact
/// until `to_double`, which gives the nearest double.
struct decimal {
  bool negative = false;
  std::string digits; ///< without zeros in front; empty: zero
  int exponent = 0;

  /// `value` is finite.
  static decimal of(double value);
  /// As JSON writes numbers, at most 400 characters and an exponent within 400 (zeros in front are allowed). Nothing:
  /// it is none.
  static std::optional<decimal> parse(std::string_view text);

  /// Infinite if it is too large.
  double to_double() const;
  /// To so many places after the point, halves away from zero; negative places are tens, hundreds, and so on.
  decimal rounded(int places) const;
  /// How many places after the point it needs.
  int places() const;
  /// `1234.50`: at least `places` of them, `thousands` between groups of three.
  std::string text(int places, std::string_view thousands, std::string_view point) const;
};

decimal product(const decimal& left, const decimal& right);
/// To so many places, halves away from zero. `right` is not zero and has at most 18 digits.
decimal quotient(const decimal& left, const decimal& right, int places);

/// Adds up doubles without rounding in between.
class exact_sum {
public:
  /// `value` is finite; at most 2^32 of them.
  void add(double value);
  double total() const;

private:
  static constexpr int lowest_exponent = -360; ///< of the first part; a multiple of its digits
  static constexpr std::size_t part_digits = 9;
  /// Each a number of up to nine digits and what has been carried into it.
  std::array<std::int64_t, 80> parts_{};
};

} // namespace troupe::blueprint
