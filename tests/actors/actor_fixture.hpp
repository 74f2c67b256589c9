#pragma once

#include "actors/batch_coordinator.hpp"
#include "actors/outbox.hpp"
#include "actors/reader.hpp"
#include "actors/registry.hpp"
#include "actors/store.hpp"
#include "actors/supervisor.hpp"
#include "actors/timer.hpp"
#include "tests/support/actor_world.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "caf/test/dsl.hpp"

namespace troupe::test {

/// What a stand-in saw, in order.
struct seen_by_coordinator {
  std::vector<actors::order_settled> settled;
  std::vector<std::pair<caf::actor_id, caf::error>> ended;
  std::size_t looks = 0;
  std::size_t stops = 0;
};

/// Parent of orders, for tests of orders.
class coordinator_stand_in {
public:
  static inline const char* name = "coordinator_stand_in";
  coordinator_stand_in(actors::batch_coordinator_actor::pointer self, std::shared_ptr<seen_by_coordinator> seen)
      : self_(self), seen_(std::move(seen)) {}
  actors::batch_coordinator_actor::behavior_type make_behavior() {
    self_->set_down_handler([this](caf::down_msg& down) { seen_->ended.emplace_back(down.source.id(), down.reason); });
    return {
        [this](actors::look_now) { ++seen_->looks; },
        [this](const actors::order_settled& report) { seen_->settled.push_back(report); },
        [](actors::calls_lost) {},
        [this](actors::stop_now) { ++seen_->stops; },
    };
  }

private:
  actors::batch_coordinator_actor::pointer self_;
  std::shared_ptr<seen_by_coordinator> seen_;
};

struct seen_by_supervisor {
  std::vector<actors::order_settled> settled;
  std::vector<actors::started_order> started;
  std::vector<actors::order_crashed> crashed;
  std::vector<actors::hold_retry> held;
  std::vector<store::queue> woken;
  std::size_t stops = 0;
  std::size_t lost = 0;
  actors::crash_verdict verdict;
};

/// The supervisor of the orders, for tests of who stands below or beside it.
class supervisor_stand_in {
public:
  static inline const char* name = "supervisor_stand_in";
  supervisor_stand_in(actors::supervisor_actor::pointer, std::shared_ptr<seen_by_supervisor> seen)
      : seen_(std::move(seen)) {}
  actors::supervisor_actor::behavior_type make_behavior() {
    return {
        [](const actors::execute_command&) { return actors::command_result{refuse(errc::not_possible, "a stand-in")}; },
        [this](const actors::orders_started& message) {
          seen_->started.insert(seen_->started.end(), message.orders.begin(), message.orders.end());
        },
        [this](const actors::order_settled& report) { seen_->settled.push_back(report); },
        [this](const actors::order_crashed& report) {
          seen_->crashed.push_back(report);
          return seen_->verdict;
        },
        [this](const actors::hold_retry& wanted) { seen_->held.push_back(wanted); },
        [](const actors::await_settled&) { return actors::settled_result{refuse(errc::not_possible, "a stand-in")}; },
        [this](const actors::wake_lanes& wanted) { seen_->woken.push_back(wanted.queue); },
        [this](actors::calls_lost) { ++seen_->lost; },
        [this](actors::stop_now) { ++seen_->stops; },
    };
  }

private:
  std::shared_ptr<seen_by_supervisor> seen_;
};

/// An actor that takes everything and answers nothing.
class silent_store {
public:
  static inline const char* name = "silent_store";
  explicit silent_store(actors::store_actor::pointer self) : self_(self) {}
  actors::store_actor::behavior_type make_behavior() {
    return {
        [this](const actors::store_write&) -> caf::result<actors::store_write> {
          kept_.push_back(self_->make_response_promise<actors::store_write>());
          return kept_.back();
        },
        [](actors::store_flush) {},
    };
  }

private:
  actors::store_actor::pointer self_;
  std::vector<caf::typed_response_promise<actors::store_write>> kept_;
};

/// Store and reader over the world's memory, a scripted transport, stand-ins for what a test does not need; the
/// deterministic scheduler.
struct actor_fixture : test_coordinator_fixture<> {
  actor_fixture()
      : world(sched), seen(std::make_shared<seen_by_coordinator>()),
        seen_above(std::make_shared<seen_by_supervisor>()) {
    store = sys.spawn<actors::store_actor::stateful_impl<actors::store_state>>(
        world.with, [this] { return world.store.open_writer(); });
    reader = sys.spawn<actors::reader_actor::stateful_impl<actors::reader_state>>(
        world.with, [this] { return world.store.open_reader(); });
    webhook = world.transport.spawn(sys);
    world.with.where->enter(store);
    world.with.where->enter(0, reader);
    world.with.where->enter(webhook);
    handle();
  }

  ~actor_fixture() override {
    for (const auto& one : mine)
      caf::anon_send_exit(one, caf::exit_reason::kill);
    caf::anon_send_exit(store, caf::exit_reason::kill);
    caf::anon_send_exit(reader, caf::exit_reason::kill);
    caf::anon_send_exit(webhook, caf::exit_reason::kill);
    mine.clear();
    world.transport.inside().calls.clear();
    world.transport.inside().notifications.clear();
    seen->settled.clear();
    *seen_above = {};
    world.with.where->clear();
    handle();
  }

  /// Everything that can be handled without time passing.
  std::size_t handle() { return consume_messages(); }
  void pass(duration time) {
    advance_time(time);
    handle();
  }

  template <class Handle> Handle keep(Handle one) {
    mine.push_back(caf::actor_cast<caf::actor>(one));
    return one;
  }

  actors::batch_coordinator_actor coordinator_for_orders() {
    return keep(sys.spawn<actors::batch_coordinator_actor::stateful_impl<coordinator_stand_in>>(seen));
  }
  actors::supervisor_actor stand_in_above() {
    auto one = keep(sys.spawn<actors::supervisor_actor::stateful_impl<supervisor_stand_in>>(seen_above));
    world.with.where->enter(one);
    return one;
  }

  /// Asks and takes the answer, everything being handled in between. `Answer` must come.
  template <class Answer, class Handle, class Message> Answer asked(const Handle& whom, Message what) {
    auto pending = self->request(whom, caf::infinite, std::move(what));
    handle();
    Answer result;
    pending.receive([&](Answer& value) { result = std::move(value); },
                    [&](caf::error& reason) { CAF_FAIL("no answer: " << reason); });
    return result;
  }
  template <class Handle, class Message> void told(const Handle& whom, Message what) {
    self->send(whom, std::move(what));
    handle();
  }

  actor_world world;
  std::shared_ptr<seen_by_coordinator> seen;
  std::shared_ptr<seen_by_supervisor> seen_above;
  actors::store_actor store;
  actors::reader_actor reader;
  actors::webhook_actor webhook;
  std::vector<caf::actor> mine;
};

} // namespace troupe::test
