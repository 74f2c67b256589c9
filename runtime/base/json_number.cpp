#include "runtime/base/json_number.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace troupe {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_number_byte(char c) {
  return is_digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

std::size_t count_digits(std::string_view text) {
  auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  return static_cast<std::size_t>(end - text.begin());
}

/// RFC 8259, section 6.
bool is_number(std::string_view text) {
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  auto whole = count_digits(text);
  if (whole == 0 || (whole > 1 && text.front() == '0')) return false;
  text.remove_prefix(whole);
  if (!text.empty() && text.front() == '.') {
    auto fraction = count_digits(text.substr(1));
    if (fraction == 0) return false;
    text.remove_prefix(1 + fraction);
  }
  if (!text.empty() && (text.front() == 'e' || text.front() == 'E')) {
    text.remove_prefix(1);
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
    auto digits = count_digits(text);
    if (digits == 0) return false;
    text.remove_prefix(digits);
  }
  return text.empty();
}

constexpr long exponent_max = 1'000'000;

long exponent_of(std::string_view text) {
  bool negative = !text.empty() && text.front() == '-';
  if (!text.empty() && !is_digit(text.front())) text.remove_prefix(1);
  long value = 0;
  for (auto c : text)
    value = std::min(exponent_max, value * 10 + (c - '0'));
  return negative ? -value : value;
}

bool is_above_every_double(std::string_view written) {
  double value = 0;
  // The exponent tells apart the two ways of being out of range.
  auto result = std::from_chars(written.data(), written.data() + written.size(), value);
  return result.ec == std::errc::result_out_of_range && decimal_of(written).exponent > 0;
}

} // namespace

decimal decimal_of(std::string_view written) {
  decimal result;
  if (!written.empty() && written.front() == '-') written.remove_prefix(1);
  auto mark = written.find_first_of("eE");
  auto mantissa = written.substr(0, mark);
  long power = mark == std::string_view::npos ? 0 : exponent_of(written.substr(mark + 1));
  auto point = mantissa.find('.');
  long whole_digits = static_cast<long>(point == std::string_view::npos ? mantissa.size() : point);
  result.digits.reserve(mantissa.size());
  for (auto c : mantissa) {
    if (c != '.') result.digits += c;
  }
  result.digits.erase(result.digits.find_last_not_of('0') + 1);
  auto leading = std::min(result.digits.find_first_not_of('0'), result.digits.size());
  result.digits.erase(0, leading);
  if (!result.digits.empty()) result.exponent = power + whole_digits - static_cast<long>(leading);
  return result;
}

decimal decimal_of(double value) {
  char text[32];
  auto result = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific);
  return decimal_of(std::string_view{text, static_cast<std::size_t>(result.ptr - text)});
}

bool is_exact(std::string_view written, double value) {
  // Every decimal of up to 15 digits comes back from a double that is neither subnormal nor infinite.
  constexpr std::size_t safe_length = 16; // the digits and a point
  if (written.size() <= safe_length && std::abs(value) > 1e-290 && std::abs(value) < 1e290) return true;
  return decimal_of(written) == decimal_of(value);
}

std::pair<std::string, std::vector<std::size_t>> without_overflow(std::string_view document) {
  std::string text{document};
  std::vector<std::size_t> replaced;
  std::size_t numbers = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\') ++i;
      }
      ++i;
    } else if (is_digit(text[i]) || text[i] == '-') {
      auto end = std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(i), text.end(), is_number_byte);
      auto size = static_cast<std::size_t>(end - text.begin()) - i;
      auto token = document.substr(i, size);
      if (is_number(token) && is_above_every_double(token)) {
        text.replace(i, size, size, ' ');
        text[i] = '0';
        replaced.push_back(numbers);
      }
      ++numbers;
      i += size;
    } else {
      ++i;
    }
  }
  return {std::move(text), std::move(replaced)};
}

} // namespace troupe
