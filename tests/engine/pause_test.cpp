#define CAF_SUITE engine_pause

#include "tests/engine/checks.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

json waiting() {
  json document = around_actions(json::array());
  document["transitions"][0]["trigger"] = {{"type", "manual"}, {"event", "go"}};
  document["transitions"].push_back({{"transitionId", "late"},
                                     {"from", "work"},
                                     {"to", "error"},
                                     {"trigger", {{"type", "time"}, {"after", "PT1H"}}}});
  return document;
}

json two_calls(const json& more = json::object()) {
  return around_actions(json::array({webhook("call", more), webhook("next")}));
}

auto pause(performance& one) {
  return one.give(engine::pause_order{"operator"});
}
auto resume(performance& one) {
  return one.give(engine::resume_order{"operator"});
}

engine::complete_action answer() {
  engine::complete_action outcome;
  outcome.visit = 1;
  outcome.action = "call";
  outcome.response = json{{"status", 200}, {"headers", json::object()}, {"body", nullptr}};
  outcome.by = "node:test";
  return outcome;
}

} // namespace

CAF_TEST(a pending order is paused and begins when it is resumed) {
  performance one(two_calls());
  CAF_REQUIRE(one.submit());
  CAF_REQUIRE(pause(one));
  CAF_CHECK_EQUAL(one.status(), "paused");
  CAF_CHECK(std::holds_alternative<engine::park>(one.due()));
  CAF_REQUIRE(resume(one));
  CAF_CHECK_EQUAL(one.status(), "pending");
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "completed");
  CAF_CHECK_EQUAL(one.events("order_paused")[0].by, "operator");
  CAF_CHECK_EQUAL(one.events("order_resumed")[0].by, "operator");
}

CAF_TEST(no time trigger fires in a paused order and an overdue one fires when it is resumed) {
  auto one = begun(waiting());
  CAF_REQUIRE(pause(one));
  CAF_CHECK_EQUAL(one.status(), "paused");
  CAF_CHECK(!engine::earliest_due(one.order));
  one.now += duration{7'200'000};
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "paused");
  CAF_CHECK_EQUAL(code(one.give(engine::resume_after_wait{"node:test"})), "not_possible");
  CAF_REQUIRE(resume(one));
  CAF_CHECK_EQUAL(one.status(), "waiting");
  one.perform();
  CAF_CHECK_EQUAL(one.order.state, "error");
  CAF_CHECK_EQUAL(one.events("timer_fired").size(), 1u);
}

CAF_TEST(an event for a paused order waits until it is resumed) {
  auto one = begun(waiting());
  CAF_REQUIRE(pause(one));
  auto sent = one.send("go");
  CAF_REQUIRE(sent);
  CAF_CHECK(sent->deferred);
  CAF_CHECK_EQUAL(one.status(), "paused");
  CAF_REQUIRE(resume(one));
  CAF_CHECK_EQUAL(one.status(), "completed");
  CAF_CHECK_EQUAL(one.events("event_taken").size(), 1u);
}

CAF_TEST(an event that proves impossible on resuming is refused and the order goes on waiting) {
  auto one = begun(waiting());
  CAF_REQUIRE(pause(one));
  CAF_REQUIRE(one.send("unknown"));
  CAF_REQUIRE(resume(one));
  CAF_CHECK_EQUAL(one.status(), "waiting");
  CAF_CHECK_EQUAL(one.events("event_refused").size(), 1u);
  CAF_CHECK(engine::earliest_due(one.order).has_value());
}

CAF_TEST(pausing awaits the try that is under way and begins nothing after it) {
  auto one = begun(two_calls());
  CAF_REQUIRE(pause(one));
  CAF_CHECK_EQUAL(one.status(), "active");
  CAF_CHECK(std::holds_alternative<engine::pause_when_free>(one.due()));
  CAF_CHECK_EQUAL(code(pause(one)), "not_possible");
  CAF_REQUIRE(one.give(answer()));
  CAF_CHECK_EQUAL(one.status(), "paused");
  CAF_CHECK_EQUAL(one.told(), "order_submitted state_entered pause_requested action_completed order_paused");
  CAF_REQUIRE(resume(one));
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "completed");
  CAF_CHECK_EQUAL(one.calls.size(), 1u);
}

CAF_TEST(a try that fails while the order is being paused is repeated after it is resumed) {
  auto one = begun(two_calls({{"retryCount", 1}, {"retryDelay", "PT1M"}}));
  CAF_REQUIRE(pause(one));
  auto outcome = answer();
  outcome.response = {};
  outcome.error = "timeout";
  CAF_REQUIRE(one.give(outcome));
  CAF_CHECK_EQUAL(one.status(), "paused");
  CAF_REQUIRE(resume(one));
  CAF_CHECK_EQUAL(one.status(), "waiting");
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "completed");
  CAF_CHECK_EQUAL(one.calls[0].attempt, 2);
}

CAF_TEST(a pause that a crash interrupted ends paused and the try is made after it) {
  auto one = begun(two_calls());
  CAF_REQUIRE(pause(one));
  one.order = engine::fold(one.history);
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "paused");
  CAF_CHECK(one.calls.empty());
  CAF_REQUIRE(resume(one));
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "completed");
  CAF_CHECK_EQUAL(one.calls.size(), 2u);
}

CAF_TEST(a pause can be taken back before the try is over) {
  auto one = begun(two_calls());
  CAF_REQUIRE(pause(one));
  CAF_REQUIRE(resume(one));
  CAF_REQUIRE(one.give(answer()));
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "completed");
}

CAF_TEST(a failure that ends the order while it is being paused ends it) {
  auto one = begun(around_actions(json::array({webhook("call", {{"onError", "escalate"}})})));
  CAF_REQUIRE(pause(one));
  auto outcome = answer();
  outcome.response = json{{"status", 500}, {"headers", json::object()}, {"body", nullptr}};
  CAF_REQUIRE(one.give(outcome));
  CAF_CHECK_EQUAL(one.status(), "escalated");
  CAF_CHECK_EQUAL(code(pause(one)), "not_possible");
}

CAF_TEST(a paused order is cancelled at once) {
  auto one = begun(waiting());
  CAF_REQUIRE(pause(one));
  CAF_REQUIRE(one.cancel());
  CAF_CHECK_EQUAL(one.status(), "cancelled");
  CAF_CHECK_EQUAL(code(resume(one)), "not_possible");
  CAF_CHECK_EQUAL(code(pause(one)), "not_possible");
}

CAF_TEST(only what is paused is resumed) {
  auto one = begun(waiting());
  CAF_CHECK_EQUAL(code(resume(one)), "not_possible");
  CAF_REQUIRE(pause(one));
  CAF_CHECK_EQUAL(code(pause(one)), "not_possible");
  CAF_CHECK_EQUAL(code(one.reprocess("start")), "not_possible");
}
