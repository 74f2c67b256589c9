#define CAF_SUITE services

#include "tests/actors/actor_fixture.hpp"

using namespace troupe;
using namespace troupe::actors;
using namespace troupe::test;

namespace {

struct fixture : actor_fixture {
  fixture() : above(stand_in_above()) {}

  timer_actor start_timer() {
    auto one = keep(sys.spawn<timer_actor::stateful_impl<timer_state>>(world.with));
    handle();
    return one;
  }
  outbox_actor start_outbox() {
    auto one = keep(sys.spawn<outbox_actor::stateful_impl<outbox_state>>(world.with));
    world.with.where->enter(one);
    handle();
    return one;
  }
  registry_actor start_registry() {
    auto one = keep(sys.spawn<registry_actor::stateful_impl<registry_state>>(world.with));
    handle();
    return one;
  }
  auto& rows() { return world.store.content().outbox; }
  auto& deliveries() { return world.transport.inside().notifications; }
  auto& woken() { return seen_above->woken; }

  void publish_told(const std::string& id) {
    auto blueprint = waiting_blueprint(id);
    blueprint["globalCallbackHandler"] = {{"webhook", {{"url", "http://127.0.0.1:1/told"}, {"method", "POST"}}}};
    world.publish(blueprint);
  }
  /// Its history causes notifications: entering the first state, at least.
  void perform_told(const std::string& order_id) {
    const auto parent = coordinator_for_orders();
    for (auto& one : world.claim("b" + order_id))
      keep(sys.spawn<order_actor::stateful_impl<order_state>>(world.with, order_start{std::move(one), false, parent}));
    handle();
  }
  void deliver(bool delivered) {
    const auto one = deliveries().front();
    deliveries().pop_front();
    caf::anon_send(one.reply_to, notification_done{one.id, delivered, delivered ? "" : "answered 500"});
    handle();
  }
  publish_definition definition(const std::string& id, const std::string& label = "a") {
    auto document = waiting_blueprint(id);
    document["name"] = label;
    return {blueprint::published_kind::blueprint, id, document, "", "anonymous", {}};
  }

