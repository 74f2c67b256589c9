#include "runtime/engine/decide.hpp"

#include "runtime/engine/advance.hpp"
#include "runtime/engine/fields.hpp"
#include "runtime/engine/performing.hpp"

#include <fmt/format.h>
#include <utility>

namespace troupe::engine {

tl::unexpected<error> wrong_status(const order& current, std::string_view wanted) {
  return refuse(errc::not_possible, fmt::format("expected an order that {}, but found {} {}", wanted, current.order_id,
                                                to_string(current.status)));
}

namespace {

/// The action whose try this is the outcome of, if it is the one that the order awaits.
const blueprint::action* awaited(const order& current, const complete_action& outcome, const context& around) {
  const position& where = current.where;
  if (current.status != status::active || outcome.visit != visit_at_hand(current) || outcome.kind != where.kind ||
      outcome.attempt != where.attempt + 1)
    return nullptr;
  const blueprint::action* action = action_at_hand(current, around.blueprint);
  return action && action->id == outcome.action ? action : nullptr;
}

void end_cancelled(draft& work) {
  if (work.after.where.rollback) {
    begin_rollback_to_cancel(work);
    advance(work);
    return;
  }
  work.record_by(work.after.where.cancelling_by, "cancelled", {{"rollback", false}});
  end_order(work, status::cancelled, std::nullopt);
}

expected<decision> decide_on(const order& current, const submit_order& wanted, const context& around) {
  if (current.sequence == 0) return decide_submission(wanted, around);
  return refuse(errc::duplicate_order, "expected a new order id, but found " + current.order_id + ", which is taken");
}

expected<decision> decide_on(const order& current, const begin_order& wanted, const context& around) {
  if (current.status != status::pending) return wrong_status(current, "has not begun");
  draft work(current, around, wanted.by);
  enter_initial(work, current.by);
  advance(work);
  return std::move(work).finish();
}

expected<decision> decide_on(const order& current, const complete_action& wanted, const context& around) {
  const blueprint::action* action = awaited(current, wanted, around);
  if (!action)
    return refuse(errc::conflict,
                  fmt::format("expected the outcome of the try under way, but found that of try {} of {} in visit {}",
                              wanted.attempt, wanted.action, wanted.visit));
  draft work(current, around, wanted.by);
  const bool is_pausing = current.where.pausing;
  settle_try(work, *action, wanted);
  if (work.after.where.cancelling)
    end_cancelled(work);
  else if (!is_pausing)
    advance(work);
  else if (!is_final(work.after.status) && work.after.status != status::escalated)
    work.record("order_paused");
  return std::move(work).finish();
}

expected<decision> decide_on(const order& current, const send_event& wanted, const context& around) {
  return decide_event(current, wanted, around);
}

expected<decision> decide_on(const order& current, const resume_after_wait& wanted, const context& around) {
  return decide_due(current, wanted, around);
}

expected<decision> decide_on(const order& current, const cancel_order& wanted, const context& around) {
  return decide_cancel(current, wanted, around);
}

expected<decision> decide_on(const order& current, const finish_cancel& wanted, const context& around) {
  return decide_finish_cancel(current, wanted, around);
}

expected<decision> decide_on(const order& current, const continue_order& wanted, const context& around) {
  if (!std::holds_alternative<go_on>(next(current, around.blueprint)))
    return wrong_status(current, "has more to decide");
  draft work(current, around, wanted.by);
  advance(work);
  return std::move(work).finish();
}

expected<decision> decide_on(const order& current, const pause_order& wanted, const context& around) {
  return decide_pause(current, wanted, around);
}

expected<decision> decide_on(const order& current, const finish_pause& wanted, const context& around) {
  return decide_finish_pause(current, wanted, around);
}

expected<decision> decide_on(const order& current, const resume_order& wanted, const context& around) {
  return decide_resume(current, wanted, around);
}

expected<decision> decide_on(const order& current, const resolve_order& wanted, const context& around) {
  return decide_resolve(current, wanted, around);
}

expected<decision> decide_on(const order& current, const reprocess_order& wanted, const context& around) {
  return decide_reprocessing(current, wanted, around);
}

expected<decision> decide_on(const order& current, const escalate_crash& wanted, const context& around) {
  if (is_final(current.status) || current.status == status::escalated)
    return wrong_status(current, "is being performed");
  draft work(current, around, wanted.by);
  const blueprint::action* action = action_at_hand(current, around.blueprint);
  escalate(work, work.failed("crashed",
                             fmt::format("performing the order crashed {} times without progress", wanted.recoveries),
                             action ? action->id : std::string{}));
  return std::move(work).finish();
}

expected<decision> decide_on(const order& current, const quarantine_order& wanted, const context& around) {
  if (is_final(current.status) || current.status == status::escalated)
    return wrong_status(current, "is being performed");
  draft work(current, around, wanted.by);
  work.record("order_quarantined", {{"recoveries", wanted.recoveries}});
  return std::move(work).finish();
}

} // namespace

expected<decision> decide(const order& current, const command& wanted, const context& around) {
  return std::visit([&](const auto& one) { return decide_on(current, one, around); }, wanted);
}

bool may_be_under_way(const order& current, const context& around) {
  const effect due = next(current, around.blueprint);
  const auto* wait = std::get_if<wait_until>(&due);
  return std::holds_alternative<perform_action>(due) || std::holds_alternative<pause_when_free>(due) ||
         (wait && !wait->parked && around.now >= wait->due);
}

expected<decision> decide_cancel(const order& current, const cancel_order& wanted, const context& around) {
  if (is_final(current.status)) return wrong_status(current, "has not ended");
  if (current.where.cancelling)
    return refuse(errc::not_possible,
                  "expected an order that is not being cancelled, but found " + current.order_id + ", which is");
  const bool is_going_on = current.status == status::active || current.status == status::waiting;
  if (current.where.kind == action_kind::compensation && is_going_on)
    return refuse(errc::not_possible,
                  "expected an order that is not being rolled back, but found " + current.order_id + ", which is");
  draft work(current, around, wanted.by);
  work.record("cancel_requested", {{"rollback", wanted.rollback}});
  if (may_be_under_way(current, around)) return std::move(work).finish();
  if (current.status == status::escalated && current.error && current.error->code == "crashed") record_lost_try(work);
  end_cancelled(work);
  return std::move(work).finish();
}

expected<decision> decide_finish_cancel(const order& current, const finish_cancel& wanted, const context& around) {
  if (!current.where.cancelling) return wrong_status(current, "is being cancelled");
  draft work(current, around, wanted.by);
  if (current.where.rollback) record_lost_try(work);
  end_cancelled(work);
  return std::move(work).finish();
}

} // namespace troupe::engine
