#define CAF_SUITE engine_rollback

#include "tests/engine/checks.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

/// A webhook action `id` that `not_<id>` undoes.
json undoable(const std::string& id, const json& more = json::object(), const json& undo_more = json::object()) {
  json compensate = {{"webhook", {{"url", "http://service/not_" + id}, {"method", "POST"}}}};
  compensate.update(undo_more, true);
  json result = webhook(id, {{"compensate", compensate}});
  result.update(more, true);
  return result;
}

/// Three states with an action each, `a`, `b` and `c`; the last rolls back when it fails.
json saga(const json& last = webhook("c", {{"onError", "rollback"}, {"onTimeout", "rollback"}})) {
  json result = json::parse(R"({
    "stateMachineId": "saga",
    "states": [ { "stateId": "one", "baseStateType": "initial" }, { "stateId": "two", "baseStateType": "intermediate" },
                { "stateId": "three", "baseStateType": "intermediate" }, { "stateId": "done", "baseStateType": "final" } ],
    "transitions": [ { "transitionId": "t1", "from": "one", "to": "two" },
                     { "transitionId": "t2", "from": "two", "to": "three" },
                     { "transitionId": "t3", "from": "three", "to": "done" } ] })");
  result["states"][0]["entryActions"] = json::array({undoable("a")});
  result["states"][1]["entryActions"] = json::array({undoable("b")});
  result["states"][2]["entryActions"] = json::array({last});
  return result;
}

std::string urls(const performance& one) {
  std::string result;
  for (const auto& each : one.calls)
    result += (result.empty() ? "" : " ") + each.call.url.substr(std::string("http://service/").size());
  return result;
}

auto cancel(performance& one) {
  return one.give(engine::cancel_order{true, "canceller"});
}
auto resolve(performance& one, const std::string& decision) {
  return one.give(engine::resolve_order{decision, "", "because", "operator"});
}

engine::complete_action outcome_of(const performance& one) {
  const auto due = one.due();
  const auto& wanted = std::get<engine::perform_action>(due);
  engine::complete_action outcome;
  outcome.visit = wanted.visit;
  outcome.kind = wanted.kind;
  outcome.action = wanted.action;
  outcome.attempt = wanted.attempt;
  outcome.response = json{{"status", 200}, {"headers", json::object()}, {"body", nullptr}};
  outcome.by = "node:test";
  return outcome;
}

/// The script goes by the action's id, which a compensation has from what it undoes: its answers come after.
performance failed_saga(const json& document = saga()) {
  performance one(document);
  one.answer("c", 500).run();
  return one;
}

} // namespace

CAF_TEST(a rollback undoes what completed in reverse order and then the order is rolled back) {
  auto one = failed_saga();
  CAF_CHECK_EQUAL(urls(one), "a b c not_b not_a");
  CAF_CHECK_EQUAL(one.status(), "rolled_back");
  CAF_CHECK_EQUAL(one.order.error->code, "http_500");
  CHECK_JSON(one.last("rollback_begun")["count"], 2);
  const auto undone = one.events("compensated");
  CAF_REQUIRE_EQUAL(undone.size(), 2u);
  CHECK_JSON(undone[0].data["action"], "b");
  CHECK_JSON(undone[0].data["kind"], "compensation");
  CHECK_JSON(undone[0].data["visit"], 2);
  CHECK_JSON(undone[1].data["action"], "a");
  CAF_CHECK(one.order.undoables.empty());
}

CAF_TEST(a compensation has a key of its own in the visit of what it undoes) {
  auto one = failed_saga();
  CAF_CHECK_EQUAL(one.calls[3].key(), "order-1/2/compensation/b");
  CAF_CHECK_EQUAL(one.calls[4].key(), "order-1/1/compensation/a");
}

