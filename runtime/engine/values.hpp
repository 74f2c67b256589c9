#pragma once

#include "runtime/engine/engine.hpp"

#include <string>
#include <string_view>

namespace troupe::engine {

/// What expressions and templates can read of an order at this moment (blueprint-format.md, "Templates and
/// expressions"): `data`, `state`, `order`, `variables`, `event`, `error`, `config`, and what is added with `with`.
/// Nothing is copied but what an expression mentions of `state`, `order` and `error`, once. The order, the context and
/// every value given must outlive it and stay as they are.
class visible_values {
public:
  visible_values(const order& subject, const context& around);
  visible_values(const visible_values&) = delete;
  visible_values& operator=(const visible_values&) = delete;
  ~visible_values();

  /// Adds or replaces a name.
  visible_values& with(std::string_view name, const json& value);
  /// `state` is this one, just being entered.
  visible_values& entering(const std::string& state_id);

  /// The names that this expression or template needs; valid until the next call and as long as this object.
  template <class Source> const blueprint::scope& seen_by(const Source& source) {
    if (!has_state_ && source.mentions("state")) show_state();
    if (!has_order_ && source.mentions("order")) show_order();
    if (!has_error_ && source.mentions("error")) show_error();
    return scope_;
  }

private:
  void show_state();
  void show_order();
  void show_error();

  const order& subject_;
  const context& around_;
  std::string entering_;
  json state_;
  json order_;
  json error_;
  bool has_state_ = false;
  bool has_order_ = false;
  bool has_error_ = false;
  blueprint::scope scope_;
};

/// Text for a record: secrets that a service echoed are `***`, and what is longer than 2,000 bytes is cut. Never empty:
/// then `fallback`.
std::string recorded_text(std::string text, const context& around, std::string_view fallback);
/// Strings anywhere inside, likewise but uncut.
void hide_secrets(json& value, const context& around);

} // namespace troupe::engine
