#define CAF_SUITE supervisor

#include "tests/actors/actor_fixture.hpp"

using namespace troupe;
using namespace troupe::actors;
using namespace troupe::test;

namespace {

struct fixture : actor_fixture {
  fixture() {
    world.publish(one_call_blueprint("single"));
    world.publish(one_call_blueprint("retried", {{"retryCount", 3}, {"retryDelay", "PT0.5S"}}));
    world.publish(waiting_blueprint("wait"));
    world.settings.batch_lanes = 2;
    world.settings.batch_size = 4;
    world.use_settings();
  }

  supervisor_actor start() {
    above = keep(sys.spawn<supervisor_actor::stateful_impl<supervisor_state>>(world.with));
    world.with.where->enter(above);
    handle();
    return above;
  }
  void submit(const std::string& order_id, const std::string& workflow = "single") {
    world.store_order(order_id, workflow);
    told(above, wake_lanes{store::queue::pending});
  }
  void answer(scripted_transport::answer what = scripted_transport::ok()) {
    world.transport.answer_next(std::move(what));
    handle();
  }
  std::size_t in_flight() { return world.transport.inside().calls.size(); }
  order_actor performer() { return world.transport.inside().calls.front().call.reply_to; }
  command_result command(const std::string& order_id, engine::command wanted) {
    return asked<command_result>(above, execute_command{order_id, std::move(wanted), {}});
  }
  static engine::command go() {
    engine::send_event wanted;
    wanted.name = "go";
    wanted.by = "anonymous";
    return wanted;
  }

