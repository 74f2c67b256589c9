#define CAF_SUITE order

#include "tests/actors/actor_fixture.hpp"

using namespace troupe;
using namespace troupe::actors;
using namespace troupe::test;

void initialize_types() {
  register_messages();
}

namespace {

struct fixture : actor_fixture {
  fixture() : parent(coordinator_for_orders()), above(stand_in_above()) {}

  /// A performer of the order, which is claimed for the batch `b1`.
  order_actor perform(const std::string& order_id, bool alone = false) {
    for (auto& one : world.claim("b1", alone ? store::queue::alone : store::queue::pending))
      if (one.order_id == order_id) {
        auto actor = keep(
            sys.spawn<order_actor::stateful_impl<order_state>>(world.with, order_start{std::move(one), alone, parent}));
        handle();
        return actor;
      }
    CAF_FAIL("the order was not claimed");
  }

  /// A performer of a new order that makes one call and then waits for the event of `go`.
  order_actor perform_until_told(const std::string& order_id) {
    auto blueprint = one_call_blueprint("single");
    blueprint["transitions"][0]["trigger"] = {{"type", "manual"}, {"event", "go"}};
    world.publish(blueprint);
    world.store_order(order_id, "single");
    return perform(order_id);
  }

  static engine::send_event go() {
    engine::send_event wanted;
    wanted.name = "go";
    wanted.by = "anonymous";
    return wanted;
  }

  order_actor for_commands(const std::string& order_id) {
    return keep(sys.spawn<order_actor::stateful_impl<order_state>>(world.with, order_id));
  }

  auto& calls() { return world.transport.inside().calls; }
  void answer(scripted_transport::answer what) {
    world.transport.answer_next(std::move(what));
    handle();
  }

