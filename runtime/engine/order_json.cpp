#include "runtime/base/json_writer.hpp"
#include "runtime/engine/fields.hpp"
#include "runtime/engine/order.hpp"

#include <concepts>
#include <type_traits>
#include <utility>

/// The folded state as the store keeps it. A member that is as in a new order is left out: most orders are at rest and
/// have few of them. Times are milliseconds since 1970.
namespace troupe::engine {

namespace {

void put(json_writer& out, std::string_view name, const std::string& value) {
  if (!value.empty()) out.put(name, value);
}
void put(json_writer& out, std::string_view name, const std::optional<time_point>& value) {
  if (value) out.put(name, value->time_since_epoch().count());
}
void put_flag(json_writer& out, std::string_view name, bool value) {
  if (value) out.put(name, true);
}
void put(json_writer& out, std::string_view name, const shared_json& value) {
  if (!value->is_null() && !(value->is_object() && value->empty())) out.put(name, *value);
}
template <std::integral Number>
void put_number(json_writer& out, std::string_view name, Number value, std::type_identity_t<Number> usual = 0) {
  if (value != usual) out.put(name, value);
}

std::optional<time_point> instant(const json& source, std::string_view name) {
  const json& value = member(source, name);
  if (!value.is_number_integer()) return std::nullopt;
  return time_point{duration{value.get<std::int64_t>()}};
}
/// The member taken out of its object, or null.
shared_json taken(json& source, const char* name) {
  if (!source.is_object()) return {};
  auto found = source.find(name);
  return found == source.end() ? shared_json() : shared_json(std::move(*found));
}
shared_json object_taken(json& source, const char* name) {
  auto result = taken(source, name);
  return result->is_null() ? shared_json::object() : result;
}
int whole_at(const json& source, std::string_view name, int usual = 0) {
  return static_cast<int>(number_at(source, name, usual));
}

constexpr const char* phase_names[] = {"none", "actions", "settled"};
constexpr const char* kind_names[] = {"entry", "exit", "transition", "compensation"};

void put_kind(json_writer& out, std::string_view name, action_kind value) {
  if (value != action_kind::entry) out.put(name, kind_names[static_cast<std::size_t>(value)]);
}

template <class Enumeration, std::size_t Count>
Enumeration named_in(const char* const (&names)[Count], const std::string& text) {
  for (std::size_t index = 0; index < Count; ++index)
    if (text == names[index]) return static_cast<Enumeration>(index);
  return static_cast<Enumeration>(0);
}

void write_members(json_writer& out, const position& value);
void write_members(json_writer& out, const failure& value);
void write_members(json_writer& out, const deferred_event& value);
void write_members(json_writer& out, const failure_place& value);
void write_members(json_writer& out, const timer& value);
void write_members(json_writer& out, const undoable& value);

template <class Value> void write_member(json_writer& out, std::string_view name, const Value& value) {
  json_writer inside(out.member(name));
  write_members(inside, value);
}
template <class Value> void write_list(json_writer& out, std::string_view name, const std::vector<Value>& values) {
  std::string& text = out.member(name);
  text += '[';
  for (const auto& each : values) {
    if (text.back() != '[') text += ',';
    json_writer inside(text);
    write_members(inside, each);
  }
  text += ']';
}

void write_members(json_writer& out, const position& value) {
  if (value.at != position::phase::none) out.put("at", phase_names[static_cast<std::size_t>(value.at)]);
  put_kind(out, "kind", value.kind);
  put_number(out, "index", value.index);
  put_number(out, "attempt", value.attempt);
  put_number(out, "policy", value.policy);
  put_flag(out, "policy_of_timeout", value.policy_of_timeout);
  put_flag(out, "extra_tries", value.extra_tries);
  put(out, "first_try", value.first_try);
  put(out, "retry_due", value.retry_due);
  put(out, "target", value.target);
  put(out, "transition", value.transition);
  put_flag(out, "failing", value.failing);
  put(out, "trigger_data", value.trigger_data);
  put(out, "trigger_by", value.trigger_by);
  put_flag(out, "cancelling", value.cancelling);
  put(out, "cancelling_by", value.cancelling_by);
  put_flag(out, "rollback", value.rollback);
  put_kind(out, "undoing_from", value.undoing_from);
  put_flag(out, "undoing_to_cancel", value.undoing_to_cancel);
  put_flag(out, "pausing", value.pausing);
  put(out, "state_due", value.state_due);
  if (!value.timers.empty()) write_list(out, "timers", value.timers);
  put_number(out, "reentries", value.reentries);
}

void write_members(json_writer& out, const undoable& value) {
  put(out, "action", value.action);
  put_kind(out, "kind", value.kind);
  put(out, "place", value.place);
  put_number(out, "visit", value.visit);
}

std::vector<undoable> read_undoables(const json& source) {
  std::vector<undoable> result;
  if (!source.is_array()) return result;
  for (const auto& item : source)
    result.push_back({text_at(item, "action"), named_in<action_kind>(kind_names, text_at(item, "kind")),
                      text_at(item, "place"), whole_at(item, "visit")});
  return result;
}

void write_members(json_writer& out, const timer& value) {
  put(out, "transition", value.transition);
  out.put("due", value.due.time_since_epoch().count());
}

std::vector<timer> read_timers(const json& source) {
  std::vector<timer> result;
  if (!source.is_array()) return result;
  for (const auto& item : source)
    result.push_back({text_at(item, "transition"), instant(item, "due").value_or(time_point{})});
  return result;
}

position read_position(json source) {
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
  result.trigger_data = object_taken(source, "trigger_data");
  result.trigger_by = text_at(source, "trigger_by");
  result.cancelling = flag_at(source, "cancelling");
  result.cancelling_by = text_at(source, "cancelling_by");
  result.rollback = flag_at(source, "rollback");
  result.undoing_from = named_in<action_kind>(kind_names, text_at(source, "undoing_from"));
  result.undoing_to_cancel = flag_at(source, "undoing_to_cancel");
  result.pausing = flag_at(source, "pausing");
  result.state_due = instant(source, "state_due");
  result.timers = read_timers(member(source, "timers"));
  result.reentries = whole_at(source, "reentries");
  return result;
}

void write_members(json_writer& out, const failure& value) {
  put(out, "code", value.code);
  put(out, "message", value.message);
  put(out, "state", value.state);
  put(out, "action", value.action);
  out.put("at", value.at.time_since_epoch().count());
  put_number(out, "attempts", value.attempts);
}

failure read_failure(const json& source) {
  return {text_at(source, "code"),
          text_at(source, "message"),
          text_at(source, "state"),
          text_at(source, "action"),
          instant(source, "at").value_or(time_point{}),
          whole_at(source, "attempts")};
}

void write_members(json_writer& out, const deferred_event& value) {
  put(out, "name", value.name);
  put(out, "by", value.by);
  put(out, "comment", value.comment);
  put(out, "data", value.data);
  put(out, "metadata", value.metadata);
}

void write_members(json_writer& out, const failure_place& value) {
  put(out, "state", value.state);
  put_number(out, "visit", value.visit);
  put(out, "entered_at", value.entered_at);
  if (value.where != position{}) write_member(out, "where", value.where);
}

std::vector<deferred_event> read_deferred(json source) {
  std::vector<deferred_event> result;
  if (!source.is_array()) return result;
  for (auto& item : source)
    result.push_back({text_at(item, "name"), object_taken(item, "data"), text_at(item, "by"), text_at(item, "comment"),
                      taken(item, "metadata")});
  return result;
}

void write_members(json_writer& out, const order& value) {
  put(out, "order_id", value.order_id);
  put(out, "workflow", value.workflow);
  put_number(out, "version", value.version);
  out.put("status", to_string(value.status));
  if (value.outcome) out.put("outcome", *value.outcome);
  put(out, "state", value.state);
  put(out, "data", value.data);
  put(out, "state_data", value.state_data);
  put(out, "variables", value.variables);
  put(out, "submitted", value.submitted);
  put(out, "labels", value.labels);
  put(out, "metadata", value.metadata);
  put(out, "blueprint", value.blueprint);
  put_number(out, "priority", value.priority);
  put(out, "group", value.group);
  put(out, "trace", value.trace);
  put(out, "request_hash", value.request_hash);
  put(out, "by", value.by);
  if (value.error) write_member(out, "error", *value.error);
  out.put("created_at", value.created_at.time_since_epoch().count());
  put(out, "started_at", value.started_at);
  out.put("updated_at", value.updated_at.time_since_epoch().count());
  put(out, "ended_at", value.ended_at);
  put(out, "not_before", value.not_before);
  put(out, "state_entered_at", value.state_entered_at);
  put(out, "order_due", value.order_due);
  put_number(out, "run", value.run, 1);
  put_number(out, "visit", value.visit);
  put_number(out, "visits", value.visits);
  put_number(out, "run_visits", value.run_visits);
  put_number(out, "sequence", value.sequence);
  if (value.where != position{}) write_member(out, "where", value.where);
  if (value.failed_at) write_member(out, "failed_at", *value.failed_at);
  if (!value.undoables.empty()) write_list(out, "undoables", value.undoables);
  if (!value.deferred.empty()) write_list(out, "deferred", value.deferred);
  put(out, "last_event", value.last_event);
  if (value.paused_from) out.put("paused_from", to_string(*value.paused_from));
  put_flag(out, "quarantined", value.quarantined);
}

} // namespace

std::string folded_text(const order& value) {
  std::string text;
  text.reserve(1024);
  {
    json_writer out(text);
    write_members(out, value);
  }
  return text;
}

json to_json(const order& value) {
  return json::parse(folded_text(value));
}

order order_from_json(json value) {
  order result;
  result.order_id = text_at(value, "order_id");
  result.workflow = text_at(value, "workflow");
  result.version = whole_at(value, "version");
  result.status = parse_status(text_at(value, "status")).value_or(status::pending);
  if (std::string outcome = text_at(value, "outcome"); !outcome.empty()) result.outcome = std::move(outcome);
  result.state = text_at(value, "state");
  result.data = object_taken(value, "data");
  result.state_data = object_taken(value, "state_data");
  result.variables = object_taken(value, "variables");
  result.submitted = object_taken(value, "submitted");
  result.labels = object_taken(value, "labels");
  result.metadata = object_taken(value, "metadata");
  result.blueprint = taken(value, "blueprint");
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
  result.order_due = instant(value, "order_due");
  result.run = whole_at(value, "run", 1);
  result.visit = whole_at(value, "visit");
  result.visits = whole_at(value, "visits");
  result.run_visits = whole_at(value, "run_visits");
  result.sequence = static_cast<std::uint64_t>(number_at(value, "sequence"));
  result.where = read_position(member(value, "where"));
  if (const json& place = member(value, "failed_at"); place.is_object())
    result.failed_at = failure_place{text_at(place, "state"), whole_at(place, "visit"), instant(place, "entered_at"),
                                     read_position(member(place, "where"))};
  result.undoables = read_undoables(member(value, "undoables"));
  result.deferred = read_deferred(member(value, "deferred"));
  result.last_event = taken(value, "last_event");
  result.paused_from = parse_status(text_at(value, "paused_from"));
  result.quarantined = flag_at(value, "quarantined");
  return result;
}

} // namespace troupe::engine
