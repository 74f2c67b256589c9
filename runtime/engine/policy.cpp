#include "runtime/engine/advance.hpp"
#include "runtime/engine/performing.hpp"
#include "runtime/engine/timing.hpp"

#include <utility>

namespace troupe::engine {

namespace {

using blueprint::policy;

/// When the next try would begin, if the rule has one left, the error is worth it, and it is within the budget.
std::optional<duration> next_try(const draft& work, const blueprint::action& action, const blueprint::retry_rule& rule,
                                 const failed_try& failure) {
  const position& where = work.after.where;
  if (!failure.repeatable || where.attempt > rule.count || !rule.is_worth(failure.code)) return std::nullopt;
  const std::string spread_by =
      idempotency_key(work.after, where.kind, action.id) + "/" + std::to_string(where.attempt);
  const duration delay = retry_delay(rule, where.attempt, spread_by, failure.retry_after);
  if (rule.budget && where.first_try && work.around.now + delay - *where.first_try > *rule.budget) return std::nullopt;
  return delay;
}

void schedule(draft& work, const blueprint::action& action, duration delay) {
  const position& where = work.after.where;
  const std::string due = to_iso8601(work.around.now + delay);
  json data = json::object();
  data["action"] = action.id;
  data["kind"] = to_string(where.kind);
  data["attempt"] = where.attempt + 1;
  data["due"] = due;
  if (where.kind == action_kind::compensation) data["visit"] = visit_at_hand(work.after);
  work.record("retry_scheduled", std::move(data));
  const auto bound = deadline(work.after);
  const bool is_in_time = !bound || work.around.now + delay < *bound;
  if (delay <= work.around.park_after && is_in_time) return;
  json reason = json::object();
  reason["retry"] = action.id;
  reason["due"] = due;
  json waiting = json::object();
  waiting["for"] = json::array({std::move(reason)});
  work.record("order_waiting", std::move(waiting));
}

void record_policy(draft& work, const blueprint::action& action, policy applied, std::size_t index,
                   const failed_try& failure) {
  json data = json::object();
  data["policy"] = to_string(applied);
  data["action"] = action.id;
  data["kind"] = to_string(work.after.where.kind);
  data["list"] = blueprint::names_error("timeout", failure.code) ? "onTimeout" : "onError";
  data["index"] = index;
  data["error"] = {{"code", failure.code}, {"message", failure.message}};
  work.record("policy_applied", std::move(data));
}

/// Goes through the list from the left until one settles it: what is used up already is not applied again.
void apply_policies(draft& work, const blueprint::action& action, const failed_try& failure) {
  const position& where = work.after.where;
  const bool is_timeout = blueprint::names_error("timeout", failure.code);
  const auto& list = is_timeout ? action.on_timeout : action.on_error;
  const bool is_compensation = where.kind == action_kind::compensation;
  const auto error =
      is_compensation ? work.failed("compensation_failed",
                                    action.id + " is not undone: " + failure.code + ": " + failure.message, action.id)
                      : work.failed(failure.code, failure.message, action.id);
  std::size_t index = where.policy_of_timeout == is_timeout ? where.policy : 0;
  for (; index < list.size(); ++index) {
    switch (list[index]) {
    case policy::retry:
      if (action.retry.given || where.extra_tries) continue;
      if (auto delay = next_try(work, action, policy_retry(action.retry), failure)) {
        record_policy(work, action, policy::retry, index, failure);
        schedule(work, action, *delay);
        return;
      }
      continue;
    case policy::notify:
    case policy::log: record_policy(work, action, list[index], index, failure); continue;
    case policy::ignore:
    case policy::proceed: record_policy(work, action, list[index], index, failure); return;
    case policy::escalate:
      record_policy(work, action, policy::escalate, index, failure);
      escalate(work, error);
      return;
    case policy::rollback:
      if (is_compensation) break;
      record_policy(work, action, policy::rollback, index, failure);
      begin_rollback(work, error);
      return;
    case policy::abort: break;
    }
    break;
  }
  if (is_compensation) {
    record_policy(work, action, policy::escalate, index, failure);
    escalate(work, error);
    return;
  }
  record_policy(work, action, policy::abort, index, failure);
  fail_state(work, error);
}

} // namespace

void fail_try(draft& work, const blueprint::action& action, const failed_try& failure) {
  const position& where = work.after.where;
  json data = json::object();
  data["action"] = action.id;
  data["kind"] = to_string(where.kind);
  data["attempt"] = where.attempt + 1;
  data["error"] = {{"code", failure.code}, {"message", failure.message}};
  data["started_at"] = to_iso8601(failure.started_at);
  if (where.kind == action_kind::compensation) data["visit"] = visit_at_hand(work.after);
  if (action.compensate && failure.may_have_happened) data["undoable"] = true;
  work.record("action_failed", std::move(data));
  if (where.cancelling || is_overdue(work)) return;
  const auto& rule = where.extra_tries ? policy_retry(action.retry) : action.retry;
  if (auto delay = next_try(work, action, rule, failure))
    schedule(work, action, *delay);
  else
    apply_policies(work, action, failure);
}

} // namespace troupe::engine
