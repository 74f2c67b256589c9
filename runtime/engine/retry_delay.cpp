#include "runtime/base/crypto.hpp"
#include "runtime/engine/fields.hpp"
#include "runtime/engine/performing.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace troupe::engine {

namespace {

/// 0 to below 1, the same for the same text.
double fraction_from(const std::string& text) {
  const std::string digest = sha256(text);
  std::uint64_t bits = 0;
  for (std::size_t index = 0; index < 7; ++index)
    bits = bits << 8 | static_cast<unsigned char>(digest[index]);
  return static_cast<double>(bits >> 3) / static_cast<double>(std::uint64_t{1} << 53);
}

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&](char a, char b) { return lower(a) == lower(b); });
}

/// All digits, or nothing.
std::optional<int> whole(std::string_view text) {
  int result = 0;
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (problem != std::errc{} || end != text.data() + text.size() || result < 0) return std::nullopt;
  return result;
}

/// RFC 9110, 5.6.7: the preferred form of an HTTP date, `Sun, 06 Nov 1994 08:49:37 GMT`.
std::optional<time_point> parse_http_date(std::string_view text) {
  constexpr std::string_view form = "Sun, 06 Nov 1994 08:49:37 GMT";
  constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != form.size() || !text.ends_with(" GMT")) return std::nullopt;
  auto month = std::find(months.begin(), months.end(), text.substr(8, 3));
  const auto day = whole(text.substr(5, 2)), year = whole(text.substr(12, 4));
  const auto hour = whole(text.substr(17, 2)), minute = whole(text.substr(20, 2)), second = whole(text.substr(23, 2));
  if (month == months.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
  std::chrono::year_month_day date{std::chrono::year{*year},
                                   std::chrono::month{static_cast<unsigned>(month - months.begin() + 1)},
                                   std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return time_point{std::chrono::sys_days{date}} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
         std::chrono::seconds{*second};
}

std::optional<duration> parse_retry_after(std::string_view text, time_point now) {
  if (auto seconds = whole(text)) return std::chrono::seconds{*seconds};
  if (auto date = parse_http_date(text)) return std::max(*date - now, duration{0});
  return std::nullopt;
}

} // namespace

duration retry_delay(const blueprint::retry_rule& rule, int failures, const std::string& spread_by,
                     std::optional<duration> retry_after) {
  const double cap = static_cast<double>(std::max(rule.delay_max.count(), duration::rep{0}));
  double delay = static_cast<double>(rule.delay.count()) * std::pow(rule.backoff, failures - 1);
  if (!(delay < cap)) delay = cap; // infinity and not-a-number too
  if (rule.jitter > 0) delay *= 1 + rule.jitter * (2 * fraction_from(spread_by) - 1);
  if (retry_after) delay = std::max(delay, static_cast<double>(retry_after->count()));
  return duration{static_cast<duration::rep>(std::clamp(delay, 0.0, cap))};
}

std::optional<duration> retry_after_of(const json& response, time_point now) {
  const json& headers = member(response, "headers");
  if (!headers.is_object()) return std::nullopt;
  for (const auto& [name, value] : headers.items()) {
    if (!equals_ignoring_case(name, "retry-after")) continue;
    if (value.is_number_unsigned()) return parse_retry_after(std::to_string(value.get<std::uint64_t>()), now);
    const json& text = value.is_array() && !value.empty() ? value.front() : value;
    if (text.is_string()) return parse_retry_after(text.get_ref<const std::string&>(), now);
  }
  return std::nullopt;
}

} // namespace troupe::engine
