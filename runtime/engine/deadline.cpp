#include "runtime/engine/advance.hpp"
#include "runtime/engine/fields.hpp"
#include "runtime/engine/timing.hpp"
#include "runtime/engine/trigger.hpp"

#include <algorithm>
#include <utility>

/// The time-outs of states and orders.
namespace troupe::engine {

namespace {

using blueprint::policy;

/// Which of the two bounds has passed, and since when.
struct passed_bound {
  bool is_of_order;
  time_point due;

  const char* code() const { return is_of_order ? "order_timeout" : "state_timeout"; }
  const char* of() const { return is_of_order ? "order" : "state"; }
};

json policy_event(policy applied, const passed_bound& bound, std::size_t index, const failure& error) {
  json data = json::object();
  data["policy"] = to_string(applied);
  data["action"] = nullptr;
  data["kind"] = nullptr;
  data["of"] = bound.of();
  data["list"] = "onTimeout";
  data["index"] = index;
  data["error"] = {{"code", error.code}, {"message", error.message}};
  return data;
}

void record_policy(draft& work, policy applied, const passed_bound& bound, std::size_t index, const failure& error) {
  work.record_by(by_timer, "policy_applied", policy_event(applied, bound, index, error));
}

void record_passed(draft& work, const passed_bound& bound) {
  json data = json::object();
  if (!bound.is_of_order) {
    data["state"] = work.after.state;
    data["visit"] = work.after.visit;
  }
  data["due"] = to_iso8601(bound.due);
  work.record_by(by_timer, bound.is_of_order ? "order_timed_out" : "state_timed_out", std::move(data));
}

/// Something may still come that moves an order which waits in its state.
bool may_go_on_waiting(const draft& work) {
  return !work.state().manual.empty() || !work.after.where.timers.empty() || deadline(work.after);
}

/// False: the policy leaves it to the next one.
bool settles(draft& work, policy applied, const passed_bound& bound, std::size_t index, const failure& error) {
  switch (applied) {
  case policy::notify:
  case policy::log: record_policy(work, applied, bound, index, error); return false;
  case policy::retry:
    if (bound.is_of_order || work.after.where.reentries >= work.state().reentries_max) return false;
    record_policy(work, applied, bound, index, error);
    enter_again(work);
    return true;
  case policy::ignore:
  case policy::proceed:
    record_policy(work, applied, bound, index, error);
    if (!bound.is_of_order) proceed_in_state(work);
    return true;
  case policy::escalate:
    record_policy(work, applied, bound, index, error);
    escalate(work, error);
    return true;
  case policy::rollback:
    record_policy(work, applied, bound, index, error);
    begin_rollback(work, error);
    return true;
  case policy::abort: break;
  }
  record_policy(work, policy::abort, bound, index, error);
  fail_state(work, error);
  return true;
}

void apply_policies(draft& work, const passed_bound& bound) {
  const auto error =
      work.failed(bound.code(), bound.is_of_order ? "the order was not done in its time"
                                                  : "the stay in " + work.after.state + " took longer than its time");
  const auto& list = bound.is_of_order ? work.blueprint().on_order_timeout : work.state().on_timeout;
  const bool is_waiting = work.after.where.at == position::phase::settled;
  for (std::size_t index = 0; index < list.size(); ++index)
    if (settles(work, list[index], bound, index, error)) return;
  if (is_waiting && list.back() == policy::notify) {
    if (names_error_way(work, error.code)) return fail_state(work, error);
    if (may_go_on_waiting(work)) return;
  }
  record_policy(work, policy::abort, bound, list.size(), error);
  fail_state(work, error);
}

} // namespace

bool is_overdue(const draft& work) {
  const auto bound = deadline(work.after);
  return bound && *bound <= work.around.now;
}

bool meet_deadline(draft& work) {
  if (!is_overdue(work)) return false;
  const order& now = work.after;
  const bool is_of_order = !now.where.state_due || (now.order_due && *now.order_due < *now.where.state_due);
  const passed_bound bound{is_of_order, *deadline(now)};
  record_passed(work, bound);
  apply_policies(work, bound);
  return true;
}

void proceed_in_state(draft& work) {
  const blueprint::state& state = work.state();
  const bool is_waiting = work.after.where.at == position::phase::settled;
  work.record("state_proceeded", {{"state", state.id}, {"index", state.entry.size()}});
  if (is_waiting) take_automatic(work, state);
}

} // namespace troupe::engine
