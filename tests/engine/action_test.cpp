#define CAF_SUITE engine_action

#include "tests/engine/checks.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

json actions(const char* text) {
  return around_actions(json::parse(text));
}

std::string error_of(const json& document, int status, const json& body) {
  performance one(document);
  one.answer("call", status, body).run({{"amount", 5}});
  return one.order.error ? one.order.error->code + ": " + one.order.error->message : one.status();
}

json expecting(const char* text) {
  json call = webhook("call");
  call["webhook"]["expectedResponse"] = json::parse(text);
  return around_actions(json::array({call}));
}

} // namespace

CAF_TEST(actions run in order and each outcome is recorded once) {
  performance one(actions(R"([
    { "actionId": "a", "webhook": { "url": "http://service/a" }, "save": { "x": "response.body.x" } },
    { "actionId": "b", "set": { "y": "data.x + 1", "variables.v": "'w'" } },
    { "actionId": "c", "webhook": { "url": "http://service/c/{{data.y}}", "payload": "{{variables.v}}" } } ])"));
  one.answer("a", 201, {{"x", 1}}).run();
  CAF_CHECK_EQUAL(one.told(), "order_submitted state_entered action_completed action_completed action_completed "
                              "transition_taken state_left state_entered order_ended");
  CHECK_JSON(*one.order.data, json({{"x", 1}, {"y", 2}}));
  CHECK_JSON(*one.order.variables, json({{"v", "w"}}));
  CAF_CHECK_EQUAL(one.calls[1].call.url, "http://service/c/2");
  CAF_CHECK_EQUAL(one.calls[1].call.body, "\"w\"");
  json first = one.events("action_completed")[0].data;
  CHECK_JSON(first["saved"], json({{"x", 1}}));
  CHECK_JSON(first["kind"], "entry");
  CHECK_JSON(first["attempt"], 1);
  CHECK_JSON(first["status"], 201);
  CHECK_JSON(first["started_at"], "2026-01-01T00:00:00.000Z");
  CHECK_JSON(one.events("action_completed")[1].data["saved"], json({{"variables.v", "w"}, {"y", 2}}));
}

CAF_TEST(an action whose condition does not hold is skipped) {
  performance one(
      actions(R"([ { "actionId": "a", "webhook": { "url": "http://service/a" }, "condition": "data.amount > 10" },
                               { "actionId": "b", "set": { "y": "1" }, "condition": "data.amount > 10" } ])"));
  one.run({{"amount", 5}});
  CAF_CHECK(one.calls.empty());
  CAF_CHECK_EQUAL(one.events("action_skipped").size(), 2u);
  CHECK_JSON(one.events("action_skipped")[0].data, json({{"action", "a"}, {"kind", "entry"}}));
  CAF_CHECK_EQUAL(one.status(), "completed");
}

