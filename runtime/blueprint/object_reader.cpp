#include "runtime/blueprint/object_reader.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>
#include <numeric>

namespace troupe::blueprint {

namespace {

std::size_t distance_between(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < right.size(); ++j) {
      std::size_t changed = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

} // namespace

bool is_local_id(std::string_view text) {
  auto is_bad = [](char c) { return c == '/' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  auto is_begin = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
  auto characters = std::count_if(text.begin(), text.end(), is_begin);
  return characters >= 1 && characters <= 128 && std::none_of(text.begin(), text.end(), is_bad);
}

std::string_view nearest_name(std::string_view name, std::span<const std::string_view> candidates) {
  std::string_view best;
  std::size_t least = std::min<std::size_t>(4, name.size() / 2 + 1);
  if (name.size() > 128) return best;
  for (auto candidate : candidates) {
    std::size_t distance = distance_between(name, candidate);
    if (distance >= least) continue;
    least = distance;
    best = candidate;
  }
  return best;
}

object_reader::object_reader(const json& value, std::string pointer, finding_list& findings)
    : value_(value), pointer_(std::move(pointer)), findings_(findings) {
  if (!value_.is_object())
    findings_.error(pointer_, "wrong_type", "write an object here", "an object", describe(value_));
}

void object_reader::allow(std::span<const std::string_view> known, std::span<const missing_field> missing) const {
  if (!value_.is_object()) return;
  for (auto item = value_.begin(); item != value_.end(); ++item) {
    const auto& name = item.key();
    if (name.starts_with("x-") || std::find(known.begin(), known.end(), name) != known.end()) continue;
    auto later =
        std::find_if(missing.begin(), missing.end(), [&](const missing_field& each) { return each.name == name; });
    if (later != missing.end()) {
      findings_.error(at(name), "not_built_yet", fmt::format("{} is not built yet: leave `{}` out", later->why, name),
                      "a field that is built", fmt::format("`{}`", name));
      continue;
    }
    auto nearest = nearest_name(name, known);
    findings_.error(at(name), "unknown_field",
                    nearest.empty()
                        ? "remove it, or begin its name with `x-` if it is your own"
                        : fmt::format("did you mean `{}`? Else remove it, or begin its name with `x-`", nearest),
                    fmt::format("one of {}", fmt::join(known, ", ")), fmt::format("`{}`", describe(json(name))));
  }
}

const json* object_reader::find(std::string_view name) const {
  if (!value_.is_object()) return nullptr;
  auto item = value_.find(name);
  return item == value_.end() ? nullptr : &*item;
}

const json* object_reader::require(std::string_view name, std::string_view what) const {
  const json* value = find(name);
  if (!value && value_.is_object())
    findings_.error(pointer_, "missing_field", fmt::format("add `{}`: {}", name, what),
                    fmt::format("the field `{}`", name), "nothing");
  return value;
}

std::optional<std::string> object_reader::text(std::string_view name) const {
  const json* value = find(name);
  if (!value) return std::nullopt;
  if (value->is_string()) return value->get<std::string>();
  wrong_type(name, "a string", *value);
  return std::nullopt;
}

std::optional<std::string> object_reader::required_text(std::string_view name, std::string_view what) const {
  return require(name, what) ? text(name) : std::nullopt;
}

std::optional<std::int64_t> object_reader::whole(std::string_view name, std::int64_t least, std::int64_t most) const {
  const json* value = find(name);
  if (!value) return std::nullopt;
  auto wanted = fmt::format("a whole number from {} to {}", least, most);
  if (!value->is_number_integer()) {
    wrong_type(name, wanted, *value);
    return std::nullopt;
  }
  bool is_huge = value->is_number_unsigned() &&
                 value->get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  auto result = value->get<std::int64_t>();
  if (!is_huge && result >= least && result <= most) return result;
  invalid(name, "invalid_value", wanted, *value);
  return std::nullopt;
}

std::optional<double> object_reader::number(std::string_view name, double least, double most) const {
  const json* value = find(name);
  if (!value) return std::nullopt;
  auto wanted = fmt::format("a number from {} to {}", least, most);
  if (!value->is_number()) {
    wrong_type(name, wanted, *value);
    return std::nullopt;
  }
  double result = value->get<double>();
  if (result >= least && result <= most) return result;
  invalid(name, "invalid_value", wanted, *value);
  return std::nullopt;
}

std::optional<duration> object_reader::span_of_time(std::string_view name, bool longer_than_zero) const {
  auto written = text(name);
  if (!written) return std::nullopt;
  auto parsed = parse_duration(*written);
  if (!parsed) {
    findings_.error(at(name), "invalid_duration",
                    fmt::format("write an ISO 8601 duration, for example PT10S: {}", parsed.error().detail),
                    "an ISO 8601 duration", describe(json(*written)));
    return std::nullopt;
  }
  if (longer_than_zero && *parsed <= duration::zero()) {
    invalid(name, "invalid_duration", "a duration longer than zero", json(*written));
    return std::nullopt;
  }
  return *parsed;
}

const json* object_reader::object(std::string_view name) const {
  const json* value = find(name);
  if (!value || value->is_object()) return value;
  wrong_type(name, "an object", *value);
  return nullptr;
}

const json* object_reader::array(std::string_view name, std::size_t count_max) const {
  const json* value = find(name);
  if (!value) return nullptr;
  if (!value->is_array()) {
    wrong_type(name, "a list", *value);
    return nullptr;
  }
  if (value->size() <= count_max) return value;
  findings_.error(at(name), "too_many", fmt::format("split it: at most {} are possible here", count_max),
                  fmt::format("at most {}", count_max), fmt::format("{}", value->size()));
  return nullptr;
}

std::optional<std::vector<std::string>> object_reader::texts(std::string_view name, std::size_t count_max) const {
  const json* list = array(name, count_max);
  if (!list) return std::nullopt;
  std::vector<std::string> result;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const json& one = (*list)[i];
    if (one.is_string() && !one.get_ref<const std::string&>().empty())
      result.push_back(one.get<std::string>());
    else
      findings_.error(fmt::format("{}/{}", at(name), i), "wrong_type", "write a string that is not empty",
                      "a string that is not empty", describe(one));
  }
  return result;
}

std::optional<std::string> object_reader::word(std::string_view name, std::span<const std::string_view> words) const {
  auto written = text(name);
  if (!written || std::find(words.begin(), words.end(), *written) != words.end()) return written;
  invalid(name, "invalid_value", fmt::format("one of {}", fmt::join(words, ", ")), json(*written));
  return std::nullopt;
}

void object_reader::check_descriptive() const {
  text("name");
  text("description");
  object("metadata");
}

void object_reader::wrong_type(std::string_view name, std::string_view expected, const json& found) const {
  findings_.error(at(name), "wrong_type", fmt::format("write {}", expected), std::string(expected), describe(found));
}

void object_reader::invalid(std::string_view name, std::string code, std::string_view expected,
                            const json& found) const {
  findings_.error(at(name), std::move(code), fmt::format("write {}", expected), std::string(expected), describe(found));
}

} // namespace troupe::blueprint
