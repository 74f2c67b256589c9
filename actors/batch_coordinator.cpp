#include "actors/batch_coordinator.hpp"

#include "actors/order.hpp"
#include "runtime/base/ids.hpp"

#include <algorithm>
#include <utility>

namespace troupe::actors {

namespace {

constexpr duration retry_delay{500};
constexpr std::size_t slice = 256;

} // namespace

batch_coordinator_state::batch_coordinator_state(batch_coordinator_actor::pointer self, services with, lane described,
                                                 supervisor_actor supervisor)
    : self_(self), with_(std::move(with)), alive_(with_.metrics, name), lane_(std::move(described)),
      supervisor_(std::move(supervisor)) {
  ++with_.condition->performers_alive;
}

batch_coordinator_state::~batch_coordinator_state() {
  --with_.condition->performers_alive;
}

batch_coordinator_actor::behavior_type batch_coordinator_state::make_behavior() {
  expect_no_exceptions(self_, name);
  watch(self_, supervisor_);
  on_down(self_, [this](caf::actor_id who, const caf::error& reason) {
    if (who == supervisor_.id())
      give_up();
    else
      ended(who, reason);
  });
  on_exit(self_, [this](const caf::error&) { give_up(); });
  return {
      [this](look_now) { return look(); },
      [this](const order_settled& report) { settled(report); },
      [this](calls_lost) {
        for (const auto& [who, what] : children_)
          tell(self_, what.handle, calls_lost{});
      },
      [this](stop_now) { return stop(); },
  };
}

caf::result<void> batch_coordinator_state::look() {
  if (is_stopping_) return caf::unit;
  is_woken_ = true;
  look_if_possible();
  if (lane_.is_sliding) return caf::unit;
  idle_promises_.push_back(self_->make_response_promise<void>());
  return idle_promises_.back();
}

int batch_coordinator_state::room() const {
  if (!lane_.is_sliding) return batches_.empty() ? lane_.size : 0;
  const auto free = lane_.size - static_cast<int>(children_.size() + to_spawn_.size());
  return free >= std::max(1, lane_.size / 4) ? free : 0;
}

void batch_coordinator_state::look_if_possible() {
  if (is_stopping_ || is_claiming_ || !is_woken_ || room() == 0) return;
  is_woken_ = false;
  is_claiming_ = true;
  interval_.cancel();
  store::claim_orders wanted;
  wanted.batch_id = new_uuid_v7();
  wanted.node = with_.settings->node_name;
  wanted.lane = lane_.name;
  wanted.from = lane_.from;
  wanted.limit = room();
  wanted.now = with_.clock();
  auto operation = std::make_shared<store::operation>(std::move(wanted));
  ask(
      self_, with_.store(), store_write{operation}, [this, operation](const store_write&) { claimed(operation); },
      [this, operation](const caf::error&) {
        claim_failed(std::get<store::claim_orders>(*operation).batch_id,
                     {errc::outcome_unknown, "the store ended before it answered", {}});
      });
}

void batch_coordinator_state::look_after(duration delay) {
  interval_.set(self_, delay, [this] {
    is_woken_ = true;
    look_if_possible();
  });
}

void batch_coordinator_state::claimed(const operation_ptr& operation) {
  auto& done = std::get<store::claim_orders>(*operation);
  if (!done.outcome) return claim_failed(done.batch_id, done.outcome.error());
  is_claiming_ = false;
  if (done.taken.empty()) return is_stopping_ ? leave_if_done() : rest();
  if (static_cast<int>(done.taken.size()) == done.limit) is_woken_ = true;
  batches_[done.batch_id] = {done.taken.size(), done.taken.size(), done.now, {}};
  if (is_stopping_) return close(done.batch_id, true);
  std::move(done.taken.begin(), done.taken.end(), std::back_inserter(to_spawn_));
  spawn_next();
  look_if_possible();
}

/// Perhaps orders were claimed: what nobody performs goes back.
void batch_coordinator_state::claim_failed(const std::string& batch_id, const error& reason) {
  is_claiming_ = false;
  log(log_level::warning, "claim_failed", reason.detail, {{"lane", lane_.name}});
  write_close(std::make_shared<store::operation>(store::close_batch{batch_id, {}, true, with_.clock(), {}}));
  if (is_stopping_) return leave_if_done();
  look_after(retry_delay);
}

/// Nothing to do: who woke this lane may wake it again.
void batch_coordinator_state::rest() {
  if (is_woken_) look_if_possible();
  if (is_claiming_ || !batches_.empty()) return;
  look_after(with_.settings->batch_interval);
  for (auto& promise : std::exchange(idle_promises_, {}))
    promise.deliver();
}

void batch_coordinator_state::spawn_next() {
  orders_started message;
  while (!to_spawn_.empty() && message.orders.size() < slice) {
    auto claimed = std::move(to_spawn_.front());
    to_spawn_.pop_front();
    child what{claimed.order_id, claimed.batch_id, {}};
    what.handle =
        spawn_watched<order_state, order_actor>(self_, with_,
                                                order_start{std::move(claimed), lane_.from == store::queue::alone,
                                                            caf::actor_cast<batch_coordinator_actor>(self_)});
    message.orders.push_back({what.order_id, what.handle});
    const auto who = what.handle.id();
    children_.emplace(who, std::move(what));
  }
  tell(self_, supervisor_, std::move(message));
  if (!to_spawn_.empty()) later(self_, [this] { spawn_next(); });
}

void batch_coordinator_state::settled(const order_settled& report) {
  const auto found = children_.find(report.performer);
  if (found == children_.end()) return;
  const auto batch_id = std::move(found->second.batch_id);
  children_.erase(found);
  tell(self_, supervisor_, report);
  const auto is_given_back = report.order && !engine::is_settled(*report.order);
  count(batch_id, is_given_back ? "returned" : std::string(to_string(report.status)));
}

/// A child that had not settled is gone.
void batch_coordinator_state::ended(caf::actor_id who, const caf::error& reason) {
  const auto found = children_.find(who);
  if (found == children_.end()) return;
  const auto what = std::move(found->second);
  children_.erase(found);
  if (is_stopping_) return count(what.batch_id, "returned");
  if (reason == quit_reason::load_again) return spawn_again_after(retry_delay, what);
  if (reason != quit_reason::not_ours) return crashed(what, reason);
  tell(self_, supervisor_, order_settled{what.order_id, engine::status::active, {}, who});
  count(what.batch_id, "lost");
}

void batch_coordinator_state::crashed(const child& what, const caf::error& reason) {
  with_.metrics->actor_restarted("order");
  ask(
      self_, supervisor_, order_crashed{what.order_id, to_string(reason)},
      [this, what](const crash_verdict& verdict) {
        if (verdict.escalate)
          count(what.batch_id, "escalated");
        else
          spawn_again(what);
      },
      [this](const caf::error&) { give_up(); });
}

void batch_coordinator_state::spawn_again_after(duration delay, const child& what) {
  self_->run_delayed(delay, [this, what] { spawn_again(what); });
}

void batch_coordinator_state::spawn_again(const child& what) {
  if (is_stopping_) return count(what.batch_id, "returned");
  ask(
      self_, with_.own_reader(), read_order{what.order_id},
      [this, what](const order_answer& found) {
        if (found.value) return spawn_from(what, *found.value);
        if (found.value.error().code == errc::unknown_order) return count(what.batch_id, "lost");
        spawn_again_after(retry_delay, what);
      },
      [this, what](const caf::error&) { spawn_again_after(retry_delay, what); });
}

void batch_coordinator_state::spawn_from(const child& what, const store::stored_order& found) {
  if (is_stopping_) return count(what.batch_id, "returned");
  if (found.batch_id == what.batch_id) {
    to_spawn_.push_back({what.order_id, engine::folded_text(found.value), found.batch_id, found.recoveries});
    return spawn_next();
  }
  // Its last append had ended the claim before it crashed, or somebody else has.
  tell(self_, supervisor_,
       order_settled{what.order_id, found.value.status, std::make_shared<const engine::order>(found.value),
                     what.handle.id()});
  count(what.batch_id, std::string(to_string(found.value.status)));
}

void batch_coordinator_state::count(const std::string& batch_id, const std::string& status) {
  const auto found = batches_.find(batch_id);
  if (found == batches_.end()) return leave_if_done();
  ++found->second.settled[status];
  if (--found->second.unsettled == 0)
    close(batch_id, is_stopping_ && found->second.settled.contains("returned"));
  else if (is_stopping_)
    leave_if_done();
  else
    look_if_possible();
}

void batch_coordinator_state::close(const std::string& batch_id, bool is_interrupted) {
  const auto batch = std::move(batches_.at(batch_id));
  batches_.erase(batch_id);
  with_.metrics->batch_settled(lane_.name, batch.size, with_.clock() - batch.started_at);
  write_close(std::make_shared<store::operation>(
      store::close_batch{batch_id, batch.settled, is_interrupted, with_.clock(), {}}));
  if (is_stopping_) return leave_if_done();
  look_if_possible();
  rest();
}

/// Until it is durable. If the process ends before, recovery closes the batch.
void batch_coordinator_state::write_close(const operation_ptr& operation) {
  const auto again = [this, operation] {
    self_->run_delayed(retry_delay, [this, operation] { write_close(operation); });
  };
  ask(
      self_, with_.store(), store_write{operation},
      [operation, again](const store_write&) {
        if (!std::get<store::close_batch>(*operation).outcome) again();
      },
      [again](const caf::error&) { again(); });
}

caf::result<void> batch_coordinator_state::stop() {
  is_stopping_ = true;
  to_spawn_.clear();
  interval_.cancel();
  for (auto& promise : std::exchange(idle_promises_, {}))
    promise.deliver();
  stop_promise_ = self_->make_response_promise<void>();
  auto promise = *stop_promise_;
  leave_if_done();
  return promise;
}

/// What its children were doing goes back into the queues when the orders are recovered.
void batch_coordinator_state::give_up() {
  is_stopping_ = is_giving_up_ = true;
  to_spawn_.clear();
  for (const auto& [who, what] : children_)
    end(self_, what.handle, caf::exit_reason::kill);
  leave_if_done();
}

void batch_coordinator_state::leave_if_done() {
  if (!is_stopping_ || !children_.empty() || (is_claiming_ && !is_giving_up_)) return;
  if (stop_promise_) stop_promise_->deliver();
  stop_promise_.reset();
  self_->quit(is_giving_up_ ? caf::error{caf::exit_reason::user_shutdown} : caf::error{});
}

} // namespace troupe::actors