  supervisor_actor above;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(supervisor_tests, fixture)

CAF_TEST(a submission wakes an idle lane and not all of them) {
  start();
  const auto before = world.store.inside().commits;
  submit("o1");
  CAF_CHECK_EQUAL(in_flight(), 1u);
  // The submission, one claim, the beginning.
  CAF_CHECK_EQUAL(world.store.inside().commits, before + 3);
  submit("o2");
  CAF_CHECK_EQUAL(in_flight(), 2u);
  submit("o3");
  CAF_CHECK_EQUAL(in_flight(), 2u);
  answer();
  CAF_CHECK_EQUAL(world.status_of("o3"), "active");
  answer();
  answer();
  for (const auto* order_id : {"o1", "o2", "o3"})
    CAF_CHECK_EQUAL(world.status_of(order_id), "completed");
}

CAF_TEST(without waking pending orders are looked for after the interval) {
  world.settings.batch_wake = false;
  world.settings.batch_lanes = 1;
  world.use_settings();
  start();
  submit("o1");
  CAF_CHECK_EQUAL(in_flight(), 0u);
  pass(world.settings.batch_interval);
  CAF_CHECK_EQUAL(in_flight(), 1u);
}

CAF_TEST(a command goes to the live order and to one that is spawned for it otherwise) {
  start();
  submit("o1", "wait");
  CAF_CHECK_EQUAL(world.status_of("o1"), "waiting");
  auto done = command("o1", go());
  CAF_REQUIRE(done.order);
  CAF_CHECK_EQUAL(world.status_of("o1"), "completed");
  submit("o2");
  CAF_CHECK(command("o2", engine::cancel_order{false, "anonymous"}).order);
  CAF_CHECK_EQUAL(in_flight(), 1u);
  answer();
  CAF_CHECK_EQUAL(world.status_of("o2"), "cancelled");
  CAF_CHECK(command("nobody", go()).order.error().code == errc::unknown_order);
}

CAF_TEST(a command for an order whose actor is just gone goes to the next one) {
  start();
  submit("o1");
  const auto actor = performer();
  auto pending =
      self->request(above, caf::infinite, execute_command{"o1", engine::cancel_order{false, "anonymous"}, {}});
  // The order settles before the command reaches it.
  world.transport.answer_next(scripted_transport::ok());
  while (sched.prioritize(actor))
    sched.try_run_once();
  handle();
  pending.receive(
      [](const command_result& done) { CAF_CHECK(!done.order && done.order.error().code == errc::not_possible); },
      [](const caf::error& reason) { CAF_FAIL(reason); });
}

CAF_TEST(what a command makes runnable is performed by the sliding lane) {
  start();
  auto blueprint = waiting_blueprint("two_steps");
  blueprint["states"][1]["entryActions"] = one_call_blueprint("x")["states"][0]["entryActions"];
  blueprint["states"][1]["data"] = {{"schema", {{"type", "object"}, {"additionalProperties", true}}}};
  world.publish(blueprint);
  submit("o1", "two_steps");
  CAF_REQUIRE(command("o1", go()).order);
  CAF_CHECK_EQUAL(in_flight(), 1u);
  answer();
  CAF_CHECK_EQUAL(world.status_of("o1"), "completed");
}

CAF_TEST(short retries are held here and said when they are due) {
  start();
  submit("o1", "retried");
  answer(scripted_transport::ok(nullptr, 500));
  CAF_CHECK_EQUAL(in_flight(), 0u);
  pass(duration{499});
  CAF_CHECK_EQUAL(in_flight(), 0u);
  pass(duration{6});
  CAF_CHECK_EQUAL(in_flight(), 1u);
  answer();
  CAF_CHECK_EQUAL(world.status_of("o1"), "completed");
}

CAF_TEST(who awaits an order is answered when it settles or at the deadline) {
  start();
  submit("o1");
  const auto deadline = world.with.clock() + duration{1'000};
  auto first = self->request(above, caf::infinite, await_settled{"o1", deadline});
  auto second = self->request(above, caf::infinite, await_settled{"o1", deadline + duration{5'000}});
  handle();
  pass(duration{1'000});
  first.receive([](const settled_result& result) { CAF_CHECK((*result.order)->status == engine::status::active); },
                [](const caf::error& reason) { CAF_FAIL(reason); });
  answer();
  second.receive([](const settled_result& result) { CAF_CHECK((*result.order)->status == engine::status::completed); },
                 [](const caf::error& reason) { CAF_FAIL(reason); });
  CAF_CHECK((*asked<settled_result>(above, await_settled{"o1", deadline + duration{60'000}}).order)->status ==
            engine::status::completed);
  CAF_CHECK(asked<settled_result>(above, await_settled{"nobody", deadline}).order.error().code == errc::unknown_order);
}

CAF_TEST(more awaiting requests than the limit are answered with the order as it is) {
  world.settings.awaits_limit = 1;
  world.use_settings();
  start();
  submit("o1");
  const auto deadline = world.with.clock() + duration{60'000};
  auto first = self->request(above, caf::infinite, await_settled{"o1", deadline});
  auto second = self->request(above, caf::infinite, await_settled{"o1", deadline});
  handle();
  pass(duration{10});
  second.receive([](const settled_result& result) { CAF_CHECK((*result.order)->status == engine::status::active); },
                 [](const caf::error& reason) { CAF_FAIL(reason); });
  answer();
  first.receive([](const settled_result& result) { CAF_CHECK((*result.order)->status == engine::status::completed); },
                [](const caf::error& reason) { CAF_FAIL(reason); });
}

CAF_TEST(an order whose actor crashes again and again is escalated and its batch goes on) {
  start();
  submit("o1");
  for (int count = 1; count <= world.settings.recoveries; ++count) {
    const auto actor = performer();
    world.transport.inside().calls.clear();
    caf::anon_send_exit(actor, caf::exit_reason::kill);
    handle();
    CAF_CHECK_EQUAL(world.row("o1").recoveries, count);
    CAF_REQUIRE_EQUAL(in_flight(), 1u);
  }
  const auto actor = performer();
  world.transport.inside().calls.clear();
  caf::anon_send_exit(actor, caf::exit_reason::kill);
  handle();
  CAF_CHECK_EQUAL(world.status_of("o1"), "escalated");
  CAF_CHECK_EQUAL(world.store.content().batches.begin()->second.status, "settled");
  submit("o2");
  CAF_CHECK_EQUAL(in_flight(), 1u);
}

CAF_TEST(progress forgives earlier crashes) {
  world.publish(chain_blueprint("chain", 3));
  start();
  submit("o1", "chain");
  for (int count = 1; count <= 3; ++count) {
    const auto actor = performer();
    world.transport.inside().calls.clear();
    caf::anon_send_exit(actor, caf::exit_reason::kill);
    handle();
  }
  CAF_CHECK_EQUAL(world.row("o1").recoveries, 3);
  answer();
  CAF_CHECK_EQUAL(world.row("o1").recoveries, 0);
}

CAF_TEST(at the start what was being performed goes on) {
  world.store_order("o1", "single");
  world.store_order("o2", "single");
  CAF_REQUIRE_EQUAL(world.claim("b0").size(), 2u);
  start();
  CAF_CHECK_EQUAL(in_flight(), 2u);
  CAF_CHECK_EQUAL(world.store.content().batches.at("b0").status, "interrupted");
}

CAF_TEST(an order that may take the process down is performed with nothing beside it) {
  world.store_order("bad", "single");
  world.store_order("good", "single");
  CAF_REQUIRE_EQUAL(world.claim("b0").size(), 2u);
  world.store.content().orders.at("bad").recoveries = world.settings.recoveries;
  start();
  CAF_REQUIRE_EQUAL(in_flight(), 1u);
  CAF_CHECK_EQUAL(world.transport.inside().calls.front().key, "bad/1/call");
  CAF_CHECK(!world.with.condition->is_performing);
  answer();
  CAF_CHECK_EQUAL(world.status_of("bad"), "completed");
  CAF_REQUIRE_EQUAL(in_flight(), 1u);
  CAF_CHECK_EQUAL(world.transport.inside().calls.front().key, "good/1/call");
}

CAF_TEST(an order that took the process down when it was alone is escalated) {
  world.store_order("bad", "single");
  CAF_REQUIRE_EQUAL(world.claim("b0").size(), 1u);
  world.store.content().orders.at("bad").recoveries = world.settings.recoveries;
  start();
  CAF_CHECK_EQUAL(in_flight(), 1u);
  // The process ends here, and starts again.
  for (const auto& one : mine)
    caf::anon_send_exit(one, caf::exit_reason::kill);
  handle();
  world.transport.inside().calls.clear();
  handle();
  world.begin_process();
  // Its first event alone was progress; what came after it was none.
  auto& row = world.store.content().orders.at("bad");
  auto value = *row.value;
  value.quarantined = true;
  row.value = std::make_shared<const engine::order>(value);
  row.recoveries = world.settings.recoveries + 1;
  start();
  CAF_CHECK_EQUAL(world.status_of("bad"), "escalated");
  CAF_CHECK_EQUAL(in_flight(), 0u);
}

CAF_TEST(it waits for the performers of its predecessor) {
  world.store_order("o1", "single");
  world.with.condition->performers_alive = 1;
  start();
  pass(duration{1'000});
  CAF_CHECK_EQUAL(in_flight(), 0u);
  world.with.condition->performers_alive = 0;
  pass(duration{20});
  CAF_CHECK_EQUAL(in_flight(), 1u);
}

CAF_TEST(a restarted supervisor finds everything and blames nobody) {
  start();
  submit("o1");
  submit("o2", "wait");
  world.transport.inside().calls.clear();
  caf::anon_send_exit(above, caf::exit_reason::kill);
  handle();
  start();
  pass(duration{100});
  CAF_CHECK_EQUAL(in_flight(), 1u);
  CAF_CHECK_EQUAL(world.row("o1").recoveries, 0);
  answer();
  CAF_CHECK_EQUAL(world.status_of("o1"), "completed");
  CAF_CHECK(command("o2", go()).order);
}

CAF_TEST(with a coordinator that dies it ends too and takes the performers with it) {
  start();
  submit("o1");
  CAF_CHECK_EQUAL(world.with.condition->performers_alive, 4);
  self->monitor(above);
  world.store_order("o2", "single");
  self->send(above, wake_lanes{store::queue::pending});
  auto lanes = busy_actors(sched, "batch_coordinator");
  for (int count = 0; count < 10 && lanes.empty(); ++count) {
    sched.try_run_once();
    lanes = busy_actors(sched, "batch_coordinator");
  }
  CAF_REQUIRE_EQUAL(lanes.size(), 1u);
  caf::anon_send_exit(lanes[0], caf::exit_reason::kill);
  lanes.clear();
  handle();
  world.transport.inside().calls.clear();
  handle();
  self->receive([](const caf::down_msg& down) { CAF_CHECK(down.reason == caf::exit_reason::kill); },
                caf::after(std::chrono::seconds(0)) >> [] { CAF_FAIL("the supervisor goes on"); });
  CAF_CHECK_EQUAL(world.with.condition->performers_alive, 0);
  CAF_CHECK(!world.with.condition->is_performing);
}

CAF_TEST(a transport that was started again is asked again by every performer) {
  start();
  submit("o1");
  submit("o2");
  world.transport.inside().calls.clear();
  told(above, calls_lost{});
  CAF_CHECK_EQUAL(in_flight(), 2u);
  CAF_CHECK_EQUAL(world.transport.inside().seen["o1/1/call"], 2);
  CAF_CHECK_EQUAL(world.transport.inside().seen["o2/1/call"], 2);
}

CAF_TEST(a store that is away delays the start) {
  world.store_order("o1", "single");
  world.store.inside().fate = [](std::size_t, auto) { return commit_fate::unknown_lost; };
  start();
  pass(duration{2'000});
  CAF_CHECK_EQUAL(in_flight(), 0u);
  world.store.inside().fate = {};
  pass(duration{1'000});
  pass(duration{1'000});
  CAF_CHECK_EQUAL(in_flight(), 1u);
}

CAF_TEST(on stopping tries under way are finished and the rest is given back) {
  world.publish(chain_blueprint("chain", 2));
  start();
  submit("o1", "chain");
  submit("o2");
  submit("o3", "retried");
  auto waiting = self->request(above, caf::infinite, await_settled{"o1", world.with.clock() + duration{60'000}});
  auto stopped = self->request(above, caf::infinite, stop_now{});
  handle();
  waiting.receive([](const settled_result& result) { CAF_CHECK(result.order.error().code == errc::not_ready); },
                  [](const caf::error& reason) { CAF_FAIL(reason); });
  CAF_CHECK(command("o1", go()).order.error().code == errc::not_ready);
  answer();
  answer();
  stopped.receive([] {}, [](const caf::error& reason) { CAF_FAIL(reason); });
  CAF_CHECK_EQUAL(world.status_of("o1"), "active");
  CAF_CHECK_EQUAL(world.status_of("o2"), "completed");
  CAF_CHECK(world.row("o1").place == store::queue::runnable);
  CAF_CHECK_EQUAL(world.row("o1").recoveries, 0);
  CAF_CHECK(world.row("o3").place == store::queue::pending);
}

CAF_TEST(what does not come to a stop within the grace is interrupted and given back) {
  start();
  submit("o1");
  auto stopped = self->request(above, caf::infinite, stop_now{});
  handle();
  pass(world.settings.stop_grace);
  stopped.receive([] {}, [](const caf::error& reason) { CAF_FAIL(reason); });
  CAF_CHECK(world.row("o1").place == store::queue::runnable);
  CAF_CHECK_EQUAL(world.row("o1").recoveries, 0);
  world.transport.inside().calls.clear();
  CAF_CHECK_EQUAL(world.with.condition->performers_alive, 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
