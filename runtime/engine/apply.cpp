#include "runtime/engine/engine.hpp"
#include "runtime/engine/fields.hpp"

#include <algorithm>
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

/// No try of the action at hand has been made.
void forget_tries(position& where) {
  where.attempt = 0;
  where.policy = 0;
  where.policy_of_timeout = false;
  where.extra_tries = false;
  where.first_try.reset();
  where.retry_due.reset();
}

/// The action at hand is over.
void next_action(position& where) {
  ++where.index;
  forget_tries(where);
}

void remember_failure(order& current, const event& happened) {
  const json& source = member(happened.data, "error");
  failure error;
  error.code = text_at(source, "code");
  error.message = text_at(source, "message");
  error.state = text_at(source, "state");
  error.action = text_at(source, "action");
  error.at = time_at(source, "at").value_or(happened.time);
  error.attempts = static_cast<int>(number_at(source, "attempts"));
  current.error = std::move(error);
  current.failed_at = failure_place{current.state, current.visit, current.state_entered_at, current.where};
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
  next_action(current.where);
}

void on_action_skipped(order& current, const event&) {
  next_action(current.where);
}

void on_action_failed(order& current, const event& happened) {
  position& where = current.where;
  where.attempt = static_cast<int>(number_at(happened.data, "attempt"));
  if (!where.first_try) where.first_try = time_at(happened.data, "started_at");
  where.retry_due.reset();
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
    next_action(where);
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

void on_timer_fired(order& current, const event& happened) {
  auto& timers = current.where.timers;
  const std::string fired = text_at(happened.data, "transition");
  std::erase_if(timers, [&](const timer& each) { return each.transition == fired; });
}

void on_state_timed_out(order& current, const event&) {
  current.where.state_due.reset();
}

void on_order_timed_out(order& current, const event&) {
  current.order_due.reset();
}

/// What was left of the state's entry actions is passed over.
void on_state_proceeded(order& current, const event& happened) {
  if (current.where.at == position::phase::settled) return;
  current.where.index = static_cast<std::size_t>(number_at(happened.data, "index"));
  forget_tries(current.where);
  current.status = status::active;
}

void on_pause_requested(order& current, const event&) {
  current.where.pausing = true;
}

void on_order_paused(order& current, const event&) {
  current.paused_from = current.status;
  current.status = status::paused;
  current.where.pausing = false;
}

void on_order_resumed(order& current, const event&) {
  if (current.paused_from) current.status = *current.paused_from;
  current.paused_from.reset();
  current.where.pausing = false;
}

void on_resolved(order& current, const event& happened) {
  position& where = current.where;
  switch (where.at) {
  case position::phase::none: current.status = status::pending; break;
  case position::phase::actions: current.status = status::active; break;
  case position::phase::settled: current.status = status::waiting; break;
  }
  forget_tries(where);
  if (!text_at(happened.data, "skipped").empty()) next_action(where);
  if (text_at(happened.data, "decision") == "goto") where.failing = false;
  if (auto due = time_at(happened.data, "order_due")) current.order_due = due;
  current.run_visits = std::min(current.run_visits, 1); // whoever answers lets it go on
}

void on_escalated(order& current, const event& happened) {
  remember_failure(current, happened);
  current.status = status::escalated;
  current.where.pausing = false;
}

void on_quarantined(order& current, const event&) {
  current.quarantined = true;
}

void on_cancel_requested(order& current, const event& happened) {
  current.where.cancelling = true;
  current.where.cancelling_by = happened.by;
}

void on_ended(order& current, const event& happened) {
  current.status = parse_status(text_at(happened.data, "status")).value_or(status::failed);
  current.outcome.reset();
  if (std::string outcome = text_at(happened.data, "outcome"); !outcome.empty()) current.outcome = std::move(outcome);
  current.ended_at = happened.time;
  current.where = position{};
  current.order_due.reset();
  current.paused_from.reset();
}

void on_reprocessed(order& current, const event& happened) {
  const json& data = happened.data;
  const std::string from = text_at(data, "from");
  if (from == "failure" && current.failed_at) {
    current.state = current.failed_at->state;
    current.visit = current.failed_at->visit;
    current.state_entered_at = current.failed_at->entered_at;
    current.where = current.failed_at->where;
    position& where = current.where;
    where.index = static_cast<std::size_t>(number_at(data, "index"));
    forget_tries(where);
    where.at = position::phase::actions;
    where.cancelling = false;
    where.cancelling_by.clear();
    where.pausing = false;
    where.timers.clear();
    where.state_due = time_at(data, "state_due");
  } else {
    current.where = position{};
  }
  if (from == "start") {
    current.data = current.submitted;
    current.variables = shared_json::object();
    current.state.clear();
    current.last_event = {};
  }
  if (const json& patched = member(data, "data"); patched.is_object()) current.data = patched;
  if (const json& own = member(data, "state_data"); own.is_object()) current.state_data = own;
  current.version = static_cast<int>(number_at(data, "version", current.version));
  current.run = static_cast<int>(number_at(data, "run", current.run + 1));
  current.run_visits = 0;
  current.order_due = time_at(data, "order_due");
  current.status = status::active;
  current.error.reset();
  current.failed_at.reset();
  current.outcome.reset();
  current.ended_at.reset();
}

void on_cancelled(order&, const event&) {} // what it means is in `order_ended`, which follows

using handler = void (*)(order&, const event&);

const std::unordered_map<std::string_view, handler>& handlers() {
  static const std::unordered_map<std::string_view, handler> table = {
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
      {"escalated", on_escalated},
      {"order_quarantined", on_quarantined},
      {"timer_fired", on_timer_fired},
      {"state_timed_out", on_state_timed_out},
      {"order_timed_out", on_order_timed_out},
      {"state_proceeded", on_state_proceeded},
      {"pause_requested", on_pause_requested},
      {"order_paused", on_order_paused},
      {"order_resumed", on_order_resumed},
      {"resolved", on_resolved},
      {"cancel_requested", on_cancel_requested},
      {"cancelled", on_cancelled},
      {"reprocessed", on_reprocessed},
      {"order_ended", on_ended},
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
  if (auto found = handlers().find(happened.type); found != handlers().end()) found->second(current, happened);
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
