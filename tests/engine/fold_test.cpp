#define CAF_SUITE engine_fold

#include "tests/engine/checks.hpp"

#include <random>

using namespace troupe;
using namespace troupe::test;

namespace {

/// Blueprints that have much of what can happen.
std::vector<json> blueprints() {
  json calls = around_actions(json::array(
      {webhook("a", {{"retryCount", 2}, {"retryDelay", "PT0.5S"}, {"save", {{"x", "response.body.x"}}}}),
       webhook("b", {{"onError", {"retry", "notify", "escalate"}}, {"onTimeout", "proceed"}}),
       json::parse(R"({ "actionId": "s", "set": { "n": "(data.n || 0) + 1", "variables.v": "data.n" } })")}));
  calls["globalCallbackHandler"] = {{"webhook", {{"url", "http://service/told"}}}};
  json ways = json::parse(R"({
    "stateMachineId": "ways", "timeout": "PT3M", "onTimeout": "escalate", "immutable": ["id"], "limits": { "visits": 12 },
    "states": [
      { "stateId": "first", "baseStateType": "initial", "payload": null,
        "entryActions": [ { "actionId": "e", "webhook": { "url": "http://service/e" }, "condition": "data.n != 3", "retryCount": 1, "retryDelay": "PT10S" } ],
        "exitActions": [ { "actionId": "x", "webhook": { "url": "http://service/x" }, "onError": ["log", "abort"],
                           "compensate": { "log": { "message": "undone x" } } } ], "onFailed": "undo" },
      { "stateId": "review", "baseStateType": "intermediate", "timeout": "PT1M", "onTimeout": ["retry", "notify"], "retryCount": 1,
        "data": { "schema": { "properties": { "n": { "type": "number" } } }, "payload": { "n": "{{1}}" } } },
      { "stateId": "undo", "baseStateType": "intermediate", "entryActions": [ { "actionId": "u", "webhook": { "url": "http://service/u" }, "onError": "rollback",
                           "compensate": { "webhook": { "url": "http://service/not_u" }, "retryCount": 1, "retryDelay": "PT10S" } } ] },
      { "stateId": "done", "baseStateType": "final", "entryActions": [ { "actionId": "f", "webhook": { "url": "http://service/f" } } ] },
      { "stateId": "error", "baseStateType": "final", "outcome": "error" } ],
    "transitions": [
      { "transitionId": "go", "from": "first", "to": "review", "actions": [ { "actionId": "t", "webhook": { "url": "http://service/t" }, "onTimeout": "rollback",
                           "compensate": { "webhook": { "url": "http://service/not_t" } } } ] },
      { "transitionId": "back", "from": "review", "to": "first", "trigger": { "type": "manual", "event": "back" } },
      { "transitionId": "ok", "from": "review", "to": "done", "trigger": { "type": "manual", "event": "ok" }, "condition": "event.data.n != 2" },
      { "transitionId": "soon", "from": "review", "to": "first", "trigger": { "type": "time", "after": "PT5S" }, "condition": "data.n == 1" },
      { "transitionId": "strict", "from": "review", "to": "review", "trigger": { "type": "manual", "event": "strict", "onInvalid": "fail" } },
      { "transitionId": "undone", "from": "undo", "to": "error" },
      { "transitionId": "fail", "from": ["first", "review"], "to": "error", "trigger": { "type": "error", "errors": ["http_404", "validation_failed"] } } ] })");
  ways["states"][0].erase("payload");
  return {calls, ways};
}

class chance {
public:
  explicit chance(unsigned seed) : engine_(seed) {}
  int below(int bound) { return static_cast<int>(engine_() % static_cast<unsigned>(bound)); }

private:
  std::mt19937 engine_;
};

engine::complete_action random_outcome(chance& dice, const engine::perform_action& wanted, time_point now) {
  engine::complete_action result;
  result.visit = wanted.visit;
  result.kind = wanted.kind;
  result.action = dice.below(30) == 0 ? "another" : wanted.action;
  result.attempt = wanted.attempt;
  result.started_at = now;
  result.by = "node:test";
  const int statuses[] = {200, 200, 200, 404, 503};
  if (dice.below(8) == 0)
    result.error = dice.below(2) == 0 ? "timeout" : "connection_failed";
  else
    result.response =
        json{{"status", statuses[dice.below(5)]}, {"headers", json::object()}, {"body", {{"x", dice.below(10)}}}};
  return result;
}