CAF_TEST(exit and transition actions are undone too) {
  json document = saga();
  document["states"][0]["exitActions"] = json::array({undoable("a2")});
  document["transitions"][0]["actions"] = json::array({undoable("a3")});
  auto one = failed_saga(document);
  CAF_CHECK_EQUAL(urls(one), "a a2 a3 b c not_b not_a3 not_a2 not_a");
  CAF_CHECK_EQUAL(one.calls[6].key(), "order-1/1/compensation/transition/a3");
  CAF_CHECK_EQUAL(one.calls[7].key(), "order-1/1/compensation/exit/a2");
}

CAF_TEST(what may have happened is undone and what has not is not ) {
  const json last = undoable("c", {{"onError", "rollback"}, {"onTimeout", "rollback"}});
  performance lost(saga(last));
  lost.fail("c", "timeout").answer("c", 200).run();
  CAF_CHECK_EQUAL(urls(lost), "a b c not_c not_b not_a");
  performance refused(saga(last));
  refused.answer("c", 500).answer("c", 200).run();
  CAF_CHECK_EQUAL(urls(refused), "a b c not_b not_a");
  json retried = last;
  retried["retryCount"] = 1;
  performance both(saga(retried));
  both.fail("c", "connection_failed").answer("c", 503).answer("c", 200).run();
  CAF_CHECK_EQUAL(urls(both), "a b c c not_c not_b not_a");
  json strict = last;
  strict["webhook"]["expectedResponse"] = {{"condition", "response.body.ok == true"}};
  performance useless(saga(strict));
  useless.answer("c", 200).run();
  CAF_CHECK_EQUAL(urls(useless), "a b c not_c not_b not_a");
}

CAF_TEST(a try that never left is not undone) {
  performance one(saga(undoable("c", {{"onError", "rollback"}})));
  CAF_REQUIRE(one.submit());
  for (int step = 0; step < 3; ++step)
    CAF_REQUIRE(one.step());
  auto outcome = outcome_of(one);
  outcome.response = {};
  outcome.error = "connection_failed";
  outcome.sent = false;
  CAF_REQUIRE(one.give(outcome));
  one.perform();
  CAF_CHECK_EQUAL(urls(one), "a b not_b not_a");
}

CAF_TEST(what was passed over and what has no compensation is not undone) {
  json document = saga();
  document["states"][0]["entryActions"][0]["condition"] = "data.n == 1";
  document["states"][1]["entryActions"] = json::array({webhook("b")});
  auto one = failed_saga(document);
  CAF_CHECK_EQUAL(urls(one), "b c");
  CAF_CHECK_EQUAL(one.status(), "rolled_back");
}

CAF_TEST(the alternate way of the state is taken when everything is undone) {
  json document = saga();
  document["states"].push_back({{"stateId", "aside"},
                                {"baseStateType", "final"},
                                {"outcome", "partial"},
                                {"entryActions", json::array({webhook("told")})}});
  document["states"][2]["onFailed"] = "aside";
  document["states"][2]["exitActions"] = json::array({webhook("left")});
  auto one = failed_saga(document);
  CAF_CHECK_EQUAL(urls(one), "a b c not_b not_a left told");
  CAF_CHECK_EQUAL(one.status(), "completed");
  CHECK_JSON(one.order.data->at("errorCode"), "http_500");
}

CAF_TEST(a compensation has retries of its own) {
  json document = saga();
  document["states"][1]["entryActions"] =
      json::array({undoable("b", json::object(), {{"retryCount", 2}, {"retryDelay", "PT5M"}})});
  performance one(document);
  one.answer("c", 500).answer("b", 200).answer("b", 503).answer("b", 503).answer("b", 200).run();
  CAF_CHECK_EQUAL(urls(one), "a b c not_b not_b not_b not_a");
  CAF_CHECK_EQUAL(one.calls[3].key(), one.calls[5].key());
  CAF_CHECK_EQUAL(one.events("retry_scheduled").size(), 2u);
  CAF_CHECK_EQUAL(one.status(), "rolled_back");
}