CAF_TEST(a condition that cannot be evaluated goes through the policies and is never tried again) {
  performance one(
      actions(R"([ { "actionId": "a", "webhook": { "url": "http://service/a" }, "condition": "data.a.b.c > 1",
                                 "retryCount": 3, "retryOn": ["*"] } ])"));
  one.run();
  CAF_CHECK_EQUAL(one.order.error->code, "expression_failed");
  CAF_CHECK_EQUAL(one.events("action_failed").size(), 1u);
  CAF_CHECK(one.calls.empty());
  performance other(actions(
      R"([ { "actionId": "a", "webhook": { "url": "http://service/a" }, "condition": "data.a.b.c > 1", "onError": "ignore" } ])"));
  other.run();
  CAF_CHECK_EQUAL(other.status(), "completed");
}

CAF_TEST(a template of a request that cannot be evaluated is an expression that failed) {
  performance one(actions(R"([ { "actionId": "a", "webhook": { "url": "http://service/{{data.a.b.c()}}" } } ])"));
  one.run();
  CAF_CHECK_EQUAL(one.order.error->code, "expression_failed");
  CAF_CHECK_EQUAL(one.order.error->action, "a");
}

CAF_TEST(any status of success will do unless others are expected) {
  CAF_CHECK_EQUAL(error_of(around_actions(json::array({webhook("call")})), 204, nullptr), "completed");
  CAF_CHECK_EQUAL(error_of(around_actions(json::array({webhook("call")})), 302, nullptr),
                  "http_302: expected the status 2xx, but found 302");
  CAF_CHECK_EQUAL(error_of(expecting(R"({ "status": [200, 404] })"), 404, nullptr), "completed");
  CAF_CHECK_EQUAL(error_of(expecting(R"({ "status": [200, 404] })"), 503, nullptr),
                  "http_503: expected the status 200 or 404, but found 503");
  CAF_CHECK_EQUAL(error_of(expecting(R"("200 OK")"), 201, nullptr), "http_201: expected the status 200, but found 201");
}

CAF_TEST(an answer is checked against schema and condition) {
  const char* schema = R"({ "schema": { "type": "object", "required": ["ok"] } })";
  CAF_CHECK_EQUAL(error_of(expecting(schema), 200, {{"ok", 1}}), "completed");
  CAF_CHECK_EQUAL(error_of(expecting(schema), 200, json::object()).substr(0, 20), "unexpected_response:");
  const char* condition = R"({ "condition": "response.body.ok" })";
  CAF_CHECK_EQUAL(error_of(expecting(condition), 200, {{"ok", true}}), "completed");
  CAF_CHECK_EQUAL(error_of(expecting(condition), 200, {{"ok", false}}),
                  "condition_failed: expected an answer for which response.body.ok holds");
  CAF_CHECK_EQUAL(error_of(expecting(R"({ "condition": "response.body.a.b.c" , "status": [200] })"), 200, nullptr),
                  "condition_failed: expected an answer for which response.body.a.b.c holds");
  CAF_CHECK_EQUAL(error_of(expecting(R"({ "condition": "response.body.a.b > 1" })"), 200, json::object()).substr(0, 18),
                  "expression_failed:");
}

CAF_TEST(named errors are looked at before what is expected) {
  json call = webhook("call");
  call["errors"] = json::parse(
      R"([ { "code": "poor", "when": "response.status == 402", "message": "lacks {{response.body.missing}}" },
                                    { "code": "odd", "when": "response.body.odd" } ])");
  const json document = around_actions(json::array({call}));
  CAF_CHECK_EQUAL(error_of(document, 402, {{"missing", 3}}), "poor: lacks 3");
  CAF_CHECK_EQUAL(error_of(document, 200, {{"odd", true}}), "odd: the answer says odd");
  CAF_CHECK_EQUAL(error_of(document, 200, json::object()), "completed");
  call["errors"][0]["message"] = "{{response.body.nothing}}";
  CAF_CHECK_EQUAL(error_of(around_actions(json::array({call})), 402, json::object()), "poor: the answer says poor");
}

CAF_TEST(numbers that lost their value fail the action only if they are saved) {
  auto outcome = [](const char* expression) {
    performance one(around_actions(json::array({webhook("call", {{"save", {{"x", expression}}}})})));
    CAF_REQUIRE(one.submit());
    CAF_REQUIRE(one.step());
    engine::complete_action answer;
    answer.visit = 1;
    answer.action = "call";
    answer.response = json::parse(
        R"({ "status": 200, "headers": {}, "body": { "big": 9007199254740993, "ok": 1, "list": [1, 0.1] } })");
    answer.inexact = {"/big", "/list/1"};
    answer.started_at = one.now;
    CAF_REQUIRE(one.give(answer));
    return one.order.error ? one.order.error->code : one.status();
  };
  CAF_CHECK_EQUAL(outcome("response.body.big"), "validation_failed");
  CAF_CHECK_EQUAL(outcome("response.body"), "validation_failed");
  CAF_CHECK_EQUAL(outcome("response.body.list"), "validation_failed");
  CAF_CHECK_EQUAL(outcome("response.body.list[1] * 2"), "validation_failed");
  CAF_CHECK_EQUAL(outcome("response.body.list[0]"), "completed");
  CAF_CHECK_EQUAL(outcome("response.body.ok"), "completed");
  CAF_CHECK_EQUAL(outcome("response.body.ok + 1"), "completed");
  CAF_CHECK_EQUAL(outcome("1"), "completed");
}

CAF_TEST(an expression in save that fails fails the action) {
  performance one(around_actions(
      json::array({webhook("call", {{"save", {{"x", "response.body.a.b.c()"}}}, {"onError", "ignore"}})})));
  one.run();
  CAF_CHECK_EQUAL(one.status(), "completed");
  CHECK_JSON(one.last("action_failed")["error"]["code"], "expression_failed");
  CHECK_JSON(one.last("policy_applied")["policy"], "ignore");
  CAF_CHECK(!one.order.data->contains("x"));
}

CAF_TEST(all fields of one set see what was there before) {
  performance one(actions(
      R"([ { "actionId": "a", "set": { "a": "1", "b": "2" } }, { "actionId": "swap", "set": { "a": "data.b", "b": "data.a" } } ])"));
  one.run();
  CHECK_JSON(*one.order.data, json({{"a", 2}, {"b", 1}}));
}

CAF_TEST(log writes a line and notify tells the handler) {
  json document = actions(R"([ { "actionId": "note", "log": { "level": "warning", "message": "paid {{data.amount}}" } },
                               { "actionId": "ring", "notify": { "message": "late: {{order.order_id}}", "data": { "amount": "{{data.amount}}" } } } ])");
  document["globalCallbackHandler"] = {{"webhook", {{"url", "http://service/callback"}}}};
  performance one(document);
  one.run({{"amount", 5}});
  auto lines = engine::log_lines(one.history);
  CAF_REQUIRE_EQUAL(lines.size(), 1u);
  CAF_CHECK_EQUAL(lines[0].level, "warning");
  CAF_CHECK_EQUAL(lines[0].message, "paid 5");
  json told;
  for (const auto& each : one.notifications)
    if (each["type"] == "order.notified") told = each;
  CHECK_JSON(told["data"]["message"], "late: order-1");
  CHECK_JSON(told["data"]["data"], json({{"amount", 5}}));
}

CAF_TEST(a message that cannot be written goes through the policies) {
  performance one(
      actions(R"([ { "actionId": "note", "log": { "message": "{{data.a.b()}}" }, "onError": ["log", "ignore"] },
                               { "actionId": "ring", "notify": { "message": "{{data.a.b()}}" } } ])"));
  one.run();
  CAF_CHECK_EQUAL(one.order.error->action, "ring");
  CAF_CHECK_EQUAL(one.order.error->code, "expression_failed");
}

CAF_TEST(an echoed secret is not recorded) {
  performance one(around_actions(json::array({webhook(
      "call",
      {{"save", {{"x", "response.body"}}},
       {"errors", {{{"code", "bad"}, {"when", "response.status == 400"}, {"message", "{{response.body}}"}}}}})})));
  one.surroundings.secrets = {{"TOKEN", "s3cr3t"}};
  performance other = one;
  one.answer("call", 200, {{"echo", {"Bearer s3cr3t"}}}).run();
  CHECK_JSON(one.order.data->at("x"), json::parse(R"({ "echo": ["Bearer ***"] })"));
  other.answer("call", 400, "s3cr3t!").run();
  CAF_CHECK_EQUAL(other.order.error->message, "***!");
}

CAF_TEST(an outcome of another try than the one under way is refused) {
  performance one(around_actions(json::array({webhook("call", {{"retryCount", 1}})})));
  CAF_REQUIRE(one.submit());
  engine::complete_action outcome;
  outcome.visit = 1;
  outcome.action = "call";
  outcome.response = json{{"status", 200}, {"headers", json::object()}, {"body", nullptr}};
  CAF_CHECK_EQUAL(code(one.give(outcome)), "conflict");
  CAF_REQUIRE(one.step());
  auto wrong = outcome;
  wrong.visit = 2;
  CAF_CHECK_EQUAL(code(one.give(wrong)), "conflict");
  wrong = outcome;
  wrong.action = "other";
  CAF_CHECK_EQUAL(code(one.give(wrong)), "conflict");
  wrong = outcome;
  wrong.kind = engine::action_kind::exit;
  CAF_CHECK_EQUAL(code(one.give(wrong)), "conflict");
  wrong = outcome;
  wrong.attempt = 2;
  CAF_CHECK_EQUAL(code(one.give(wrong)), "conflict");
  CAF_CHECK(one.give(outcome));
  CAF_CHECK_EQUAL(code(one.give(outcome)), "conflict");
}
