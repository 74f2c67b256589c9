#define CAF_SUITE engine_control

#include "tests/engine/checks.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

json called(const char* more = "{}") {
  return around_actions(json::array({webhook("call", json::parse(more)), webhook("next")}));
}

engine::complete_action answer(int attempt = 1) {
  engine::complete_action outcome;
  outcome.visit = 1;
  outcome.action = "call";
  outcome.attempt = attempt;
  outcome.response = json{{"status", 200}, {"headers", json::object()}, {"body", {{"x", 1}}}};
  outcome.by = "node:test";
  return outcome;
}

} // namespace

CAF_TEST(an order that has begun cannot begin) {
  auto one = begun(called());
  CAF_CHECK_EQUAL(code(one.give(engine::begin_order{"node:test"})), "not_possible");
}

CAF_TEST(a pending order is cancelled at once) {
  performance one(called());
  CAF_REQUIRE(one.submit());
  CAF_REQUIRE(one.cancel());
  CAF_CHECK_EQUAL(one.told(), "order_submitted cancel_requested cancelled order_ended");
  CAF_CHECK_EQUAL(one.status(), "cancelled");
  CAF_CHECK(!one.order.outcome);
  CAF_CHECK(std::holds_alternative<engine::rest>(one.due()));
}

CAF_TEST(a cancellation awaits the try that is under way and records its outcome) {
  auto one = begun(called(R"({ "save": { "x": "response.body.x" } })"));
  CAF_REQUIRE(one.cancel());
  CAF_CHECK_EQUAL(one.status(), "active");
  CAF_CHECK(std::holds_alternative<engine::cancel_when_free>(one.due()));
  CAF_CHECK_EQUAL(code(one.cancel()), "not_possible");
  CAF_CHECK_EQUAL(code(one.send("anything")), "event_not_possible");
  CAF_REQUIRE(one.give(answer()));
  CAF_CHECK_EQUAL(one.told(), "order_submitted state_entered cancel_requested action_completed cancelled order_ended");
  CHECK_JSON(one.order.data->at("x"), 1);
  CAF_CHECK_EQUAL(one.events("cancelled")[0].by, "canceller");
  CAF_CHECK(one.calls.empty());
}

CAF_TEST(a failed try under cancellation is not made again) {
  auto one = begun(called(R"({ "retryCount": 3 })"));
  CAF_REQUIRE(one.cancel());
  auto outcome = answer();
  outcome.response = {};
  outcome.error = "timeout";
  CAF_REQUIRE(one.give(outcome));
  CAF_CHECK_EQUAL(one.told(), "order_submitted state_entered cancel_requested action_failed cancelled order_ended");
}

CAF_TEST(a cancellation that a crash interrupted ends without another try) {
  auto one = begun(called());
  CAF_REQUIRE(one.cancel());
  one.order = engine::fold(one.history);
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "cancelled");
  CAF_CHECK(one.calls.empty());
  CAF_CHECK_EQUAL(code(one.give(engine::finish_cancel{"node:test"})), "not_possible");
}

CAF_TEST(a cancellation drops a retry that is waited for) {
  auto brief = begun(called(R"({ "retryCount": 3 })"));
  brief.fail("call", "timeout");
  brief.step();
  CAF_REQUIRE(std::holds_alternative<engine::wait_until>(brief.due()));
  CAF_REQUIRE(brief.cancel());
  CAF_CHECK_EQUAL(brief.status(), "cancelled");
  auto under_way = begun(called(R"({ "retryCount": 3 })"));
  under_way.fail("call", "timeout");
  under_way.step();
  under_way.now += duration{1000};
  CAF_REQUIRE(under_way.cancel());
  CAF_CHECK_EQUAL(under_way.status(), "active");
  CAF_REQUIRE(under_way.give(answer(2)));
  CAF_CHECK_EQUAL(under_way.status(), "cancelled");
  auto parked = begun(called(R"({ "retryCount": 3, "retryDelay": "PT1M" })"));
  parked.fail("call", "timeout");
  parked.step();
  CAF_CHECK_EQUAL(parked.status(), "waiting");
  CAF_REQUIRE(parked.cancel());
  CAF_CHECK_EQUAL(parked.status(), "cancelled");
}

CAF_TEST(waiting and escalated orders are cancelled at once and keep their error) {
  json document = around_actions(json::array());
  document["transitions"][0]["trigger"] = "manual";
  auto waiting = begun(document);
  CAF_REQUIRE(waiting.cancel());
  CAF_CHECK_EQUAL(waiting.status(), "cancelled");
  auto escalated = begun(called(R"({ "onError": "escalate" })"));
  escalated.answer("call", 500).perform();
  CAF_REQUIRE(escalated.cancel());
  CAF_CHECK_EQUAL(escalated.status(), "cancelled");
  CAF_CHECK_EQUAL(escalated.order.error->code, "http_500");
}

CAF_TEST(what has ended cannot be cancelled) {
  performance one(called());
  one.run();
  CAF_CHECK_EQUAL(code(one.cancel()), "not_possible");
}

CAF_TEST(performing that crashes too often is escalated) {
  auto one = begun(called());
  CAF_REQUIRE(one.give(engine::quarantine_order{5, "supervisor"}));
  CAF_CHECK(one.order.quarantined);
  CHECK_JSON(one.last("order_quarantined"), json({{"recoveries", 5}}));
  CAF_REQUIRE(one.give(engine::escalate_crash{6, "supervisor"}));
  CAF_CHECK_EQUAL(one.status(), "escalated");
  CAF_CHECK_EQUAL(one.order.error->code, "crashed");
  CAF_CHECK_EQUAL(one.order.error->action, "call");
  CAF_CHECK_EQUAL(code(one.give(engine::escalate_crash{6, "supervisor"})), "not_possible");
  CAF_CHECK_EQUAL(code(one.give(answer())), "conflict");
  CAF_REQUIRE(one.reprocess("failure"));
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "completed");
}

CAF_TEST(progress ends the quarantine) {
  auto one = begun(called());
  CAF_REQUIRE(one.give(engine::quarantine_order{5, "supervisor"}));
  CAF_REQUIRE(one.give(answer()));
  CAF_CHECK(!one.order.quarantined);
}
