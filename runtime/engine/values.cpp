#include "runtime/engine/values.hpp"

#include "runtime/engine/fields.hpp"

#include <algorithm>

namespace troupe::engine {

namespace {

constexpr std::size_t recorded_text_max = 2000;
constexpr std::size_t secret_length_min = 4; // shorter ones would turn innocent text into stars

void replace_all(std::string& text, const std::string& wanted, std::string_view replacement) {
  for (std::size_t found = text.find(wanted); found != std::string::npos;
       found = text.find(wanted, found + replacement.size()))
    text.replace(found, wanted.size(), replacement);
}

void hide_in_text(std::string& text, const json& secrets) {
  for (const auto& secret : secrets)
    if (secret.is_string() && secret.get_ref<const std::string&>().size() >= secret_length_min)
      replace_all(text, secret.get_ref<const std::string&>(), "***");
}

void hide_in_value(json& value, const json& secrets) {
  if (value.is_string()) {
    hide_in_text(value.get_ref<std::string&>(), secrets);
  } else if (value.is_structured()) {
    for (auto& item : value)
      hide_in_value(item, secrets);
  }
}

} // namespace

visible_values::visible_values(const order& subject, const context& around) : subject_(subject), around_(around) {
  scope_.values = {{"data", &*subject.data},        {"variables", &*subject.variables},
                   {"event", &*subject.last_event}, {"error", &null_value()},
                   {"response", &null_value()},     {"config", &around.surroundings.config}};
  scope_.now = around.now;
  scope_.order_id = subject.order_id;
}

visible_values::~visible_values() {
  for (auto* made : {&state_, &order_, &error_})
    drop(*made);
}

visible_values& visible_values::with(std::string_view name, const json& value) {
  auto found =
      std::find_if(scope_.values.begin(), scope_.values.end(), [&](const auto& each) { return each.first == name; });
  if (found == scope_.values.end())
    scope_.values.emplace_back(name, &value);
  else
    found->second = &value;
  return *this;
}

visible_values& visible_values::entering(const std::string& state_id) {
  entering_ = state_id;
  return *this;
}

void visible_values::show_state() {
  has_state_ = true;
  state_ = json::object();
  if (entering_.empty()) {
    state_["id"] = or_null(subject_.state);
    state_["data"] = *subject_.state_data;
    state_["entered_at"] = or_null(subject_.state_entered_at);
  } else {
    state_["id"] = entering_;
    state_["data"] = json::object();
    state_["entered_at"] = to_iso8601(around_.now);
  }
  with("state", state_);
}

void visible_values::show_order() {
  has_order_ = true;
  order_ = json::object();
  order_["order_id"] = subject_.order_id;
  order_["workflow"] = subject_.workflow;
  order_["version"] = subject_.version;
  order_["created_at"] = to_iso8601(subject_.created_at);
  order_["labels"] = *subject_.labels;
  order_["metadata"] = *subject_.metadata;
  order_["status"] = to_string(subject_.status);
  with("order", order_);
}

void visible_values::show_error() {
  has_error_ = true;
  if (!subject_.error) return;
  error_ = to_json(*subject_.error);
  with("error", error_);
}

std::string recorded_text(std::string text, const context& around, std::string_view fallback) {
  hide_in_text(text, around.surroundings.secrets);
  if (text.size() > recorded_text_max) {
    std::size_t end = recorded_text_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
      --end; // not inside a character
    text.resize(end);
    text += "...";
  }
  return text.empty() ? std::string(fallback) : text;
}

void hide_secrets(json& value, const context& around) {
  if (!around.surroundings.secrets.empty()) hide_in_value(value, around.surroundings.secrets);
}

} // namespace troupe::engine
