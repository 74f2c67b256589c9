#define CAF_SUITE engine_failure

#include "tests/engine/checks.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

json failing(const char* error_transitions, const char* more_states = "[]") {
  json result = around_actions(json::array({webhook("call")}));
  result["transitions"].erase(1);
  for (auto& each : json::parse(error_transitions))
    result["transitions"].push_back(each);
  for (auto& each : json::parse(more_states))
    result["states"].push_back(each);
  const bool leads_to_error = result["transitions"].dump().find(R"("to":"error")") != std::string::npos;
  if (!leads_to_error) result["states"].erase(2); // a state that cannot be reached is refused
  return result;
}

performance failed(const json& document, int status = 503) {
  performance one(document);
  one.answer("call", status).run({{"amount", 5}});
  return one;
}

const char* other_final = R"([ { "stateId": "other", "baseStateType": "final", "outcome": "partial" } ])";

} // namespace

CAF_TEST(a transition that names the code is taken before onFailed and that before the star) {
  json document = failing(
      R"([ { "transitionId": "star", "from": "work", "to": "error", "trigger": { "type": "error", "errors": ["*"] } },
                               { "transitionId": "named", "from": "work", "to": "other", "trigger": { "type": "error", "errors": ["http_503"] } } ])",
      other_final);
  CAF_CHECK_EQUAL(failed(document).order.state, "other");
  CAF_CHECK_EQUAL(failed(document, 404).order.state, "error");
  document["states"][0]["onFailed"] = "done";
  CAF_CHECK_EQUAL(failed(document).order.state, "other");
  auto one = failed(document, 404);
  CAF_CHECK_EQUAL(one.order.state, "done");
  CHECK_JSON(one.last("transition_taken")["transition"], nullptr);
  CHECK_JSON(one.last("state_entered")["transition"], nullptr);
  CAF_CHECK_EQUAL(one.status(), "completed");
  CAF_CHECK_EQUAL(one.order.error->code, "http_404");
}

CAF_TEST(patterns name the codes of their class and a condition chooses) {
  json document = failing(
      R"([ { "transitionId": "conditional", "from": "work", "to": "done", "condition": "error.code == 'http_500'",
                                 "trigger": { "type": "error", "errors": ["http_5xx"] } },
                               { "transitionId": "class", "from": "work", "to": "other", "trigger": { "type": "error", "errors": ["http_5xx"] } } ])",
      other_final);
  CAF_CHECK_EQUAL(failed(document, 500).order.state, "done");
  CAF_CHECK_EQUAL(failed(document, 503).order.state, "other");
  CAF_CHECK_EQUAL(failed(document, 404).order.state, "work");
}

CAF_TEST(an order whose failure nothing handles is failed with the outcome error) {
  auto one = failed(failing(
      R"([ { "transitionId": "named", "from": "work", "to": "error", "trigger": { "type": "error", "errors": ["timeout"] } } ])"));
  CAF_CHECK_EQUAL(one.status(), "failed");
  CAF_CHECK_EQUAL(*one.order.outcome, "error");
  CAF_CHECK_EQUAL(one.order.state, "work");
  CAF_CHECK_EQUAL(one.order.error->code, "http_503");
  CAF_CHECK_EQUAL(one.told(), "order_submitted state_entered action_failed policy_applied state_failed order_ended");
}

CAF_TEST(the data of an error are cut to the target and never have an empty message) {
  json document = around_actions(json::array({webhook("call")}));
  document["states"][2]["data"] = json::parse(R"({ "schema": { "properties": {
    "errorCode": { "type": "string" }, "errorMessage": { "type": "string", "minLength": 1 }, "errorTimestamp": { "format": "date-time" },
    "failedState": { "const": "work" }, "failedAction": { "type": "string" } }, "required": ["errorCode", "errorMessage", "failedAction"] } })");
  performance one(document);
  one.fail("call", "connection_failed", "").run({{"amount", 5}});
  CAF_CHECK_EQUAL(one.order.state, "error");
  CHECK_JSON(*one.order.state_data, json({{"errorCode", "connection_failed"},
                                          {"errorMessage", "connection_failed"},
                                          {"errorTimestamp", "2026-01-01T00:00:00.010Z"},
                                          {"failedAction", "call"},
                                          {"failedState", "work"}}));
  CHECK_JSON(one.order.data->at("amount"), 5);
}

CAF_TEST(a failure without an action leaves failedAction out where null is not allowed) {
  json document = failing(
      R"([ { "transitionId": "fail", "from": "work", "to": "error", "trigger": { "type": "error", "errors": ["*"] } } ])");
  document["transitions"][0]["condition"] = "data.amount > 10";
  CHECK_JSON(failed(document, 200).order.data->at("failedAction"), nullptr);
  document["states"][2]["data"] =
      json::parse(R"({ "schema": { "properties": { "failedAction": { "type": "string" }, "errorCode": {} } } })");
  auto one = failed(document, 200);
  CAF_CHECK_EQUAL(one.order.state, "error");
  CHECK_JSON(*one.order.state_data, json({{"errorCode", "no_transition"}}));
}