  batch_coordinator_actor parent;
  supervisor_actor above;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(order_tests, fixture)

CAF_TEST(an order is performed to its end and its parent hears of it once) {
  world.publish(chain_blueprint("chain", 2));
  world.store_order("o1", "chain");
  perform("o1");
  CAF_REQUIRE_EQUAL(calls().size(), 1u);
  CAF_CHECK_EQUAL(calls().front().key, "o1/1/call");
  CAF_CHECK_EQUAL(world.status_of("o1"), "active");
  answer(scripted_transport::ok({{"a", 1}}));
  CAF_REQUIRE_EQUAL(calls().size(), 1u);
  CAF_CHECK_EQUAL(calls().front().key, "o1/2/call");
  answer(scripted_transport::ok({{"b", 2}}));
  CAF_CHECK_EQUAL(world.status_of("o1"), "completed");
  CAF_REQUIRE_EQUAL(seen->settled.size(), 1u);
  CAF_CHECK_EQUAL(seen->settled[0].order_id, "o1");
  CAF_CHECK(seen->settled[0].status == engine::status::completed);
  CAF_CHECK(world.row("o1").value->data->at("r1").at("a") == 1);
  CAF_CHECK_EQUAL(world.row("o1").batch_id, "");
  CAF_CHECK(engine::fold(world.row("o1").history) == *world.row("o1").value);
}

CAF_TEST(nothing is sent before what led to it is durable) {
  world.publish(one_call_blueprint("single"));
  world.store_order("o1", "single");
  world.store.inside().fate = [](std::size_t, auto) { return commit_fate::refused; };
  world.store.inside().fate = {};
  auto claimed = world.claim("b1");
  world.store.inside().fate = [](std::size_t, auto) { return commit_fate::refused; };
  keep(sys.spawn<order_actor::stateful_impl<order_state>>(world.with,
                                                          order_start{std::move(claimed.at(0)), false, parent}));
  handle();
  CAF_CHECK_EQUAL(calls().size(), 0u);
  CAF_CHECK_EQUAL(world.status_of("o1"), "pending");
  world.store.inside().fate = {};
  pass(duration{100});
  CAF_CHECK_EQUAL(calls().size(), 1u);
  CAF_CHECK_EQUAL(world.status_of("o1"), "active");
}

CAF_TEST(a short retry is held by the supervisor and carried out when it says so) {
  world.publish(one_call_blueprint("single", {{"retryCount", 1}, {"retryDelay", "PT0.5S"}}));
  world.store_order("o1", "single");
  const auto actor = perform("o1");
  answer(scripted_transport::ok(nullptr, 503));
  CAF_CHECK_EQUAL(calls().size(), 0u);
  CAF_REQUIRE_EQUAL(seen_above->held.size(), 1u);
  CAF_CHECK(seen_above->held[0].due == world.with.clock() + duration{500});
  CAF_CHECK_EQUAL(seen->settled.size(), 0u);
  pass(duration{500});
  told(actor, go_again{});
  CAF_REQUIRE_EQUAL(calls().size(), 1u);
  CAF_CHECK_EQUAL(calls().front().call.attempt, 2);
  CAF_CHECK_EQUAL(calls().front().key, "o1/1/call");
  answer(scripted_transport::ok());
  CAF_CHECK_EQUAL(world.status_of("o1"), "completed");
}

CAF_TEST(a long retry parks the order and needs no actor) {
  world.publish(one_call_blueprint("single", {{"retryCount", 1}, {"retryDelay", "PT10S"}}));
  world.store_order("o1", "single");
  perform("o1");
  answer(scripted_transport::failed(http::call_failure::connection_failed));
  CAF_CHECK_EQUAL(world.status_of("o1"), "waiting");
  CAF_REQUIRE_EQUAL(seen->settled.size(), 1u);
  CAF_CHECK(seen->settled[0].status == engine::status::waiting);
  CAF_REQUIRE(world.row("o1").due);
  CAF_CHECK(*world.row("o1").due == world.with.clock() + duration{10'000});
  // The timer's work, then another performer.
  pass(duration{10'000});
  CAF_CHECK_EQUAL(world.perform(store::release_due{world.with.clock(), 10, {}, 0}).released, 1);
  for (auto& one : world.claim("b2", store::queue::runnable))
    keep(sys.spawn<order_actor::stateful_impl<order_state>>(world.with, order_start{std::move(one), false, parent}));
  handle();
  CAF_REQUIRE_EQUAL(calls().size(), 1u);
  CAF_CHECK_EQUAL(calls().front().call.attempt, 2);
  answer(scripted_transport::ok());
  CAF_CHECK_EQUAL(world.status_of("o1"), "completed");
  CAF_CHECK_EQUAL(seen->settled.size(), 2u);
}

CAF_TEST(a command for an order at rest is recorded and the lanes are woken) {
  world.publish(waiting_blueprint("wait"));
  world.store_order("o1", "wait");
  perform("o1");
  CAF_REQUIRE_EQUAL(world.status_of("o1"), "waiting");
  const auto wanted = go();
  auto done = asked<command_result>(for_commands("o1"), execute_command{"o1", wanted, {}});
  CAF_REQUIRE(done.order);
  CAF_CHECK(!done.deferred);
  CAF_CHECK_EQUAL(world.status_of("o1"), "completed");
  CAF_REQUIRE_EQUAL(seen_above->settled.size(), 1u);
  CAF_CHECK(seen_above->settled[0].order != nullptr);
}

CAF_TEST(what is refused changes nothing) {
  world.publish(waiting_blueprint("wait"));
  world.store_order("o1", "wait");
  perform("o1");
  const auto before = world.row("o1").value->sequence;
  engine::send_event wanted;
  wanted.name = "stop";
  wanted.by = "anonymous";
  auto done = asked<command_result>(for_commands("o1"), execute_command{"o1", wanted, {}});
  CAF_REQUIRE(!done.order);
  CAF_CHECK(done.order.error().code == errc::event_not_possible);
  CAF_CHECK_EQUAL(world.row("o1").value->sequence, before);
  CAF_CHECK(asked<command_result>(for_commands("nobody"), execute_command{"nobody", wanted, {}}).order.error().code ==
            errc::unknown_order);
}

CAF_TEST(an event that comes while actions run is deferred and taken afterwards) {
  const auto actor = perform_until_told("o1");
  const auto wanted = go();
  auto done = asked<command_result>(actor, execute_command{"o1", wanted, {}});
  CAF_REQUIRE(done.order);
  CAF_CHECK(done.deferred);
  CAF_CHECK_EQUAL(calls().size(), 1u);
  answer(scripted_transport::ok());
  CAF_CHECK_EQUAL(world.status_of("o1"), "completed");
}

CAF_TEST(a cancelled order finishes the try under way and starts nothing new) {
  world.publish(chain_blueprint("chain", 3));
  world.store_order("o1", "chain");
  const auto actor = perform("o1");
  auto done = asked<command_result>(actor, execute_command{"o1", engine::cancel_order{false, "anonymous"}, {}});
  CAF_REQUIRE(done.order);
  CAF_CHECK_EQUAL(world.status_of("o1"), "active");
  CAF_CHECK_EQUAL(seen->settled.size(), 0u);
  answer(scripted_transport::ok());
  CAF_CHECK_EQUAL(world.status_of("o1"), "cancelled");
  CAF_CHECK_EQUAL(calls().size(), 0u);
  CAF_CHECK_EQUAL(seen->settled.size(), 1u);
}

CAF_TEST(commands queue while an append is under way and see the state that it leaves) {
  const auto actor = perform_until_told("o1");
  const auto wanted = go();
  auto first = self->request(actor, caf::infinite, execute_command{"o1", wanted, {}});
  auto second =
      self->request(actor, caf::infinite, execute_command{"o1", engine::cancel_order{false, "anonymous"}, {}});
  handle();
  std::uint64_t sequence = 0;
  first.receive([&](const command_result& done) { sequence = (*done.order)->sequence; },
                [](const caf::error& reason) { CAF_FAIL(reason); });
  second.receive([&](const command_result& done) { CAF_CHECK((*done.order)->sequence > sequence); },
                 [](const caf::error& reason) { CAF_FAIL(reason); });
  answer(scripted_transport::ok());
  CAF_CHECK_EQUAL(world.status_of("o1"), "cancelled");
}

CAF_TEST(an answer that comes twice or too late is dropped) {
  world.publish(chain_blueprint("chain", 2));
  world.store_order("o1", "chain");
  const auto actor = perform("o1");
  const auto first = calls().front().call;
  answer(scripted_transport::ok());
  const auto sequence = world.row("o1").value->sequence;
  told(actor,
       call_done{first.visit, first.kind, first.action, first.attempt, world.with.clock(), scripted_transport::ok()});
  CAF_CHECK_EQUAL(world.row("o1").value->sequence, sequence);
  CAF_CHECK_EQUAL(calls().size(), 1u);
}

CAF_TEST(who loses the race for a sequence reads again and decides anew) {
  world.publish(chain_blueprint("chain", 2));
  world.store_order("o1", "chain");
  perform("o1");
  // Somebody else, who did not know that it is live, records an event meanwhile.
  auto cancelled =
      asked<command_result>(for_commands("o1"), execute_command{"o1", engine::cancel_order{false, "anonymous"}, {}});
  CAF_REQUIRE(cancelled.order);
  CAF_CHECK_EQUAL(world.row("o1").batch_id, "b1");
  answer(scripted_transport::ok());
  CAF_CHECK_EQUAL(world.status_of("o1"), "cancelled");
  CAF_CHECK_EQUAL(seen->settled.size(), 1u);
  CAF_CHECK(engine::fold(world.row("o1").history) == *world.row("o1").value);
}

CAF_TEST(a performer whose claim has ended leaves the order to who has it) {
  world.publish(chain_blueprint("chain", 2));
  world.store_order("o1", "chain");
  perform("o1");
  world.perform(store::close_batch{"b1", {}, true, world.with.clock(), {}});
  CAF_REQUIRE_EQUAL(world.claim("b2", store::queue::runnable).size(), 1u);
  asked<command_result>(for_commands("o1"), execute_command{"o1", engine::cancel_order{false, "anonymous"}, {}});
  answer(scripted_transport::ok());
  CAF_CHECK_EQUAL(world.status_of("o1"), "active");
  CAF_CHECK_EQUAL(seen->settled.size(), 1u);
  CAF_CHECK_EQUAL(calls().size(), 0u);
}

CAF_TEST(when nobody knows what was recorded the actor quits and is no crash) {
  world.publish(one_call_blueprint("single"));
  world.store_order("o1", "single");
  const auto actor = perform("o1");
  self->monitor(actor);
  world.store.inside().fate = [](std::size_t, auto) { return commit_fate::unknown_done; };
  answer(scripted_transport::ok());
  world.store.inside().fate = {};
  self->receive([](const caf::down_msg& down) { CAF_CHECK(down.reason == quit_reason::load_again); });
  CAF_CHECK_EQUAL(world.status_of("o1"), "completed");
  CAF_CHECK_EQUAL(seen->settled.size(), 0u);
}

CAF_TEST(a lease that has moved on ends the actor) {
  world.publish(one_call_blueprint("single"));
  world.store_order("o1", "single");
  const auto actor = perform("o1");
  self->monitor(actor);
  world.store.content().epoch += 1;
  answer(scripted_transport::ok());
  self->receive([](const caf::down_msg& down) { CAF_CHECK(down.reason == quit_reason::not_ours); });
  CAF_CHECK_EQUAL(world.status_of("o1"), "active");
}

CAF_TEST(the store dying under an append ends the actor to be spawned again) {
  world.publish(one_call_blueprint("single"));
  world.store_order("o1", "single");
  const auto actor = perform("o1");
  self->monitor(actor);
  caf::anon_send_exit(store, caf::exit_reason::kill);
  handle();
  answer(scripted_transport::ok());
  self->receive([](const caf::down_msg& down) { CAF_CHECK(down.reason == quit_reason::load_again); });
}

CAF_TEST(a silent store leaves the actor waiting and it can still be ended) {
  world.publish(one_call_blueprint("single"));
  world.store_order("o1", "single");
  world.with.where->enter(keep(sys.spawn<store_actor::stateful_impl<silent_store>>()));
  const auto actor = perform("o1");
  self->monitor(actor);
  pass(duration{3'600'000});
  CAF_CHECK_EQUAL(calls().size(), 0u);
  caf::anon_send_exit(actor, caf::exit_reason::kill);
  handle();
  self->receive([](const caf::down_msg& down) { CAF_CHECK(down.reason == caf::exit_reason::kill); });
}

CAF_TEST(a silent transport leaves the order as it is and commands are still taken) {
  world.publish(one_call_blueprint("single"));
  world.store_order("o1", "single");
  const auto actor = perform("o1");
  pass(duration{3'600'000});
  CAF_CHECK_EQUAL(world.status_of("o1"), "active");
  CAF_CHECK(asked<command_result>(actor, execute_command{"o1", engine::cancel_order{false, "anonymous"}, {}})
                .order.has_value());
}

CAF_TEST(a transport that was started again is asked again under the same key) {
  world.publish(one_call_blueprint("single"));
  world.store_order("o1", "single");
  const auto actor = perform("o1");
  calls().clear();
  told(actor, calls_lost{});
  CAF_REQUIRE_EQUAL(calls().size(), 1u);
  CAF_CHECK_EQUAL(world.transport.inside().seen["o1/1/call"], 2);
  answer(scripted_transport::ok());
  CAF_CHECK_EQUAL(world.status_of("o1"), "completed");
}

CAF_TEST(a performer that starts again from the store goes on where the order stands) {
  world.publish(chain_blueprint("chain", 2));
  world.store_order("o1", "chain");
  const auto actor = perform("o1");
  answer(scripted_transport::ok());
  caf::anon_send_exit(actor, caf::exit_reason::kill);
  calls().clear();
  handle();
  const auto& row = world.row("o1");
  keep(sys.spawn<order_actor::stateful_impl<order_state>>(
      world.with, order_start{{"o1", to_text(engine::to_json(*row.value)), row.batch_id, 0}, false, parent}));
  handle();
  CAF_REQUIRE_EQUAL(calls().size(), 1u);
  CAF_CHECK_EQUAL(calls().front().key, "o1/2/call");
  answer(scripted_transport::ok());
  CAF_CHECK_EQUAL(world.status_of("o1"), "completed");
}

CAF_TEST(an order tried alone is quarantined first and one found so is escalated) {
  world.publish(one_call_blueprint("single"));
  world.store_order("o1", "single");
  world.perform(store::return_order{"o1", store::queue::alone, true, {}, 0});
  const auto actor = perform("o1", true);
  CAF_CHECK_EQUAL(calls().size(), 1u);
  CAF_CHECK(std::ranges::any_of(world.row("o1").history,
                                [](const auto& event) { return event.type == "order_quarantined"; }));
  caf::anon_send_exit(actor, caf::exit_reason::kill);
  handle();
  calls().clear();
  // As after a crash of the process between the quarantine and any progress.
  auto quarantined = *world.row("o1").value;
  quarantined.quarantined = true;
  keep(sys.spawn<order_actor::stateful_impl<order_state>>(
      world.with,
      order_start{{"o1", to_text(engine::to_json(quarantined)), world.row("o1").batch_id, 7}, true, parent}));
  handle();
  CAF_CHECK_EQUAL(calls().size(), 0u);
  CAF_CHECK_EQUAL(world.status_of("o1"), "escalated");
}

CAF_TEST(when the node is stopping no try is begun and the claim stays for the recovery) {
  world.publish(chain_blueprint("chain", 2));
  world.store_order("o1", "chain");
  perform("o1");
  world.with.condition->is_stopping = true;
  answer(scripted_transport::ok());
  CAF_CHECK_EQUAL(calls().size(), 0u);
  CAF_CHECK_EQUAL(world.status_of("o1"), "active");
  CAF_CHECK_EQUAL(world.row("o1").batch_id, "b1");
  CAF_CHECK_EQUAL(seen->settled.size(), 1u);
}

CAF_TEST(a claimed order that is at rest gives its claim back) {
  world.publish(one_call_blueprint("single"));
  world.store_order("o1", "single");
  auto claimed = world.claim("b1");
  CAF_REQUIRE(
      asked<command_result>(for_commands("o1"), execute_command{"o1", engine::cancel_order{false, "anonymous"}, {}})
          .order);
  CAF_REQUIRE_EQUAL(world.status_of("o1"), "cancelled");
  claimed.at(0).folded = to_text(engine::to_json(*world.row("o1").value));
  keep(sys.spawn<order_actor::stateful_impl<order_state>>(world.with,
                                                          order_start{std::move(claimed.at(0)), false, parent}));
  handle();
  CAF_CHECK_EQUAL(seen->settled.size(), 1u);
  CAF_CHECK_EQUAL(world.row("o1").batch_id, "");
}

CAF_TEST(a command that comes to a performer whose order has just settled leaves the order to the next) {
  auto blueprint = waiting_blueprint("two_steps");
  blueprint["states"][1]["entryActions"] = one_call_blueprint("x")["states"][0]["entryActions"];
  blueprint["states"][1]["data"] = {{"schema", {{"type", "object"}, {"additionalProperties", true}}}};
  world.publish(blueprint);
  world.store_order("o1", "two_steps");
  const auto actor = keep(sys.spawn<order_actor::stateful_impl<order_state>>(
      world.with, order_start{std::move(world.claim("b1").at(0)), false, parent}));
  // It comes while the append is under way with which the order waits and the claim ends.
  const auto wanted = go();
  auto done = self->request(actor, caf::infinite, execute_command{"o1", wanted, {}});
  handle();
  done.receive([](const command_result& result) { CAF_CHECK(result.order.has_value()); },
               [](const caf::error& reason) { CAF_FAIL(reason); });
  CAF_CHECK_EQUAL(world.status_of("o1"), "active");
  CAF_CHECK_EQUAL(world.row("o1").batch_id, "");
  CAF_CHECK(world.row("o1").place == store::queue::runnable);
  CAF_CHECK_EQUAL(calls().size(), 0u);
  CAF_CHECK_EQUAL(seen->settled.size(), 1u);
  CAF_REQUIRE_EQUAL(seen_above->woken.size(), 1u);
  CAF_CHECK(seen_above->woken[0] == store::queue::runnable);
}

CAF_TEST(too many commands at once are refused and the rest is done) {
  world.publish(one_call_blueprint("single"));
  world.store_order("o1", "single");
  world.settings.commands_per_order = 2;
  world.use_settings();
  const auto actor = perform("o1");
  world.store.inside().fate = [](std::size_t, auto) { return commit_fate::refused; };
  const auto wanted = go();
  answer(scripted_transport::ok());
  std::size_t refused = 0, others = 0;
  for (int count = 0; count < 4; ++count)
    self->send(actor, execute_command{"o1", wanted, {}});
  handle();
  world.store.inside().fate = {};
  pass(duration{5'000});
  for (int count = 0; count < 4; ++count)
    self->receive(
        [&](const command_result& done) {
          ++(!done.order && done.order.error().code == errc::queue_full ? refused : others);
        },
        [&](const caf::error&) { ++others; });
  CAF_CHECK_EQUAL(refused, 2u);
  CAF_CHECK_EQUAL(others, 2u);
  CAF_CHECK_EQUAL(world.status_of("o1"), "completed");
}

CAF_TEST(the first answer to a command with a key is kept with it) {
  world.publish(waiting_blueprint("wait"));
  world.store_order("o1", "wait");
  perform("o1");
  const auto wanted = go();
  store::request_record request{"anonymous", "POST /v1/orders/o1/events", "k1", "hash", 0, "", "", world.with.clock()};
  CAF_REQUIRE(asked<command_result>(for_commands("o1"), execute_command{"o1", wanted, request}).order);
  const auto& kept = world.store.content().requests.begin()->second;
  CAF_CHECK_EQUAL(kept.status, 200);
  CAF_CHECK(json::parse(kept.answer)["status"] == "completed");
  auto again =
      asked<command_result>(for_commands("o1"), execute_command{"o1", engine::cancel_order{false, "x"}, request});
  CAF_CHECK(!again.order);
}

CAF_TEST_FIXTURE_SCOPE_END()