CAF_TEST(a compensation that fails for good escalates) {
  performance one(saga());
  one.answer("c", 500).answer("b", 200).answer("b", 500).answer("b", 200).run();
  CAF_CHECK_EQUAL(one.status(), "escalated");
  CAF_CHECK_EQUAL(one.order.error->code, "compensation_failed");
  CAF_CHECK_EQUAL(one.order.error->action, "b");
  CAF_CHECK(one.order.error->message.find("http_500") != std::string::npos);
  auto again = one;
  CAF_REQUIRE(resolve(again, "retry"));
  again.perform();
  CAF_CHECK_EQUAL(urls(again), "a b c not_b not_b not_a");
  CAF_CHECK_EQUAL(again.status(), "rolled_back");
  auto on = one;
  CAF_REQUIRE(resolve(on, "proceed"));
  on.perform();
  CAF_CHECK_EQUAL(urls(on), "a b c not_b not_a");
  CAF_CHECK_EQUAL(on.status(), "rolled_back");
  auto given_up = one;
  CAF_REQUIRE(resolve(given_up, "abort"));
  CAF_CHECK_EQUAL(given_up.status(), "failed");
  CAF_CHECK_EQUAL(code(one.reprocess("failure")), "not_possible");
}

CAF_TEST(a compensation may ignore its failure and be done without a call) {
  json document = saga();
  document["states"][0]["entryActions"] =
      json::array({webhook("a", {{"compensate", {{"log", {{"message", "forget {{data.n}}"}}}}}})});
  document["states"][1]["entryActions"] =
      json::array({undoable("b", json::object(), {{"onError", {"notify", "ignore"}}})});
  performance one(document);
  one.answer("c", 500).answer("b", 200).answer("b", 500).run({{"n", 1}});
  CAF_CHECK_EQUAL(one.status(), "rolled_back");
  CAF_CHECK_EQUAL(one.events("compensated").size(), 1u);
  CHECK_JSON(one.last("compensated")["log"]["message"], "forget 1");
}

CAF_TEST(a rollback survives a crash at every point) {
  auto whole = failed_saga();
  for (std::size_t at = 2; at < whole.history.size(); ++at) {
    performance one(saga());
    one.answer("c", 500);
    CAF_REQUIRE(one.submit());
    while (one.history.size() < at && one.step()) {
    }
    one.order = engine::fold(one.history);
    one.perform();
    CAF_CHECK_EQUAL(one.status(), "rolled_back");
    CAF_CHECK_EQUAL(urls(one), "a b c not_b not_a");
    CAF_CHECK_EQUAL(one.told(), whole.told());
  }
}

CAF_TEST(a cancellation with a rollback awaits the try under way and undoes it too) {
  performance one(saga());
  CAF_REQUIRE(one.submit());
  CAF_REQUIRE(one.step());
  CAF_REQUIRE(one.step());
  CAF_REQUIRE(cancel(one));
  CAF_CHECK_EQUAL(one.status(), "active");
  auto outcome = outcome_of([&] {
    auto free = one;
    free.order.where.cancelling = false;
    return free;
  }());
  CAF_REQUIRE(one.give(outcome));
  one.perform();
  CAF_CHECK_EQUAL(urls(one), "a not_b not_a");
  CAF_CHECK_EQUAL(one.status(), "cancelled");
  CHECK_JSON(one.last("cancelled")["rollback"], true);
  CAF_CHECK_EQUAL(one.events("cancelled")[0].by, "canceller");
}

CAF_TEST(a cancellation with a rollback after a crash undoes the try that may have happened) {
  performance one(saga());
  CAF_REQUIRE(one.submit());
  CAF_REQUIRE(one.step());
  CAF_REQUIRE(one.step());
  CAF_REQUIRE(cancel(one));
  one.order = engine::fold(one.history);
  one.perform();
  CAF_CHECK_EQUAL(urls(one), "a not_b not_a");
  CAF_CHECK_EQUAL(one.status(), "cancelled");
}

