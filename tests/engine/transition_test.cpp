#define CAF_SUITE engine_transition

#include "tests/engine/checks.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

json loop(const char* condition, int visits = 1000) {
  json result = json::parse(R"({
    "stateMachineId": "loop",
    "states": [ { "stateId": "count", "baseStateType": "initial",
                  "entryActions": [ { "actionId": "add", "set": { "n": "(data.n || 0) + 1" } } ] },
                { "stateId": "done", "baseStateType": "final" } ],
    "transitions": [ { "transitionId": "again", "from": "count", "to": "count", "priority": 1 },
                     { "transitionId": "end", "from": "count", "to": "done" } ] })");
  result["transitions"][0]["condition"] = condition;
  result["limits"] = {{"visits", visits}};
  return result;
}

} // namespace

CAF_TEST(exit actions run before the state is left and those of the transition between) {
  json document = around_actions(json::array({webhook("enter")}));
  document["states"][0]["exitActions"] = json::array({webhook("leave")});
  document["transitions"][0]["actions"] = json::array({webhook("between")});
  performance one(document);
  one.run();
  CAF_CHECK_EQUAL(one.told(),
                  "order_submitted state_entered action_completed transition_taken action_completed state_left "
                  "action_completed state_entered order_ended");
  CAF_REQUIRE_EQUAL(one.calls.size(), 3u);
  CAF_CHECK_EQUAL(one.calls[0].key(), "order-1/1/enter");
  CAF_CHECK_EQUAL(one.calls[1].key(), "order-1/1/exit/leave");
  CAF_CHECK_EQUAL(one.calls[2].key(), "order-1/1/transition/between");
  CHECK_JSON(one.events("action_completed")[1].data["kind"], "exit");
  CHECK_JSON(one.events("action_completed")[2].data["kind"], "transition");
}

CAF_TEST(a crash in the middle of a transition goes on where it was) {
  json document = around_actions(json::array());
  document["states"][0]["exitActions"] = json::array({webhook("leave")});
  document["transitions"][0]["actions"] = json::array({webhook("between")});
  performance one(document);
  CAF_REQUIRE(one.submit());
  one.step();
  for (const char* expected : {"leave", "between"}) {
    one.order = engine::order_from_json(engine::to_json(engine::fold(one.history)));
    auto due = one.due();
    auto* wanted = std::get_if<engine::perform_action>(&due);
    CAF_REQUIRE(wanted);
    CAF_CHECK_EQUAL(wanted->action, expected);
    one.step();
  }
  CAF_CHECK_EQUAL(one.status(), "completed");
}

CAF_TEST(an exit action that fails fails the state that is being left and is not run again) {
  json document = around_actions(json::array());
  document["states"][0]["exitActions"] = json::array({webhook("before"), webhook("leave")});
  performance one(document);
  one.answer("leave", 500).run();
  CAF_CHECK_EQUAL(one.order.state, "error");
  CAF_CHECK_EQUAL(one.calls.size(), 2u);
  CAF_CHECK_EQUAL(
      one.told(),
      "order_submitted state_entered transition_taken action_completed action_failed policy_applied state_failed "
      "transition_taken state_left state_entered order_ended");
}

CAF_TEST(a transition action that fails fails the state that was left) {
  json document = around_actions(json::array());
  document["transitions"][0]["actions"] = json::array({webhook("between")});
  performance one(document);
  one.answer("between", 500).run();
  CAF_CHECK_EQUAL(one.order.state, "error");
  CAF_CHECK_EQUAL(one.events("state_left").size(), 1u);
  CAF_CHECK_EQUAL(one.order.error->state, "work");
}

CAF_TEST(automatic transitions are tried by priority and then by order of writing) {
  json document = json::parse(R"({
    "stateMachineId": "choice",
    "states": [ { "stateId": "s", "baseStateType": "initial" }, { "stateId": "a", "baseStateType": "final" },
                { "stateId": "b", "baseStateType": "final" }, { "stateId": "c", "baseStateType": "final" } ],
    "transitions": [ { "transitionId": "ta", "from": "s", "to": "a", "condition": "data.n > 0" },
                     { "transitionId": "tb", "from": "s", "to": "b", "condition": "data.n > 1", "priority": 2 },
                     { "transitionId": "tc", "from": "s", "to": "c" } ] })");
  auto end = [&](int n) {
    performance one(document);
    return one.run({{"n", n}}).order.state;
  };
  CAF_CHECK_EQUAL(end(2), "b");
  CAF_CHECK_EQUAL(end(1), "a");
  CAF_CHECK_EQUAL(end(0), "c");
}

CAF_TEST(each stay in a state is a visit with keys of its own) {
  json document = loop("data.n < 3");
  document["states"][0]["entryActions"].push_back(webhook("call"));
  performance one(document);
  one.run();
  CAF_REQUIRE_EQUAL(one.calls.size(), 3u);
  CAF_CHECK_EQUAL(one.calls[0].key(), "order-1/1/call");
  CAF_CHECK_EQUAL(one.calls[2].key(), "order-1/3/call");
  CAF_CHECK_EQUAL(one.order.visit, 4);
}

CAF_TEST(an order that enters too many states is escalated) {
  performance one(loop("data.n < 100", 10));
  one.run();
  CAF_CHECK_EQUAL(one.status(), "escalated");
  CAF_CHECK_EQUAL(one.order.error->code, "visits_exceeded");
  CAF_CHECK_EQUAL(one.order.visit, 10);
}

CAF_TEST(one decision is bounded and the order goes on with the next) {
  performance one(loop("data.n < 900"));
  CAF_REQUIRE(one.submit());
  std::size_t most = 0;
  int decisions = 0;
  while (!engine::is_final(one.order.status)) {
    const std::size_t before = one.history.size();
    CAF_REQUIRE(one.step());
    most = std::max(most, one.history.size() - before);
    ++decisions;
  }
  CAF_CHECK_EQUAL(one.order.visit, 901);
  CAF_CHECK(most < 300);
  CAF_CHECK(decisions > 10);
  CAF_CHECK_EQUAL(code(one.give(engine::continue_order{"node:test"})), "not_possible");
}
