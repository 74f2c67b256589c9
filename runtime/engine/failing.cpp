#include "runtime/engine/advance.hpp"
#include "runtime/engine/fields.hpp"
#include "runtime/engine/values.hpp"

#include <algorithm>
#include <utility>

namespace troupe::engine {

namespace {

bool holds(draft& work, const blueprint::transition& candidate) {
  if (!candidate.condition) return true;
  visible_values values(work.after, work.around);
  // One that cannot be evaluated does not hold: the failure at hand must not hide behind another.
  return candidate.condition->holds(values.seen_by(*candidate.condition)).value_or(false);
}

/// The first error transition out of the state that names the code; `by_star` looks at the pattern `*` alone, else it
/// counts for nothing.
const blueprint::transition* error_transition(draft& work, const blueprint::state& state, const std::string& code,
                                              bool by_star) {
  for (std::size_t index : state.on_error) {
    const auto& candidate = work.blueprint().transitions[index];
    bool named = std::any_of(candidate.errors.begin(), candidate.errors.end(), [&](const std::string& pattern) {
      return (pattern == "*") == by_star && blueprint::names_error(pattern, code);
    });
    if (named && holds(work, candidate)) return &candidate;
  }
  return nullptr;
}

/// Where a failure leads, or a way without a target.
way way_of(draft& work, const blueprint::state& state, const failure& error) {
  way result;
  result.trigger = "error";
  const blueprint::transition* found = error_transition(work, state, error.code, false);
  if (!found && state.on_failed) {
    result.target = *state.on_failed;
    return result;
  }
  if (!found) found = error_transition(work, state, error.code, true);
  if (!found) return result;
  result.target = found->to;
  result.transition = found;
  return result;
}

/// The trigger's data of an error. What there is none of is null, or left out where the target's schema would not have
/// a null.
json error_data(const failure& error, const blueprint::state& target) {
  json data = json::object();
  data["errorCode"] = error.code;
  data["errorMessage"] = error.message;
  data["errorTimestamp"] = to_iso8601(error.at);
  data["failedState"] = or_null(error.state);
  data["failedAction"] = or_null(error.action);
  if (error.action.empty() && target.data && !target.data->validate_field("failedAction", nullptr).empty())
    data.erase("failedAction");
  return data;
}

std::set<std::string> written_on(draft& work, const way& chosen) {
  std::set<std::string> written;
  if (work.after.where.kind == action_kind::entry) written = written_by(work.state().exit);
  if (chosen.transition) written.merge(written_by(chosen.transition->actions));
  return written;
}

} // namespace

void end_order(draft& work, status as, std::optional<std::string> outcome, const std::string& reason) {
  while (!work.after.deferred.empty()) {
    json refused = json::object();
    refused["event"] = work.after.deferred.front().name;
    refused["code"] = to_string(errc::event_not_possible);
    refused["message"] = "the order has ended";
    refused["errors"] = json::array();
    work.record("event_refused", std::move(refused));
  }
  json data = json::object();
  data["status"] = to_string(as);
  data["outcome"] = outcome ? json(*outcome) : json(nullptr);
  data["reason"] = or_null(reason);
  work.record("order_ended", std::move(data));
}

void escalate(draft& work, const failure& error) {
  json data = json::object();
  data["error"] = to_json(error);
  work.record("escalated", std::move(data));
}

bool names_error_way(draft& work, const std::string& code) {
  return error_transition(work, work.state(), code, false) != nullptr;
}

void fail_state(draft& work, const failure& error) {
  constexpr const char* failed = "error";
  const blueprint::state* state = work.blueprint().find_state(work.after.state);
  const bool can_leave = state && state->kind != blueprint::state_kind::final;
  const position& where = work.after.where;
  if (where.failing && (where.kind != action_kind::entry || !can_leave)) { // what led here stays the order's error
    end_order(work, status::failed, failed, "after the failure: " + error.code + ": " + error.message);
    return;
  }
  json data = json::object();
  data["state"] = or_null(error.state);
  data["error"] = to_json(error);
  work.record("state_failed", std::move(data));
  if (!can_leave) {
    end_order(work, status::failed, failed);
    return;
  }
  way chosen = way_of(work, *state, error);
  if (chosen.target.empty()) {
    end_order(work, status::failed, failed);
    return;
  }
  std::string problem;
  if (!take_failed_way(work, std::move(chosen), error, problem)) end_order(work, status::failed, failed, problem);
}

bool take_failed_way(draft& work, way chosen, const failure& error, std::string& problem) {
  const blueprint::state* target = work.blueprint().find_state(chosen.target);
  TROUPE_ASSERT(target != nullptr);
  chosen.data = error_data(error, *target);
  prepared_entry entry = prepare_entry(work.after, work.around, *target, chosen.data);
  if (auto invalid = incurable(entry, *target, written_on(work, chosen)); !invalid.empty()) {
    problem = "the data is invalid for " + target->id + ": " + summary(invalid);
    return false;
  }
  chosen.ready = std::move(entry);
  take(work, std::move(chosen));
  return true;
}

} // namespace troupe::engine
