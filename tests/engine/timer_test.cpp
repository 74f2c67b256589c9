#define CAF_SUITE engine_timer

#include "tests/engine/checks.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

/// A state `asked` with these transitions out of it besides an event `answer` to `done`; `late` ends.
json waiting(const json& transitions, bool has_event = true) {
  json result = json::parse(R"({
    "stateMachineId": "waiting",
    "states": [ { "stateId": "asked", "baseStateType": "initial" }, { "stateId": "done", "baseStateType": "final" },
                { "stateId": "late", "baseStateType": "final", "outcome": "partial" },
                { "stateId": "error", "baseStateType": "final", "outcome": "error" } ],
    "transitions": [
      { "transitionId": "answer", "from": "asked", "to": "done", "trigger": "manual" },
      { "transitionId": "fail", "from": "asked", "to": "error", "trigger": { "type": "error", "errors": ["*"] } } ] })");
  if (!has_event) result["transitions"][0]["trigger"] = {{"type", "error"}, {"errors", {"never"}}};
  for (const auto& each : transitions)
    result["transitions"].push_back(each);
  return result;
}

json timed(const std::string& id, const json& trigger, const json& more = json::object()) {
  json result = {{"transitionId", id}, {"from", "asked"}, {"to", "late"}, {"trigger", trigger}};
  result["trigger"]["type"] = "time";
  result.update(more);
  return result;
}

} // namespace

CAF_TEST(a time trigger moves the order when its time has come and not before) {
  auto one = begun(waiting(json::array({timed("expire", {{"after", "PT1H"}})})));
  CAF_CHECK_EQUAL(one.status(), "waiting");
  const auto entered = one.now;
  CHECK_JSON(
      one.last("order_waiting")["for"],
      json::array({{{"event", "answer"}}, {{"timer", "expire"}, {"due", to_iso8601(entered + duration{3'600'000})}}}));
  CAF_REQUIRE(engine::earliest_due(one.order) == entered + duration{3'600'000});
  one.now += duration{3'599'999};
  CAF_CHECK_EQUAL(code(one.give(engine::resume_after_wait{"node:test"})), "not_possible");
  one.perform();
  CAF_CHECK_EQUAL(one.told(), "order_submitted state_entered order_waiting timer_fired transition_taken state_left "
                              "state_entered order_ended");
  CAF_CHECK_EQUAL(one.order.state, "late");
  CAF_CHECK_EQUAL(one.last("transition_taken")["trigger"].get<std::string>(), "time");
  for (const char* type : {"timer_fired", "transition_taken"})
    CAF_CHECK_EQUAL(one.events(type)[0].by, "timer");
  CAF_CHECK(one.now == entered + duration{3'600'000});
}

CAF_TEST(an overdue time trigger fires once after a downtime) {
  auto one = begun(waiting(json::array({timed("expire", {{"after", "PT1H"}})})));
  one.order = engine::fold(one.history);
  one.now += duration{90'000'000};
  one.perform();
  CAF_CHECK_EQUAL(one.events("timer_fired").size(), 1u);
  CAF_CHECK_EQUAL(one.order.state, "late");
}

CAF_TEST(an event that comes first leaves the time trigger behind) {
  auto one = begun(waiting(json::array({timed("expire", {{"after", "PT1H"}})})));
  CAF_REQUIRE(one.send("answer"));
  one.perform();
  CAF_CHECK_EQUAL(one.order.state, "done");
  CAF_CHECK(one.events("timer_fired").empty());
}

CAF_TEST(the instant of a time trigger may come from the data) {
  auto one = begun(waiting(json::array({timed("expire", {{"at", "{{data.deadline}}"}})})),
                   {{"deadline", "2026-02-01T12:00:00+01:00"}});
  CAF_CHECK(engine::earliest_due(one.order) == *parse_iso8601("2026-02-01T11:00:00Z"));
  auto span = begun(waiting(json::array({timed("expire", {{"after", "PT{{data.minutes}}M"}})})), {{"minutes", 5}});
  CAF_CHECK(engine::earliest_due(span.order) == span.now + duration{300'000});
  auto past = begun(waiting(json::array({timed("expire", {{"at", "2020-01-01T00:00:00Z"}})})));
  past.perform();
  CAF_CHECK_EQUAL(past.order.state, "late");
}

CAF_TEST(an instant that cannot be told fails the state) {
  auto one = begun(waiting(json::array({timed("expire", {{"at", "{{data.deadline}}"}})})), {{"deadline", "soon"}});
  CAF_CHECK_EQUAL(one.order.state, "error");
  CAF_CHECK_EQUAL(one.order.error->code, "expression_failed");
  CAF_CHECK(one.order.error->message.find("expire") != std::string::npos);
}

CAF_TEST(the time in a state counts from entering it and not from the end of its actions) {
  json document = waiting(json::array({timed("expire", {{"after", "PT1M"}})}));
  document["states"][0]["entryActions"] = json::array({webhook("call")});
  performance one(document);
  one.call_time = duration{20'000};
  CAF_REQUIRE(one.submit());
  CAF_REQUIRE(one.step());
  const auto entered = one.now;
  CAF_REQUIRE(one.step());
  CAF_CHECK(engine::earliest_due(one.order) == entered + duration{60'000});
}

CAF_TEST(of several time triggers the earliest is taken and at one instant the one of higher priority) {
  auto one = begun(waiting(json::array({timed("second", {{"after", "PT2H"}}), timed("first", {{"after", "PT1H"}})})));
  one.perform();
  CHECK_JSON(one.last("transition_taken")["transition"], "first");
  auto equal = begun(
      waiting(json::array({timed("low", {{"after", "PT1H"}}), timed("high", {{"after", "PT1H"}}, {{"priority", 1}})})));
  equal.perform();
  CHECK_JSON(equal.last("transition_taken")["transition"], "high");
}

CAF_TEST(a time trigger whose condition does not hold is over) {
  const json never = {{"condition", "data.n == 1"}};
  auto one =
      begun(waiting(json::array({timed("early", {{"after", "PT1H"}}, never), timed("late", {{"after", "PT2H"}})})),
            {{"n", 2}});
  one.perform();
  CHECK_JSON(one.last("transition_taken")["transition"], "late");
  CAF_CHECK_EQUAL(one.events("timer_fired").size(), 2u);
  auto event = begun(waiting(json::array({timed("early", {{"after", "PT1H"}}, never)})), {{"n", 2}});
  event.perform();
  CAF_CHECK_EQUAL(event.status(), "waiting");
  CAF_CHECK(!engine::earliest_due(event.order));
  auto alone = begun(waiting(json::array({timed("early", {{"after", "PT1H"}}, never)}), false), {{"n", 2}});
  alone.perform();
  CAF_CHECK_EQUAL(alone.order.error->code, "no_transition");
}

CAF_TEST(data that is invalid for the target of a time trigger fails the state that is left) {
  json document = waiting(json::array({timed("expire", {{"after", "PT1H"}})}));
  document["states"][2]["data"]["schema"] = {{"required", {"missing"}}};
  auto one = begun(document);
  one.perform();
  CAF_CHECK_EQUAL(one.order.state, "error");
  CAF_CHECK_EQUAL(one.order.error->code, "validation_failed");
  CAF_CHECK_EQUAL(one.order.error->state, "asked");
}
