#define CAF_SUITE engine_deadline

#include "tests/engine/checks.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

/// A state `work` with these entry actions that has an hour; it waits for the event `answer` afterwards.
json bounded(const json& on_timeout, const json& actions = json::array(), const json& errors = {"state_timeout"}) {
  json result = json::parse(R"({
    "stateMachineId": "bounded",
    "globalErrorHandler": { "notify": { "webhook": { "url": "http://service/told" } } },
    "states": [ { "stateId": "work", "baseStateType": "initial", "timeout": "PT1H" },
                { "stateId": "done", "baseStateType": "final" },
                { "stateId": "error", "baseStateType": "final", "outcome": "error" } ],
    "transitions": [ { "transitionId": "answer", "from": "work", "to": "done", "trigger": "manual" } ] })");
  if (!on_timeout.is_null()) result["states"][0]["onTimeout"] = on_timeout;
  result["states"][0]["entryActions"] = actions;
  if (errors.empty())
    result["states"].erase(2);
  else
    result["transitions"].push_back({{"transitionId", "fail"},
                                     {"from", "work"},
                                     {"to", "error"},
                                     {"trigger", {{"type", "error"}, {"errors", errors}}}});
  return result;
}

json order_bounded(const json& on_timeout, const json& actions = json::array()) {
  json result = bounded(nullptr, actions, {"order_timeout"});
  result["states"][0].erase("timeout");
  result["timeout"] = "PT1H";
  if (!on_timeout.is_null()) result["onTimeout"] = on_timeout;
  return result;
}

constexpr duration hour{3'600'000};

} // namespace

CAF_TEST(a stay that takes too long fails the state) {
  auto one = begun(bounded(nullptr));
  CAF_CHECK(engine::earliest_due(one.order) == one.now + hour);
  one.perform();
  CAF_CHECK_EQUAL(one.told(), "order_submitted state_entered order_waiting state_timed_out policy_applied state_failed "
                              "transition_taken state_left state_entered order_ended");
  CAF_CHECK_EQUAL(one.order.error->code, "state_timeout");
  CAF_CHECK_EQUAL(one.events("state_timed_out")[0].by, "timer");
  CAF_CHECK_EQUAL(one.order.state, "error");
}

CAF_TEST(timeout in an error transition stands for the time-out of a state) {
  auto one = begun(bounded("abort", json::array(), {"timeout"}));
  one.perform();
  CAF_CHECK_EQUAL(one.order.state, "error");
}

CAF_TEST(leaving the state in time ends its bound) {
  auto one = begun(bounded("abort"));
  CAF_REQUIRE(one.send("answer"));
  CAF_CHECK(!engine::deadline(one.order));
  CAF_CHECK_EQUAL(one.status(), "completed");
}

CAF_TEST(a try gets no more time than is left to the state and what it comes to is the time - out of the state) {
  auto one = begun(bounded("abort", json::array({webhook("call", {{"timeout", "PT2H"}, {"retryCount", 5}})})));
  one.fail("call", "timeout").call_time = hour;
  one.step();
  CAF_REQUIRE_EQUAL(one.calls.size(), 1u);
  CAF_CHECK(one.calls[0].call.timeout == hour);
  CAF_CHECK_EQUAL(one.told(), "order_submitted state_entered action_failed state_timed_out policy_applied state_failed "
                              "transition_taken state_left state_entered order_ended");
}

CAF_TEST(nothing is sent once the time of the state is over) {
  auto one = begun(bounded("abort", json::array({webhook("call")})));
  one.now += hour + duration{1};
  one.perform();
  CAF_CHECK(one.calls.empty());
  CAF_CHECK_EQUAL(one.order.error->code, "state_timeout");
}

CAF_TEST(a retry that is waited for ends with the time of the state) {
  auto one = begun(bounded("abort", json::array({webhook("call", {{"retryCount", 5}, {"retryDelay", "PT2H"}})})));
  one.answer("call", 503);
  one.perform();
  CAF_CHECK_EQUAL(one.calls.size(), 1u);
  CAF_CHECK_EQUAL(one.order.error->code, "state_timeout");
  CAF_CHECK(one.events("retry_begun").empty());
}

CAF_TEST(a short retry beyond the time of the state parks the order) {
  json document = bounded("abort", json::array({webhook("call", {{"retryCount", 5}, {"retryDelay", "PT0.5S"}})}));
  document["states"][0]["timeout"] = "PT0.3S";
  auto one = begun(document);
  one.answer("call", 503);
  one.step();
  CAF_CHECK_EQUAL(one.status(), "waiting");
  one.perform();
  CAF_CHECK_EQUAL(one.order.error->code, "state_timeout");
}

CAF_TEST(retry enters the state again as often as its retryCount says) {
  json document = bounded("retry");
  document["states"][0]["retryCount"] = 2;
  auto one = begun(document);
  one.perform();
  CAF_CHECK_EQUAL(one.events("state_timed_out").size(), 3u);
  CAF_CHECK_EQUAL(one.order.visits, 4);
  CAF_CHECK_EQUAL(one.order.state, "error");
  auto three = begun(bounded(json::array({"retry", "abort"})));
  three.perform();
  CAF_CHECK_EQUAL(three.events("state_timed_out").size(), 4u);
}

CAF_TEST(an answer after a repeated stay still counts) {
  auto one = begun(bounded("retry"));
  CAF_REQUIRE(one.step());
  CAF_CHECK_EQUAL(one.status(), "waiting");
  CAF_CHECK_EQUAL(one.order.visit, 2);
  CAF_REQUIRE(one.send("answer"));
  CAF_CHECK_EQUAL(one.status(), "completed");
}

