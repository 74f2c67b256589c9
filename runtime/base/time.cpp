#include "runtime/base/time.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <fmt/format.h>
#include <optional>

namespace troupe {

namespace {

using namespace std::chrono;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Reads a text from the left; every step says whether it was there.
class reader {
public:
  explicit reader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  bool take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool take_letter(char upper) { return take(upper) || take(static_cast<char>(upper + ('a' - 'A'))); }

  /// Exactly `count` digits.
  std::optional<int> number(std::size_t count) {
    if (rest_.size() < count) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_digit(rest_[i])) return std::nullopt;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  /// One digit or more.
  std::string_view digits() {
    std::size_t count = 0;
    while (count < rest_.size() && is_digit(rest_[count]))
      ++count;
    auto result = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return result;
  }

private:
  std::string_view rest_;
};

std::string shown(std::string_view text) {
  return fmt::format("\"{}\"", text.substr(0, 60));
}

tl::unexpected<error> not_a_time(std::string_view text) {
  return refuse(errc::invalid_data,
                fmt::format("expected a date and time such as 2024-01-10T14:30:00Z, but found {}", shown(text)));
}

std::optional<sys_days> read_date(reader& in) {
  auto y = in.number(4);
  if (!y || !in.take('-')) return std::nullopt;
  auto m = in.number(2);
  if (!m || !in.take('-')) return std::nullopt;
  auto d = in.number(2);
  if (!d) return std::nullopt;
  year_month_day date{year{*y}, month{static_cast<unsigned>(*m)}, day{static_cast<unsigned>(*d)}};
  if (!date.ok()) return std::nullopt;
  return sys_days{date};
}

/// The first three of any number of digits, as milliseconds.
std::optional<milliseconds> read_fraction(reader& in) {
  if (!in.take('.')) return milliseconds{0};
  auto digits = in.digits();
  if (digits.empty()) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < 3; ++i)
    value = value * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  return milliseconds{value};
}

struct clock_time {
  milliseconds since_midnight;
  bool leap_second;
};

std::optional<clock_time> read_clock(reader& in) {
  auto h = in.number(2);
  if (!h || *h > 23 || !in.take(':')) return std::nullopt;
  auto m = in.number(2);
  if (!m || *m > 59 || !in.take(':')) return std::nullopt;
  auto s = in.number(2);
  if (!s || *s > 60) return std::nullopt;
  auto fraction = read_fraction(in);
  if (!fraction) return std::nullopt;
  return clock_time{hours{*h} + minutes{*m} + seconds{*s} + *fraction, *s == 60};
}

std::optional<minutes> read_offset(reader& in) {
  if (in.take_letter('Z')) return minutes{0};
  bool negative = false;
  if (in.take('-')) {
    negative = true;
  } else if (!in.take('+')) {
    return std::nullopt;
  }
  auto h = in.number(2);
  if (!h || *h > 23 || !in.take(':')) return std::nullopt;
  auto m = in.number(2);
  if (!m || *m > 59) return std::nullopt;
  auto offset = minutes{*h * 60 + *m};
  return negative ? -offset : offset;
}

constexpr std::int64_t duration_max = std::int64_t{36'525} * 24 * 60 * 60 * 1000; // 100 years

struct duration_part {
  char letter;
  bool in_time;
  std::int64_t milliseconds;
};

constexpr std::array<duration_part, 5> duration_parts{{{'W', false, 7 * 24 * 3'600'000LL},
                                                       {'D', false, 24 * 3'600'000LL},
                                                       {'H', true, 3'600'000LL},
                                                       {'M', true, 60'000LL},
                                                       {'S', true, 1'000LL}}};

/// `digits` and the digits after the point, in parts of `unit` milliseconds; nothing if above `duration_max`.
std::optional<std::int64_t> scaled(std::string_view digits, std::string_view fraction, std::int64_t unit) {
  std::int64_t value = 0;
  for (auto c : digits) {
    value = value * 10 + (c - '0');
    if (value > duration_max) return std::nullopt;
  }
  if (value > duration_max / unit) return std::nullopt;
  value *= unit;
  std::int64_t scale = 1, part = 0;
  for (auto c : fraction.substr(0, 9)) {
    scale *= 10;
    part = part * 10 + (c - '0');
  }
  return value + part * unit / scale;
}

/// The parts of a duration behind its `P`: each at most once, from the longest to the shortest. Nothing if it is no
/// duration.
std::optional<std::int64_t> read_parts(reader& in, bool& too_long) {
  std::int64_t total = 0;
  std::size_t next = 0;
  bool in_time = false, any = false, week = false, fraction_seen = false;
  while (!in.at_end()) {
    if (!in_time && in.take('T')) {
      in_time = true;
      any = false;
      continue;
    }
    auto digits = in.digits();
    if (digits.empty() || fraction_seen || week) return std::nullopt;
    std::string_view fraction;
    if (in.take('.') || in.take(',')) {
      fraction = in.digits();
      if (fraction.empty()) return std::nullopt;
      fraction_seen = true;
    }
    while (next < duration_parts.size() &&
           (duration_parts[next].in_time != in_time || !in.take(duration_parts[next].letter)))
      ++next;
    if (next == duration_parts.size()) return std::nullopt;
    auto value = scaled(digits, fraction, duration_parts[next].milliseconds);
    too_long = too_long || !value;
    total += value.value_or(0);
    week = next == 0;
    any = true;
    ++next;
  }
  if (!any || (week && in_time)) return std::nullopt;
  return total;
}

/// The digits of a number into zeros, the last at `last`.
void put_digits(std::string& text, std::size_t last, std::int64_t number) {
  for (; number > 0; number /= 10)
    text[last--] = static_cast<char>('0' + number % 10);
}

} // namespace

time_point wall_clock_now() {
  return floor<milliseconds>(system_clock::now());
}

std::string to_iso8601(time_point value) {
  auto days_since = floor<days>(value);
  year_month_day date{days_since};
  hh_mm_ss clock{value - days_since};
  const int year = static_cast<int>(date.year());
  // Every event has a time: digits by hand take a tenth of what formatting takes.
  if (year < 0 || year > 9999)
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", year, static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(),
                       clock.seconds().count(), clock.subseconds().count());
  std::string text = "0000-00-00T00:00:00.000Z";
  put_digits(text, 3, year);
  put_digits(text, 6, static_cast<unsigned>(date.month()));
  put_digits(text, 9, static_cast<unsigned>(date.day()));
  put_digits(text, 12, clock.hours().count());
  put_digits(text, 15, clock.minutes().count());
  put_digits(text, 18, clock.seconds().count());
  put_digits(text, 22, clock.subseconds().count());
  return text;
}

expected<time_point> parse_iso8601(std::string_view text) {
  reader in{text};
  auto date = read_date(in);
  if (!date || !in.take_letter('T')) return not_a_time(text);
  auto clock = read_clock(in);
  if (!clock) return not_a_time(text);
  auto offset = read_offset(in);
  if (!offset || !in.at_end()) return not_a_time(text);
  auto result = *date + clock->since_midnight - *offset;
  // A leap second ends a day in UTC; here it is the same instant as the second after it.
  if (clock->leap_second && floor<seconds>(result) != floor<days>(result)) return not_a_time(text);
  return result;
}

expected<duration> parse_duration(std::string_view text) {
  auto wrong = [&](std::string_view why) {
    return refuse(
        errc::invalid_data,
        fmt::format("expected an ISO 8601 duration such as PT10S or P1DT12H{}, but found {}", why, shown(text)));
  };
  reader in{text};
  if (!in.take('P')) return wrong("");
  bool too_long = false;
  auto total = read_parts(in, too_long);
  if (!total) {
    auto date_part = text.substr(0, text.find('T'));
    if (date_part.find_first_of("YM") != std::string_view::npos)
      return wrong(" (years and months have no fixed length)");
    return wrong("");
  }
  if (too_long || *total > duration_max) return wrong(" of at most 100 years");
  return duration{*total};
}

std::string to_iso8601(duration value) {
  if (value.count() == 0) return "PT0S";
  std::string result = value.count() < 0 ? "-P" : "P";
  auto rest = value.count() < 0 ? -value.count() : value.count();
  bool in_time = false;
  for (std::size_t i = 1; i < duration_parts.size(); ++i) {
    auto& part = duration_parts[i];
    auto count = rest / part.milliseconds;
    rest %= part.milliseconds;
    bool last = part.letter == 'S' && rest != 0;
    if (count == 0 && !last) continue;
    if (part.in_time && !in_time) {
      result += 'T';
      in_time = true;
    }
    result += fmt::format("{}", count);
    if (last) {
      auto fraction = fmt::format(".{:03}", rest);
      fraction.erase(fraction.find_last_not_of('0') + 1);
      result += fraction;
    }
    result += part.letter;
  }
  return result;
}

} // namespace troupe
