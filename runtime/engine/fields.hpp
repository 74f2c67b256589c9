#pragma once

#include "runtime/base/json.hpp"
#include "runtime/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::engine {

/// Readers of recorded JSON: what is missing or of another type reads as the fallback, so that a damaged record is
/// found by comparison
/// (`troupe verify`) and not by a crash.

/// The member, or null.
const json& member(const json& object, std::string_view name);
std::string text_at(const json& object, std::string_view name);
std::int64_t number_at(const json& object, std::string_view name, std::int64_t fallback = 0);
bool flag_at(const json& object, std::string_view name);
/// From ISO 8601 text.
std::optional<time_point> time_at(const json& object, std::string_view name);

/// Text or null, time or null.
json or_null(const std::string& text);
json or_null(const std::optional<time_point>& time);

/// A value that is always there and always null.
const json& null_value();

} // namespace troupe::engine
