#define CAF_SUITE engine_reprocess

#include "tests/engine/checks.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

json document() {
  json result = around_actions(
      json::array({webhook("first", {{"save", {{"x", "response.body.x"}, {"variables.v", "1"}}}}), webhook("second")}));
  result["immutable"] = {"id"};
  result["states"][0]["data"]["schema"] = json::parse(
      R"({ "properties": { "id": {}, "amount": { "type": "number" }, "x": {} }, "additionalProperties": true })");
  return result;
}

performance failed() {
  performance one(document());
  one.answer("first", 200, {{"x", 7}}).answer("second", 500).answer("second", 200).run({{"amount", 5}, {"id", "a"}});
  CAF_REQUIRE_EQUAL(one.status(), "failed");
  return one;
}

} // namespace

CAF_TEST(only an order that has ended or is escalated is reprocessed) {
  performance one(document());
  CAF_REQUIRE(one.submit());
  CAF_CHECK_EQUAL(code(one.reprocess("start")), "not_possible");
  one.step();
  CAF_CHECK_EQUAL(code(one.reprocess("failure")), "not_possible");
}

CAF_TEST(from the start it begins with the data as submitted and no variables) {
  auto one = failed();
  CAF_REQUIRE(one.reprocess("start"));
  CHECK_JSON(*one.order.data, json({{"amount", 5}, {"id", "a"}}));
  CHECK_JSON(*one.order.variables, json::object());
  CAF_CHECK_EQUAL(one.order.run, 2);
  CAF_CHECK_EQUAL(one.order.visit, 3);
  CAF_CHECK(!one.order.error);
  CAF_CHECK(!one.order.outcome);
  CAF_CHECK(!one.order.ended_at);
  CAF_CHECK_EQUAL(one.status(), "active");
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "completed");
  CAF_CHECK_EQUAL(one.calls.size(), 4u);
  CAF_CHECK_EQUAL(one.calls[2].key(), "order-1/3/first");
  CHECK_JSON(one.last("reprocessed"), json({{"from", "start"}, {"version", 1}, {"run", 2}, {"data", nullptr}}));
  CAF_CHECK_EQUAL(one.events("reprocessed")[0].by, "operator");
}

CAF_TEST(from the failure what completed is not done again and the keys stay) {
  auto one = failed();
  CAF_CHECK_EQUAL(one.order.state, "error");
  CAF_REQUIRE(one.reprocess("failure"));
  CAF_CHECK_EQUAL(one.order.state, "work");
  CAF_CHECK_EQUAL(one.order.visit, 1);
  CHECK_JSON(*one.order.variables, json({{"v", 1}}));
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "completed");
  CAF_REQUIRE_EQUAL(one.calls.size(), 3u);
  CAF_CHECK_EQUAL(one.calls[2].key(), "order-1/1/second");
  CAF_CHECK_EQUAL(one.calls[2].attempt, 1);
  CAF_CHECK_EQUAL(one.order.visit, 3);
  CHECK_JSON(one.order.data->at("x"), 7);
}

CAF_TEST(from a state it is a new visit and so a new key) {
  auto one = failed();
  CAF_REQUIRE(one.reprocess("work"));
  CAF_CHECK_EQUAL(one.order.visit, 3);
  CHECK_JSON(one.order.data->at("x"), 7);
  one.perform();
  CAF_CHECK_EQUAL(one.calls[2].key(), "order-1/3/first");
  CAF_CHECK_EQUAL(pointers(one.reprocess("nowhere")), "/from");
}

CAF_TEST(an order that has completed can be reprocessed but not from a failure) {
  performance one(document());
  one.run({{"amount", 5}});
  CAF_REQUIRE_EQUAL(one.status(), "completed");
  CAF_CHECK_EQUAL(code(one.reprocess("failure")), "not_possible");
  CAF_CHECK(one.reprocess("start"));
}

CAF_TEST(a patch of the data is applied and judged) {
  auto one = failed();
  CAF_REQUIRE(one.reprocess("failure", json::parse(R"([ { "op": "replace", "path": "/amount", "value": 9 } ])")));
  CHECK_JSON(one.order.data->at("amount"), 9);
  CHECK_JSON(one.order.state_data->at("amount"), 9);
  CHECK_JSON(one.order.submitted->at("amount"), 5);
  for (const char* from : {"start", "failure", "work"}) {
    auto other = failed();
    const auto sequence = other.order.sequence;
    CAF_CHECK_EQUAL(
        pointers(other.reprocess(from, json::parse(R"([ { "op": "replace", "path": "/amount", "value": "x" } ])"))),
        "/data_patch");
    CAF_CHECK_EQUAL(
        pointers(other.reprocess(from, json::parse(R"([ { "op": "replace", "path": "/id", "value": "b" } ])"))),
        "/data_patch");
    CAF_CHECK_EQUAL(pointers(other.reprocess(from, json::parse(R"([ { "op": "remove", "path": "/id" } ])"))),
                    "/data_patch");
    CAF_CHECK_EQUAL(pointers(other.reprocess(from, json::parse(R"([ { "op": "remove", "path": "/nothing" } ])"))),
                    "/data_patch");
    CAF_CHECK_EQUAL(
        pointers(other.reprocess(from, json::parse(R"([ { "op": "test", "path": "/amount", "value": 6 } ])"))),
        "/data_patch");
    CAF_CHECK_EQUAL(pointers(other.reprocess(from, json::parse(R"([ { "op": "replace", "path": "", "value": 6 } ])"))),
                    "/data_patch");
    CAF_CHECK_EQUAL(pointers(other.reprocess(from, json("x"))), "/data_patch");
    CAF_CHECK_EQUAL(other.order.sequence, sequence);
  }
}

