#define CAF_SUITE engine_resolve

#include "tests/engine/checks.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

/// The action `call` fails and escalates; `next` follows.
performance escalated(const json& more = json::object()) {
  json call = webhook("call", {{"onError", "escalate"}, {"save", {{"x", "response.body.x"}}}});
  call.update(more);
  performance one(around_actions(json::array({call, webhook("next")})));
  one.answer("call", 500).answer("call", 200, {{"x", 1}}).run();
  CAF_REQUIRE_EQUAL(one.status(), "escalated");
  return one;
}

auto resolve(performance& one, const std::string& decision, const std::string& state = {}) {
  return one.give(engine::resolve_order{decision, state, "because", "operator"});
}

} // namespace

CAF_TEST(retry makes the try once more with the same key and fresh retries) {
  auto one = escalated();
  CAF_REQUIRE(resolve(one, "retry"));
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "completed");
  CAF_REQUIRE_EQUAL(one.calls.size(), 3u);
  CAF_CHECK_EQUAL(one.calls[0].key(), one.calls[1].key());
  CAF_CHECK_EQUAL(one.calls[1].attempt, 1);
  CHECK_JSON(one.order.data->at("x"), 1);
}

CAF_TEST(the history keeps who decided what and why) {
  auto one = escalated();
  CAF_REQUIRE(resolve(one, "retry"));
  const auto said = one.events("resolved");
  CAF_REQUIRE_EQUAL(said.size(), 1u);
  CAF_CHECK_EQUAL(said[0].by, "operator");
  CHECK_JSON(said[0].data["decision"], "retry");
  CHECK_JSON(said[0].data["comment"], "because");
}

CAF_TEST(proceed passes over the action that failed) {
  auto one = escalated();
  CAF_REQUIRE(resolve(one, "proceed"));
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "completed");
  CAF_CHECK_EQUAL(one.calls.size(), 2u);
  CAF_CHECK_EQUAL(one.calls[1].action, "next");
  CHECK_JSON(one.last("resolved")["skipped"], "call");
}

CAF_TEST(goto enters the state that is named) {
  auto one = escalated();
  CAF_REQUIRE(resolve(one, "goto", "done"));
  CAF_CHECK_EQUAL(one.status(), "completed");
  CAF_CHECK_EQUAL(one.order.state, "done");
  auto wrong = escalated();
  CAF_CHECK_EQUAL(pointers(resolve(wrong, "goto", "nowhere")), "/state");
  CAF_CHECK_EQUAL(pointers(resolve(wrong, "goto")), "/state");
  CAF_CHECK_EQUAL(pointers(resolve(wrong, "retry", "done")), "/state");
  CAF_CHECK_EQUAL(wrong.status(), "escalated");
}

CAF_TEST(goto refuses a state that the data is invalid for) {
  json document = around_actions(json::array({webhook("call", {{"onError", "escalate"}})}));
  document["states"][1]["data"]["schema"] = {{"required", {"missing"}}};
  performance one(document);
  one.answer("call", 500).run();
  CAF_CHECK_EQUAL(pointers(resolve(one, "goto", "done")), "/state");
  CAF_CHECK_EQUAL(one.last("resolved").dump(), "null");
}

CAF_TEST(abort fails the state with the error that was escalated) {
  auto one = escalated();
  CAF_REQUIRE(resolve(one, "abort"));
  CAF_CHECK_EQUAL(one.status(), "failed");
  CAF_CHECK_EQUAL(one.order.state, "error");
  CAF_CHECK_EQUAL(one.order.error->code, "http_500");
}

CAF_TEST(only an escalated order is resolved and only with a decision) {
  auto one = escalated();
  CAF_CHECK_EQUAL(pointers(resolve(one, "perhaps")), "/decision");
  CAF_REQUIRE(resolve(one, "abort"));
  CAF_CHECK_EQUAL(code(resolve(one, "retry")), "not_possible");
}

CAF_TEST(a time - out of a state that was escalated is resolved) {
  json document = around_actions(json::array());
  document["transitions"][0]["trigger"] = "manual";
  document["states"][0]["timeout"] = "PT1H";
  document["states"][0]["onTimeout"] = "escalate";
  const auto late = [&] {
    performance one(document);
    one.run();
    CAF_REQUIRE_EQUAL(one.status(), "escalated");
    return one;
  };
  auto again = late();
  CAF_REQUIRE(resolve(again, "retry"));
  CAF_CHECK_EQUAL(again.status(), "waiting");
  CAF_CHECK_EQUAL(again.order.visit, 2);
  CAF_CHECK(engine::earliest_due(again.order) == again.now + duration{3'600'000});
  auto on = late();
  CAF_REQUIRE(resolve(on, "proceed"));
  CAF_CHECK_EQUAL(on.status(), "waiting");
  CAF_CHECK(!engine::earliest_due(on.order));
  CAF_REQUIRE(on.send("finish"));
  CAF_CHECK_EQUAL(on.status(), "completed");
  auto failed = late();
  CAF_REQUIRE(resolve(failed, "abort"));
  CAF_CHECK_EQUAL(failed.order.state, "error");
}

CAF_TEST(a time - out of the order that was escalated is resolved) {
  json document = around_actions(json::array({webhook("call", {{"retryCount", 3}, {"retryDelay", "PT40M"}})}));
  document["timeout"] = "PT1H";
  document["onTimeout"] = "escalate";
  performance one(document);
  one.answer("call", 503).run();
  CAF_CHECK_EQUAL(one.order.error->code, "order_timeout");
  CAF_REQUIRE(resolve(one, "retry"));
  CAF_CHECK_EQUAL(one.status(), "active");
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "escalated");
  CAF_REQUIRE(resolve(one, "proceed"));
  one.answer("call", 200);
  one.perform();
  CAF_CHECK_EQUAL(one.calls.size(), 6u);
  CAF_CHECK_EQUAL(one.status(), "completed");
}

CAF_TEST(a crash that was escalated is resolved) {
  performance one(around_actions(json::array({webhook("call"), webhook("next")})));
  CAF_REQUIRE(one.submit());
  CAF_REQUIRE(one.give(engine::escalate_crash{5, "supervisor"}));
  CAF_REQUIRE(resolve(one, "retry"));
  CAF_CHECK_EQUAL(one.status(), "pending");
  CAF_REQUIRE(one.step());
  CAF_REQUIRE(one.give(engine::escalate_crash{5, "supervisor"}));
  CAF_REQUIRE(resolve(one, "proceed"));
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "completed");
  CAF_CHECK_EQUAL(one.calls.size(), 1u);
}

CAF_TEST(an order beyond its visits goes on when it is told to) {
  json document = around_actions(json::array());
  document["limits"] = {{"visits", 3}};
  document["states"].push_back({{"stateId", "back"}, {"baseStateType", "intermediate"}});
  document["transitions"][0]["trigger"] = {{"type", "manual"}};
  document["transitions"].push_back(
      {{"transitionId", "round"}, {"from", "work"}, {"to", "back"}, {"condition", "true"}});
  document["transitions"].push_back(
      {{"transitionId", "again"}, {"from", "back"}, {"to", "work"}, {"condition", "true"}});
  performance one(document);
  one.run();
  CAF_CHECK_EQUAL(one.status(), "escalated");
  CAF_REQUIRE(resolve(one, "retry"));
  CAF_CHECK_EQUAL(one.status(), "escalated");
  CAF_CHECK_EQUAL(one.order.visits, 5);
  CAF_REQUIRE(resolve(one, "abort"));
  CAF_CHECK_EQUAL(one.status(), "failed");
}
