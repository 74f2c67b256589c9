#define CAF_SUITE batch_coordinator

#include "tests/actors/actor_fixture.hpp"

using namespace troupe;
using namespace troupe::actors;
using namespace troupe::test;

namespace {

struct fixture : actor_fixture {
  fixture() : above(stand_in_above()) {
    world.publish(one_call_blueprint("single"));
    world.publish(waiting_blueprint("wait"));
  }

  batch_coordinator_actor spawn_lane(lane described) {
    return keep(sys.spawn<batch_coordinator_actor::stateful_impl<batch_coordinator_state>>(
        world.with, std::move(described), above));
  }
  batch_coordinator_actor pending_lane(int size = 4) {
    return spawn_lane({"lane-1", store::queue::pending, size, false});
  }

  void store_orders(int count, const std::string& workflow = "single") {
    for (int number = 1; number <= count; ++number)
      world.store_order("o" + std::to_string(++stored), workflow);
  }
  void answer_all() {
    while (!world.transport.inside().calls.empty()) {
      world.transport.answer_next(scripted_transport::ok());
      handle();
    }
  }
  std::size_t in_flight() { return world.transport.inside().calls.size(); }
  std::vector<store::batch_record> batches() {
    std::vector<store::batch_record> all;
    for (const auto& [batch_id, one] : world.store.content().batches)
      all.push_back(one);
    return all;
  }

