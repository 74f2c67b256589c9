#define CAF_SUITE engine_policy

#include "tests/engine/checks.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

json with(const char* fields, const char* blueprint_fields = "{}") {
  json result = around_actions(json::array({webhook("call", json::parse(fields))}));
  result.update(json::parse(blueprint_fields), true);
  return result;
}

/// The policies that were applied, in order.
std::string applied(const performance& one) {
  std::string result;
  for (const auto& each : one.events("policy_applied"))
    result += (result.empty() ? "" : " ") + each.data["policy"].get<std::string>();
  return result;
}

struct tried {
  std::string policies;
  std::size_t calls;
  std::string error;
  std::string status;
};
tried failing(const json& document, const std::string& error) {
  performance one(document);
  one.fail("call", error).run();
  return {applied(one), one.calls.size(), one.order.error ? one.order.error->code : "none", one.status()};
}

} // namespace

CAF_TEST(abort is what happens when nothing is said) {
  auto made = failing(with("{}"), "http_503");
  CAF_CHECK_EQUAL(made.policies, "abort");
  CAF_CHECK_EQUAL(made.error, "http_503");
  CAF_CHECK_EQUAL(made.status, "failed");
}

CAF_TEST(ignore and proceed go on as if it had succeeded with no answer) {
  performance one(with(R"({ "onError": "ignore", "onTimeout": "proceed", "save": { "x": "response.body.x" } })"));
  one.answer("call", 500, {{"x", 1}}).run();
  CAF_CHECK_EQUAL(one.status(), "completed");
  CAF_CHECK(!one.order.data->contains("x"));
  CAF_CHECK(!one.order.error);
  CHECK_JSON(one.last("policy_applied"),
             json::parse(R"({ "policy": "ignore", "action": "call", "kind": "entry", "list": "onError", "index": 0,
                              "error": { "code": "http_500", "message": "expected the status 2xx, but found 500" } })"));
  auto made = failing(with(R"({ "onError": "abort", "onTimeout": "proceed" })"), "timeout");
  CAF_CHECK_EQUAL(made.policies, "proceed");
  CAF_CHECK_EQUAL(made.status, "completed");
}

CAF_TEST(notify and log are sent and then the next in the list or abort) {
  auto made = failing(with(R"({ "onError": ["notify", "log"] })"), "http_500");
  CAF_CHECK_EQUAL(made.policies, "notify log abort");
  CAF_CHECK_EQUAL(made.status, "failed");
  made = failing(with(R"({ "onError": ["log", "ignore", "notify"] })"), "http_500");
  CAF_CHECK_EQUAL(made.policies, "log ignore");
  performance one(with(R"({ "onError": ["log"] })"));
  one.answer("call", 500).run();
  CAF_CHECK_EQUAL(engine::log_lines(one.history).at(0).message,
                  "the action call failed: http_500: expected the status 2xx, but found 500");
}

CAF_TEST(retry means three more tries that double their delay if nothing nearer says) {
  performance one(with(R"({ "onError": "retry" })"));
  one.answer("call", 503).run();
  CAF_CHECK_EQUAL(one.calls.size(), 4u);
  CAF_CHECK_EQUAL(applied(one), "retry abort");
  CAF_CHECK_EQUAL((one.calls[1].at - one.calls[0].at).count(), 1010);
  CAF_CHECK_EQUAL((one.calls[2].at - one.calls[1].at).count(), 2010);
  CAF_CHECK_EQUAL((one.calls[3].at - one.calls[2].at).count(), 4010);
  CAF_CHECK_EQUAL(one.order.error->attempts, 4);
}

CAF_TEST(retry is passed over where nearer fields say how often or the error is not worth it) {
  auto made = failing(with(R"({ "onError": ["retry", "ignore"], "retryCount": 1 })"), "http_503");
  CAF_CHECK_EQUAL(made.calls, 2u);
  CAF_CHECK_EQUAL(made.policies, "ignore");
  made = failing(with(R"({ "onError": ["retry", "ignore"], "retryCount": 0 })"), "http_503");
  CAF_CHECK_EQUAL(made.calls, 1u);
  made = failing(with(R"({ "onError": ["retry", "ignore"] })"), "http_404");
  CAF_CHECK_EQUAL(made.calls, 1u);
  CAF_CHECK_EQUAL(made.policies, "ignore");
}

CAF_TEST(what comes after retry in the list comes when its tries are used up) {
  auto made = failing(with(R"({ "onError": ["notify", "retry", "log", "ignore"] })"), "http_503");
  CAF_CHECK_EQUAL(made.calls, 4u);
  CAF_CHECK_EQUAL(made.policies, "notify retry log ignore");
}

CAF_TEST(tries that end in a timeout after others that did not go through the list of the timeout once) {
  performance one(with(R"({ "onError": ["retry", "abort"], "onTimeout": ["retry", "notify", "proceed"] })"));
  one.answer("call", 503).answer("call", 503).answer("call", 503).fail("call", "timeout").run();
  CAF_CHECK_EQUAL(one.calls.size(), 4u);
  CAF_CHECK_EQUAL(applied(one), "retry notify proceed");
}

CAF_TEST(escalate makes the order wait for an operator and keeps where it stood) {
  performance one(with(R"({ "onError": ["log", "escalate"] })"));
  one.answer("call", 500).run();
  CAF_CHECK_EQUAL(one.status(), "escalated");
  CAF_CHECK_EQUAL(applied(one), "log escalate");
  CAF_CHECK_EQUAL(one.order.error->code, "http_500");
  CAF_CHECK_EQUAL(one.order.error->action, "call");
  CHECK_JSON(one.last("escalated")["error"]["code"], "http_500");
  CAF_CHECK(std::holds_alternative<engine::park>(one.due()));
  CAF_CHECK(engine::is_settled(one.order));
}

CAF_TEST(the worked example holds) {
  const char* handler = R"({ "globalErrorHandler": { "onError": "retry", "onTimeout": "notify" } })";
  auto made = failing(with(R"({ "retryCount": 3, "timeout": "PT1M" })", handler), "http_503");
  CAF_CHECK_EQUAL(made.calls, 4u);
  CAF_CHECK_EQUAL(made.policies, "abort");
  CAF_CHECK_EQUAL(made.error, "http_503");
  made = failing(with(R"({ "retryCount": 3, "timeout": "PT1M" })", handler), "timeout");
  CAF_CHECK_EQUAL(made.calls, 4u);
  CAF_CHECK_EQUAL(made.policies, "notify abort");
  CAF_CHECK_EQUAL(made.error, "timeout");
  made = failing(with(R"({ "retryCount": 0, "timeout": "PT1M" })", handler), "http_503");
  CAF_CHECK_EQUAL(made.calls, 1u);
}

CAF_TEST(the nearest policy wins) {
  json document = with("{}", R"({ "globalErrorHandler": { "onError": "ignore" } })");
  CAF_CHECK_EQUAL(failing(document, "http_500").policies, "ignore");
  document["states"][0]["onError"] = "log";
  CAF_CHECK_EQUAL(failing(document, "http_500").policies, "log abort");
  document["states"][0]["entryActions"][0]["onError"] = "escalate";
  CAF_CHECK_EQUAL(failing(document, "http_500").policies, "escalate");
}
