#define CAF_SUITE engine_state_data

#include "tests/engine/checks.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

/// Two states: `first` open, `second` as given, then the end; any error leads to `error`, which keeps what is told of
/// it.
json two_states(const json& second_data, const json& first_actions = json::array()) {
  json result = json::parse(R"({
    "stateMachineId": "example", "immutable": ["id"],
    "states": [ { "stateId": "first", "baseStateType": "initial" },
                { "stateId": "second", "baseStateType": "intermediate" },
                { "stateId": "done", "baseStateType": "final" },
                { "stateId": "error", "baseStateType": "final", "outcome": "error" } ],
    "transitions": [ { "transitionId": "go", "from": "first", "to": "second" },
                     { "transitionId": "end", "from": "second", "to": "done" },
                     { "transitionId": "fail", "from": "*", "to": "error",
                       "trigger": { "type": "error", "errors": ["validation_failed", "expression_failed"] } } ] })");
  result["states"][0]["entryActions"] = first_actions;
  result["states"][1]["data"] = second_data;
  return result;
}

json entered(const performance& one, std::size_t index) {
  return one.events("state_entered").at(index).data;
}

} // namespace

CAF_TEST(the state data are cut to what a closed schema declares) {
  performance one(two_states(json::parse(R"({ "schema": { "properties": { "a": {}, "b": {} } } })")));
  one.run({{"a", 1}, {"c", 3}});
  CHECK_JSON(entered(one, 1)["data"], json({{"a", 1}}));
  CHECK_JSON(*one.order.data, json({{"a", 1}, {"c", 3}}));
  CAF_CHECK_EQUAL(one.status(), "completed");
}

CAF_TEST(an open schema keeps everything) {
  performance one(
      two_states(json::parse(R"({ "schema": { "properties": { "a": {} }, "additionalProperties": true } })")));
  one.run({{"a", 1}, {"c", 3}});
  CHECK_JSON(entered(one, 1)["data"], json({{"a", 1}, {"c", 3}}));
}

CAF_TEST(the payload fills only what is missing and joins the data of the order) {
  performance one(two_states(json::parse(
      R"({ "schema": { "properties": { "a": {}, "b": {} } },
         "payload": { "a": "no", "b": "{{data.c + 1}}", "hidden": "{{order.order_id}}", "name": "{{uuid('x')}}" } })")));
  one.run({{"a", nullptr}, {"c", 3}});
  CHECK_JSON(entered(one, 1)["data"], json({{"a", nullptr}, {"b", 4}}));
  CHECK_JSON(one.order.data->at("b"), 4);
  CHECK_JSON(one.order.data->at("hidden"), "order-1");
  CAF_CHECK_EQUAL(one.order.data->at("name").get<std::string>().size(), 36u);
}

CAF_TEST(data that are invalid for the next state fail the state that is left) {
  performance one(
      two_states(json::parse(R"({ "schema": { "properties": { "a": { "type": "number" } }, "required": ["a"] } })")));
  one.run({{"c", 3}});
  CAF_CHECK_EQUAL(one.told(),
                  "order_submitted state_entered state_failed transition_taken state_left state_entered order_ended");
  CAF_CHECK_EQUAL(one.status(), "failed");
  CAF_CHECK_EQUAL(one.order.error->code, "validation_failed");
  CAF_CHECK_EQUAL(one.order.error->state, "first");
  CAF_CHECK_EQUAL(one.order.state, "error");
  CHECK_JSON(one.order.data->at("errorCode"), "validation_failed");
  CHECK_JSON(one.order.data->at("failedState"), "first");
  CHECK_JSON(one.order.data->at("failedAction"), nullptr);
  CHECK_JSON(one.order.data->at("errorTimestamp"), "2026-01-01T00:00:00.000Z");
  CAF_CHECK(!one.order.data->at("errorMessage").get<std::string>().empty());
}

CAF_TEST(a payload that cannot be evaluated fails the state that is left) {
  performance one(two_states(json::parse(R"({ "payload": { "b": "{{data.c.d.e.f()}}" } })")));
  one.run();
  CAF_CHECK_EQUAL(one.order.error->code, "expression_failed");
  CAF_CHECK_EQUAL(one.order.state, "error");
}

CAF_TEST(what an action saves into a declared field is checked at once) {
  json document = around_actions(json::array(
      {webhook("get", {{"save", {{"amount", "response.body.amount"}, {"other", "response.body.other"}}}})}));
  document["states"][0]["data"] = json::parse(R"({ "schema": { "properties": { "amount": { "type": "number" } } } })");
  performance bad(document);
  bad.answer("get", 200, {{"amount", "x"}}).run();
  CAF_CHECK_EQUAL(bad.order.error->code, "validation_failed");
  CAF_CHECK_EQUAL(bad.order.error->action, "get");
  performance good(document);
  good.answer("get", 200, {{"amount", 5}, {"other", "y"}}).run();
  CAF_CHECK_EQUAL(good.status(), "completed");
  CHECK_JSON(*good.order.data, json({{"amount", 5}, {"other", "y"}}));
  CHECK_JSON(good.events("action_completed")[0].data["state_fields"], json({"amount"}));
}

CAF_TEST(an immutable field may be set once and never changed) {
  json twice = json::array({json::parse(R"({ "actionId": "one", "set": { "id": "1" } })"),
                            json::parse(R"({ "actionId": "same", "set": { "id": "1" } })"),
                            json::parse(R"({ "actionId": "other", "set": { "id": "2" } })")});
  performance one(two_states(json::object(), twice));
  one.run();
  CAF_CHECK_EQUAL(one.events("action_completed").size(), 2u);
  CAF_CHECK_EQUAL(one.order.error->action, "other");
  CAF_CHECK_EQUAL(one.order.error->code, "validation_failed");
  CHECK_JSON(one.order.data->at("id"), 1);
}

CAF_TEST(what an action saves cannot change an immutable field) {
  performance one(two_states(json::object(), json::array({webhook("get", {{"save", {{"id", "response.body.id"}}}})})));
  one.answer("get", 200, {{"id", "b"}}).run({{"id", "a"}});
  CAF_CHECK_EQUAL(one.order.error->code, "validation_failed");
  CHECK_JSON(one.order.data->at("id"), "a");
}

CAF_TEST(actions on the way may bring what the next state requires) {
  json document =
      two_states(json::parse(R"({ "schema": { "properties": { "a": { "type": "number" } }, "required": ["a"] } })"));
  document["transitions"][0]["actions"] = json::array({json::parse(R"({ "actionId": "bring", "set": { "a": "1" } })")});
  performance good(document);
  good.run();
  CAF_CHECK_EQUAL(good.status(), "completed");
  CHECK_JSON(entered(good, 1)["data"], json({{"a", 1}}));
  document["transitions"][0]["actions"][0]["set"]["a"] = "'x'";
  performance bad(document);
  bad.run();
  CAF_CHECK_EQUAL(bad.told(), "order_submitted state_entered transition_taken state_left action_completed state_failed "
                              "transition_taken state_entered order_ended");
  CAF_CHECK_EQUAL(bad.order.error->code, "validation_failed");
}

CAF_TEST(templates see the state that is being entered and actions the one they are in) {
  performance one(two_states(json::parse(R"({ "payload": { "seen": "{{state.id + ' ' + state.entered_at}}" } })"),
                             json::array({json::parse(R"({ "actionId": "s", "set": { "was": "state.data.a" } })")})));
  one.run({{"a", 1}});
  CHECK_JSON(one.order.data->at("seen"), "second 2026-01-01T00:00:00.000Z");
  CHECK_JSON(one.order.data->at("was"), 1);
}