  supervisor_actor above;
  int stored = 0;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(batch_coordinator_tests, fixture)

CAF_TEST(a batch is claimed and its orders spawned and registered and the batch closed when all have settled) {
  store_orders(3);
  const auto coordinator = pending_lane();
  auto idle = self->request(coordinator, caf::infinite, look_now{});
  handle();
  CAF_CHECK_EQUAL(in_flight(), 3u);
  CAF_CHECK_EQUAL(seen_above->started.size(), 3u);
  CAF_REQUIRE_EQUAL(batches().size(), 1u);
  CAF_CHECK_EQUAL(batches()[0].status, "running");
  world.transport.answer_next(scripted_transport::ok());
  handle();
  CAF_CHECK_EQUAL(seen_above->settled.size(), 1u);
  CAF_CHECK_EQUAL(batches()[0].status, "running");
  answer_all();
  CAF_CHECK_EQUAL(batches()[0].status, "settled");
  CAF_CHECK_EQUAL(batches()[0].settled.at("completed"), 3);
  CAF_CHECK_EQUAL(seen_above->settled.size(), 3u);
  auto is_idle = false;
  idle.receive([&] { is_idle = true; }, [](const caf::error& reason) { CAF_FAIL(reason); });
  CAF_CHECK(is_idle);
}

CAF_TEST(an order that parks has settled) {
  store_orders(2, "wait");
  told(pending_lane(), look_now{});
  CAF_REQUIRE_EQUAL(batches().size(), 1u);
  CAF_CHECK_EQUAL(batches()[0].settled.at("waiting"), 2);
}

CAF_TEST(no more than a batch is taken and a full one looks again at once) {
  store_orders(6);
  told(pending_lane(4), look_now{});
  CAF_CHECK_EQUAL(in_flight(), 4u);
  answer_all();
  CAF_CHECK_EQUAL(batches().size(), 2u);
  for (int number = 1; number <= 6; ++number)
    CAF_CHECK_EQUAL(world.status_of("o" + std::to_string(number)), "completed");
}

CAF_TEST(one that is woken meanwhile looks again at once and one that is not after its interval) {
  store_orders(1);
  const auto coordinator = pending_lane();
  told(coordinator, look_now{});
  store_orders(1);
  answer_all();
  CAF_CHECK_EQUAL(world.status_of("o2"), "pending");
  pass(world.settings.batch_interval - duration{1});
  CAF_CHECK_EQUAL(world.status_of("o2"), "pending");
  pass(duration{2});
  CAF_CHECK_EQUAL(in_flight(), 1u);
  store_orders(1);
  told(coordinator, look_now{});
  CAF_CHECK_EQUAL(in_flight(), 1u);
  answer_all();
  CAF_CHECK_EQUAL(world.status_of("o3"), "completed");
}

CAF_TEST(a sliding one takes more as soon as there is room) {
  store_orders(6);
  for (auto& [order_id, row] : world.store.content().orders)
    row.place = store::queue::runnable;
  const auto coordinator = spawn_lane({"runnable", store::queue::runnable, 4, true});
  told(coordinator, look_now{});
  CAF_CHECK_EQUAL(in_flight(), 4u);
  world.transport.answer_next(scripted_transport::ok());
  handle();
  CAF_CHECK_EQUAL(in_flight(), 4u);
  answer_all();
  for (const auto& [order_id, row] : world.store.content().orders)
    CAF_CHECK(row.value->status == engine::status::completed);
  for (const auto& one : batches())
    CAF_CHECK_EQUAL(one.status, "settled");
}

CAF_TEST(a child that crashed is spawned again from the store and its batch awaits it) {
  store_orders(2);
  told(pending_lane(), look_now{});
  world.transport.inside().calls.pop_front();
  caf::anon_send_exit(seen_above->started.at(0).handle, caf::exit_reason::kill);
  handle();
  CAF_REQUIRE_EQUAL(seen_above->crashed.size(), 1u);
  CAF_CHECK_EQUAL(seen_above->crashed[0].order_id, seen_above->started[0].order_id);
  CAF_CHECK_EQUAL(in_flight(), 2u);
  CAF_CHECK_EQUAL(seen_above->started.size(), 3u);
  answer_all();
  CAF_CHECK_EQUAL(batches()[0].settled.at("completed"), 2);
}

CAF_TEST(a child that the supervisor escalates counts as settled) {
  store_orders(1);
  seen_above->verdict = {true, 6};
  told(pending_lane(), look_now{});
  caf::anon_send_exit(seen_above->started.at(0).handle, caf::exit_reason::kill);
  handle();
  CAF_CHECK_EQUAL(batches()[0].status, "settled");
  CAF_CHECK_EQUAL(batches()[0].settled.at("escalated"), 1);
}

CAF_TEST(a child that crashed after its last append is not begun again) {
  store_orders(1);
  told(pending_lane(), look_now{});
  world.store.inside().fate = [](std::size_t, auto) { return commit_fate::unknown_done; };
  world.transport.answer_next(scripted_transport::ok());
  handle();
  world.store.inside().fate = {};
  pass(duration{500});
  CAF_CHECK_EQUAL(world.status_of("o1"), "completed");
  CAF_CHECK_EQUAL(in_flight(), 0u);
  CAF_CHECK_EQUAL(batches()[0].settled.at("completed"), 1);
  CAF_CHECK_EQUAL(seen_above->crashed.size(), 0u);
}

CAF_TEST(when it is unknown whether a claim was made what was claimed goes back and is claimed again) {
  store_orders(2);
  const auto coordinator = pending_lane();
  for (const auto fate : {commit_fate::unknown_done, commit_fate::unknown_lost}) {
    world.store.inside().fate = [fate](std::size_t, auto) { return fate; };
    told(coordinator, look_now{});
    world.store.inside().fate = {};
    pass(duration{500});
    pass(duration{500});
    CAF_CHECK_EQUAL(in_flight(), 2u);
    answer_all();
    store_orders(2);
  }
}

CAF_TEST(a store that is away delays the claim and loses nothing) {
  store_orders(2);
  world.store.inside().fate = [](std::size_t, auto) { return commit_fate::refused; };
  told(pending_lane(), look_now{});
  pass(duration{10'000});
  CAF_CHECK_EQUAL(in_flight(), 0u);
  world.store.inside().fate = {};
  pass(duration{2'000});
  CAF_CHECK_EQUAL(in_flight(), 2u);
}

CAF_TEST(a store that dies is asked again under its new handle) {
  store_orders(2);
  world.with.where->enter(keep(sys.spawn<store_actor::stateful_impl<silent_store>>()));
  const auto coordinator = pending_lane();
  told(coordinator, look_now{});
  caf::anon_send_exit(mine.at(1), caf::exit_reason::kill);
  handle();
  world.with.where->enter(store);
  pass(duration{500});
  CAF_CHECK_EQUAL(in_flight(), 2u);
}

CAF_TEST(on stopping it takes no more and ends when its orders have come to a stop) {
  store_orders(6);
  const auto coordinator = pending_lane(4);
  told(coordinator, look_now{});
  self->monitor(coordinator);
  auto stopped = self->request(coordinator, caf::infinite, stop_now{});
  handle();
  world.with.condition->is_stopping = true;
  answer_all();
  stopped.receive([] {}, [](const caf::error& reason) { CAF_FAIL(reason); });
  self->receive([](const caf::down_msg& down) { CAF_CHECK(down.reason == caf::error{}); });
  CAF_CHECK_EQUAL(world.status_of("o5"), "pending");
}

CAF_TEST(with its supervisor it ends its children and then itself) {
  store_orders(2);
  const auto coordinator = pending_lane();
  told(coordinator, look_now{});
  CAF_CHECK_EQUAL(world.with.condition->performers_alive, 3);
  self->monitor(coordinator);
  caf::anon_send_exit(above, caf::exit_reason::kill);
  handle();
  self->receive([](const caf::down_msg& down) { CAF_CHECK(down.reason == caf::exit_reason::user_shutdown); });
  handle();
  world.transport.inside().calls.clear();
  seen_above->started.clear();
  CAF_CHECK_EQUAL(world.with.condition->performers_alive, 0);
}

CAF_TEST(many orders are spawned in slices) {
  store_orders(600);
  told(pending_lane(1000), look_now{});
  pass(duration{10});
  pass(duration{10});
  CAF_CHECK_EQUAL(in_flight(), 600u);
  answer_all();
  CAF_CHECK_EQUAL(batches()[0].settled.at("completed"), 600);
}

CAF_TEST_FIXTURE_SCOPE_END()
