#include "runtime/base/shared_json.hpp"

namespace troupe {

namespace {

struct held {
  json value;
  explicit held(json given) : value(std::move(given)) {}
  held(const held&) = delete;
  held& operator=(const held&) = delete;
  ~held() { drop(value); }
};

std::shared_ptr<json> hold(json value) {
  auto made = std::make_shared<held>(std::move(value));
  return {made, &made->value};
}

} // namespace

shared_json::shared_json(json value) : is_object_(value.is_object()) {
  const bool is_usual = value.is_null() || (is_object_ && value.empty());
  if (!is_usual) value_ = hold(std::move(value));
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
  auto own = hold(**this);
  json& result = *own;
  value_ = std::move(own);
  return result;
}

} // namespace troupe
