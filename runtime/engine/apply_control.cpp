#include "runtime/engine/changes.hpp"
#include "runtime/engine/fields.hpp"

#include <algorithm>
#include <utility>

namespace troupe::engine {

void forget_tries(position& where) {
  where.attempt = 0;
  where.policy = 0;
  where.policy_of_timeout = false;
  where.extra_tries = false;
  where.first_try.reset();
  where.retry_due.reset();
}

void next_action(order& current) {
  if (current.where.kind != action_kind::compensation)
    ++current.where.index;
  else if (!current.undoables.empty())
    current.undoables.pop_back();
  forget_tries(current.where);
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
  if (current.where.kind == action_kind::compensation) return; // what it is undone for stays the place
  current.failed_at = failure_place{current.state, current.visit, current.state_entered_at, current.where};
}

namespace {

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
  if (!text_at(happened.data, "skipped").empty()) next_action(current);
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
  current.where.rollback = flag_at(happened.data, "rollback");
  current.where.pausing = false;
}

void on_rollback_begun(order& current, const event& happened) {
  if (member(happened.data, "error").is_object()) remember_failure(current, happened);
  position& before = current.where;
  position undoing;
  undoing.at = position::phase::actions;
  undoing.kind = action_kind::compensation;
  undoing.undoing_from = before.kind == action_kind::compensation ? before.undoing_from : before.kind;
  undoing.undoing_to_cancel = text_at(happened.data, "to") == "cancelled";
  undoing.failing = before.failing;
  undoing.cancelling_by = before.cancelling_by;
  undoing.pausing = before.pausing;
  before = std::move(undoing);
  current.status = status::active;
  current.paused_from.reset();
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
  if (from != "failure") current.undoables.clear();
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

} // namespace

const change_table& changes_of_control() {
  static const change_table table = {
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
      {"rollback_begun", on_rollback_begun},
      {"reprocessed", on_reprocessed},
      {"order_ended", on_ended},
  };
  return table;
}

} // namespace troupe::engine
