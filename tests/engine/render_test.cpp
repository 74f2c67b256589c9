#define CAF_SUITE engine_render

#include "tests/engine/checks.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

std::string field(const engine::rendered_call& call, const std::string& name) {
  std::string result;
  for (const auto& [each, value] : call.fields)
    if (each == name) result += (result.empty() ? "" : "|") + value;
  return result;
}

expected<engine::rendered_call> rendered(const json& body, const json& data = json::object(),
                                         const char* timeout = "PT7S") {
  performance one(around_actions(json::array({json{{"actionId", "call"}, {"webhook", body}, {"timeout", timeout}}})));
  one.surroundings.config = {{"bank", "http://bank:9000"}};
  one.surroundings.secrets = {{"TOKEN", "s3cr3t"}};
  engine::submit_order wanted;
  wanted.order_id = "order-1";
  wanted.request = {{"workflow", "example"}, {"data", data}};
  wanted.trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  CAF_REQUIRE(one.give(wanted));
  CAF_REQUIRE(one.step());
  auto due = one.due();
  CAF_REQUIRE(std::holds_alternative<engine::perform_action>(due));
  return engine::render_call(one.order, std::get<engine::perform_action>(due), one.around());
}

} // namespace

CAF_TEST(a request has its fields and its body of JSON) {
  auto call = rendered(
      json::parse(
          R"({ "url": "{{config.bank}}/pay/{{data.id}}", "method": "PUT", "headers": { "X-Name": "n {{data.id}}" },
                                        "payload": { "id": "{{data.id}}", "who": "{{order.order_id}}" }, "auth": { "bearer": "{{secret.TOKEN}}" } })"),
      {{"id", 7}});
  CAF_REQUIRE(call);
  CAF_CHECK_EQUAL(call->method, "PUT");
  CAF_CHECK_EQUAL(call->url, "http://bank:9000/pay/7");
  CAF_CHECK_EQUAL(call->body, R"({"id":7,"who":"order-1"})");
  CAF_CHECK_EQUAL(field(*call, "Content-Type"), "application/json");
  CAF_CHECK_EQUAL(field(*call, "Idempotency-Key"), "order-1/1/call");
  CAF_CHECK_EQUAL(field(*call, "X-Name"), "n 7");
  CAF_CHECK_EQUAL(field(*call, "Authorization"), "Bearer s3cr3t");
  CAF_CHECK_EQUAL(field(*call, "traceparent"), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  CAF_CHECK(call->timeout == duration{7000});
}

CAF_TEST(a request without a payload has no body and no type) {
  auto call = rendered({{"url", "http://a/"}, {"method", "GET"}});
  CAF_REQUIRE(call);
  CAF_CHECK_EQUAL(call->body, "");
  CAF_CHECK_EQUAL(field(*call, "Content-Type"), "");
}

CAF_TEST(fields of the blueprint win) {
  auto call = rendered({{"url", "http://a/"},
                        {"headers", {{"content-type", "text/plain"}, {"Traceparent", "mine"}}},
                        {"payload", "plain text"}});
  CAF_REQUIRE(call);
  CAF_CHECK_EQUAL(call->body, "plain text");
  CAF_CHECK_EQUAL(field(*call, "content-type"), "text/plain");
  CAF_CHECK_EQUAL(field(*call, "Content-Type"), "");
  CAF_CHECK_EQUAL(field(*call, "Traceparent"), "mine");
  CAF_CHECK_EQUAL(field(*call, "traceparent"), "");
  CAF_CHECK_EQUAL(field(*call, "Idempotency-Key"), "order-1/1/call");
}

CAF_TEST(a URL that is none is refused without being shown) {
  for (const char* bad : {"ftp://a/", "a/b", "http://", "http:///x", "http://:80/", "http://a/ b", "http://a/\n",
                          "http://a/\xc3\xa4", "http://a/\"x\""}) {
    auto call = rendered({{"url", "{{data.url}}"}}, {{"url", bad}});
    CAF_CHECK_EQUAL(code(call), "invalid_data");
    if (!call) CAF_CHECK(call.error().detail.find(bad) == std::string::npos);
  }
  CAF_CHECK(rendered({{"url", "{{data.url}}"}}, {{"url", "HTTPS://a.b:8443/c?d=e%20f#g"}}));
}

CAF_TEST(fields that would break the request are refused) {
  CAF_CHECK_EQUAL(code(rendered({{"url", "http://a/"}, {"headers", {{"X", "{{data.x}}"}}}}, {{"x", "a\r\nEvil: 1"}})),
                  "invalid_data");
  CAF_CHECK(rendered({{"url", "http://a/"}, {"headers", {{"X", "{{data.x}}"}}}}, {{"x", "tab\tand \xc3\xa4"}}));
}

CAF_TEST(what is performed is the action at hand and a call) {
  performance one(around_actions(json::array({webhook("call")})));
  CAF_REQUIRE(one.submit());
  CAF_CHECK_EQUAL(code(engine::render_call(one.order, {1, engine::action_kind::entry, "call", 1}, one.around())),
                  "invalid_data");
  CAF_REQUIRE(one.step());
  CAF_CHECK_EQUAL(code(engine::render_call(one.order, {1, engine::action_kind::entry, "other", 1}, one.around())),
                  "invalid_data");
}