CAF_TEST(a state that nothing could ever move fails with no_transition) {
  json document = failing("[]");
  document["transitions"][0]["condition"] = "data.amount > 10";
  auto one = failed(document, 200);
  CAF_CHECK_EQUAL(one.order.error->code, "no_transition");
  CAF_CHECK_EQUAL(one.status(), "failed");
}

CAF_TEST(a condition that cannot be evaluated fails the state) {
  json document = failing("[]");
  document["transitions"][0]["condition"] = "data.a.b.c > 10";
  CAF_CHECK_EQUAL(failed(document, 200).order.error->code, "expression_failed");
}

CAF_TEST(data that are invalid for where an error leads fail the order with the first error) {
  json document = around_actions(json::array({webhook("call")}));
  document["states"][2]["data"] = json::parse(R"({ "schema": { "properties": { "x": {} }, "required": ["x"] } })");
  auto one = failed(document);
  CAF_CHECK_EQUAL(one.status(), "failed");
  CAF_CHECK_EQUAL(one.order.state, "work");
  CAF_CHECK_EQUAL(one.order.error->code, "http_503");
  CAF_CHECK(one.last("order_ended")["reason"].get<std::string>().find("invalid for error") != std::string::npos);
}

CAF_TEST(an abort in a final state ends the order failed) {
  json document = around_actions(json::array());
  document["states"][1]["entryActions"] = json::array({webhook("late")});
  performance one(document);
  one.answer("late", 500).run();
  CAF_CHECK_EQUAL(one.status(), "failed");
  CAF_CHECK_EQUAL(one.order.state, "done");
  CAF_CHECK_EQUAL(one.order.error->code, "http_500");
  CAF_CHECK_EQUAL(one.order.error->state, "done");
}

CAF_TEST(an abort in the final state that an error led to leaves the first error) {
  json document = around_actions(json::array({webhook("call")}));
  document["states"][2]["entryActions"] = json::array({webhook("late")});
  performance one(document);
  one.answer("call", 503).answer("late", 500).run();
  CAF_CHECK_EQUAL(one.status(), "failed");
  CAF_CHECK_EQUAL(one.order.error->code, "http_503");
}

CAF_TEST(a failure on the way of an error ends the order with the first error) {
  json document = around_actions(json::array({webhook("call")}));
  document["states"][0]["exitActions"] = json::array({webhook("leave")});
  performance exit_fails(document);
  exit_fails.answer("call", 503).answer("leave", 500).run();
  CAF_CHECK_EQUAL(exit_fails.status(), "failed");
  CAF_CHECK_EQUAL(exit_fails.order.error->code, "http_503");
  CAF_CHECK_EQUAL(exit_fails.calls.size(), 2u);
  document["states"][0].erase("exitActions");
  document["transitions"][1]["actions"] = json::array({webhook("between")});
  performance between_fails(document);
  between_fails.answer("call", 503).answer("between", 500).run();
  CAF_CHECK_EQUAL(between_fails.order.error->code, "http_503");
  CAF_CHECK_EQUAL(between_fails.status(), "failed");
}

CAF_TEST(the alternate way goes on and its own failure is another) {
  json document = failing(
      R"([ { "transitionId": "after", "from": "undo", "to": "other" },
                               { "transitionId": "lost", "from": "undo", "to": "error", "trigger": { "type": "error", "errors": ["*"] } } ])",
      R"([ { "stateId": "undo", "baseStateType": "intermediate", "entryActions": [ { "actionId": "release", "webhook": { "url": "http://service/release" } } ] },
                               { "stateId": "other", "baseStateType": "final", "outcome": "partial" } ])");
  document["states"][0]["onFailed"] = "undo";
  auto one = failed(document);
  CAF_CHECK_EQUAL(one.status(), "completed");
  CAF_CHECK_EQUAL(*one.order.outcome, "partial");
  CAF_CHECK_EQUAL(one.order.error->code, "http_503");
  performance twice(document);
  twice.answer("call", 503).answer("release", 404).run();
  CAF_CHECK_EQUAL(twice.order.state, "error");
  CAF_CHECK_EQUAL(twice.order.error->code, "http_404");
  CAF_CHECK_EQUAL(twice.order.error->state, "undo");
}

CAF_TEST(the outcome of a final state may be a template) {
  json document = around_actions(json::array());
  document["states"][1]["outcome"] = "{{data.all ? 'success' : 'partial'}}";
  performance one(document);
  CAF_CHECK_EQUAL(*one.run({{"all", true}}).order.outcome, "success");
  performance two(document);
  CAF_CHECK_EQUAL(*two.run().order.outcome, "partial");
  document["states"][1]["outcome"] = "{{data.word}}";
  performance three(document);
  three.run({{"word", "splendid"}});
  CAF_CHECK_EQUAL(three.status(), "failed");
  CAF_CHECK_EQUAL(three.order.error->code, "expression_failed");
  performance four(document);
  four.run({{"word", "error"}});
  CAF_CHECK_EQUAL(four.status(), "failed");
  CAF_CHECK(!four.order.error);
}
