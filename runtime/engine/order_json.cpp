#include "runtime/engine/fields.hpp"
#include "runtime/engine/order.hpp"

#include <utility>

/// The folded state as the store keeps it. A member that is as in a new order is left out: most orders are at rest and
/// have few of them. Times are milliseconds since 1970.
namespace troupe::engine {

namespace {

void put(json& target, const char* name, const std::string& value) {
  if (!value.empty()) target[name] = value;
}
void put(json& target, const char* name, const std::optional<time_point>& value) {
  if (value) target[name] = value->time_since_epoch().count();
}
void put(json& target, const char* name, bool value) {
  if (value) target[name] = true;
}
void put(json& target, const char* name, const json& value) {
  if (!value.is_null() && !(value.is_object() && value.empty())) target[name] = value;
}
template <class Number> void put_number(json& target, const char* name, Number value, Number usual = 0) {
  if (value != usual) target[name] = value;
}

std::optional<time_point> instant(const json& source, std::string_view name) {
  const json& value = member(source, name);
  if (!value.is_number_integer()) return std::nullopt;
  return time_point{duration{value.get<std::int64_t>()}};
}
json object_at(const json& source, std::string_view name) {
  const json& value = member(source, name);
  return value.is_null() ? json::object() : value;
}
int whole_at(const json& source, std::string_view name, int usual = 0) {
  return static_cast<int>(number_at(source, name, usual));
}

constexpr const char* phase_names[] = {"none", "actions", "settled"};
constexpr const char* kind_names[] = {"entry", "exit", "transition"};

template <class Enumeration, std::size_t Count>
Enumeration named_in(const char* const (&names)[Count], const std::string& text) {
  for (std::size_t index = 0; index < Count; ++index)
    if (text == names[index]) return static_cast<Enumeration>(index);
  return static_cast<Enumeration>(0);
}

json position_json(const position& value) {
  json result = json::object();
  if (value.at != position::phase::none) result["at"] = phase_names[static_cast<std::size_t>(value.at)];
  if (value.kind != action_kind::entry) result["kind"] = kind_names[static_cast<std::size_t>(value.kind)];
  put_number(result, "index", value.index, std::size_t{0});
  put_number(result, "attempt", value.attempt);
  put_number(result, "policy", value.policy, std::size_t{0});
  put(result, "policy_of_timeout", value.policy_of_timeout);
  put(result, "extra_tries", value.extra_tries);
  put(result, "first_try", value.first_try);
  put(result, "retry_due", value.retry_due);
  put(result, "target", value.target);
  put(result, "transition", value.transition);
  put(result, "failing", value.failing);
  put(result, "trigger_data", value.trigger_data);
  put(result, "trigger_by", value.trigger_by);
  put(result, "cancelling", value.cancelling);
  put(result, "cancelling_by", value.cancelling_by);
  return result;
}

position read_position(const json& source) {
  position result;
  result.at = named_in<position::phase>(phase_names, text_at(source, "at"));
  result.kind = named_in<action_kind>(kind_names, text_at(source, "kind"));
  result.index = static_cast<std::size_t>(number_at(source, "index"));
  result.attempt = whole_at(source, "attempt");
  result.policy = static_cast<std::size_t>(number_at(source, "policy"));
  result.policy_of_timeout = flag_at(source, "policy_of_timeout");
  result.extra_tries = flag_at(source, "extra_tries");
  result.first_try = instant(source, "first_try");
  result.retry_due = instant(source, "retry_due");
  result.target = text_at(source, "target");
  result.transition = text_at(source, "transition");
  result.failing = flag_at(source, "failing");
  result.trigger_data = object_at(source, "trigger_data");
  result.trigger_by = text_at(source, "trigger_by");
  result.cancelling = flag_at(source, "cancelling");
  result.cancelling_by = text_at(source, "cancelling_by");
  return result;
}

json failure_json(const failure& value) {
  json result = json::object();
  put(result, "code", value.code);
  put(result, "message", value.message);
  put(result, "state", value.state);
  put(result, "action", value.action);
  result["at"] = value.at.time_since_epoch().count();
  put_number(result, "attempts", value.attempts);
  return result;
}

failure read_failure(const json& source) {
  return {text_at(source, "code"),
          text_at(source, "message"),
          text_at(source, "state"),
          text_at(source, "action"),
          instant(source, "at").value_or(time_point{}),
          whole_at(source, "attempts")};
}

json deferred_json(const std::vector<deferred_event>& events) {
  json result = json::array();
  for (const auto& each : events) {
    json item = json::object();
    put(item, "name", each.name);
    put(item, "by", each.by);
    put(item, "comment", each.comment);
    put(item, "data", each.data);
    put(item, "metadata", each.metadata);
    result.push_back(std::move(item));
  }
  return result;
}

std::vector<deferred_event> read_deferred(const json& source) {
  std::vector<deferred_event> result;
  if (!source.is_array()) return result;
  for (const auto& item : source)
    result.push_back({text_at(item, "name"), object_at(item, "data"), text_at(item, "by"), text_at(item, "comment"),
                      member(item, "metadata")});
  return result;
}

} // namespace

json to_json(const order& value) {
  json result = json::object();
  put(result, "order_id", value.order_id);
  put(result, "workflow", value.workflow);
  put_number(result, "version", value.version);
  result["status"] = to_string(value.status);
  if (value.outcome) result["outcome"] = *value.outcome;
  put(result, "state", value.state);
  put(result, "data", value.data);
  put(result, "state_data", value.state_data);
  put(result, "variables", value.variables);
  put(result, "submitted", value.submitted);
  put(result, "labels", value.labels);
  put(result, "metadata", value.metadata);
  put(result, "blueprint", value.blueprint);
  put_number(result, "priority", value.priority);
  put(result, "group", value.group);
  put(result, "trace", value.trace);
  put(result, "request_hash", value.request_hash);
  put(result, "by", value.by);
  if (value.error) result["error"] = failure_json(*value.error);
  result["created_at"] = value.created_at.time_since_epoch().count();
  put(result, "started_at", value.started_at);
  result["updated_at"] = value.updated_at.time_since_epoch().count();
  put(result, "ended_at", value.ended_at);
  put(result, "not_before", value.not_before);
  put(result, "state_entered_at", value.state_entered_at);
  put_number(result, "run", value.run, 1);
  put_number(result, "visit", value.visit);
  put_number(result, "visits", value.visits);
  put_number(result, "run_visits", value.run_visits);
  put_number(result, "sequence", value.sequence);
  put(result, "where", position_json(value.where));
  if (value.failed_at) {
    json place = json::object();
    put(place, "state", value.failed_at->state);
    put_number(place, "visit", value.failed_at->visit);
    put(place, "entered_at", value.failed_at->entered_at);
    put(place, "where", position_json(value.failed_at->where));
    result["failed_at"] = std::move(place);
  }
  if (!value.deferred.empty()) result["deferred"] = deferred_json(value.deferred);
  put(result, "last_event", value.last_event);
  put(result, "quarantined", value.quarantined);
  return result;
}

order order_from_json(const json& value) {
  order result;
  result.order_id = text_at(value, "order_id");
  result.workflow = text_at(value, "workflow");
  result.version = whole_at(value, "version");
  result.status = parse_status(text_at(value, "status")).value_or(status::pending);
  if (std::string outcome = text_at(value, "outcome"); !outcome.empty()) result.outcome = std::move(outcome);
  result.state = text_at(value, "state");
  result.data = object_at(value, "data");
  result.state_data = object_at(value, "state_data");
  result.variables = object_at(value, "variables");
  result.submitted = object_at(value, "submitted");
  result.labels = object_at(value, "labels");
  result.metadata = object_at(value, "metadata");
  result.blueprint = member(value, "blueprint");
  result.priority = number_at(value, "priority");
  result.group = text_at(value, "group");
  result.trace = text_at(value, "trace");
  result.request_hash = text_at(value, "request_hash");
  result.by = text_at(value, "by");
  if (const json& error = member(value, "error"); error.is_object()) result.error = read_failure(error);
  result.created_at = instant(value, "created_at").value_or(time_point{});
  result.started_at = instant(value, "started_at");
  result.updated_at = instant(value, "updated_at").value_or(time_point{});
  result.ended_at = instant(value, "ended_at");
  result.not_before = instant(value, "not_before");
  result.state_entered_at = instant(value, "state_entered_at");
  result.run = whole_at(value, "run", 1);
  result.visit = whole_at(value, "visit");
  result.visits = whole_at(value, "visits");
  result.run_visits = whole_at(value, "run_visits");
  result.sequence = static_cast<std::uint64_t>(number_at(value, "sequence"));
  result.where = read_position(member(value, "where"));
  if (const json& place = member(value, "failed_at"); place.is_object())
    result.failed_at = failure_place{text_at(place, "state"), whole_at(place, "visit"), instant(place, "entered_at"),
                                     read_position(member(place, "where"))};
  result.deferred = read_deferred(member(value, "deferred"));
  result.last_event = member(value, "last_event");
  result.quarantined = flag_at(value, "quarantined");
  return result;
}

} // namespace troupe::engine