  supervisor_actor above;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(services_tests, fixture)

// ---------------------------------------------------------------- timer

CAF_TEST(the timer releases what is due at its instant and wakes the lanes) {
  world.publish(waiting_blueprint("wait"));
  world.store_order("o1", "wait");
  auto& row = world.store.content().orders.at("o1");
  row.place = store::queue::none;
  row.due = world.with.clock() + duration{5'000};
  start_timer();
  pass(duration{4'999});
  CAF_CHECK(woken().empty());
  pass(duration{6});
  CAF_CHECK(row.place == store::queue::pending);
  CAF_CHECK_EQUAL(woken().size(), 2u);
}

CAF_TEST(a hint makes the timer look earlier and a later one changes nothing) {
  world.publish(waiting_blueprint("wait"));
  const auto timer = start_timer();
  world.store_order("o1", "wait");
  auto& row = world.store.content().orders.at("o1");
  row.place = store::queue::none;
  row.due = world.with.clock() + duration{100};
  told(timer, due_changed{*row.due});
  told(timer, due_changed{*row.due + duration{50'000}});
  pass(duration{100});
  CAF_CHECK(row.place == store::queue::pending);
}

CAF_TEST(a timer that was started again knows what is due) {
  world.publish(waiting_blueprint("wait"));
  auto first = start_timer();
  caf::anon_send_exit(first, caf::exit_reason::kill);
  handle();
  world.store_order("o1", "wait");
  auto& row = world.store.content().orders.at("o1");
  row.place = store::queue::none;
  row.due = world.with.clock() + duration{200};
  start_timer();
  pass(duration{200});
  CAF_CHECK(row.place == store::queue::pending);
}

CAF_TEST(the timer goes on after failed reads and unknown commits) {
  world.publish(waiting_blueprint("wait"));
  world.store_order("o1", "wait");
  auto& row = world.store.content().orders.at("o1");
  row.place = store::queue::none;
  row.due = world.with.clock() + duration{100};
  world.store.inside().is_read_refused = [](std::size_t) { return true; };
  world.store.inside().fate = [](std::size_t, auto) { return commit_fate::unknown_lost; };
  start_timer();
  pass(duration{600});
  world.store.inside().fate = {};
  world.store.inside().is_read_refused = {};
  pass(duration{600});
  pass(duration{600});
  CAF_CHECK(row.place == store::queue::pending);
}

CAF_TEST(more due orders than one look takes are all released) {
  world.publish(waiting_blueprint("wait"));
  for (int number = 0; number < 1'500; ++number) {
    const auto order_id = "o" + std::to_string(number);
    world.store_order(order_id, "wait");
    auto& row = world.store.content().orders.at(order_id);
    row.place = store::queue::none;
    row.due = world.with.clock();
  }
  start_timer();
  pass(duration{10});
  for (const auto& [order_id, row] : world.store.content().orders)
    CAF_REQUIRE(row.place == store::queue::pending);
}

// ---------------------------------------------------------------- outbox

CAF_TEST(notifications of an order are delivered one after the other and then forgotten) {
  publish_told("told");
  world.store_order("o1", "told");
  start_outbox();
  perform_told("o1");
  const auto expected_rows = rows().size();
  CAF_REQUIRE(expected_rows >= 1u);
  std::int64_t last = 0;
  for (std::size_t count = 0; count < expected_rows; ++count) {
    CAF_REQUIRE_EQUAL(deliveries().size(), 1u);
    CAF_CHECK(deliveries().front().id > last);
    last = deliveries().front().id;
    CAF_CHECK_EQUAL(deliveries().front().call.url, "http://127.0.0.1:1/told");
    deliver(true);
  }
  CAF_CHECK(rows().empty());
  CAF_CHECK(deliveries().empty());
}

CAF_TEST(what fails is tried again later and later and does not hold up other orders) {
  publish_told("told");
  world.store_order("o1", "told");
  start_outbox();
  perform_told("o1");
  deliver(false);
  CAF_CHECK(deliveries().empty());
  world.store_order("o2", "told");
  perform_told("o2");
  CAF_REQUIRE_EQUAL(deliveries().size(), 1u);
  while (!deliveries().empty())
    deliver(true);
  pass(duration{1'000});
  CAF_REQUIRE_EQUAL(deliveries().size(), 1u);
  deliver(false);
  pass(duration{1'000});
  CAF_CHECK(deliveries().empty());
  pass(duration{1'000});
  CAF_CHECK_EQUAL(deliveries().size(), 1u);
}

CAF_TEST(after the last attempt it is a dead letter and the next of the order follows) {
  world.settings.outbox_attempts = 2;
  world.use_settings();
  publish_told("told");
  world.store_order("o1", "told");
  start_outbox();
  perform_told("o1");
  const auto all = rows().size();
  deliver(false);
  pass(duration{1'000});
  deliver(false);
  CAF_CHECK_EQUAL(world.store.content().dead_letters.size(), 1u);
  CAF_CHECK_EQUAL(rows().size(), all - 1);
}

CAF_TEST(no more than the limit are under way) {
  world.settings.outbox_in_flight = 3;
  world.use_settings();
  publish_told("told");
  for (int number = 0; number < 8; ++number)
    world.store_order("o" + std::to_string(number), "told");
  perform_told("all");
  start_outbox();
  CAF_CHECK_EQUAL(deliveries().size(), 3u);
  deliver(true);
  CAF_CHECK_EQUAL(deliveries().size(), 3u);
  while (!deliveries().empty())
    deliver(true);
  CAF_CHECK(rows().empty());
}

CAF_TEST(a transport that stays silent counts as failed after a while) {
  publish_told("told");
  world.store_order("o1", "told");
  start_outbox();
  perform_told("o1");
  deliveries().clear();
  for (int count = 0; count < 50; ++count)
    pass(duration{1'000});
  CAF_CHECK_EQUAL(deliveries().size(), 1u);
  CAF_CHECK_EQUAL(rows().begin()->second.attempts, 1);
}

CAF_TEST(an outbox that was started again delivers what was under way once more) {
  publish_told("told");
  world.store_order("o1", "told");
  auto first = start_outbox();
  perform_told("o1");
  const auto id = deliveries().front().id;
  deliveries().clear();
  caf::anon_send_exit(first, caf::exit_reason::kill);
  handle();
  start_outbox();
  CAF_REQUIRE_EQUAL(deliveries().size(), 1u);
  CAF_CHECK_EQUAL(deliveries().front().id, id);
}

CAF_TEST(the outbox goes on after failed reads and unknown commits) {
  publish_told("told");
  world.store_order("o1", "told");
  perform_told("o1");
  world.store.inside().is_read_refused = [](std::size_t) { return true; };
  start_outbox();
  world.store.inside().is_read_refused = {};
  pass(duration{500});
  CAF_REQUIRE_EQUAL(deliveries().size(), 1u);
  world.store.inside().fate = [](std::size_t, auto) { return commit_fate::unknown_done; };
  deliver(true);
  world.store.inside().fate = {};
  for (int count = 0; count < 10; ++count) {
    pass(duration{1'000});
    while (!deliveries().empty())
      deliver(true);
  }
  CAF_CHECK(rows().empty());
}

// ---------------------------------------------------------------- registry

CAF_TEST(what is published is durable and known before the answer) {
  const auto registry = start_registry();
  auto done = asked<publish_answer>(registry, definition("a"));
  CAF_REQUIRE(done.value);
  CAF_CHECK(done.value->is_new);
  CAF_CHECK_EQUAL(done.value->record.version, 1);
  CAF_CHECK_EQUAL(world.store.content().published.size(), 1u);
  CAF_CHECK(world.with.catalogue->find("a") != nullptr);
  CAF_CHECK(!asked<publish_answer>(registry, definition("a")).value->is_new);
  CAF_CHECK_EQUAL(asked<publish_answer>(registry, definition("a", "b")).value->record.version, 2);
}

CAF_TEST(versions are without gaps however many publish at once) {
  const auto registry = start_registry();
  for (int number = 0; number < 10; ++number)
    self->send(registry, definition("a", std::to_string(number)));
  handle();
  std::set<int> versions;
  for (int number = 0; number < 10; ++number)
    self->receive([&](const publish_answer& done) { versions.insert(done.value->record.version); },
                  [](const caf::error& reason) { CAF_FAIL(reason); });
  CAF_CHECK_EQUAL(versions.size(), 10u);
  CAF_CHECK_EQUAL(*versions.rbegin(), 10);
}

CAF_TEST(a bad definition is refused and nothing happens) {
  const auto registry = start_registry();
  auto bad = definition("a");
  bad.document["states"] = json::array();
  auto done = asked<publish_answer>(registry, bad);
  CAF_REQUIRE(!done.value);
  CAF_CHECK(done.value.error().code == errc::invalid_blueprint);
  CAF_CHECK(world.store.content().published.empty());
}

CAF_TEST(when the store is away publishing is refused and can be repeated) {
  const auto registry = start_registry();
  world.store.inside().fate = [](std::size_t, auto) { return commit_fate::refused; };
  CAF_CHECK(asked<publish_answer>(registry, definition("a")).value.error().code == errc::not_ready);
  CAF_CHECK(world.with.catalogue->find("a") == nullptr);
  world.store.inside().fate = {};
  pass(duration{2'000});
  CAF_CHECK_EQUAL(asked<publish_answer>(registry, definition("a")).value->record.version, 1);
}

CAF_TEST(when nobody knows whether it is durable it is read and not published twice) {
  const auto registry = start_registry();
  world.store.inside().fate = [](std::size_t, auto) { return commit_fate::unknown_done; };
  CAF_CHECK(asked<publish_answer>(registry, definition("a")).value.error().code == errc::outcome_unknown);
  world.store.inside().fate = {};
  handle();
  CAF_CHECK(world.with.catalogue->find("a") != nullptr);
  CAF_CHECK(!asked<publish_answer>(registry, definition("a")).value->is_new);
}

CAF_TEST(a registry that is started again knows what is durable and leaves out what cannot be read) {
  auto registry = start_registry();
  asked<publish_answer>(registry, definition("a"));
  caf::anon_send_exit(registry, caf::exit_reason::kill);
  handle();
  auto broken = world.store.content().published.front();
  broken.id = "broken";
  broken.definition = json::object();
  world.store.content().published.push_back(broken);
  world.with.catalogue = std::make_shared<blueprint::catalogue>();
  registry = start_registry();
  CAF_CHECK(world.with.catalogue->find("a") != nullptr);
  CAF_CHECK(world.with.catalogue->find("broken") == nullptr);
  CAF_CHECK_EQUAL(asked<publish_answer>(registry, definition("b")).value->record.version, 1);
}

// ---------------------------------------------------------------- reader

CAF_TEST(the reader answers errors as values and opens the store when it can) {
  world.publish(waiting_blueprint("wait"));
  world.store_order("o1", "wait");
  CAF_CHECK(asked<order_answer>(reader, read_order{"o1"}).value.has_value());
  CAF_CHECK(asked<order_answer>(reader, read_order{"o2"}).value.error().code == errc::unknown_order);
  world.store.inside().is_openable = false;
  const auto late = keep(
      sys.spawn<reader_actor::stateful_impl<reader_state>>(world.with, [this] { return world.store.open_reader(); }));
  CAF_CHECK(asked<order_answer>(late, read_order{"o1"}).value.error().code == errc::not_ready);
  world.store.inside().is_openable = true;
  CAF_CHECK(asked<order_answer>(late, read_order{"o1"}).value.has_value());
  CAF_CHECK_EQUAL(asked<history_answer>(late, read_history{"o1", {}}).value->items.size(),
                  world.row("o1").history.size());
}

CAF_TEST_FIXTURE_SCOPE_END()
