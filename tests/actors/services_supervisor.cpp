#define CAF_SUITE services_supervisor

#include "tests/actors/actor_fixture.hpp"

using namespace troupe;
using namespace troupe::actors;
using namespace troupe::test;

namespace {

/// A whole node short of HTTP and of threads.
struct fixture : test_coordinator_fixture<> {
  fixture() : world(sched) { world.publish(one_call_blueprint("single")); }

  ~fixture() override {
    if (root) caf::anon_send_exit(root, caf::exit_reason::kill);
    for (std::size_t round = 0; round < 3; ++round) {
      end_all();
      consume_messages();
    }
    world.transport.inside().calls.clear();
    world.with.where->clear();
    consume_messages();
  }

  void end_all() {
    const auto& with = world.with;
    for (const auto& one : {caf::actor_cast<caf::actor>(with.store()), caf::actor_cast<caf::actor>(with.supervisor()),
                            caf::actor_cast<caf::actor>(with.timer()), caf::actor_cast<caf::actor>(with.outbox()),
                            caf::actor_cast<caf::actor>(with.registry()), caf::actor_cast<caf::actor>(with.webhook()),
                            caf::actor_cast<caf::actor>(with.operations()),
                            caf::actor_cast<caf::actor>(with.own_reader()), caf::actor_cast<caf::actor>(with.reader())})
      if (one) caf::anon_send_exit(one, caf::exit_reason::kill);
  }

  void start() {
    tree_parts parts;
    parts.open_writer = [this] { return world.store.open_writer(); };
    parts.open_reader = [this] { return world.store.open_reader(); };
    parts.start_webhook = [this](services_supervisor_actor::pointer parent, const services&) {
      return world.transport.spawn(parent);
    };
    parts.gateways = 0;
    root = sys.spawn<services_supervisor_actor::stateful_impl<services_supervisor_state>>(
        world.with, service_tree(std::move(parts), 2));
    consume_messages();
  }
  void pass(duration time) {
    advance_time(time);
    consume_messages();
  }
  void submit(const std::string& order_id) {
    auto operation = std::make_shared<store::operation>(world.submission(order_id, "single"));
    self->send(world.with.store(), store_write{operation});
    consume_messages();
    self->receive([](const store_write&) {});
    self->send(world.with.supervisor(), wake_lanes{});
    consume_messages();
  }
  template <class Handle> void crash(const Handle& whom) {
    caf::anon_send_exit(whom, caf::exit_reason::kill);
    consume_messages();
  }
  void answer_all() {
    while (!world.transport.inside().calls.empty()) {
      world.transport.answer_next(scripted_transport::ok());
      consume_messages();
    }
  }

