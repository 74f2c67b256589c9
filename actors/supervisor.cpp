#include "actors/supervisor.hpp"

#include "actors/order.hpp"

#include <fmt/format.h>

#include <utility>

namespace troupe::actors {

namespace {

constexpr duration look_again_delay{20};
constexpr duration retry_delay{500};
constexpr int tries_max = 5;
constexpr std::size_t errands_max = 4'096;

error stopping() {
  return {errc::not_ready, "the node is shutting down", {}};
}

} // namespace

supervisor_state::supervisor_state(supervisor_actor::pointer self, services with)
    : self_(self), with_(std::move(with)), alive_(with_.metrics, name) {}

supervisor_actor::behavior_type supervisor_state::make_behavior() {
  expect_no_exceptions(self_, name);
  on_down(self_, [this](caf::actor_id who, const caf::error& reason) { ended(who, reason); });
  on_exit(self_, [this](const caf::error& reason) { give_up(reason); });
  wait_for_predecessors();
  return {
      [this](const execute_command& wanted) { return execute(wanted); },
      [this](const orders_started& message) { started(message); },
      [this](const order_settled& report) { settled(report); },
      [this](const order_crashed& report) { return crashed(report); },
      [this](const hold_retry& wanted) { hold(wanted); },
      [this](const await_settled& wanted) { return await(wanted); },
      [this](const wake_lanes& wanted) { wake(wanted.queue); },
      [this](calls_lost) {
        for (const auto& [who, handle] : coordinators_)
          tell(self_, handle, calls_lost{});
      },
      [this](stop_now) { return stop(); },
  };
}

// ---------------------------------------------------------------- the start

/// A performer of an ended supervisor may still be at work; its claim must not be given to another one before it is
/// gone.
void supervisor_state::wait_for_predecessors() {
  if (is_stopping_) return;
  if (with_.condition->performers_alive == 0) return recover();
  start_alarm_.set(self_, look_again_delay, [this] { wait_for_predecessors(); });
}

void supervisor_state::recover() {
  store::recover_orders wanted;
  wanted.node = with_.settings->node_name;
  wanted.recoveries_max = with_.settings->recoveries;
  wanted.count = !with_.condition->was_recovered;
  wanted.now = with_.clock();
  auto operation = std::make_shared<store::operation>(std::move(wanted));
  const auto again = [this] { start_alarm_.set(self_, retry_delay, [this] { wait_for_predecessors(); }); };
  ask(
      self_, with_.store(), store_write{operation},
      [this, operation, again](const store_write&) {
        const auto& done = std::get<store::recover_orders>(*operation);
        if (!done.outcome) return again();
        with_.condition->was_recovered = true;
        if (done.recovered > 0 || done.alone > 0)
          log(log_level::info, "orders_recovered", "orders that were being performed go on",
              {{"recovered", std::to_string(done.recovered)}, {"alone", std::to_string(done.alone)}});
        if (!is_stopping_) perform_alone();
      },
      [again](const caf::error&) { again(); });
}

batch_coordinator_actor supervisor_state::spawn_lane(lane described) {
  auto handle = spawn_watched<batch_coordinator_state, batch_coordinator_actor>(
      self_, with_, std::move(described), caf::actor_cast<supervisor_actor>(self_));
  coordinators_.emplace(handle.id(), handle);
  return handle;
}

/// Orders that crash again and again, one after the other.
void supervisor_state::perform_alone() {
  const auto handle = spawn_lane({"alone", store::queue::alone, 1, false});
  ask(
      self_, handle, look_now{},
      [this, handle] {
        coordinators_.erase(handle.id());
        tell(self_, handle, stop_now{});
        if (!is_stopping_) start_lanes();
      },
      [](const caf::error&) {});
}

void supervisor_state::start_lanes() {
  for (int number = 1; number <= with_.settings->batch_lanes; ++number)
    lanes_.push_back(
        {spawn_lane({fmt::format("lane-{}", number), store::queue::pending, with_.settings->batch_size, false}),
         false});
  runnable_ = spawn_lane({"runnable", store::queue::runnable, with_.settings->batch_size, true});
  with_.condition->is_performing = true;
  for (std::size_t count = 0; count < lanes_.size(); ++count)
    wake_a_lane();
  wake(store::queue::runnable);
}

// ---------------------------------------------------------------- waking

void supervisor_state::wake(store::queue queue) {
  if (is_stopping_) return;
  if (queue == store::queue::runnable && runnable_) tell(self_, *runnable_, look_now{});
  if (queue == store::queue::pending && with_.settings->batch_wake && !lanes_.empty()) wake_a_lane();
}

/// One of those that have nothing to do; if none has, the first that is done.
void supervisor_state::wake_a_lane() {
  for (std::size_t count = 0; count < lanes_.size(); ++count) {
    const auto index = next_lane_++ % lanes_.size();
    if (lanes_[index].is_busy) continue;
    lanes_[index].is_busy = true;
    ask(
        self_, lanes_[index].handle, look_now{},
        [this, index] {
          lanes_[index].is_busy = false;
          if (std::exchange(is_wake_pending_, false)) wake_a_lane();
        },
        [](const caf::error&) {});
    return;
  }
  is_wake_pending_ = true;
}

// ---------------------------------------------------------------- commands

caf::result<command_result> supervisor_state::execute(const execute_command& wanted) {
  if (is_stopping_) return command_result{tl::unexpected<error>(stopping())};
  if (errands_ >= errands_max)
    return command_result{
        refuse(errc::queue_full, fmt::format("expected fewer than {} commands under way", errands_max))};
  ++errands_;
  auto what = std::make_shared<errand>(errand{wanted, self_->make_response_promise<command_result>(), 0});
  hand_over(what);
  return *what->asked;
}

/// To the order's actor, or to one that is spawned for this. An actor may just be gone: what it certainly never handled
/// goes to the next.
void supervisor_state::hand_over(const errand_ptr& what) {
  const auto whom = actor_for_commands(what->wanted.order_id);
  ask(
      self_, whom, what->wanted,
      [this, what](command_result& done) {
        --errands_;
        what->asked->deliver(std::move(done));
      },
      [this, what, who = whom.id()](const caf::error& reason) {
        const auto found = live_.find(what->wanted.order_id);
        if (found != live_.end() && found->second.handle.id() == who) live_.erase(found);
        if (was_never_handled(reason) && ++what->tries < tries_max) return hand_over(what);
        --errands_;
        what->asked->deliver(command_result{
            refuse(errc::outcome_unknown,
                   "the order's actor ended before it answered: whether the command was recorded is not known")});
      });
}

order_actor supervisor_state::actor_for_commands(const std::string& order_id) {
  if (const auto found = live_.find(order_id); found != live_.end()) return found->second.handle;
  auto handle = spawn_watched<order_state, order_actor>(self_, with_, order_id);
  live_[order_id] = {handle, true};
  for_commands_.emplace(handle.id(), order_id);
  return handle;
}

// ---------------------------------------------------------------- what children report

void supervisor_state::started(const orders_started& message) {
  for (const auto& one : message.orders)
    live_[one.order_id] = {one.handle, false};
}

void supervisor_state::settled(const order_settled& report) {
  const auto found = live_.find(report.order_id);
  if (found != live_.end() && found->second.handle.id() == report.performer) live_.erase(found);
  if (!report.order || !engine::is_settled(*report.order)) return;
  for (auto& one : awaits_.take_of(report.order_id))
    one.asked.deliver(settled_result{report.order});
}

/// Counted where a crash of the whole process is counted too. Beyond the bound the order waits for an operator.
caf::result<crash_verdict> supervisor_state::crashed(const order_crashed& report) {
  live_.erase(report.order_id);
  auto asked = self_->make_response_promise<crash_verdict>();
  auto operation =
      std::make_shared<store::operation>(store::return_order{report.order_id, store::queue::none, true, {}, 0});
  ask(
      self_, with_.store(), store_write{operation},
      [this, operation, asked](const store_write&) mutable {
        const auto& done = std::get<store::return_order>(*operation);
        log(log_level::error, "order_crashed", "the order's actor crashed",
            {{"order_id", done.order_id}, {"recoveries", std::to_string(done.recoveries)}});
        if (done.outcome && done.recoveries > with_.settings->recoveries)
          return escalate(done.order_id, done.recoveries, asked);
        asked.deliver(crash_verdict{false, done.recoveries});
      },
      [asked](const caf::error&) mutable {
        asked.deliver(crash_verdict{false, 0});
      });
  return asked;
}

void supervisor_state::escalate(const std::string& order_id, int recoveries,
                                caf::typed_response_promise<crash_verdict> asked) {
  const execute_command wanted{order_id, engine::escalate_crash{recoveries, "supervisor"}, {}};
  ask(
      self_, actor_for_commands(order_id), wanted,
      [this, order_id, asked, recoveries](const command_result& done) mutable {
        const auto is_store_away = !done.order && (done.order.error().code == errc::not_ready ||
                                                   done.order.error().code == errc::outcome_unknown);
        if (!is_store_away) return asked.deliver(crash_verdict{true, recoveries});
        self_->run_delayed(retry_delay, [this, order_id, asked, recoveries] { escalate(order_id, recoveries, asked); });
      },
      [this, order_id, asked, recoveries](const caf::error& reason) mutable {
        // Not even this can be decided: it stays claimed, so nobody tries again before the next start.
        log(log_level::error, "order_not_escalated", to_string(reason), {{"order_id", order_id}});
        live_.erase(order_id);
        asked.deliver(crash_verdict{true, recoveries});
      });
}

void supervisor_state::ended(caf::actor_id who, const caf::error& reason) {
  if (const auto found = for_commands_.find(who); found != for_commands_.end()) {
    const auto live = live_.find(found->second);
    if (live != live_.end() && live->second.handle.id() == who) live_.erase(live);
    for_commands_.erase(found);
    return;
  }
  if (coordinators_.erase(who) == 0) return;
  if (!is_stopping_) return give_up(reason);
  if (coordinators_.empty()) give_back();
}

// ---------------------------------------------------------------- time

/// Registered first, then the store is read: whatever settles the order after the read is reported here.
caf::result<settled_result> supervisor_state::await(const await_settled& wanted) {
  auto asked = self_->make_response_promise<settled_result>();
  if (is_stopping_) {
    asked.deliver(settled_result{tl::unexpected<error>(stopping())});
    return asked;
  }
  const auto is_crowded = awaits_.size() >= static_cast<std::size_t>(with_.settings->awaits_limit);
  const auto number = awaits_.add({wanted.order_id, is_crowded ? with_.clock() : wanted.deadline, asked});
  arm();
  ask(
      self_, with_.own_reader(), read_order{wanted.order_id},
      [this, number](const order_answer& found) {
        if (found.value && !engine::is_settled(found.value->value)) return;
        auto one = awaits_.take(number);
        if (!one) return;
        if (found.value)
          one->asked.deliver(settled_result{std::make_shared<const engine::order>(found.value->value)});
        else
          one->asked.deliver(settled_result{tl::unexpected<error>(found.value.error())});
      },
      [](const caf::error&) {});
  return asked;
}

void supervisor_state::answer_from_store(const awaits::waiting& one) {
  ask(
      self_, with_.own_reader(), read_order{one.order_id},
      [asked = one.asked](const order_answer& found) mutable {
        if (found.value)
          asked.deliver(settled_result{std::make_shared<const engine::order>(found.value->value)});
        else
          asked.deliver(settled_result{tl::unexpected<error>(found.value.error())});
      },
      [asked = one.asked](const caf::error&) mutable {
        asked.deliver(settled_result{refuse(errc::not_ready, "the reader is being started again")});
      });
}

void supervisor_state::hold(const hold_retry& wanted) {
  if (is_stopping_) return tell(self_, wanted.who, go_again{});
  retries_.emplace(wanted.due, wanted.who);
  arm();
}

void supervisor_state::release_due() {
  const auto now = with_.clock();
  while (!retries_.empty() && (retries_.begin()->first <= now || is_stopping_)) {
    tell(self_, retries_.begin()->second, go_again{});
    retries_.erase(retries_.begin());
  }
  for (const auto& one : awaits_.take_due(now))
    answer_from_store(one);
  arm();
}

/// One alarm for all that is held, at the earliest.
void supervisor_state::arm() {
  auto earliest = awaits_.earliest();
  if (!retries_.empty() && (!earliest || retries_.begin()->first < *earliest)) earliest = retries_.begin()->first;
  if (!earliest || (alarm_.is_set() && armed_for_ && *armed_for_ <= *earliest)) return;
  armed_for_ = earliest;
  alarm_.set(self_, *earliest - with_.clock(), [this] { release_due(); });
}

// ---------------------------------------------------------------- the end

caf::result<void> supervisor_state::stop() {
  is_stopping_ = true;
  with_.condition->is_stopping = true;
  with_.condition->is_performing = false;
  stop_promise_ = self_->make_response_promise<void>();
  auto promise = *stop_promise_;
  release_due();
  for (auto& one : awaits_.take_all())
    one.asked.deliver(settled_result{tl::unexpected<error>(stopping())});
  for (const auto& [who, handle] : coordinators_)
    tell(self_, handle, stop_now{});
  if (coordinators_.empty()) {
    give_back();
  } else {
    grace_.set(self_, with_.settings->stop_grace, [this] {
      log(log_level::warning, "orders_interrupted",
          "orders under way did not come to a stop in time: they go on after the next start");
      for (const auto& [who, handle] : coordinators_)
        end(self_, handle);
    });
  }
  return promise;
}

/// Nobody performs anything any more: what is claimed goes back, and nobody is to blame.
void supervisor_state::give_back() {
  store::recover_orders wanted;
  wanted.node = with_.settings->node_name;
  wanted.recoveries_max = with_.settings->recoveries;
  wanted.count = false;
  wanted.now = with_.clock();
  auto operation = std::make_shared<store::operation>(std::move(wanted));
  const auto leave = [this] {
    if (stop_promise_) stop_promise_->deliver();
    stop_promise_.reset();
    self_->quit();
  };
  ask(
      self_, with_.store(), store_write{operation}, [leave](const store_write&) { leave(); },
      [leave](const caf::error&) { leave(); });
}

/// The coordinators end with it; performers whose coordinator is gone already, here.
void supervisor_state::give_up(const caf::error& reason) {
  with_.condition->is_performing = false;
  for (const auto& [order_id, one] : live_)
    end(self_, one.handle, caf::exit_reason::kill);
  self_->quit(reason);
}

} // namespace troupe::actors