engine::command random_command(chance& dice, const performance& one) {
  const engine::effect due = one.due();
  if (dice.below(4) > 0) {
    if (std::holds_alternative<engine::begin>(due)) return engine::begin_order{"node:test"};
    if (std::holds_alternative<engine::go_on>(due)) return engine::continue_order{"node:test"};
    if (const auto* wanted = std::get_if<engine::perform_action>(&due)) return random_outcome(dice, *wanted, one.now);
    if (const auto* wait = std::get_if<engine::wait_until>(&due)) {
      if (wait->parked) return engine::resume_after_wait{"timer"};
      return random_outcome(dice, wait->then, one.now);
    }
    if (std::holds_alternative<engine::pause_when_free>(due) && dice.below(2) == 0)
      return engine::finish_pause{"node:test"};
    if (std::holds_alternative<engine::cancel_when_free>(due) && dice.below(2) == 0)
      return engine::finish_cancel{"node:test"};
  }
  const char* events[] = {"back", "ok", "strict", "unknown"};
  const char* places[] = {"start", "failure", "first", "work", "undo"};
  const char* decisions[] = {"retry", "proceed", "goto", "abort", "rollback"};
  switch (dice.below(16)) {
  case 0: return engine::cancel_order{dice.below(2) == 0, "canceller"};
  case 1: return engine::escalate_crash{3, "supervisor"};
  case 2: return engine::quarantine_order{3, "supervisor"};
  case 3:
  case 4:
  case 5: {
    engine::reprocess_order again;
    again.from = places[dice.below(5)];
    if (dice.below(3) == 0) again.data_patch = json::parse(R"([ { "op": "add", "path": "/n", "value": 4 } ])");
    return again;
  }
  case 6:
  case 7: return engine::resolve_order{decisions[dice.below(5)], dice.below(2) == 0 ? "work" : "", "so", "operator"};
  case 8: return engine::pause_order{"operator"};
  case 9:
  case 10: return engine::resume_order{"operator"};
  default: {
    engine::send_event sent;
    sent.name = events[dice.below(4)];
    if (dice.below(2) == 0) sent.data = {{"n", dice.below(4)}};
    if (dice.below(6) == 0) sent.data = {{"n", "x"}, {"id", "b"}};
    sent.by = "sender";
    return sent;
  }
  }
}

} // namespace

// What `performance` checks after every decision is what is tested here: the fold of the events is the order, both
// survive JSON.
CAF_TEST(the fold of the events is the order whatever happens) {
  std::size_t decisions = 0, refusals = 0, events = 0;
  std::map<std::string, int> seen;
  for (const auto& document : blueprints()) {
    const auto definition = compiled(document);
    for (unsigned seed = 0; seed < 150; ++seed) {
      chance dice(seed);
      performance one(definition);
      CAF_REQUIRE(one.submit({{"id", "a"}, {"n", dice.below(5)}}));
      for (int step = 0; step < 60; ++step) {
        one.now += duration{dice.below(6000)};
        const auto before = one.order.sequence;
        auto made = one.give(random_command(dice, one));
        ++(made ? decisions : refusals);
        if (!made) CAF_CHECK_EQUAL(one.order.sequence, before);
      }
      events += one.history.size();
      for (const auto& each : one.history)
        ++seen[each.type];
    }
  }
  CAF_MESSAGE(decisions << " decisions, " << refusals << " refusals, " << events << " events");
  CAF_CHECK(decisions > 5000);
  CAF_CHECK(refusals > 1000);
  for (const char* type :
       {"order_submitted", "state_entered",     "state_left",       "state_failed",     "transition_taken",
        "event_received",  "event_taken",       "event_refused",    "action_completed", "action_skipped",
        "action_failed",   "retry_scheduled",   "retry_begun",      "policy_applied",   "order_waiting",
        "escalated",       "order_quarantined", "cancel_requested", "cancelled",        "reprocessed",
        "order_ended",     "timer_fired",       "state_timed_out",  "order_timed_out",  "resolved",
        "pause_requested", "order_paused",      "order_resumed",    "rollback_begun",   "compensated"})
    if (seen[type] == 0) CAF_ERROR("never happened: " << type);
}

CAF_TEST(nothing but a reprocessing follows the end) {
  for (const auto& document : blueprints()) {
    const auto definition = compiled(document);
    for (unsigned seed = 1000; seed < 1050; ++seed) {
      chance dice(seed);
      performance one(definition);
      CAF_REQUIRE(one.submit({{"n", 1}}));
      for (int step = 0; step < 60; ++step) {
        one.now += duration{dice.below(6000)};
        (void)one.give(random_command(dice, one));
      }
      for (std::size_t index = 1; index < one.history.size(); ++index)
        if (one.history[index - 1].type == "order_ended") CAF_CHECK_EQUAL(one.history[index].type, "reprocessed");
    }
  }
}

CAF_TEST(an unknown event changes nothing but the sequence) {
  performance one(around_actions(json::array()));
  CAF_REQUIRE(one.submit());
  engine::event unknown{2, one.now, "made_up", "somebody", json::object()};
  engine::order after = one.order;
  engine::apply(after, unknown);
  CAF_CHECK_EQUAL(after.sequence, 2u);
  after.sequence = 1;
  CAF_CHECK(after == one.order);
}
