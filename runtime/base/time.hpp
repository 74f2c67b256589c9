#pragma once

#include "runtime/base/error.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace troupe {

using duration = std::chrono::milliseconds;
/// UTC, whole milliseconds: what is recorded is what was decided with.
using time_point = std::chrono::sys_time<duration>;

/// The machine's wall clock, cut to milliseconds.
time_point wall_clock_now();

/// `2024-01-10T14:30:00.000Z`
std::string to_iso8601(time_point value);
/// RFC 3339 date-time with any offset; digits beyond milliseconds are cut off. Refuses with `invalid_data`.
expected<time_point> parse_iso8601(std::string_view text);

/// ISO 8601 durations with weeks or days, hours, minutes, seconds and a decimal fraction in the smallest part: `PT10S`,
/// `P1DT12H`, `PT0.5S`. Years and months are refused: they have no fixed length. Refuses with `invalid_data`, also
/// above 100 years.
expected<duration> parse_duration(std::string_view text);
std::string to_iso8601(duration value);

} // namespace troupe
