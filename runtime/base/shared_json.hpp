#pragma once

#include "runtime/base/json.hpp"

#include <memory>

namespace troupe {

/// A JSON value whose copies share it until one of them is changed: copying costs a counter, whatever the size. A value
/// that is shared is never changed, so copies may be read on several threads.
class shared_json {
public:
  /// Null.
  shared_json() = default;
  shared_json(json value);
  /// An empty object.
  static shared_json object();

  const json& operator*() const noexcept;
  const json* operator->() const noexcept { return &**this; }

  bool operator==(const shared_json& other) const {
    return value_ == other.value_ ? is_object_ == other.is_object_ : **this == *other;
  }

  /// Puts a copy in its place and gives it for being changed: at once, before anything else is done with this value.
  json& edit();

private:
  std::shared_ptr<const json> value_; ///< none: null or an empty object
  bool is_object_ = false;
};

} // namespace troupe
