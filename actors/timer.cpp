#include "actors/timer.hpp"

#include <algorithm>
#include <utility>

namespace troupe::actors {

namespace {

constexpr duration retry_delay{500};

} // namespace

timer_state::timer_state(timer_actor::pointer self, services with)
    : self_(self), with_(std::move(with)), alive_(with_.metrics, name) {}

timer_actor::behavior_type timer_state::make_behavior() {
  expect_no_exceptions(self_, name);
  look();
  return {
      [this](const due_changed& hint) {
        if (is_busy_)
          hint_ = hint_ ? std::min(*hint_, hint.due) : hint.due;
        else if (!waits_for_ || hint.due < *waits_for_)
          wait_until(hint.due);
      },
  };
}

void timer_state::look() {
  is_busy_ = true;
  const auto failed = [this] {
    is_busy_ = false;
    wait_until(with_.clock() + retry_delay);
  };
  ask(
      self_, with_.own_reader(), read_due{},
      [this, failed](const due_answer& found) {
        if (!found.value) return failed();
        is_busy_ = false;
        auto due = std::min(found.value->value_or(time_point::max()), with_.clock() + look_interval);
        if (const auto hint = std::exchange(hint_, std::nullopt)) due = std::min(due, *hint);
        wait_until(due);
      },
      [failed](const caf::error&) { failed(); });
}

void timer_state::wait_until(time_point due) {
  waits_for_ = due;
  alarm_.set(self_, due - with_.clock(), [this] { release(); });
}

void timer_state::release() {
  is_busy_ = true;
  waits_for_.reset();
  auto operation = std::make_shared<store::operation>(store::release_due{with_.clock(), 1'000, {}, 0});
  ask(
      self_, with_.store(), store_write{operation},
      [this, operation](const store_write&) { released(std::get<store::release_due>(*operation)); },
      [this](const caf::error&) {
        is_busy_ = false;
        wait_until(with_.clock() + retry_delay);
      });
}

void timer_state::released(const store::release_due& done) {
  if (!done.outcome) {
    is_busy_ = false;
    return wait_until(with_.clock() + retry_delay);
  }
  if (done.released > 0) {
    tell(self_, with_.supervisor(), wake_lanes{store::queue::runnable});
    tell(self_, with_.supervisor(), wake_lanes{store::queue::pending});
  }
  if (done.released == done.limit)
    release();
  else
    look();
}

} // namespace troupe::actors
