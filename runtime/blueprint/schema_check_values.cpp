#include "runtime/base/json_compare.hpp"
#include "runtime/base/utf8.hpp"
#include "runtime/blueprint/schema_check.hpp"
#include "runtime/blueprint/schema_extent.hpp"
#include "runtime/blueprint/schema_words.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <fmt/format.h>

namespace troupe::blueprint {

namespace {

using wide = unsigned __int128;

constexpr std::size_t depth_max = 512;
constexpr std::size_t bytes_a_step = 64;
/// Up to this many items are compared each with each.
constexpr std::size_t pairwise_max = 8;

wide power_of_ten(long exponent, wide modulus) {
  wide result = 1 % modulus;
  wide factor = 10 % modulus;
  // Both stay below 2^64, as the modulus does, so that products fit.
  for (; exponent > 0; exponent /= 2) {
    if (exponent % 2 != 0) result = result * factor % modulus;
    factor = factor * factor % modulus;
  }
  return result;
}

/// Whether `value` is a multiple of `divisor`, both as the decimals that they are written as.
bool is_multiple(const exact_decimal& value, const exact_decimal& divisor) {
  if (value.digits == 0) return true;
  auto shift = value.power - divisor.power;
  if (shift >= 0) return value.digits % divisor.digits * power_of_ten(shift, divisor.digits) % divisor.digits == 0;
  // Beyond this the divisor is greater than any 64-bit integer.
  if (shift < -19) return false;
  wide scaled = divisor.digits;
  for (; shift < 0; ++shift)
    scaled *= 10;
  return value.digits % scaled == 0;
}

bool is_finite(const json& value) {
  return !value.is_number_float() || std::isfinite(value.get<double>());
}

} // namespace

bool schema_check::accepts_number(const number_rules& rules, const json& value, const value_place& at) {
  bool ok = true;
  if (rules.minimum != nullptr && compare_numbers(value, *rules.minimum) < 0)
    ok = wrong(at, [&] {
      return words{fmt::format("a number of at least {}", to_text(*rules.minimum)), describe(value)};
    });
  if (rules.maximum != nullptr && compare_numbers(value, *rules.maximum) > 0)
    ok = wrong(at, [&] {
      return words{fmt::format("a number of at most {}", to_text(*rules.maximum)), describe(value)};
    });
  if (rules.exclusive_minimum != nullptr && compare_numbers(value, *rules.exclusive_minimum) <= 0)
    ok = wrong(at, [&] {
      return words{fmt::format("a number above {}", to_text(*rules.exclusive_minimum)), describe(value)};
    });
  if (rules.exclusive_maximum != nullptr && compare_numbers(value, *rules.exclusive_maximum) >= 0)
    ok = wrong(at, [&] {
      return words{fmt::format("a number below {}", to_text(*rules.exclusive_maximum)), describe(value)};
    });
  if (rules.multiple_of != nullptr && (!is_finite(value) || !is_multiple(exact_decimal_of(value), rules.divisor)))
    ok = wrong(at, [&] {
      return words{fmt::format("a multiple of {}", to_text(*rules.multiple_of)), describe(value)};
    });
  return ok;
}

bool schema_check::accepts_string(const string_rules& rules, const json& value, const value_place& at) {
  auto& text = value.get_ref<const std::string&>();
  if (!spend(text.size() / bytes_a_step, at)) return false;
  bool ok = true;
  // A code point has at least one byte and at most four: mostly there is nothing to count.
  if (text.size() < 4 * rules.length.least || text.size() > rules.length.most) {
    auto length = code_points_in(text);
    if (length < rules.length.least)
      ok = wrong(at, [&] {
        return words{"a string of " + words_for_bound("least", rules.length.least, "character"), describe(value)};
      });
    if (length > rules.length.most)
      ok = wrong(at, [&] {
        return words{"a string of " + words_for_bound("most", rules.length.most, "character"),
                     fmt::format("one of {}", length)};
      });
  }
  if (is_over(ok)) return false;
  if (rules.format != nullptr) ok &= accepts_format(*rules.format, text, at);
  if (is_over(ok)) return false;
  if (rules.matches && search(*rules.matches, text, at) == pattern::outcome::not_found)
    ok = wrong(at, [&] {
      return words{fmt::format("a string that matches {}", rules.matches->source()), describe(value)};
    });
  if (is_over(ok)) return false;
  if (rules.is_base64 || rules.is_json) ok &= accepts_content(rules, value, at);
  return ok;
}

bool schema_check::accepts_format(const format& format, const std::string& text, const value_place& at) {
  auto start = format.is_slow ? clock::now() : clock::time_point{};
  bool ok = format.accepts(text);
  if (format.is_slow && !ends_in_time(start, false, format.words, at)) return false;
  return ok || wrong(at, [&] { return words{std::string{format.words}, describe(json(text))}; });
}

bool schema_check::accepts_content(const string_rules& rules, const json& value, const value_place& at) {
  const auto* content = &value.get_ref<const std::string&>();
  std::string decoded;
  if (rules.is_base64) {
    if (!is_base64(*content, &decoded)) return wrong(at, [&] { return words{"base64", describe(value)}; });
    content = &decoded;
  }
  if (!rules.is_json) return true;
  // The parser stops at a zero byte and takes what was before it.
  bool is_json = content->find('\0') == std::string::npos && json::accept(*content);
  return is_json || wrong(at, [&] {
           return words{rules.is_base64 ? "JSON in base64" : "JSON in a string", describe(value)};
         });
}

bool schema_check::accepts_array(const array_rules& rules, const json& value, const value_place& at) {
  if (!spend(value.size(), at)) return false;
  bool ok = true;
  if (value.size() < rules.size.least)
    ok = wrong(at, [&] {
      return words{words_for_bound("least", rules.size.least, "item"), fmt::format("{}", value.size())};
    });
  if (value.size() > rules.size.most)
    ok = wrong(at, [&] {
      return words{words_for_bound("most", rules.size.most, "item"), fmt::format("{}", value.size())};
    });
  if (is_over(ok)) return false;
  ok &= accepts_items(rules, value, at);
  if (is_over(ok)) return false;
  if (rules.contains != nullptr) {
    std::size_t index = 0;
    bool found = std::any_of(value.begin(), value.end(), [&](const json& item) {
      return !stopped_ && holds(*rules.contains, item, {&at, nullptr, index++});
    });
    if (!found)
      ok = wrong(at, [&] { return words{fmt::format("an item that is {}", words_for(*rules.contains)), "none"}; });
  }
  if (is_over(ok)) return false;
  if (rules.unique) ok &= has_unique_items(value, at);
  return ok;
}

bool schema_check::accepts_items(const array_rules& rules, const json& value, const value_place& at) {
  bool ok = true;
  for (std::size_t i = 0; i < value.size(); ++i) {
    auto* schema = i < rules.positions.size() ? rules.positions[i] : rules.others;
    if (schema == nullptr) break;
    ok &= accepts(*schema, value[i], {&at, nullptr, i});
    if (is_over(ok)) return false;
  }
  return ok;
}

bool schema_check::has_unique_items(const json& value, const value_place& at) {
  auto same = [&](std::size_t first, std::size_t second) {
    auto early = std::min(first, second);
    return wrong({&at, nullptr, std::max(first, second)}, [&] {
      return words{"an item unlike the others", fmt::format("the same as item {}", early)};
    });
  };
  auto is_structured = [](const json& item) { return item.is_structured(); };
  value_extent extent{1, value.size()};
  if (std::any_of(value.begin(), value.end(), is_structured)) extent = extent_of(value);
  if (extent.depth > depth_max) return stop(at, fmt::format("at most {} levels", depth_max), "more: nested too deeply");
  if (!spend(extent.steps * static_cast<std::size_t>(std::bit_width(value.size())), at)) return false;
  if (value.size() <= pairwise_max) {
    for (std::size_t i = 1; i < value.size(); ++i) {
      for (std::size_t k = 0; k < i; ++k) {
        if (compare(value[i], value[k]) == 0) return same(i, k);
      }
    }
    return true;
  }
  std::vector<const json*> sorted;
  sorted.reserve(value.size());
  for (auto& item : value)
    sorted.push_back(&item);
  std::sort(sorted.begin(), sorted.end(), [](auto* left, auto* right) { return compare(*left, *right) < 0; });
  auto equal = [](auto* left, auto* right) { return compare(*left, *right) == 0; };
  auto found = std::adjacent_find(sorted.begin(), sorted.end(), equal);
  if (found == sorted.end()) return true;
  auto index_of = [&](const json* item) { return static_cast<std::size_t>(item - &value.front()); };
  return same(index_of(found[0]), index_of(found[1]));
}

} // namespace troupe::blueprint
