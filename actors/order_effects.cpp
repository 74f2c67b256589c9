#include "actors/order.hpp"

#include "runtime/transport/webhook.hpp"

#include <utility>
#include <variant>

/// The second half of the order's actor: acting on what was recorded.
namespace troupe::actors {

/// What to do next follows from the state alone, whether it was just recorded or just read.
void order_state::pursue() {
  if (try_ && !try_->answered) return;
  const auto todo = engine::next(*order_, *blueprint_);
  const auto* wait = std::get_if<engine::wait_until>(&todo);
  const auto is_at_rest = std::holds_alternative<engine::park>(todo) || std::holds_alternative<engine::rest>(todo) ||
                          (wait != nullptr && wait->parked);
  if (with_.condition->is_stopping && !is_at_rest) return leave();
  std::visit([this](const auto& one) { follow(one); }, todo);
}

void order_state::follow(const engine::begin&) {
  execute({engine::begin_order{by_}, {}, {}});
}
void order_state::follow(const engine::perform_action& todo) {
  begin_try(todo);
}
void order_state::follow(const engine::park&) {
  settle();
}
void order_state::follow(const engine::rest&) {
  settle();
}
void order_state::follow(const engine::cancel_when_free&) {
  execute({engine::finish_cancel{by_}, {}, {}});
}
void order_state::follow(const engine::pause_when_free&) {
  execute({engine::finish_pause{by_}, {}, {}});
}
void order_state::follow(const engine::go_on&) {
  execute({engine::continue_order{by_}, {}, {}});
}

void order_state::follow(const engine::wait_until& todo) {
  const auto is_due = todo.due <= with_.clock();
  if (todo.parked && !is_claimed_) return settle();
  // One that waits and was claimed all the same is here because it was due; if it is not, the machine's clock was set
  // back.
  if (!is_due)
    hold(todo.due);
  else if (todo.parked)
    execute({engine::resume_after_wait{by_}, {}, {}});
  else
    begin_try(todo.then);
}

void order_state::hold(time_point due) {
  if (held_ == due) return;
  held_ = due;
  tell(self_, with_.supervisor(), hold_retry{caf::actor_cast<order_actor>(self_), due});
}

void order_state::begin_try(const engine::perform_action& todo) {
  const auto around = with_.around(*blueprint_);
  auto call = engine::render_call(*order_, todo, around);
  if (!call) {
    engine::complete_action failed;
    failed.visit = todo.visit;
    failed.kind = todo.kind;
    failed.action = todo.action;
    failed.attempt = todo.attempt;
    failed.started_at = around.now;
    failed.error = call.error().code == errc::not_possible ? "timeout" : "expression_failed";
    failed.sent = false;
    failed.message = call.error().detail;
    failed.by = by_;
    return execute({std::move(failed), {}, {}});
  }
  try_ = try_under_way{todo};
  tell(self_, with_.webhook(),
       perform_call{std::move(*call), caf::actor_cast<order_actor>(self_), todo.visit, todo.kind, todo.action,
                    todo.attempt});
}

void order_state::take_answer(call_done& done) {
  const auto is_awaited = try_ && !try_->answered && try_->action.visit == done.visit &&
                          try_->action.kind == done.kind && try_->action.action == done.action &&
                          try_->action.attempt == done.attempt;
  if (!is_awaited) {
    log(log_level::info, "late_answer", "an answer came for a try that is over: dropped",
        {{"order_id", order_id_}, {"action", done.action}});
    return;
  }
  try_->answered = true;
  if (order_)
    with_.metrics->action_tried(order_->workflow, done.action, with_.clock() - done.started_at,
                                transport::outcome_class(done.answer));
  execute({transport::outcome_of({done.visit, done.kind, std::move(done.action), done.attempt, done.started_at},
                                 std::move(done.answer), *with_.environment, by_),
           {},
           {}});
}

/// The transport was started again and has forgotten what it was doing. The other side may see the try twice: under the
/// same key.
void order_state::repeat_try() {
  if (!order_ || !try_ || try_->answered) return;
  const auto todo = std::exchange(try_, std::nullopt)->action;
  begin_try(todo);
}

/// Where the last append was this actor's, the claim has ended with it.
void order_state::settle() {
  if (!is_claimed_) return leave();
  is_claimed_ = false;
  is_leaving_ = true; // what comes now is for who comes after
  auto operation = std::make_shared<store::operation>(
      store::settle_order{batch_id_, order_id_, std::string(to_string(order_->status)), with_.clock(), {}});
  ask(
      self_, with_.store(), store_write{operation}, [this](const store_write&) { leave(); },
      [this](const caf::error&) {
        quit(quit_reason::load_again, {errc::not_ready, "the store ended before it answered", {}});
      });
}

} // namespace troupe::actors