CAF_TEST(notify tells and then takes the error transition that names the time - out) {
  auto one = begun(bounded("notify"));
  one.perform();
  CAF_CHECK_EQUAL(one.order.state, "error");
  CAF_REQUIRE_EQUAL(one.notifications.size(), 1u);
  CHECK_JSON(one.notifications[0]["type"], "order.notified");
  CHECK_JSON(one.notifications[0]["data"]["error"]["code"], "state_timeout");
}

CAF_TEST(notify leaves a state waiting that has no way for the time-out) {
  for (const json& errors : {json::array(), json{"*"}}) {
    auto one = begun(bounded("notify", json::array(), errors));
    one.perform();
    CAF_CHECK_EQUAL(one.status(), "waiting");
    CAF_CHECK_EQUAL(one.notifications.size(), 1u);
    CAF_REQUIRE(one.send("answer"));
    CAF_CHECK_EQUAL(one.status(), "completed");
  }
}

CAF_TEST(notify aborts a state whose actions take too long) {
  auto one = begun(bounded("notify", json::array({webhook("call")}), {"*"}));
  one.now += hour;
  one.perform();
  CAF_CHECK_EQUAL(one.order.state, "error");
}

CAF_TEST(proceed goes on as if the actions had succeeded) {
  auto one = begun(bounded("proceed", json::array({webhook("call"), webhook("next")})));
  one.fail("call", "timeout").call_time = hour;
  one.step();
  CAF_CHECK_EQUAL(one.status(), "waiting");
  CAF_CHECK_EQUAL(one.calls.size(), 1u);
  CAF_CHECK(!engine::earliest_due(one.order));
  CAF_REQUIRE(one.send("answer"));
  CAF_CHECK_EQUAL(one.status(), "completed");
}

CAF_TEST(escalate waits for an operator and nothing fires meanwhile) {
  auto one = begun(bounded("escalate"));
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "escalated");
  CAF_CHECK_EQUAL(one.order.error->code, "state_timeout");
  CAF_CHECK(!engine::earliest_due(one.order));
}

CAF_TEST(the policies of the blueprint hold for a state that names none) {
  json document = bounded(nullptr);
  document["globalErrorHandler"]["onTimeout"] = "escalate";
  auto one = begun(document);
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "escalated");
}

CAF_TEST(a state with nothing but a time-out waits for it) {
  json document = bounded("abort");
  document["transitions"][0]["trigger"] = {{"type", "error"}, {"errors", {"never"}}};
  auto one = begun(document);
  CAF_CHECK_EQUAL(one.status(), "waiting");
  one.perform();
  CAF_CHECK_EQUAL(one.order.error->code, "state_timeout");
}

CAF_TEST(an order that takes too long fails where it stands) {
  auto one = begun(order_bounded(nullptr));
  one.perform();
  CAF_CHECK_EQUAL(one.order.state, "error");
  CAF_CHECK_EQUAL(one.order.error->code, "order_timeout");
  CAF_CHECK_EQUAL(one.events("order_timed_out").size(), 1u);
  auto busy =
      begun(order_bounded("abort", json::array({webhook("call", {{"retryCount", 9}, {"retryDelay", "PT30M"}})})));
  busy.answer("call", 503).perform();
  CAF_CHECK_EQUAL(busy.order.error->code, "order_timeout");
  CAF_CHECK_EQUAL(busy.calls.size(), 2u);
}

CAF_TEST(the bound on an order begins with its first state and holds over all) {
  json document = order_bounded("abort");
  document["states"].push_back({{"stateId", "second"}, {"baseStateType", "intermediate"}});
  document["transitions"][0]["to"] = "second";
  document["transitions"].push_back(
      {{"transitionId", "end"}, {"from", "second"}, {"to", "done"}, {"trigger", "manual"}});
  performance one(document);
  CAF_REQUIRE(one.submit());
  one.now += hour;
  CAF_REQUIRE(one.step());
  const auto begin = one.now;
  one.now += duration{1'800'000};
  CAF_REQUIRE(one.send("answer"));
  CAF_CHECK(engine::earliest_due(one.order) == begin + hour);
  one.perform();
  CAF_CHECK_EQUAL(one.order.error->code, "order_timeout");
  CAF_CHECK_EQUAL(one.status(), "failed");
}

CAF_TEST(a new run has its time again) {
  auto one = begun(order_bounded("abort"));
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "failed");
  for (const char* from : {"start", "failure", "work"}) {
    CAF_REQUIRE(one.reprocess(from));
    CAF_CHECK_EQUAL(one.status(), "waiting");
    CAF_CHECK(engine::earliest_due(one.order) == one.now + hour);
    one.perform();
    CAF_CHECK_EQUAL(one.status(), "failed");
  }
  auto stay = begun(bounded("abort"));
  stay.perform();
  CAF_REQUIRE(stay.reprocess("failure"));
  CAF_CHECK(engine::earliest_due(stay.order) == stay.now + hour);
}

CAF_TEST(an order that is late is told of and goes on waiting) {
  json document = order_bounded("notify");
  document["transitions"].erase(1);
  document["states"].erase(2);
  auto one = begun(document);
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "waiting");
  CAF_CHECK_EQUAL(one.notifications.size(), 1u);
  CAF_REQUIRE(one.send("answer"));
  CAF_CHECK_EQUAL(one.status(), "completed");
}