  actor_world world;
  services_supervisor_actor root;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(services_supervisor_tests, fixture)

CAF_TEST(a whole tree performs an order) {
  start();
  submit("o1");
  answer_all();
  CAF_CHECK_EQUAL(world.status_of("o1"), "completed");
}

CAF_TEST(every service that dies is started again and the work goes on) {
  start();
  const auto& with = world.with;
  int number = 0;
  const auto goes_on = [&] {
    pass(duration{200});
    pass(duration{500});
    pass(duration{500});
    const auto order_id = "o" + std::to_string(++number);
    submit(order_id);
    answer_all();
    for (int count = 0; count < 4; ++count) {
      pass(duration{500});
      answer_all();
    }
    CAF_CHECK_EQUAL(world.status_of(order_id), "completed");
  };
  crash(with.store());
  goes_on();
  crash(with.own_reader());
  goes_on();
  crash(with.reader());
  goes_on();
  crash(with.timer());
  goes_on();
  crash(with.outbox());
  goes_on();
  crash(with.registry());
  goes_on();
  crash(with.operations());
  goes_on();
  crash(with.supervisor());
  goes_on();
  pass(duration{61'000});
  crash(with.webhook());
  goes_on();
}

CAF_TEST(tries that a dead transport had under way are made again under the same key) {
  start();
  submit("o1");
  CAF_REQUIRE_EQUAL(world.transport.inside().calls.size(), 1u);
  world.transport.inside().calls.clear();
  crash(world.with.webhook());
  pass(duration{200});
  CAF_REQUIRE_EQUAL(world.transport.inside().calls.size(), 1u);
  CAF_CHECK_EQUAL(world.transport.inside().seen["o1/1/call"], 2);
  answer_all();
  CAF_CHECK_EQUAL(world.status_of("o1"), "completed");
}

CAF_TEST(what a coordinator that died alone was performing goes on and its batch is interrupted) {
  start();
  submit("o1");
  submit("o2");
  CAF_REQUIRE_EQUAL(world.transport.inside().calls.size(), 2u);
  const auto batch_of_second = world.row("o2").batch_id;
  world.transport.answer_next(scripted_transport::ok());
  // The order reports to its coordinator: that one is found.
  auto lanes = busy_actors(sched, "batch_coordinator");
  for (int count = 0; count < 100 && lanes.empty(); ++count) {
    sched.try_run_once();
    lanes = busy_actors(sched, "batch_coordinator");
  }
  CAF_REQUIRE_EQUAL(lanes.size(), 1u);
  caf::anon_send_exit(lanes[0], caf::exit_reason::kill);
  lanes.clear();
  consume_messages();
  world.transport.inside().calls.clear();
  consume_messages();
  CAF_CHECK_EQUAL(world.with.condition->performers_alive, 0);
  pass(duration{100});
  pass(duration{100});
  CAF_CHECK_EQUAL(world.store.content().batches.at(batch_of_second).status, "interrupted");
  CAF_REQUIRE_EQUAL(world.transport.inside().calls.size(), 1u);
  answer_all();
  CAF_CHECK_EQUAL(world.transport.inside().seen["o1/1/call"], 1);
  CAF_CHECK_EQUAL(world.transport.inside().seen["o2/1/call"], 2);
  for (const auto* order_id : {"o1", "o2"}) {
    CAF_CHECK_EQUAL(world.status_of(order_id), "completed");
    CAF_CHECK_EQUAL(world.row(order_id).recoveries, 0);
    CAF_CHECK_EQUAL(world.row(order_id).batch_id, "");
  }
  for (const auto& [batch_id, batch] : world.store.content().batches)
    CAF_CHECK(batch.status != "running");
}

CAF_TEST(what a supervisor that died was watching over goes on and nobody is blamed) {
  start();
  submit("o1");
  crash(world.with.supervisor());
  // Who waits for a try under way goes with its coordinator.
  world.transport.inside().calls.clear();
  consume_messages();
  CAF_CHECK_EQUAL(world.with.condition->performers_alive, 0);
  pass(duration{100});
  pass(duration{100});
  CAF_REQUIRE_EQUAL(world.transport.inside().calls.size(), 1u);
  CAF_CHECK_EQUAL(world.transport.inside().seen["o1/1/call"], 2);
  submit("o2");
  answer_all();
  CAF_CHECK_EQUAL(world.status_of("o1"), "completed");
  CAF_CHECK_EQUAL(world.status_of("o2"), "completed");
  CAF_CHECK_EQUAL(world.row("o1").recoveries, 0);
  CAF_CHECK(world.with.condition->is_performing);
}

CAF_TEST(orders whose store died are performed from what it has) {
  start();
  submit("o1");
  crash(world.with.store());
  answer_all();
  for (int count = 0; count < 4; ++count) {
    pass(duration{500});
    answer_all();
  }
  CAF_CHECK_EQUAL(world.status_of("o1"), "completed");
  CAF_CHECK(engine::fold(world.row("o1").history) == *world.row("o1").value);
}

CAF_TEST(services that die too often end the node) {
  world.settings.restarts_max = 3;
  world.use_settings();
  start();
  self->monitor(root);
  for (int count = 0; count < 4; ++count) {
    crash(world.with.timer());
    pass(duration{200});
  }
  auto is_over = false;
  self->receive([&](const caf::down_msg& down) { is_over = down.reason == quit_reason::gave_up; },
                caf::after(std::chrono::seconds(0)) >> [] {});
  CAF_CHECK(is_over);
}

CAF_TEST(restarts are forgiven after a while) {
  world.settings.restarts_max = 3;
  world.use_settings();
  start();
  for (int count = 0; count < 8; ++count) {
    crash(world.with.timer());
    pass(duration{30'000});
  }
  submit("o1");
  answer_all();
  CAF_CHECK_EQUAL(world.status_of("o1"), "completed");
}

CAF_TEST(an orderly end answers when everything has ended and was recorded) {
  start();
  submit("o1");
  submit("o2");
  auto stopped = self->request(root, caf::infinite, stop_now{});
  consume_messages();
  answer_all();
  auto is_over = false;
  stopped.receive([&] { is_over = true; }, [](const caf::error& reason) { CAF_FAIL(reason); });
  CAF_CHECK(is_over);
  CAF_CHECK_EQUAL(world.status_of("o1"), "completed");
  CAF_CHECK_EQUAL(world.with.condition->performers_alive, 0);
}

CAF_TEST(an orderly end comes within its bound whatever hangs) {
  start();
  submit("o1");
  world.store.inside().fate = [](std::size_t, auto) { return commit_fate::refused; };
  answer_all();
  auto stopped = self->request(root, caf::infinite, stop_now{});
  consume_messages();
  for (int count = 0; count < 10; ++count)
    pass(duration{1'000});
  auto is_over = false;
  stopped.receive([&] { is_over = true; }, [](const caf::error& reason) { CAF_FAIL(reason); });
  CAF_CHECK(is_over);
}

CAF_TEST_FIXTURE_SCOPE_END()
