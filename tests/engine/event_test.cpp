#define CAF_SUITE engine_event

#include "tests/engine/checks.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

/// Waits in `review` for approve (two ways, by amount), reject, or fix; `first` runs one call before.
json reviewed() {
  return json::parse(R"({
    "stateMachineId": "example", "immutable": ["id"],
    "states": [
      { "stateId": "first", "baseStateType": "initial",
        "entryActions": [ { "actionId": "call", "webhook": { "url": "http://service/call" } } ] },
      { "stateId": "review", "baseStateType": "intermediate" },
      { "stateId": "big", "baseStateType": "final",
        "data": { "schema": { "properties": { "approver": { "type": "string" }, "note": {} }, "required": ["approver"] } } },
      { "stateId": "small", "baseStateType": "final" },
      { "stateId": "rejected", "baseStateType": "final", "outcome": "error" } ],
    "transitions": [
      { "transitionId": "go", "from": "first", "to": "review" },
      { "transitionId": "any", "from": "review", "to": "small", "trigger": { "type": "manual", "event": "approve" },
        "condition": "data.amount < 100" },
      { "transitionId": "first-class", "from": "review", "to": "big", "priority": 5,
        "trigger": { "type": "manual", "event": "approve", "schema": { "properties": { "why": { "type": "string" } } } },
        "condition": "data.amount >= 50 && event.data.urgent != true" },
      { "transitionId": "reject", "from": "review", "to": "rejected", "trigger": "manual" },
      { "transitionId": "broken", "from": "review", "to": "small", "trigger": "manual", "condition": "event.data.a.b.c > 1" },
      { "transitionId": "strict", "from": "review", "to": "big", "trigger": { "type": "manual", "onInvalid": "fail" } },
      { "transitionId": "wrong", "from": "review", "to": "rejected", "trigger": { "type": "error", "errors": ["validation_failed"] } } ] })");
}

performance waiting(const json& data) {
  performance one(reviewed());
  one.run(data);
  return one;
}

} // namespace

CAF_TEST(an order waits in a state for its manual events) {
  auto one = waiting({{"amount", 60}});
  CAF_CHECK_EQUAL(one.status(), "waiting");
  CHECK_JSON(
      one.last("order_waiting"),
      json::parse(
          R"({ "for": [ {"event": "approve"}, {"event": "reject"}, {"event": "broken"}, {"event": "strict"} ] })"));
  CAF_CHECK(std::holds_alternative<engine::park>(one.due()));
  CAF_CHECK(engine::is_settled(one.order));
}

CAF_TEST(an event takes the transition of the highest priority whose condition holds) {
  auto one = waiting({{"amount", 60}});
  auto made = one.send("approve", {{"approver", "Ann"}});
  CAF_REQUIRE(made);
  CAF_CHECK(!made->deferred);
  CAF_CHECK_EQUAL(one.order.state, "big");
  CAF_CHECK_EQUAL(one.status(), "completed");
  CHECK_JSON(one.last("transition_taken")["transition"], "first-class");
  auto other = waiting({{"amount", 60}});
  CAF_REQUIRE(other.send("approve", {{"urgent", true}}));
  CAF_CHECK_EQUAL(other.order.state, "small");
}

CAF_TEST(what came with an event is kept and says by whom) {
  auto one = waiting({{"amount", 10}});
  engine::send_event wanted;
  wanted.name = "approve";
  wanted.data = {{"extra", 1}};
  wanted.comment = "looks good";
  wanted.metadata = {{"ticket", 7}};
  wanted.by = "api-key:ann";
  CAF_REQUIRE(one.give(wanted));
  CHECK_JSON(
      one.last("event_received"),
      json::parse(
          R"({ "event": "approve", "data": {"extra": 1}, "comment": "looks good", "metadata": {"ticket": 7}, "deferred": false })"));
  CAF_CHECK_EQUAL(one.events("event_received")[0].by, "api-key:ann");
  CAF_CHECK_EQUAL(one.events("transition_taken").back().by, "api-key:ann");
  CAF_CHECK_EQUAL(one.events("state_entered").back().by, "api-key:ann");
  CHECK_JSON(*one.order.last_event, json::parse(R"({ "name": "approve", "data": {"extra": 1}, "by": "api-key:ann" })"));
  CHECK_JSON(one.order.data->at("extra"), 1);
}

CAF_TEST(an event that no transition is for is refused with those that are possible) {
  auto one = waiting({{"amount", 60}});
  auto made = one.send("pay");
  CAF_REQUIRE(!made);
  CAF_CHECK(made.error().code == errc::event_not_possible);
  CAF_CHECK(made.error().detail.find("approve, reject, broken, strict") != std::string::npos);
  CAF_CHECK_EQUAL(one.status(), "waiting");
}

CAF_TEST(an event whose conditions do not hold is refused) {
  auto one = waiting({{"amount", 200}});
  CAF_CHECK_EQUAL(code(one.send("approve", {{"urgent", true}})), "event_not_possible");
  CAF_CHECK_EQUAL(code(one.send("broken")), "event_not_possible");
  CAF_CHECK_EQUAL(one.status(), "waiting");
}

