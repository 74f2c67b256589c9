#include "runtime/engine/draft.hpp"

namespace troupe::engine {

effect next(const order& current, const blueprint::definition& blueprint) {
  if (is_final(current.status)) return rest{};
  const position& where = current.where;
  if (where.cancelling) return cancel_when_free{};
  if (where.pausing) return pause_when_free{};
  switch (current.status) {
  case status::pending: return begin{};
  case status::paused:
  case status::escalated: return park{};
  default: break;
  }
  const blueprint::action* action = action_at_hand(current, blueprint);
  perform_action due{visit_at_hand(current), where.kind, action ? action->id : std::string{}, where.attempt + 1};
  if (current.status == status::waiting) {
    const auto first = earliest_due(current);
    if (!first) return park{};
    return wait_until{*first, true, std::move(due)};
  }
  const bool is_inside = action && where.kind == action_kind::compensation &&
                         !std::holds_alternative<blueprint::webhook_body>(action->body);
  if (!action || is_inside) return go_on{};
  if (where.retry_due) return wait_until{*where.retry_due, false, std::move(due)};
  return due;
}

} // namespace troupe::engine
