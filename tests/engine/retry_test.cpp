#define CAF_SUITE engine_retry

#include "runtime/engine/performing.hpp"
#include "tests/engine/checks.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

json retried(const char* fields) {
  return around_actions(json::array({webhook("call", json::parse(fields))}));
}

/// The gaps between the end of one try and the begin of the next, in milliseconds.
std::string gaps(const performance& one) {
  std::string result;
  for (std::size_t index = 1; index < one.calls.size(); ++index)
    result += (index > 1 ? " " : "") +
              std::to_string((one.calls[index].at - one.calls[index - 1].at - one.call_time).count());
  return result;
}

std::string gaps_of(const char* fields, int status = 503, const json& headers = json::object()) {
  performance one(retried(fields));
  one.answer("call", status, nullptr, headers).run();
  return gaps(one);
}

} // namespace

CAF_TEST(without retry fields there is one try) {
  CAF_CHECK_EQUAL(gaps_of("{}"), "");
}

CAF_TEST(a failed try is made again so many times with the same key) {
  performance one(retried(R"({ "retryCount": 3 })"));
  one.answer("call", 503).run();
  CAF_CHECK_EQUAL(one.calls.size(), 4u);
  for (int index = 0; index < 4; ++index) {
    CAF_CHECK_EQUAL(one.calls[static_cast<std::size_t>(index)].attempt, index + 1);
    CAF_CHECK_EQUAL(one.calls[static_cast<std::size_t>(index)].key(), "order-1/1/call");
  }
  CAF_CHECK_EQUAL(one.order.error->code, "http_503");
  CAF_CHECK_EQUAL(one.order.error->attempts, 4);
  CAF_CHECK_EQUAL(one.status(), "failed");
}

CAF_TEST(a try that succeeds after failed ones goes on and the next action begins anew) {
  performance one(
      around_actions(json::array({webhook("call", {{"retryCount", 3}}), webhook("next", {{"retryCount", 1}})})));
  one.answer("call", 503).fail("call", "timeout").answer("call", 200).answer("next", 500).answer("next", 200).run();
  CAF_CHECK_EQUAL(one.status(), "completed");
  CAF_CHECK_EQUAL(one.calls.size(), 5u);
  CAF_CHECK_EQUAL(one.calls[3].attempt, 1);
  CHECK_JSON(one.events("action_completed")[0].data["attempt"], 3);
}

CAF_TEST(the delay is one second unless said and grows by the backoff up to the cap) {
  CAF_CHECK_EQUAL(gaps_of(R"({ "retryCount": 3 })"), "1000 1000 1000");
  CAF_CHECK_EQUAL(gaps_of(R"({ "retryCount": 4, "retryDelay": "PT0.5S", "retryBackoff": 2, "retryMaxDelay": "PT3S" })"),
                  "500 1000 2000 3000");
  CAF_CHECK_EQUAL(gaps_of(R"({ "retryCount": 3, "retryDelay": "PT1M", "retryBackoff": 10 })"), "60000 300000 300000");
  CAF_CHECK_EQUAL(gaps_of(R"({ "retryCount": 1, "retryDelay": "PT10M" })"), "600000");
}

