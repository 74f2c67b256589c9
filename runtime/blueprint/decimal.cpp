#include "runtime/blueprint/decimal.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace troupe::blueprint {

namespace {

constexpr std::size_t text_size_max = 400;
constexpr int exponent_max = 400;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t digits_at(std::string_view text, std::size_t begin) {
  std::size_t end = begin;
  while (end < text.size() && is_digit(text[end]))
    ++end;
  return end - begin;
}

decimal tidied(decimal value) {
  value.digits.erase(0, std::min(value.digits.find_first_not_of('0'), value.digits.size()));
  while (value.digits.ends_with('0')) {
    value.digits.pop_back();
    ++value.exponent;
  }
  if (value.digits.empty()) value = {};
  return value;
}

/// One more in the last digit.
void increment(std::string& digits) {
  for (auto at = digits.rbegin(); at != digits.rend(); ++at) {
    if (*at != '9') {
      ++*at;
      return;
    }
    *at = '0';
  }
  digits.insert(digits.begin(), '1');
}

} // namespace

decimal decimal::of(double value) {
  std::array<char, 32> buffer{};
  auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific).ptr;
  return parse({buffer.data(), static_cast<std::size_t>(end - buffer.data())}).value_or(decimal{});
}

std::optional<decimal> decimal::parse(std::string_view text) {
  if (text.size() > text_size_max) return std::nullopt;
  decimal result;
  std::size_t at = text.starts_with('-') ? 1 : 0;
  result.negative = at == 1;
  auto whole = digits_at(text, at);
  if (whole == 0) return std::nullopt;
  result.digits = text.substr(at, whole);
  at += whole;
  if (at < text.size() && text[at] == '.') {
    auto fraction = digits_at(text, at + 1);
    if (fraction == 0) return std::nullopt;
    result.digits += text.substr(at + 1, fraction);
    result.exponent = -static_cast<int>(fraction);
    at += 1 + fraction;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    if (++at < text.size() && text[at] == '+') ++at;
    int power = 0;
    auto [end, problem] = std::from_chars(text.data() + at, text.data() + text.size(), power);
    if (problem != std::errc{} || power > exponent_max || power < -exponent_max) return std::nullopt;
    result.exponent += power;
    at = static_cast<std::size_t>(end - text.data());
  }
  if (at != text.size()) return std::nullopt;
  return tidied(std::move(result));
}

double decimal::to_double() const {
  if (digits.empty()) return 0;
  auto text = (negative ? "-" : "") + digits + "e" + std::to_string(exponent);
  double result = 0;
  auto problem = std::from_chars(text.data(), text.data() + text.size(), result).ec;
  if (problem != std::errc::result_out_of_range) return result;
  if (exponent < 0) return 0;
  return negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
}

decimal decimal::rounded(int places) const {
  if (exponent >= -places) return *this;
  auto dropped = static_cast<std::size_t>(-places - exponent);
  if (dropped > digits.size()) return {};
  decimal result{negative, digits.substr(0, digits.size() - dropped), -places};
  if (digits[digits.size() - dropped] >= '5') increment(result.digits);
  return tidied(std::move(result));
}

int decimal::places() const {
  return std::max(0, -exponent);
}

std::string decimal::text(int places, std::string_view thousands, std::string_view point) const {
  auto wanted = std::max(places, this->places());
  auto all = digits + std::string(static_cast<std::size_t>(digits.empty() ? wanted : exponent + wanted), '0');
  auto fraction = static_cast<std::size_t>(wanted);
  if (all.size() <= fraction) all.insert(0, fraction + 1 - all.size(), '0');
  std::string result = negative ? "-" : "";
  const auto whole = all.size() - fraction;
  for (std::size_t i = 0; i < whole; ++i) {
    if (i > 0 && (whole - i) % 3 == 0) result += thousands;
    result += all[i];
  }
  if (fraction > 0) result.append(point).append(all, whole);
  return result;
}

decimal product(const decimal& left, const decimal& right) {
  std::string digits(left.digits.size() + right.digits.size(), '\0');
  for (std::size_t i = left.digits.size(); i-- > 0;) {
    int carried = 0;
    for (std::size_t j = right.digits.size(); j-- > 0;) {
      int value = digits[i + j + 1] + (left.digits[i] - '0') * (right.digits[j] - '0') + carried;
      digits[i + j + 1] = static_cast<char>(value % 10);
      carried = value / 10;
    }
    digits[i] = static_cast<char>(digits[i] + carried);
  }
  for (auto& each : digits)
    each = static_cast<char>(each + '0');
  return tidied({left.negative != right.negative, std::move(digits), left.exponent + right.exponent});
}

decimal quotient(const decimal& left, const decimal& right, int places) {
  // Cut off after more places than are wanted, which does not change how they are rounded.
  const auto cut_after = std::max(places + 1, right.exponent - left.exponent);
  const int shift = left.exponent - right.exponent + cut_after;
  const auto zeros = static_cast<std::size_t>(shift);
  std::uint64_t divisor = 0;
  for (char each : right.digits)
    divisor = divisor * 10 + static_cast<std::uint64_t>(each - '0');
  decimal result{left.negative != right.negative, {}, -cut_after};
  std::uint64_t remainder = 0;
  for (std::size_t i = 0; i < left.digits.size() + zeros; ++i) {
    remainder = remainder * 10 + static_cast<std::uint64_t>(i < left.digits.size() ? left.digits[i] - '0' : 0);
    result.digits += static_cast<char>('0' + remainder / divisor);
    remainder %= divisor;
  }
  return tidied(std::move(result)).rounded(places);
}

void exact_sum::add(double value) {
  const auto number = decimal::of(value);
  const auto shift = static_cast<std::size_t>(number.exponent - lowest_exponent);
  const auto digits = number.digits + std::string(shift % part_digits, '0');
  auto part = shift / part_digits;
  for (auto end = digits.size(); end > 0; ++part) {
    auto begin = end > part_digits ? end - part_digits : 0;
    std::int64_t amount = 0;
    for (auto i = begin; i < end; ++i)
      amount = amount * 10 + (digits[i] - '0');
    parts_[part] += number.negative ? -amount : amount;
    end = begin;
  }
}

double exact_sum::total() const {
  constexpr std::int64_t base = 1'000'000'000;
  auto parts = parts_;
  const auto carry = [&] {
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      auto carried = parts[i] / base - (parts[i] % base < 0 ? 1 : 0);
      parts[i] -= carried * base;
      parts[i + 1] += carried;
    }
  };
  carry();
  const bool negative = parts.back() < 0;
  if (negative) {
    for (auto& each : parts)
      each = -each;
    carry();
  }
  decimal result{negative, {}, lowest_exponent};
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    auto text = std::to_string(*part);
    result.digits.append(part_digits - text.size(), '0').append(text);
  }
  return tidied(std::move(result)).to_double();
}

} // namespace troupe::blueprint
