#define CAF_SUITE engine_notification

#include "tests/engine/checks.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

json told_to(const char* handlers, const json& actions) {
  json result = around_actions(actions);
  result.update(json::parse(handlers));
  return result;
}

const char* callback =
    R"({ "globalCallbackHandler": { "webhook": { "url": "{{config.hook}}", "method": "PUT", "headers": { "X": "{{secret.TOKEN}}" } } } })";

std::string types(const performance& one) {
  std::string result;
  for (const auto& each : one.notifications)
    result += (result.empty() ? "" : " ") + each["type"].get<std::string>();
  return result;
}

} // namespace

CAF_TEST(every change of state and the end are told) {
  performance one(told_to(callback, json::array({webhook("call")})));
  one.run();
  CAF_CHECK_EQUAL(types(one), "order.state_changed order.state_changed order.ended");
  const json& first = one.notifications[0];
  CHECK_JSON(first["timestamp"], "2026-01-01T00:00:00.000Z");
  CHECK_JSON(
      first["data"],
      json::parse(
          R"({ "order_id": "order-1", "workflow": "example", "version": 1, "from": null, "to": "work", "transition": null,
                                             "status": "active", "sequence": 2, "by": "tester", "error": null, "message": null })"));
  const json& second = one.notifications[1]["data"];
  CHECK_JSON(second["from"], "work");
  CHECK_JSON(second["to"], "done");
  CHECK_JSON(second["transition"], "finish");
  const json& end = one.notifications[2]["data"];
  CHECK_JSON(end["status"], "completed");
  CHECK_JSON(end["from"], "done");
  CHECK_JSON(end["to"], nullptr);
}

CAF_TEST(a failure is told with its error) {
  performance one(told_to(callback, json::array({webhook("call", {{"onError", {"notify", "abort"}}})})));
  one.answer("call", 503).run();
  CAF_CHECK_EQUAL(types(one), "order.state_changed order.notified order.state_changed order.ended");
  CHECK_JSON(one.notifications[1]["data"]["error"]["code"], "http_503");
  CHECK_JSON(one.notifications[3]["data"]["error"]["code"], "http_503");
  CHECK_JSON(one.notifications[3]["data"]["status"], "failed");
  CHECK_JSON(one.notifications[3]["data"]["message"], "expected the status 2xx, but found 503");
}

CAF_TEST(an escalation is told and a new run begins from nothing) {
  performance one(told_to(callback, json::array({webhook("call", {{"onError", "escalate"}})})));
  one.answer("call", 503).answer("call", 200).run();
  CAF_CHECK_EQUAL(types(one), "order.state_changed order.escalated");
  CHECK_JSON(one.notifications[1]["data"]["status"], "escalated");
  CHECK_JSON(one.notifications[1]["data"]["error"]["code"], "http_503");
  CAF_REQUIRE(one.reprocess("start"));
  CHECK_JSON(one.notifications[2]["data"]["from"], nullptr);
  CHECK_JSON(one.notifications[2]["data"]["error"], nullptr);
}

CAF_TEST(each kind goes to its own handler and to none where there is none) {
  const char* own =
      R"({ "globalErrorHandler": { "notify": { "webhook": { "url": "http://notify/" } }, "escalate": { "webhook": { "url": "http://escalate/" } } } })";
  performance one(told_to(own, json::array({webhook("call", {{"onError", {"notify", "escalate"}}})})));
  one.answer("call", 503).run();
  CAF_CHECK_EQUAL(types(one), "order.notified order.escalated");
  CAF_CHECK_EQUAL(engine::render_notification(one.notifications[0], *one.definition, one.surroundings)->url,
                  "http://notify/");
  CAF_CHECK_EQUAL(engine::render_notification(one.notifications[1], *one.definition, one.surroundings)->url,
                  "http://escalate/");
  performance silent(around_actions(json::array({webhook("call", {{"onError", {"notify", "escalate"}}})})));
  silent.answer("call", 503).run();
  CAF_CHECK(silent.notifications.empty());
}

CAF_TEST(a notification has the same id whenever it is derived) {
  performance one(told_to(callback, json::array({webhook("call")})));
  one.run();
  auto again = engine::notifications(engine::order{}, one.history, one.around());
  CAF_REQUIRE_EQUAL(again.size(), one.notifications.size());
  for (std::size_t index = 0; index < again.size(); ++index)
    CHECK_JSON(again[index], one.notifications[index]);
  CAF_CHECK(again[0]["id"] != again[1]["id"]);
}

CAF_TEST(a notification is sent with the headers of Standard Webhooks) {
  performance one(told_to(callback, json::array()));
  one.surroundings.config = {{"hook", "http://hook/"}};
  one.surroundings.secrets = {{"TOKEN", "s3cr3t"}};
  one.run();
  auto call =
      engine::render_notification(one.notifications[0], *one.definition, one.surroundings, one.now + duration{5999});
  CAF_REQUIRE(call);
  CAF_CHECK_EQUAL(call->method, "PUT");
  CAF_CHECK_EQUAL(call->url, "http://hook/");
  CHECK_JSON(json::parse(call->body), one.notifications[0]);
  std::map<std::string, std::string> fields(call->fields.begin(), call->fields.end());
  CAF_CHECK_EQUAL(fields["webhook-id"], one.notifications[0]["id"].get<std::string>());
  CAF_CHECK_EQUAL(fields["webhook-timestamp"], "1767225605");
  CAF_CHECK_EQUAL(fields["Content-Type"], "application/json");
  CAF_CHECK_EQUAL(fields["X"], "s3cr3t");
}