CAF_TEST(data that the target or the trigger refuses are refused with every violation) {
  auto one = waiting({{"amount", 60}});
  auto made = one.send("approve", {{"approver", 7}, {"why", 1}, {"colour", "red"}});
  CAF_CHECK_EQUAL(code(made), "invalid_data");
  CAF_CHECK_EQUAL(pointers(made), "/data/why /data/colour /data/approver");
  CAF_CHECK_EQUAL(code(one.send("approve")), "invalid_data");
  CAF_CHECK_EQUAL(
      one.told(),
      "order_submitted state_entered action_completed transition_taken state_left state_entered order_waiting");
  CAF_REQUIRE(one.send("approve", {{"approver", "Ann"}, {"why", "because"}}));
  CHECK_JSON(one.order.data->at("why"), "because");
  CHECK_JSON(*one.order.state_data, json({{"approver", "Ann"}}));
}

CAF_TEST(an event cannot change an immutable field) {
  auto one = waiting({{"amount", 10}, {"id", "a"}});
  auto made = one.send("approve", {{"id", "b"}});
  CAF_CHECK_EQUAL(code(made), "invalid_data");
  CAF_CHECK_EQUAL(pointers(made), "/data/id");
  CAF_CHECK(one.send("approve", {{"id", "a"}}));
}

CAF_TEST(an event whose data are no object is refused) {
  auto one = waiting({{"amount", 10}});
  CAF_CHECK_EQUAL(pointers(one.send("approve", json::array())), "/data");
}

CAF_TEST(a transition may have the order fail for invalid data) {
  auto one = waiting({{"amount", 10}});
  CAF_REQUIRE(one.send("strict", {{"approver", 1}}));
  CAF_CHECK_EQUAL(one.order.state, "rejected");
  CAF_CHECK_EQUAL(one.order.error->code, "validation_failed");
  CAF_CHECK_EQUAL(one.order.error->state, "review");
}

CAF_TEST(an event that comes while actions run is deferred and taken when they are done) {
  performance one(reviewed());
  CAF_REQUIRE(one.submit({{"amount", 10}}));
  CAF_REQUIRE(one.step());
  auto made = one.send("approve");
  CAF_REQUIRE(made);
  CAF_CHECK(made->deferred);
  CAF_CHECK_EQUAL(one.status(), "active");
  CAF_CHECK_EQUAL(one.order.deferred.size(), 1u);
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "completed");
  CAF_CHECK_EQUAL(one.told(),
                  "order_submitted state_entered event_received action_completed transition_taken state_left "
                  "state_entered event_taken transition_taken state_left state_entered order_ended");
  CAF_CHECK_EQUAL(one.events("event_taken")[0].by, "sender");
}

CAF_TEST(an event for a pending order is deferred) {
  performance one(reviewed());
  CAF_REQUIRE(one.submit({{"amount", 10}}));
  CAF_CHECK(one.send("reject")->deferred);
  CAF_CHECK_EQUAL(one.status(), "pending");
  one.perform();
  CAF_CHECK_EQUAL(one.order.state, "rejected");
}

CAF_TEST(a deferred event that proves impossible or invalid is recorded as refused and the order goes on waiting) {
  performance one(reviewed());
  CAF_REQUIRE(one.submit({{"amount", 60}}));
  CAF_REQUIRE(one.send("pay"));
  CAF_REQUIRE(one.send("approve", {{"approver", 7}}));
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "waiting");
  auto refused = one.events("event_refused");
  CAF_REQUIRE_EQUAL(refused.size(), 2u);
  CHECK_JSON(refused[0].data["event"], "pay");
  CHECK_JSON(refused[0].data["code"], "event_not_possible");
  CHECK_JSON(refused[1].data["code"], "invalid_data");
  CHECK_JSON(refused[1].data["errors"][0]["pointer"], "/data/approver");
  CAF_CHECK_EQUAL(one.told().substr(one.told().rfind(' ') + 1), "order_waiting");
}

CAF_TEST(at most sixteen events are deferred) {
  performance one(reviewed());
  CAF_REQUIRE(one.submit({{"amount", 60}}));
  for (int count = 0; count < 16; ++count)
    CAF_CHECK(one.send("pay"));
  CAF_CHECK_EQUAL(code(one.send("pay")), "too_many_events");
}

CAF_TEST(events that are left when the order ends are refused) {
  performance one(reviewed());
  CAF_REQUIRE(one.submit({{"amount", 10}}));
  CAF_REQUIRE(one.send("reject"));
  CAF_REQUIRE(one.send("approve"));
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "failed");
  CAF_CHECK(one.order.deferred.empty());
  CHECK_JSON(one.last("event_refused")["event"], "approve");
}

CAF_TEST(an order that has ended or is escalated takes no event) {
  auto one = waiting({{"amount", 10}});
  CAF_REQUIRE(one.send("reject"));
  CAF_CHECK_EQUAL(code(one.send("approve")), "event_not_possible");
  auto other = waiting({{"amount", 10}});
  CAF_REQUIRE(other.give(engine::escalate_crash{5, "supervisor"}));
  CAF_CHECK_EQUAL(code(other.send("approve")), "event_not_possible");
}
