#include "runtime/engine/timing.hpp"

#include "runtime/engine/advance.hpp"
#include "runtime/engine/decide.hpp"
#include "runtime/engine/trigger.hpp"
#include "runtime/engine/values.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace troupe::engine {

namespace {

error not_in_time(const blueprint::transition& timed, const error& reason) {
  return {errc::invalid_data, fmt::format("the time of {}: {}", timed.id, reason.detail), {}};
}

/// When a time trigger of the state that the order is in is due.
expected<time_point> due_of(draft& work, const blueprint::transition& timed) {
  visible_values values(work.after, work.around);
  const auto& source = timed.after ? timed.after : timed.at;
  TROUPE_ASSERT(source.has_value());
  auto text = source->render_text(values.seen_by(*source));
  if (!text) return tl::unexpected(not_in_time(timed, text.error()));
  if (timed.at) {
    auto instant = parse_iso8601(*text);
    if (!instant) return tl::unexpected(not_in_time(timed, instant.error()));
    return *instant;
  }
  auto span = parse_duration(*text);
  if (!span) return tl::unexpected(not_in_time(timed, span.error()));
  return work.after.state_entered_at.value_or(work.around.now) + *span;
}

json events_awaited(const draft& work, const blueprint::state& state) {
  json reasons = json::array();
  for (std::size_t index : state.manual) {
    json reason = json::object();
    reason["event"] = work.blueprint().transitions[index].event;
    if (std::find(reasons.begin(), reasons.end(), reason) == reasons.end()) reasons.push_back(std::move(reason));
  }
  return reasons;
}

void fail_unmoved(draft& work, const blueprint::state& state) {
  fail_state(work, work.failed("no_transition", "no condition of an automatic transition out of " + state.id +
                                                    " holds, and nothing else could move the order"));
}

bool could_move(const draft& work, const blueprint::state& state) {
  return !state.manual.empty() || !work.after.where.timers.empty() || work.after.where.state_due;
}

} // namespace

void wait_in(draft& work, const blueprint::state& state) {
  json reasons = events_awaited(work, state);
  for (std::size_t index : state.timed) {
    const auto& timed = work.blueprint().transitions[index];
    auto due = due_of(work, timed);
    if (!due) {
      fail_state(work, work.failed("expression_failed",
                                   recorded_text(due.error().detail, work.around, "an instant that cannot be told")));
      return;
    }
    json reason = json::object();
    reason["timer"] = timed.id;
    reason["due"] = to_iso8601(*due);
    reasons.push_back(std::move(reason));
  }
  if (reasons.empty() && !work.after.where.state_due) {
    fail_unmoved(work, state);
    return;
  }
  json data = json::object();
  data["for"] = std::move(reasons);
  work.record("order_waiting", std::move(data));
}

namespace {

/// The earliest one; of several the first in the order of the state's transitions.
const timer* first_timer(const order& value) {
  const auto& timers = value.where.timers;
  auto found = std::min_element(timers.begin(), timers.end(),
                                [](const timer& left, const timer& right) { return left.due < right.due; });
  return found == timers.end() ? nullptr : &*found;
}

void fire(draft& work, const timer& due) {
  const blueprint::state& state = work.state();
  const blueprint::transition* timed = work.blueprint().find_transition(due.transition);
  json data = json::object();
  data["transition"] = due.transition;
  data["due"] = to_iso8601(due.due);
  work.record_by(by_timer, "timer_fired", std::move(data));
  if (timed && timed->condition) {
    visible_values values(work.after, work.around);
    auto holds = timed->condition->holds(values.seen_by(*timed->condition));
    if (!holds) {
      fail_state(work, work.failed("expression_failed",
                                   recorded_text("the condition of " + timed->id + ": " + holds.error().detail,
                                                 work.around, "a condition that cannot be evaluated")));
      return;
    }
    if (!*holds) timed = nullptr;
  }
  if (timed)
    take_unasked(work, *timed, "time", by_timer);
  else if (!could_move(work, state))
    fail_unmoved(work, state);
}

void begin_retry(draft& work) {
  const blueprint::action* action = action_at_hand(work.after, work.blueprint());
  json data = json::object();
  data["action"] = action ? json(action->id) : json(nullptr);
  data["kind"] = to_string(work.after.where.kind);
  data["attempt"] = work.after.where.attempt + 1;
  work.record("retry_begun", std::move(data));
}

} // namespace

expected<decision> decide_due(const order& current, const resume_after_wait& wanted, const context& around) {
  const auto due = earliest_due(current);
  if (current.status != status::waiting || !due) return wrong_status(current, "waits for an instant");
  if (around.now < *due)
    return refuse(errc::not_possible, fmt::format("expected an instant not before {}, but found {}", to_iso8601(*due),
                                                  to_iso8601(around.now)));
  draft work(current, around, wanted.by);
  const timer* first = first_timer(current);
  const auto bound = deadline(current);
  const bool is_retry = !(first && first->due == *due) && !(bound && *bound == *due);
  if (is_retry) {
    begin_retry(work);
    return std::move(work).finish();
  }
  if (first && first->due == *due)
    fire(work, *first);
  else
    meet_deadline(work);
  advance(work);
  return std::move(work).finish();
}

} // namespace troupe::engine
