#define CAF_SUITE webhook

#include "runtime/transport/webhook.hpp"

#include "runtime/base/log.hpp"

#include "caf/test/dsl.hpp"

using namespace troupe;

namespace {

using answered = tl::expected<http::answer, http::call_error>;

http::answer answer_of(std::string body, int status = 200) {
  http::answer result{status, {}, std::move(body)};
  result.fields.add("Content-Type", "application/json");
  result.fields.add("X-Thing", "one");
  result.fields.add("x-thing", "two");
  return result;
}

engine::complete_action outcome(answered what, json secrets = json::object()) {
  return transport::outcome_of({3, engine::action_kind::exit, "call", 2, time_point{duration{7}}}, std::move(what),
                               {json::object(), std::move(secrets)}, "node:a");
}

} // namespace

CAF_TEST(an answer becomes status and lower - case headers and body) {
  const auto done = outcome(answer_of(R"({"a":[1,{"b":"c"}]})", 201));
  CAF_CHECK_EQUAL(done.visit, 3);
  CAF_CHECK(done.kind == engine::action_kind::exit);
  CAF_CHECK_EQUAL(done.action, "call");
  CAF_CHECK_EQUAL(done.attempt, 2);
  CAF_CHECK_EQUAL(done.by, "node:a");
  CAF_CHECK_EQUAL(done.error, "");
  CAF_CHECK((*done.response)["status"] == 201);
  CAF_CHECK((*done.response)["headers"]["x-thing"] == "one, two");
  CAF_CHECK((*done.response)["body"]["a"][1]["b"] == "c");
}

CAF_TEST(a body that is no JSON is text and an empty one null) {
  CAF_CHECK(outcome(answer_of("<html>no</html>")).response->at("body") == "<html>no</html>");
  CAF_CHECK(outcome(answer_of("")).response->at("body").is_null());
  CAF_CHECK(outcome(answer_of(R"({"a":1,"a":2})")).response->at("body") == R"({"a":1,"a":2})");
  CAF_CHECK(outcome(answer_of(std::string(200, '['))).response->at("body").is_string());
  CAF_CHECK(outcome(answer_of("\xff\xfe bytes")).response->at("body").is_string());
  CAF_CHECK_EQUAL(to_text(outcome(answer_of("\xff")).response->at("body")).empty(), false);
}

CAF_TEST(numbers that lost their value are named) {
  const auto done = outcome(answer_of(R"({"a":123456789012345678901234567890,"b":1})"));
  CAF_REQUIRE_EQUAL(done.inexact.size(), 1u);
  CAF_CHECK_EQUAL(done.inexact[0], "/a");
}

CAF_TEST(failures become the codes of the engine) {
  const auto code = [](http::call_failure failure) {
    return outcome(tl::unexpected(http::call_error{failure, "why", false})).error;
  };
  CAF_CHECK_EQUAL(code(http::call_failure::timeout), "timeout");
  CAF_CHECK_EQUAL(code(http::call_failure::connection_failed), "connection_failed");
  CAF_CHECK_EQUAL(code(http::call_failure::address_refused), "address_refused");
  CAF_CHECK_EQUAL(code(http::call_failure::unexpected_response), "unexpected_response");
  const auto done = outcome(tl::unexpected(http::call_error{http::call_failure::timeout, "why", true}));
  CAF_CHECK(done.response->is_null());
  CAF_CHECK_EQUAL(done.message, "why");
}

CAF_TEST(secrets that the other side echoes are not kept) {
  hide_in_logs("opensesame");
  hide_in_logs("12345678");
  const json secrets = {{"TOKEN", "opensesame"}, {"PIN", "12345678"}};
  auto echoed = answer_of(
      R"({"a":"Bearer opensesame!","opensesame":1,"pin":12345678,"deep":[{"x":"open\u0073esame"}],"n":812345678})");
  echoed.fields.add("X-Echo", "opensesame");
  const auto text = to_text(*outcome(std::move(echoed), secrets).response);
  CAF_CHECK(text.find("opensesame") == std::string::npos);
  CAF_CHECK(text.find(":12345678") == std::string::npos);
  CAF_CHECK(text.find("812345678") != std::string::npos);
  const auto failed =
      outcome(tl::unexpected(http::call_error{http::call_failure::connection_failed, "http://x/?k=opensesame", false}),
              secrets);
  CAF_CHECK(failed.message.find("opensesame") == std::string::npos);
}

CAF_TEST(outcomes are told apart for the metrics) {
  CAF_CHECK_EQUAL(transport::outcome_class(answer_of("", 204)), "2xx");
  CAF_CHECK_EQUAL(transport::outcome_class(answer_of("", 404)), "4xx");
  CAF_CHECK_EQUAL(transport::outcome_class(answer_of("", 599)), "5xx");
  CAF_CHECK_EQUAL(transport::outcome_class(tl::unexpected(http::call_error{http::call_failure::timeout, "", true})),
                  "timeout");
}
