#define CAF_SUITE engine_submission

#include "tests/engine/checks.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

const char* closed_initial = R"({
  "stateMachineId": "refund", "orderId": "data.refundId", "immutable": ["refundId"],
  "states": [
    { "stateId": "asked", "baseStateType": "initial",
      "data": { "schema": { "properties": { "refundId": { "type": "string" }, "amount": { "type": "number", "minimum": 1 },
                                            "askedAt": { "type": "string", "format": "date-time" } },
                            "required": ["amount", "askedAt"] },
                "payload": { "askedAt": "{{order.created_at}}" } } },
    { "stateId": "paid", "baseStateType": "final",
      "data": { "schema": { "properties": { "note": { "type": "string" } } } } } ],
  "transitions": [ { "transitionId": "pay", "from": "asked", "to": "paid" } ] })";

json request_of(const json& fields) {
  json result = {{"workflow", "refund"}, {"data", {{"amount", 5}}}};
  if (fields.is_object()) result.update(fields);
  return result;
}

expected<engine::decision> submitted(performance& one, const json& request) {
  engine::submit_order wanted;
  wanted.order_id = "order-1";
  wanted.request = request;
  wanted.by = "tester";
  return one.give(wanted);
}

std::string refused_for(const json& fields) {
  performance one(json::parse(closed_initial));
  return pointers(submitted(one, request_of(fields)));
}

} // namespace

CAF_TEST(a submission is recorded with all that came and is pending) {
  performance one(json::parse(closed_initial));
  auto made = submitted(one, request_of({{"priority", 7},
                                         {"not_before", "2026-02-01T00:00:00+01:00"},
                                         {"labels", {{"shop", "north"}}},
                                         {"metadata", {{"any", {1, 2}}}}}));
  CAF_REQUIRE(made);
  CAF_CHECK_EQUAL(one.told(), "order_submitted");
  CAF_CHECK_EQUAL(one.status(), "pending");
  CAF_CHECK_EQUAL(one.order.workflow, "refund");
  CAF_CHECK_EQUAL(one.order.version, 1);
  CAF_CHECK_EQUAL(one.order.priority, 7);
  CAF_CHECK_EQUAL(to_iso8601(*one.order.not_before), "2026-01-31T23:00:00.000Z");
  CHECK_JSON(*one.order.labels, json({{"shop", "north"}}));
  CHECK_JSON(*one.order.metadata, json({{"any", {1, 2}}}));
  CHECK_JSON(*one.order.data, json({{"amount", 5}}));
  CAF_CHECK_EQUAL(one.order.by, "tester");
  CAF_CHECK_EQUAL(one.history[0].by, "tester");
  CAF_CHECK(std::holds_alternative<engine::begin>(one.due()));
}

CAF_TEST(every unknown field and every wrong type is told at once) {
  CAF_CHECK_EQUAL(refused_for({{"colour", 1}, {"priority", "high"}, {"labels", {{"a", 1}}}, {"metadata", 3}}),
                  "/colour /priority /metadata /labels/a");
  CAF_CHECK_EQUAL(refused_for({{"version", 0}}), "/version");
  CAF_CHECK_EQUAL(refused_for({{"version", 1.5}}), "/version");
  CAF_CHECK_EQUAL(refused_for({{"order_id", "-a"}}), "/order_id");
  CAF_CHECK_EQUAL(refused_for({{"order_id", 7}}), "/order_id");
  CAF_CHECK_EQUAL(refused_for({{"not_before", "tomorrow"}}), "/not_before");
  CAF_CHECK_EQUAL(refused_for({{"blueprint", "x"}}), "/blueprint");
  CAF_CHECK_EQUAL(refused_for({{"data", json::array()}}), "/data /data/amount");
  CAF_CHECK_EQUAL(refused_for({{"labels", {{"a:b", "c"}}}}), "/labels/a:b");
  CAF_CHECK_EQUAL(refused_for({{"priority", 4294967296}}), "/priority");
}

CAF_TEST(what is wrong with the body and with the data is told together) {
  CAF_CHECK_EQUAL(refused_for({{"colour", 1}, {"data", {{"amount", 0}, {"colour", 2}}}}),
                  "/colour /data/colour /data/amount");
}

CAF_TEST(a body that is no object is refused) {
  CAF_CHECK_EQUAL(pointers(engine::choose_workflow(json::array()).error()), "");
  CAF_CHECK(!engine::choose_workflow(json::array()));
  CAF_CHECK(!engine::choose_workflow(nullptr));
}