CAF_TEST(a state whose failure came from its data is decided anew with the patched ones) {
  json source = around_actions(json::array());
  source["transitions"][0]["condition"] = "data.amount > 10";
  performance one(source);
  one.run({{"amount", 5}});
  CAF_CHECK_EQUAL(one.order.error->code, "no_transition");
  CAF_REQUIRE(one.reprocess("failure", json::parse(R"([ { "op": "replace", "path": "/amount", "value": 50 } ])")));
  CAF_CHECK_EQUAL(one.status(), "completed");
}

CAF_TEST(a failure on the way to the next state is gone on with there) {
  json source = around_actions(json::array());
  source["states"][0]["exitActions"] = json::array({webhook("leave")});
  source["transitions"][0]["actions"] = json::array({webhook("one"), webhook("two")});
  source["transitions"].erase(1);
  source["states"].erase(2);
  performance one(source);
  one.answer("two", 500).answer("two", 200).run();
  CAF_CHECK_EQUAL(one.status(), "failed");
  CAF_REQUIRE(one.reprocess("failure"));
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "completed");
  CAF_CHECK_EQUAL(one.calls.size(), 4u);
  CAF_CHECK_EQUAL(one.calls[3].key(), "order-1/1/transition/two");
}

CAF_TEST(an order that entered too many states goes on with as many more) {
  json source = json::parse(R"({
    "stateMachineId": "loop", "limits": { "visits": 5 },
    "states": [ { "stateId": "count", "baseStateType": "initial", "entryActions": [ { "actionId": "add", "set": { "n": "(data.n || 0) + 1" } } ] },
                { "stateId": "done", "baseStateType": "final" } ],
    "transitions": [ { "transitionId": "again", "from": "count", "to": "count", "priority": 1, "condition": "data.n < 8" },
                     { "transitionId": "end", "from": "count", "to": "done" } ] })");
  performance one(source);
  one.run();
  CAF_CHECK_EQUAL(one.status(), "escalated");
  CAF_REQUIRE(one.reprocess("failure"));
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "completed");
  CHECK_JSON(one.order.data->at("n"), 8);
}

CAF_TEST(another version is gone on with if it has the place of the failure) {
  auto one = failed();
  json changed = document();
  changed["version"] = 2;
  changed["states"][0]["entryActions"].insert(changed["states"][0]["entryActions"].begin(), webhook("zero"));
  one.definition = compiled(changed);
  engine::reprocess_order wanted;
  wanted.from = "failure";
  wanted.version = "latest";
  wanted.target_version = 2;
  CAF_REQUIRE(one.give(wanted));
  CAF_CHECK_EQUAL(one.order.version, one.definition->version);
  one.perform();
  CAF_CHECK_EQUAL(one.calls.back().action, "second");
  auto other = failed();
  changed["states"][0]["entryActions"].erase(2);
  other.definition = compiled(changed);
  CAF_CHECK_EQUAL(code(other.give(wanted)), "not_possible");
}

CAF_TEST(an order whose initial state failed on entering begins again) {
  json source = around_actions(json::array());
  source["states"][0]["data"] =
      json::parse(R"({ "schema": { "properties": { "at": { "const": "2026-01-01T00:00:00.000Z" } } },
                                                 "payload": { "at": "{{now()}}" } })");
  performance one(source);
  CAF_REQUIRE(one.submit());
  one.now += duration{1};
  one.perform();
  CAF_CHECK_EQUAL(one.told(), "order_submitted state_failed order_ended");
  CAF_CHECK_EQUAL(one.order.error->code, "validation_failed");
  CAF_CHECK_EQUAL(one.order.error->state, "work");
  CAF_CHECK_EQUAL(code(one.reprocess("failure")), "invalid_data");
  CAF_REQUIRE(one.reprocess("failure",
                            json::parse(R"([ { "op": "add", "path": "/at", "value": "2026-01-01T00:00:00.000Z" } ])")));
  CAF_CHECK_EQUAL(one.status(), "completed");
}
