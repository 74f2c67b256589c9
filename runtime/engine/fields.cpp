#include "runtime/engine/fields.hpp"

namespace troupe::engine {

const json& null_value() {
  static const json nothing;
  return nothing;
}

const json& member(const json& object, std::string_view name) {
  if (!object.is_object()) return null_value();
  auto found = object.find(name);
  return found == object.end() ? null_value() : *found;
}

std::string text_at(const json& object, std::string_view name) {
  const json& value = member(object, name);
  return value.is_string() ? value.get_ref<const std::string&>() : std::string{};
}

std::int64_t number_at(const json& object, std::string_view name, std::int64_t fallback) {
  const json& value = member(object, name);
  return value.is_number() ? value.get<std::int64_t>() : fallback;
}

bool flag_at(const json& object, std::string_view name) {
  const json& value = member(object, name);
  return value.is_boolean() && value.get<bool>();
}

std::optional<time_point> time_at(const json& object, std::string_view name) {
  const json& value = member(object, name);
  if (!value.is_string()) return std::nullopt;
  auto parsed = parse_iso8601(value.get_ref<const std::string&>());
  if (!parsed) return std::nullopt;
  return *parsed;
}

json or_null(const std::string& text) {
  return text.empty() ? json(nullptr) : json(text);
}

json or_null(const std::optional<time_point>& time) {
  return time ? json(to_iso8601(*time)) : json(nullptr);
}

} // namespace troupe::engine