CAF_TEST(the workflow is taken under both of its names) {
  CAF_CHECK_EQUAL(engine::choose_workflow({{"Workflow", "refund"}, {"version", 2}})->workflow, "refund");
  CAF_CHECK_EQUAL(engine::choose_workflow({{"Workflow", "refund"}, {"version", 2}})->version, 2);
  CAF_CHECK_EQUAL(engine::choose_workflow({{"workflow", "refund"}})->version, 0);
  CAF_CHECK_EQUAL(pointers(engine::choose_workflow({{"workflow", "a"}, {"Workflow", "b"}}).error()), "/Workflow");
  CAF_CHECK_EQUAL(pointers(engine::choose_workflow({{"data", json::object()}}).error()), "/workflow");
  CAF_CHECK_EQUAL(pointers(engine::choose_workflow({{"workflow", 7}}).error()), "/workflow");
  CAF_CHECK(engine::choose_workflow({{"blueprint", {{"states", json::array()}}}})->has_blueprint);
}

CAF_TEST(null stands for a field that is not given) {
  CAF_CHECK_EQUAL(refused_for({{"order_id", nullptr},
                               {"version", nullptr},
                               {"priority", nullptr},
                               {"not_before", nullptr},
                               {"labels", nullptr},
                               {"metadata", nullptr},
                               {"blueprint", nullptr}}),
                  "accepted");
}

CAF_TEST(data that the initial state refuses are refused with every violation) {
  CAF_CHECK_EQUAL(refused_for({{"data", {{"amount", 0}}}}), "/data/amount");
  CAF_CHECK_EQUAL(refused_for({{"data", {{"amount", "x"}, {"refundId", 7}}}}), "/data/amount /data/refundId");
  CAF_CHECK_EQUAL(refused_for({{"data", {{"amount", 1}, {"askedAt", "no"}}}}), "/data/askedAt");
}

CAF_TEST(a field that no state declares is refused and one that a later state declares is taken) {
  CAF_CHECK_EQUAL(refused_for({{"data", {{"amount", 1}, {"colour", "red"}}}}), "/data/colour");
  performance one(json::parse(closed_initial));
  one.run({{"amount", 1}, {"note", "for later"}});
  CAF_CHECK_EQUAL(one.status(), "completed");
  CHECK_JSON(one.order.data->at("note"), "for later");
  CHECK_JSON(*one.order.state_data, json({{"note", "for later"}}));
}

CAF_TEST(an initial state without a schema takes everything) {
  performance one(around_actions(json::array()));
  CAF_CHECK(submitted(one, {{"workflow", "example"}, {"data", {{"anything", 1}}}}));
}

CAF_TEST(the schema of the submission decides where there is one) {
  json document = json::parse(closed_initial);
  document["data"]["schema"] = {
      {"type", "object"}, {"properties", {{"colour", {{"type", "string"}}}}}, {"required", {"colour"}}};
  performance one(document);
  CAF_CHECK_EQUAL(pointers(submitted(one, request_of({}))), "/data/colour");
  performance two(document);
  CAF_CHECK(submitted(two, request_of({{"data", {{"amount", 1}, {"colour", "red"}, {"other", 1}}}})));
  CHECK_JSON(two.order.data->at("other"), 1);
}

CAF_TEST(the payload fills what is missing before the data are judged) {
  performance one(json::parse(closed_initial));
  one.run({{"amount", 2}});
  CHECK_JSON(one.events("state_entered")[0].data["data"],
             json({{"amount", 2}, {"askedAt", "2026-01-01T00:00:00.000Z"}}));
}

CAF_TEST(an id is the one given or that of the business or a new one) {
  performance one(json::parse(closed_initial));
  const auto around = one.around();
  CAF_CHECK_EQUAL(*engine::choose_order_id(request_of({{"order_id", "mine"}}), around, "fresh"), "mine");
  CAF_CHECK_EQUAL(
      *engine::choose_order_id(request_of({{"data", {{"amount", 1}, {"refundId", "r-7"}}}}), around, "fresh"), "r-7");
  CAF_CHECK_EQUAL(*engine::choose_order_id(request_of({{"data", {{"amount", 1}, {"refundId", 77}}}}), around, "fresh"),
                  "77");
  CAF_CHECK_EQUAL(*engine::choose_order_id(request_of({}), around, "fresh"), "fresh");
  auto bad = engine::choose_order_id(request_of({{"data", {{"amount", 0}, {"refundId", "a b"}}}}), around, "fresh");
  CAF_REQUIRE(!bad);
  CAF_CHECK_EQUAL(pointers(bad.error()), "/data /data/amount");
  CAF_CHECK(bad.error().code == errc::invalid_data);
}

CAF_TEST(a new order cannot take an id that is in use) {
  performance one(json::parse(closed_initial));
  CAF_CHECK(submitted(one, request_of({})));
  auto again = one.give(engine::submit_order{"order-1", request_of({}), "hash", "", "", "tester"});
  CAF_REQUIRE(!again);
  CAF_CHECK(again.error().code == errc::duplicate_order);
}

CAF_TEST(a definition inline stays with the order) {
  json document = around_actions(json::array());
  performance one(document);
  CAF_REQUIRE(submitted(one, {{"blueprint", document}, {"data", {{"a", 1}}}}));
  CHECK_JSON(*one.order.blueprint, document);
  CAF_CHECK_EQUAL(one.order.workflow, "example");
}
