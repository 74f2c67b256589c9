#include "runtime/engine/changes.hpp"
#include "runtime/engine/engine.hpp"
#include "runtime/engine/fields.hpp"

#include <unordered_map>

namespace troupe::engine {

namespace {

/// Lays every member of `fields` over `target`.
void lay_over(shared_json& target, const json& fields) {
  if (!fields.is_object() || fields.empty()) return;
  json& own = target.edit();
  for (const auto& [name, value] : fields.items())
    own[name] = value;
}

/// The action at hand has happened, or may have: a rollback undoes it.
void remember_undoable(order& current, const event& happened) {
  if (!flag_at(happened.data, "undoable")) return;
  const position& where = current.where;
  undoable done{text_at(happened.data, "action"), where.kind,
                where.kind == action_kind::transition ? where.transition : current.state, current.visit};
  if (current.undoables.empty() || current.undoables.back() != done) current.undoables.push_back(std::move(done));
}

void on_submitted(order& current, const event& happened) {
  const json& data = happened.data;
  current.order_id = text_at(data, "order_id");
  current.workflow = text_at(data, "workflow");
  current.version = static_cast<int>(number_at(data, "version"));
  current.data = member(data, "data");
  current.submitted = current.data;
  current.labels = member(data, "labels");
  current.metadata = member(data, "metadata");
  current.blueprint = member(data, "blueprint");
  current.priority = number_at(data, "priority");
  current.group = text_at(data, "group");
  current.trace = text_at(data, "trace");
  current.request_hash = text_at(data, "request_hash");
  current.not_before = time_at(data, "not_before");
  current.by = happened.by;
  current.created_at = happened.time;
}

void on_state_entered(order& current, const event& happened) {
  lay_over(current.data, *current.where.trigger_data);
  lay_over(current.data, member(happened.data, "joined"));
  current.state = text_at(happened.data, "state");
  current.state_data = member(happened.data, "data");
  current.visit = static_cast<int>(number_at(happened.data, "visit"));
  current.visits = current.visit;
  ++current.run_visits;
  current.state_entered_at = happened.time;
  if (!current.started_at) current.started_at = happened.time;
  current.status = status::active;
  position entered;
  entered.at = position::phase::actions;
  entered.failing = current.where.failing;
  entered.reentries = current.where.reentries;
  entered.state_due = time_at(happened.data, "state_due");
  current.where = std::move(entered);
  if (auto due = time_at(happened.data, "order_due")) current.order_due = due;
}

void on_state_left(order& current, const event&) {
  current.where.kind = action_kind::transition;
  current.where.index = 0;
}

void on_state_failed(order& current, const event& happened) {
  remember_failure(current, happened);
  current.status = status::active;
}

void on_transition_taken(order& current, const event& happened) {
  const json& data = happened.data;
  const std::string trigger = text_at(data, "trigger");
  const bool left = flag_at(data, "left");
  position where;
  where.at = position::phase::actions;
  where.kind = left ? action_kind::transition : action_kind::exit;
  where.target = text_at(data, "to");
  where.transition = text_at(data, "transition");
  where.failing = trigger == "error";
  const json& given = trigger == "manual" ? member(*current.last_event, "data") : member(data, "data");
  if (given.is_object()) where.trigger_data = given;
  where.trigger_by = happened.by;
  current.where = std::move(where);
  current.status = status::active;
}

void on_event_received(order& current, const event& happened) {
  const json& data = happened.data;
  if (flag_at(data, "deferred")) {
    current.deferred.push_back({text_at(data, "event"), member(data, "data"), happened.by, text_at(data, "comment"),
                                member(data, "metadata")});
    return;
  }
  current.last_event = json{{"name", member(data, "event")}, {"data", member(data, "data")}, {"by", happened.by}};
}

void on_event_taken(order& current, const event&) {
  if (current.deferred.empty()) return;
  const deferred_event& first = current.deferred.front();
  current.last_event = json{{"name", first.name}, {"data", *first.data}, {"by", first.by}};
  current.deferred.erase(current.deferred.begin());
}

void on_event_refused(order& current, const event&) {
  if (!current.deferred.empty()) current.deferred.erase(current.deferred.begin());
}

void on_action_completed(order& current, const event& happened) {
  constexpr std::string_view variable_prefix = "variables.";
  const json& saved = member(happened.data, "saved");
  json data = json::object(), variables = json::object(), state_data = json::object();
  for (const auto& [name, value] : saved.items()) {
    const bool is_variable = name.starts_with(variable_prefix);
    (is_variable ? variables[name.substr(variable_prefix.size())] : data[name]) = value;
  }
  const json& own = member(happened.data, "state_fields");
  if (own.is_array())
    for (const auto& name : own)
      if (name.is_string())
        state_data[name.get_ref<const std::string&>()] = member(saved, name.get_ref<const std::string&>());
  lay_over(current.data, data);
  lay_over(current.variables, variables);
  lay_over(current.state_data, state_data);
  remember_undoable(current, happened);
  next_action(current);
}

void on_action_skipped(order& current, const event&) {
  next_action(current);
}

void on_action_failed(order& current, const event& happened) {
  position& where = current.where;
  where.attempt = static_cast<int>(number_at(happened.data, "attempt"));
  if (!where.first_try) where.first_try = time_at(happened.data, "started_at");
  where.retry_due.reset();
  remember_undoable(current, happened);
}

void on_retry_scheduled(order& current, const event& happened) {
  current.where.retry_due = time_at(happened.data, "due");
}

void on_retry_begun(order& current, const event&) {
  current.where.retry_due.reset();
  current.status = status::active;
}

void on_policy_applied(order& current, const event& happened) {
  const std::string policy = text_at(happened.data, "policy");
  position& where = current.where;
  if (!text_at(happened.data, "of").empty()) { // of a time-out of the state or the order
    if (policy == "retry") ++where.reentries;
    return;
  }
  if (policy == "ignore" || policy == "proceed") {
    next_action(current);
    return;
  }
  where.policy = static_cast<std::size_t>(number_at(happened.data, "index")) + 1;
  where.policy_of_timeout = text_at(happened.data, "list") == "onTimeout";
  if (policy == "retry") where.extra_tries = true;
}

void on_order_waiting(order& current, const event& happened) {
  current.status = status::waiting;
  if (current.where.retry_due) return;
  current.where.at = position::phase::settled;
  for (const auto& reason : member(happened.data, "for"))
    if (auto due = time_at(reason, "due")) current.where.timers.push_back({text_at(reason, "timer"), *due});
}

const change_table& changes_of_performing() {
  static const change_table table = {
      {"order_submitted", on_submitted},
      {"state_entered", on_state_entered},
      {"state_left", on_state_left},
      {"state_failed", on_state_failed},
      {"transition_taken", on_transition_taken},
      {"event_received", on_event_received},
      {"event_taken", on_event_taken},
      {"event_refused", on_event_refused},
      {"action_completed", on_action_completed},
      {"action_skipped", on_action_skipped},
      {"action_failed", on_action_failed},
      {"retry_scheduled", on_retry_scheduled},
      {"retry_begun", on_retry_begun},
      {"policy_applied", on_policy_applied},
      {"order_waiting", on_order_waiting},
      {"compensated", on_action_completed},
  };
  return table;
}

/// What shows that performing the order gets somewhere; a crash after it is a new crash.
bool is_progress(std::string_view type) {
  return type != "order_quarantined" && type != "event_received" && type != "cancel_requested" &&
         type != "pause_requested" && type != "order_paused" && type != "order_resumed";
}

} // namespace

void apply(order& current, const event& happened) {
  if (is_progress(happened.type)) current.quarantined = false;
  // A type of a newer version changes nothing here; that the stored state then differs from the fold is for `troupe
  // verify` to say.
  for (const auto* table : {&changes_of_performing(), &changes_of_control()})
    if (auto found = table->find(happened.type); found != table->end()) found->second(current, happened);
  current.sequence = happened.sequence;
  current.updated_at = happened.time;
}

order fold(const std::vector<event>& events) {
  order result;
  for (const auto& each : events)
    apply(result, each);
  return result;
}

} // namespace troupe::engine
