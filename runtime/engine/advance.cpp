#include "runtime/engine/advance.hpp"

#include "runtime/engine/fields.hpp"
#include "runtime/engine/performing.hpp"
#include "runtime/engine/timing.hpp"
#include "runtime/engine/trigger.hpp"
#include "runtime/engine/values.hpp"

#include <utility>

namespace troupe::engine {

namespace {

/// Beyond so many events a decision ends before the next state: what follows is decided by `continue_order`.
constexpr std::size_t events_max = 256;

void record_entered(draft& work, const blueprint::state& target, prepared_entry entry, const std::string& by) {
  json data = json::object();
  data["state"] = target.id;
  data["visit"] = work.after.visits + 1;
  data["transition"] = or_null(work.after.where.transition);
  data["data"] = std::move(entry.state_data);
  if (!entry.joined.empty()) data["joined"] = std::move(entry.joined);
  if (target.timeout) data["state_due"] = to_iso8601(work.around.now + *target.timeout);
  if (const auto& bound = work.blueprint().timeout; bound && work.after.run_visits == 0)
    data["order_due"] = to_iso8601(work.around.now + *bound);
  work.record_by(by, "state_entered", std::move(data));
}

bool may_visit(draft& work) {
  if (work.after.run_visits < work.blueprint().visits_max) return true;
  escalate(work, work.failed("visits_exceeded", "expected at most " + std::to_string(work.blueprint().visits_max) +
                                                    " states entered in one run (limits.visits)"));
  return false;
}

void enter_target(draft& work) {
  if (!may_visit(work)) return;
  const position where = work.after.where;
  const blueprint::state* target = work.blueprint().find_state(where.target);
  TROUPE_ASSERT(target != nullptr);
  prepared_entry entry =
      work.ready ? std::move(*work.ready) : prepare_entry(work.after, work.around, *target, *where.trigger_data);
  work.ready.reset();
  if (entry.is_valid()) {
    record_entered(work, *target, std::move(entry), where.trigger_by);
    return;
  }
  fail_state(work, entry_refused(work, *target, entry, entry.violations));
}

/// A final state's entry actions are done.
void conclude(draft& work, const blueprint::state& state) {
  std::string outcome = "success";
  if (state.outcome) {
    visible_values values(work.after, work.around);
    auto text = state.outcome->render_text(values.seen_by(*state.outcome));
    if (!text) {
      fail_state(work, work.failed("expression_failed",
                                   recorded_text(text.error().detail, work.around, "the outcome cannot be told")));
      return;
    }
    outcome = std::move(*text);
  }
  if (outcome == "success" || outcome == "partial") {
    end_order(work, status::completed, std::move(outcome));
  } else if (outcome == "error") {
    end_order(work, status::failed, std::move(outcome));
  } else {
    fail_state(work,
               work.failed("expression_failed",
                           recorded_text("expected success, partial or error as the outcome, but found " + outcome,
                                         work.around, "no outcome")));
  }
}

/// Entry actions are done: automatic transitions, then events that came meanwhile, then waiting.
void settle(draft& work, const blueprint::state& state) {
  if (take_automatic(work, state)) return;
  if (take_deferred(work, state)) return;
  wait_in(work, state);
}

/// The actions of this kind are done. False: the decision is long enough.
bool finish_actions(draft& work) {
  switch (work.after.where.kind) {
  case action_kind::entry: {
    const auto& state = work.state();
    if (state.kind == blueprint::state_kind::final)
      conclude(work, state);
    else
      settle(work, state);
    return true;
  }
  case action_kind::exit: {
    json data = json::object();
    data["state"] = work.after.state;
    data["visit"] = work.after.visit;
    work.record("state_left", std::move(data));
    return true;
  }
  case action_kind::transition:
    if (work.events.size() >= events_max) return false;
    enter_target(work);
    return true;
  case action_kind::compensation: finish_rollback(work); return true;
  }
  return false;
}

} // namespace

failure entry_refused(const draft& work, const blueprint::state& target, const prepared_entry& entry,
                      const std::vector<violation>& found) {
  return work.failed(entry.code(), recorded_text("the data is invalid for " + target.id + ": " + summary(found),
                                                 work.around, "invalid data"));
}

void take(draft& work, way chosen) {
  const position& where = work.after.where;
  const action_kind from = where.kind == action_kind::compensation ? where.undoing_from : where.kind;
  const bool is_leaving = from != action_kind::entry;
  const bool is_left = from == action_kind::transition;
  const bool has_actions =
      (!is_leaving && !work.state().exit.empty()) || (chosen.transition && !chosen.transition->actions.empty());
  json data = json::object();
  data["transition"] = chosen.transition ? json(chosen.transition->id) : json(nullptr);
  data["from"] = work.after.state;
  data["to"] = chosen.target;
  data["trigger"] = chosen.trigger;
  data["data"] = std::move(chosen.data);
  data["left"] = is_leaving; // a state whose exit actions have begun is not left by them once more
  work.record_by(chosen.by, "transition_taken", std::move(data));
  if (is_leaving && !is_left) work.record("state_left", {{"state", work.after.state}, {"visit", work.after.visit}});
  work.ready.reset();
  if (!has_actions) work.ready = std::move(chosen.ready);
}

void enter_initial(draft& work, const std::string& by) {
  if (!may_visit(work)) return;
  const auto& initial = work.blueprint().states[work.blueprint().initial];
  prepared_entry entry = prepare_entry(work.after, work.around, initial, json::object());
  if (entry.is_valid()) {
    record_entered(work, initial, std::move(entry), by);
    return;
  }
  failure error = entry_refused(work, initial, entry, entry.violations);
  error.state = initial.id;
  fail_state(work, error);
}

void enter_directly(draft& work, const blueprint::state& target, prepared_entry entry) {
  if (may_visit(work)) record_entered(work, target, std::move(entry), work.by);
}

void enter_again(draft& work) {
  if (!may_visit(work)) return;
  const blueprint::state& state = work.state();
  prepared_entry entry = prepare_entry(work.after, work.around, state, json::object());
  if (entry.is_valid()) {
    record_entered(work, state, std::move(entry), by_timer);
    return;
  }
  fail_state(work, entry_refused(work, state, entry, entry.violations));
}

void advance(draft& work) {
  const position& where = work.after.where;
  while (work.after.status == status::active && where.at == position::phase::actions && !where.retry_due) {
    if (meet_deadline(work)) continue;
    const blueprint::action* action = action_at_hand(work.after, work.blueprint());
    const bool is_inside = action && !std::holds_alternative<blueprint::webhook_body>(action->body);
    if (is_inside && where.kind == action_kind::compensation && work.events.size() >= events_max) return;
    if (action ? !arrive(work, *action) : !finish_actions(work)) return;
  }
}

} // namespace troupe::engine