CAF_TEST(the spread of a delay is the same whenever it is computed and within its share) {
  const std::string first = gaps_of(R"({ "retryCount": 3, "retryDelay": "PT10S", "retryJitter": 0.5 })");
  CAF_CHECK_EQUAL(first, gaps_of(R"({ "retryCount": 3, "retryDelay": "PT10S", "retryJitter": 0.5 })"));
  blueprint::retry_rule rule;
  rule.delay = duration{10'000};
  rule.jitter = 0.5;
  duration least{1'000'000}, most{0};
  for (int index = 0; index < 200; ++index) {
    const auto delay = engine::retry_delay(rule, 1, "order/" + std::to_string(index), std::nullopt);
    least = std::min(least, delay);
    most = std::max(most, delay);
  }
  CAF_CHECK(least >= duration{5'000} && least < duration{6'000});
  CAF_CHECK(most <= duration{15'000} && most > duration{14'000});
  rule.delay_max = duration{8'000};
  CAF_CHECK(engine::retry_delay(rule, 1, "x", std::nullopt) <= duration{8'000});
  rule.backoff = 1e300;
  CAF_CHECK(engine::retry_delay(rule, 1000, "x", std::nullopt) <= duration{8'000});
}

CAF_TEST(only errors worth it are tried again) {
  CAF_CHECK_EQUAL(gaps_of(R"({ "retryCount": 1 })", 429), "1000");
  CAF_CHECK_EQUAL(gaps_of(R"({ "retryCount": 1 })", 408), "1000");
  CAF_CHECK_EQUAL(gaps_of(R"({ "retryCount": 1 })", 404), "");
  CAF_CHECK_EQUAL(gaps_of(R"({ "retryCount": 1, "retryOn": ["http_404"] })", 404), "1000");
  CAF_CHECK_EQUAL(gaps_of(R"({ "retryCount": 1, "retryOn": ["*"], "noRetryOn": ["http_4xx"] })", 404), "");
}

CAF_TEST(the budget bounds the whole) {
  CAF_CHECK_EQUAL(gaps_of(R"({ "retryCount": 10, "retryDelay": "PT1S", "retryBudget": "PT3.5S" })"), "1000 1000 1000");
}

CAF_TEST(the service may ask for a longer delay up to the cap) {
  CAF_CHECK_EQUAL(gaps_of(R"({ "retryCount": 1 })", 503, {{"retry-after", "7"}}), "7000");
  CAF_CHECK_EQUAL(gaps_of(R"({ "retryCount": 1, "retryDelay": "PT10S" })", 503, {{"Retry-After", "7"}}), "10000");
  CAF_CHECK_EQUAL(gaps_of(R"({ "retryCount": 1, "retryMaxDelay": "PT5S" })", 503, {{"Retry-After", "3600"}}), "5000");
  CAF_CHECK_EQUAL(gaps_of(R"({ "retryCount": 1 })", 503, {{"Retry-After", "Thu, 01 Jan 2026 00:00:09 GMT"}}), "8990");
  CAF_CHECK_EQUAL(gaps_of(R"({ "retryCount": 1 })", 503, {{"Retry-After", "soon"}}), "1000");
  CAF_CHECK_EQUAL(gaps_of(R"({ "retryCount": 1 })", 503, {{"Retry-After", "-5"}}), "1000");
}

CAF_TEST(a short retry keeps the order active and a long one parks it) {
  performance brief(retried(R"({ "retryCount": 1, "retryDelay": "PT1S" })"));
  brief.answer("call", 503);
  CAF_REQUIRE(brief.submit());
  brief.step();
  brief.step();
  CAF_CHECK_EQUAL(brief.status(), "active");
  auto due = brief.due();
  auto* wait = std::get_if<engine::wait_until>(&due);
  CAF_REQUIRE(wait);
  CAF_CHECK(!wait->parked);
  CAF_CHECK_EQUAL(wait->then.attempt, 2);
  CAF_CHECK_EQUAL(brief.told(), "order_submitted state_entered action_failed retry_scheduled");

  performance long_one(retried(R"({ "retryCount": 1, "retryDelay": "PT1.001S" })"));
  long_one.answer("call", 503);
  CAF_REQUIRE(long_one.submit());
  long_one.step();
  long_one.step();
  CAF_CHECK_EQUAL(long_one.status(), "waiting");
  CAF_CHECK_EQUAL(long_one.told(), "order_submitted state_entered action_failed retry_scheduled order_waiting");
  CHECK_JSON(long_one.last("order_waiting"),
             json::parse(R"({ "for": [ { "retry": "call", "due": "2026-01-01T00:00:01.011Z" } ] })"));
  CHECK_JSON(long_one.last("retry_scheduled"),
             json::parse(R"({ "action": "call", "kind": "entry", "attempt": 2, "due": "2026-01-01T00:00:01.011Z" })"));
  CAF_CHECK_EQUAL(code(long_one.give(engine::resume_after_wait{"timer"})), "not_possible");
  long_one.now += duration{1001};
  CAF_REQUIRE(long_one.give(engine::resume_after_wait{"timer"}));
  CAF_CHECK_EQUAL(long_one.status(), "active");
  CAF_CHECK(std::holds_alternative<engine::perform_action>(long_one.due()));
  CAF_CHECK_EQUAL(code(long_one.give(engine::resume_after_wait{"timer"})), "not_possible");
}

CAF_TEST(an event that comes while a retry is waited for is deferred) {
  performance one(retried(R"({ "retryCount": 1, "retryDelay": "PT1M" })"));
  one.answer("call", 503);
  CAF_REQUIRE(one.submit());
  one.step();
  one.step();
  CAF_CHECK(one.send("anything")->deferred);
  CAF_CHECK_EQUAL(one.status(), "waiting");
}
