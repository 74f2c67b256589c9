#define CAF_SUITE engine_view

#include "tests/engine/checks.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

json two_calls() {
  return around_actions(json::array({webhook("first", {{"retryCount", 2}}), webhook("second"), webhook("third")}));
}

} // namespace

CAF_TEST(an order is shown with every field of its shape and null where nothing is) {
  performance one(two_calls());
  CAF_REQUIRE(one.submit({{"a", 1}}, {{"priority", 3}, {"labels", {{"k", "v"}}}}));
  json shown = engine::order_view(one.order, true);
  CHECK_JSON(
      shown,
      json::parse(
          R"({ "order_id": "order-1", "workflow": "example", "version": 1, "status": "pending", "outcome": null, "state": null,
    "data": {"a": 1}, "variables": {}, "labels": {"k": "v"}, "metadata": {}, "priority": 3, "group": null, "error": null,
    "created_at": "2026-01-01T00:00:00.000Z", "started_at": null, "updated_at": "2026-01-01T00:00:00.000Z", "ended_at": null, "not_before": null,
    "run": 1, "visit": 0, "sequence": 1, "by": "tester" })"));
  json listed = engine::order_view(one.order, false);
  CAF_CHECK(!listed.contains("data") && !listed.contains("variables"));
}

CAF_TEST(a failed order shows its error) {
  performance one(two_calls());
  one.answer("first", 404).run();
  json shown = engine::order_view(one.order, true);
  CHECK_JSON(
      shown["error"],
      json::parse(
          R"({ "code": "http_404", "message": "expected the status 2xx, but found 404", "state": "work", "action": "first",
                                              "at": "2026-01-01T00:00:00.010Z", "attempts": 1 })"));
  CHECK_JSON(shown["outcome"], "error");
  CHECK_JSON(shown["ended_at"], "2026-01-01T00:00:00.010Z");
  CHECK_JSON(shown["started_at"], "2026-01-01T00:00:00.000Z");
}

CAF_TEST(the instance document shows the stays with their actions and attempts) {
  performance one(two_calls());
  one.fail("first", "timeout").answer("first", 200);
  CAF_REQUIRE(one.submit({{"a", 1}}));
  one.step();
  one.step();
  json shown = engine::instance_view(one.order, one.history, one.definition.get());
  CHECK_JSON(
      shown,
      json::parse(
          R"({ "instanceId": "order-1", "stateMachineId": "example", "version": 1, "status": "active", "outcome": null,
    "currentState": "work", "currentStateData": {"a": 1}, "startTime": "2026-01-01T00:00:00.000Z", "lastUpdated": "2026-01-01T00:00:00.010Z",
    "data": {"a": 1}, "variables": {}, "metadata": {}, "error": null,
    "history": [ { "state": "work", "visit": 1, "enteredAt": "2026-01-01T00:00:00.000Z", "exitedAt": null, "by": "tester", "transition": null,
      "data": {"a": 1}, "actions": [
        { "actionId": "first", "kind": "entry", "status": "in-progress",
          "attempts": [ { "attempt": 1, "startedAt": "2026-01-01T00:00:00.000Z", "endedAt": "2026-01-01T00:00:00.010Z", "error": "timeout" } ] },
        { "actionId": "second", "kind": "entry", "status": "pending", "attempts": [] },
        { "actionId": "third", "kind": "entry", "status": "pending", "attempts": [] } ] } ] })"));
  one.perform();
  shown = engine::instance_view(one.order, one.history);
  CHECK_JSON(shown["status"], "completed");
  CHECK_JSON(shown["history"][0]["exitedAt"], "2026-01-01T00:00:01.040Z");
  CHECK_JSON(shown["history"][0]["actions"][0]["status"], "completed");
  CHECK_JSON(shown["history"][0]["actions"][0]["attempts"][1]["error"], nullptr);
  CHECK_JSON(shown["history"][1]["transition"], "finish");
}

CAF_TEST(each status is active or completed or error in the instance document) {
  performance one(two_calls());
  one.answer("second", 404).run();
  json shown = engine::instance_view(one.order, one.history);
  CHECK_JSON(shown["status"], "error");
  CHECK_JSON(shown["history"][0]["actions"][1]["status"], "failed");
  CAF_REQUIRE(one.reprocess("failure"));
  shown = engine::instance_view(one.order, one.history, one.definition.get());
  CHECK_JSON(shown["status"], "active");
  CHECK_JSON(shown["history"][0]["exitedAt"], nullptr);
  CHECK_JSON(shown["history"][0]["actions"][1]["status"], "in-progress");
  CAF_REQUIRE(one.cancel());
  one.perform();
  CHECK_JSON(engine::instance_view(one.order, one.history)["status"], "error");
}

CAF_TEST(a retry that was given up is a failed action) {
  performance one(around_actions(json::array({webhook("first", {{"retryCount", 2}, {"retryDelay", "PT1M"}})})));
  one.fail("first", "timeout");
  CAF_REQUIRE(one.submit());
  one.step();
  one.step();
  CAF_REQUIRE(one.cancel());
  CHECK_JSON(engine::instance_view(one.order, one.history)["history"][0]["actions"][0]["status"], "failed");
}
