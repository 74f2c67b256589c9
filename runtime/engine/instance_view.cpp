#include "runtime/engine/draft.hpp"
#include "runtime/engine/fields.hpp"

#include <utility>

namespace troupe::engine {

namespace {

std::string_view instance_status(status value) {
  if (!is_final(value)) return "active";
  return value == status::completed ? "completed" : "error";
}

json attempt_of(const event& happened, json error) {
  json result = json::object();
  result["attempt"] = member(happened.data, "attempt");
  result["startedAt"] = member(happened.data, "started_at");
  result["endedAt"] = to_iso8601(happened.time);
  result["error"] = std::move(error);
  return result;
}

/// The history's stays in states, read from the events.
class stays {
public:
  void read(const event& happened) {
    const json& data = happened.data;
    if (happened.type == "state_entered")
      enter(happened);
    else if (happened.type == "reprocessed")
      go_back(data);
    else if (list_.empty())
      return;
    else if (happened.type == "state_left")
      list_[current_]["exitedAt"] = to_iso8601(happened.time);
    else if (happened.type == "action_completed" || happened.type == "compensated")
      add_attempt(action(data), attempt_of(happened, nullptr), "completed");
    else if (happened.type == "action_failed")
      add_attempt(action(data), attempt_of(happened, member(member(data, "error"), "code")), "failed");
    else if (happened.type == "action_skipped")
      action(data)["status"] = "skipped";
    else if (happened.type == "retry_scheduled")
      action(data)["status"] = "in-progress";
    else if (happened.type == "order_ended")
      give_up();
  }

  /// An action of the current stay that has no outcome: in progress, or pending.
  void mark(const std::string& id, std::string_view kind, std::string_view status) {
    if (list_.empty()) return;
    action({{"action", id}, {"kind", kind}})["status"] = status;
  }

  bool has(const std::string& id, std::string_view kind) const {
    if (list_.empty()) return false;
    for (const auto& each : list_[current_]["actions"])
      if (each["actionId"] == id && each["kind"] == kind) return true;
    return false;
  }

  json list() && { return std::move(list_); }

private:
  void enter(const event& happened) {
    json stay = json::object();
    stay["state"] = member(happened.data, "state");
    stay["visit"] = member(happened.data, "visit");
    stay["enteredAt"] = to_iso8601(happened.time);
    stay["exitedAt"] = nullptr;
    stay["by"] = happened.by;
    stay["transition"] = member(happened.data, "transition");
    stay["data"] = member(happened.data, "data");
    stay["actions"] = json::array();
    if (!list_.empty() && list_[current_]["exitedAt"].is_null()) // left without ceremony: entered again, or sent on
      list_[current_]["exitedAt"] = to_iso8601(happened.time);
    current_ = list_.size();
    list_.push_back(std::move(stay));
  }

  /// From the failure, the order goes on within the visit.
  void go_back(const json& data) {
    if (text_at(data, "from") != "failure") return;
    for (std::size_t index = 0; index < list_.size(); ++index) {
      if (list_[index]["visit"] != member(data, "visit")) continue;
      current_ = index;
      list_[index]["exitedAt"] = nullptr;
    }
  }

  /// Nobody tries again what was to be tried again.
  void give_up() {
    for (auto& each : list_[current_]["actions"])
      if (each["status"] == "in-progress") each["status"] = "failed";
  }

  /// What is undone belongs to an earlier stay.
  json& stay_of(const json& data) {
    if (text_at(data, "kind") == to_string(action_kind::compensation))
      for (auto& each : list_)
        if (each["visit"] == member(data, "visit")) return each;
    return list_[current_];
  }

  json& action(const json& data) {
    json& actions = stay_of(data)["actions"];
    for (auto& each : actions)
      if (each["actionId"] == member(data, "action") && each["kind"] == member(data, "kind")) return each;
    json item = json::object();
    item["actionId"] = member(data, "action");
    item["kind"] = member(data, "kind");
    item["status"] = "pending";
    item["attempts"] = json::array();
    actions.push_back(std::move(item));
    return actions.back();
  }

  static void add_attempt(json& target, json attempt, const char* status) {
    target["status"] = status;
    target["attempts"].push_back(std::move(attempt));
  }

  json list_ = json::array();
  std::size_t current_ = 0;
};

/// What the events do not tell: the action under way, and those after it.
void mark_unfinished(stays& history, const order& value, const blueprint::definition& blueprint) {
  const position& where = value.where;
  if (is_final(value.status) || where.at != position::phase::actions) return;
  const auto& actions = actions_at(value, blueprint);
  const bool is_performed = value.status == status::active || value.status == status::waiting;
  for (std::size_t index = where.index; index < actions.size(); ++index) {
    if (index == where.index && is_performed)
      history.mark(actions[index].id, to_string(where.kind), "in-progress");
    else if (!history.has(actions[index].id, to_string(where.kind)))
      history.mark(actions[index].id, to_string(where.kind), "pending");
  }
}

} // namespace

json instance_view(const order& value, const std::vector<event>& history, const blueprint::definition* blueprint) {
  stays visited;
  for (const auto& each : history)
    visited.read(each);
  if (blueprint) mark_unfinished(visited, value, *blueprint);
  json result = json::object();
  result["instanceId"] = value.order_id;
  result["stateMachineId"] = value.workflow;
  result["version"] = value.version;
  result["status"] = instance_status(value.status);
  result["outcome"] = value.outcome ? json(*value.outcome) : json(nullptr);
  result["currentState"] = or_null(value.state);
  result["currentStateData"] = *value.state_data;
  result["startTime"] = or_null(value.started_at);
  result["lastUpdated"] = to_iso8601(value.updated_at);
  result["data"] = *value.data;
  result["variables"] = *value.variables;
  result["metadata"] = *value.metadata;
  result["error"] = value.error ? to_json(*value.error) : json(nullptr);
  result["history"] = std::move(visited).list();
  return result;
}

} // namespace troupe::engine
