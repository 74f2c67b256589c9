#include "runtime/base/shared_json.hpp"

namespace troupe {

shared_json::shared_json(json value) : is_object_(value.is_object()) {
  const bool is_usual = value.is_null() || (is_object_ && value.empty());
  if (!is_usual) value_ = std::make_shared<const json>(std::move(value));
}

shared_json shared_json::object() {
  shared_json result;
  result.is_object_ = true;
  return result;
}

const json& shared_json::operator*() const noexcept {
  static const json null;
  static const json empty = json::object();
  if (value_) return *value_;
  return is_object_ ? empty : null;
}

json& shared_json::edit() {
  auto own = std::make_shared<json>(**this);
  json& result = *own;
  value_ = std::move(own);
  return result;
}

} // namespace troupe
