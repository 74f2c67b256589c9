#define CAF_SUITE blueprint_model
#include "tests/blueprint/sample.hpp"

#include "runtime/blueprint/called_functions.hpp"

#include "caf/test/dsl.hpp"

using namespace troupe;
using namespace troupe::blueprint;

CAF_TEST(patterns name error codes) {
  CAF_CHECK(names_error("http_503", "http_503"));
  CAF_CHECK(names_error("http_5xx", "http_503"));
  CAF_CHECK(!names_error("http_5xx", "http_404"));
  CAF_CHECK(!names_error("http_5xx", "http_5xxx"));
  CAF_CHECK(names_error("*", "anything"));
  CAF_CHECK(names_error("timeout", "callback_timeout"));
  CAF_CHECK(names_error("timeout", "timeout"));
  CAF_CHECK(!names_error("callback_timeout", "timeout"));
  CAF_CHECK(!names_error("time", "timeout"));
}

CAF_TEST(what is not worth a retry wins over what is) {
  retry_rule rule;
  rule.on = {"http_5xx", "timeout"};
  rule.not_on = {"http_501"};
  CAF_CHECK(rule.is_worth("http_503"));
  CAF_CHECK(!rule.is_worth("http_501"));
  CAF_CHECK(!rule.is_worth("http_404"));
}

CAF_TEST(the policy retry means three more tries that wait one second and then twice as long) {
  retry_rule nearest;
  nearest.on = {"poor"};
  auto rule = policy_retry(nearest);
  CAF_CHECK_EQUAL(rule.count, 3);
  CAF_CHECK_EQUAL(rule.delay.count(), 1000);
  CAF_CHECK_EQUAL(rule.backoff, 2.0);
  CAF_CHECK(rule.is_worth("poor"));
  CAF_CHECK(!rule.is_worth("http_503"));
}

CAF_TEST(called functions are told from methods and parameters and text) {
  using names = std::set<std::string>;
  CAF_CHECK(called_functions("first(data.items)") == names{"first"});
  CAF_CHECK(called_functions("data.items.first(1)") == names{});
  CAF_CHECK(called_functions("data.items.map(f => f(1))") == names{});
  CAF_CHECK(called_functions("'first(1)' + \"second(2)\"") == names{});
  CAF_CHECK(called_functions("/first(x)/.test(data.a) && second(data.b) / third(1)") == (names{"second", "third"}));
  CAF_CHECK(called_functions("(function again(n) { return n ? again(n - 1) : 0; })(3)") == names{});
  CAF_CHECK(called_functions("({ first(x) { return x; } }).first(1)") == names{});
  CAF_CHECK(called_functions("if (x) {}") == names{});
  CAF_CHECK(called_functions("new Thing(1)") == names{});
  CAF_CHECK(called_functions("[...spread(data.a)]") == names{"spread"});
}
