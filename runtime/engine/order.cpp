#include "runtime/engine/order.hpp"

#include "runtime/engine/fields.hpp"

#include <algorithm>
#include <array>

namespace troupe::engine {

namespace {

constexpr std::array<std::string_view, 9> status_names = {"pending",   "active", "waiting",     "paused",   "escalated",
                                                          "completed", "failed", "rolled_back", "cancelled"};

} // namespace

std::string_view to_string(status value) {
  return status_names[static_cast<std::size_t>(value)];
}

std::optional<status> parse_status(std::string_view text) {
  for (std::size_t index = 0; index < status_names.size(); ++index)
    if (status_names[index] == text) return static_cast<status>(index);
  return std::nullopt;
}

bool is_final(status value) {
  return value == status::completed || value == status::failed || value == status::rolled_back ||
         value == status::cancelled;
}

bool is_settled(const order& value) {
  return value.status != status::pending && value.status != status::active;
}

std::optional<time_point> deadline(const order& value) {
  if (value.where.kind == action_kind::compensation) return std::nullopt;
  const auto& of_state = value.where.state_due;
  const auto& of_order = value.order_due;
  if (!of_state || !of_order) return of_state ? of_state : of_order;
  return std::min(*of_state, *of_order);
}

std::optional<time_point> earliest_due(const order& value) {
  if (value.status != status::waiting || value.where.cancelling) return std::nullopt;
  auto result = deadline(value);
  const auto consider = [&](time_point due) { result = result ? std::min(*result, due) : due; };
  if (value.where.retry_due) consider(*value.where.retry_due);
  for (const auto& each : value.where.timers)
    consider(each.due);
  return result;
}

std::string_view to_string(action_kind kind) {
  switch (kind) {
  case action_kind::entry: return "entry";
  case action_kind::exit: return "exit";
  case action_kind::transition: return "transition";
  case action_kind::compensation: return "compensation";
  }
  return "entry";
}

int visit_at_hand(const order& value) {
  return value.where.kind == action_kind::compensation && !value.undoables.empty() ? value.undoables.back().visit
                                                                                   : value.visit;
}

std::string idempotency_key(const order& value, action_kind kind, std::string_view action_id) {
  std::string key = value.order_id;
  key += '/';
  const bool is_undoing = kind == action_kind::compensation && !value.undoables.empty();
  key += std::to_string(is_undoing ? value.undoables.back().visit : value.visit);
  key += '/';
  if (is_undoing) {
    key += to_string(kind);
    key += '/';
    kind = value.undoables.back().kind;
  }
  if (kind != action_kind::entry) {
    key += to_string(kind);
    key += '/';
  }
  key += action_id;
  return key;
}

json to_json(const event& value) {
  json result = json::object();
  result["sequence"] = value.sequence;
  result["time"] = to_iso8601(value.time);
  result["type"] = value.type;
  result["by"] = value.by;
  result["data"] = value.data;
  return result;
}

event event_from_json(const json& value) {
  event result;
  result.sequence = static_cast<std::uint64_t>(number_at(value, "sequence"));
  result.time = time_at(value, "time").value_or(time_point{});
  result.type = text_at(value, "type");
  result.by = text_at(value, "by");
  result.data = member(value, "data");
  return result;
}

json to_json(const failure& value) {
  json result = json::object();
  result["code"] = value.code;
  result["message"] = value.message;
  result["state"] = or_null(value.state);
  result["action"] = or_null(value.action);
  result["at"] = to_iso8601(value.at);
  result["attempts"] = value.attempts;
  return result;
}

bool order::operator==(const order& other) const {
  return folded_text(*this) == folded_text(other);
}

} // namespace troupe::engine