CAF_TEST(an order that is being rolled back is not cancelled but an escalated one is) {
  performance one(saga());
  one.answer("c", 500).answer("b", 200).answer("b", 500).answer("b", 200);
  CAF_REQUIRE(one.submit());
  while (one.events("rollback_begun").empty())
    CAF_REQUIRE(one.step());
  CAF_CHECK_EQUAL(code(cancel(one)), "not_possible");
  CAF_CHECK_EQUAL(code(one.cancel()), "not_possible");
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "escalated");
  auto without = one;
  CAF_REQUIRE(without.cancel());
  CAF_CHECK_EQUAL(without.status(), "cancelled");
  CAF_REQUIRE(cancel(one));
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "cancelled");
  CAF_CHECK_EQUAL(urls(one), "a b c not_b not_b not_a");
}

CAF_TEST(waiting and paused orders are cancelled with a rollback) {
  json document = saga(webhook("c"));
  document["transitions"][2]["trigger"] = "manual";
  performance waiting(document);
  waiting.run();
  auto paused = waiting;
  CAF_REQUIRE(cancel(waiting));
  waiting.perform();
  CAF_CHECK_EQUAL(urls(waiting), "a b c not_b not_a");
  CAF_CHECK_EQUAL(waiting.status(), "cancelled");
  CAF_REQUIRE(paused.give(engine::pause_order{"operator"}));
  CAF_REQUIRE(cancel(paused));
  paused.perform();
  CAF_CHECK_EQUAL(paused.status(), "cancelled");
}

CAF_TEST(a time - out of a state or an order rolls back) {
  for (const bool of_order : {false, true}) {
    json document = saga(webhook("c"));
    document["transitions"][2]["trigger"] = "manual";
    json& owner = of_order ? document : document["states"][2];
    owner["timeout"] = "PT1H";
    owner["onTimeout"] = "rollback";
    performance one(document);
    one.run();
    CAF_CHECK_EQUAL(one.status(), "rolled_back");
    CAF_CHECK_EQUAL(one.order.error->code, of_order ? "order_timeout" : "state_timeout");
    CAF_CHECK_EQUAL(urls(one), "a b c not_b not_a");
  }
}

CAF_TEST(an operator rolls an escalated order back) {
  performance one(saga(webhook("c", {{"onError", "escalate"}})));
  one.answer("c", 500).run();
  CAF_CHECK_EQUAL(one.status(), "escalated");
  CAF_REQUIRE(resolve(one, "rollback"));
  one.perform();
  CAF_CHECK_EQUAL(urls(one), "a b c not_b not_a");
  CAF_CHECK_EQUAL(one.status(), "rolled_back");
  CAF_CHECK_EQUAL(one.order.error->code, "http_500");
}

CAF_TEST(a new run undoes only what it did itself) {
  auto one = failed_saga();
  CAF_CHECK_EQUAL(code(one.reprocess("failure")), "not_possible");
  one.calls.clear();
  CAF_REQUIRE(one.reprocess("two"));
  one.perform();
  CAF_CHECK_EQUAL(urls(one), "b c not_b");
  CAF_CHECK_EQUAL(one.status(), "rolled_back");
}

CAF_TEST(a paused rollback goes on when it is resumed) {
  performance one(saga());
  one.answer("c", 500);
  CAF_REQUIRE(one.submit());
  while (one.events("rollback_begun").empty())
    CAF_REQUIRE(one.step());
  CAF_REQUIRE(one.give(engine::pause_order{"operator"}));
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "paused");
  CAF_REQUIRE(one.give(engine::resume_order{"operator"}));
  one.perform();
  CAF_CHECK_EQUAL(one.status(), "rolled_back");
}

CAF_TEST(the instance view shows what was undone where it was done) {
  auto one = failed_saga();
  const json view = engine::instance_view(one.order, one.history);
  const json& actions = view["history"][1]["actions"];
  CAF_REQUIRE_EQUAL(actions.size(), 2u);
  CHECK_JSON(actions[1]["kind"], "compensation");
  CHECK_JSON(actions[1]["status"], "completed");
  CHECK_JSON(view["status"], "error");
}
