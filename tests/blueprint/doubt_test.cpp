#define CAF_SUITE blueprint_doubt
#include "tests/blueprint/sample.hpp"

#include "caf/test/dsl.hpp"

using namespace troupe;
using namespace troupe::blueprint;
using namespace troupe::blueprint::sample;

namespace {

struct fixture {
  catalogue all;

  fixture() {
    publish(all, published_kind::api_call, "charge", api_call("charge"));
    auto look = api_call("look");
    look["method"] = "GET";
    look["save"] = {{"seen", "response.body"}};
    publish(all, published_kind::api_call, "look", look);
  }

  /// The pointers at which a warning of this code stands, whatever else is found.
  std::string warned(const std::string& code, const json& document) {
    std::string result;
    for (const auto& each : all.validate(document))
      if (each.level == finding::severity::warning && each.code == code)
        result += (result.empty() ? "" : " ") + each.pointer;
    return result;
  }

  std::string uncompensated(const json& document) { return warned("no_compensation", document); }
  std::string unfit(const json& document) { return warned("retries_cannot_fit", document); }
  std::string unused(const json& document) { return warned("never_used", document); }
  std::string unprovided(const json& document) { return warned("never_provided", document); }
};

const std::string first_action = "/states/0/entryActions/0";

json rolling_back() {
  return with("/globalErrorHandler", {{"onError", "rollback"}});
}

/// The middle state requires `field`, and only what is declared may be submitted.
json requiring(const std::string& field, const json& more = json::array()) {
  auto document = sample::blueprint();
  document["data"]["schema"] = {{"properties", {{"amount", {{"type", "number"}}}}}, {"additionalProperties", false}};
  document["states"][1]["data"]["schema"] = {{"properties", {{field, json::object()}}}, {"required", {field}}};
  return document.patch(more);
}

json adding(const std::string& path, const json& value) {
  return json::array({{{"op", "add"}, {"path", path}, {"value", value}}});
}

const std::string required_field = "/states/1/data/schema/required/0";

} // namespace

CAF_TEST_FIXTURE_SCOPE(doubt_tests, fixture)

CAF_TEST(an effect that a rollback would leave behind is doubtful) {
  CAF_CHECK_EQUAL(uncompensated(sample::blueprint()), "");
  CAF_CHECK_EQUAL(uncompensated(rolling_back()), first_action);
  CAF_CHECK_EQUAL(uncompensated(with("/states/1/onError", json::array({"retry", "rollback"}))), first_action);
  CAF_CHECK_EQUAL(uncompensated(with(first_action + "/onTimeout", "rollback")), first_action);
  auto document = rolling_back();
  document["states"][0]["entryActions"][0]["webhook"]["method"] = "GET";
  CAF_CHECK_EQUAL(uncompensated(document), "");
  document = rolling_back();
  document["states"][0]["entryActions"][0]["compensate"] = {{"log", {{"message", "nothing to undo"}}}};
  CAF_CHECK_EQUAL(uncompensated(document), "");
  document["states"][0]["entryActions"].push_back({{"actionId", "pay"}, {"apiCall", {{"api_call_id", "charge"}}}});
  document["states"][0]["entryActions"].push_back({{"actionId", "look"}, {"apiCall", {{"api_call_id", "look"}}}});
  document["states"][2]["entryActions"] = document["states"][0]["entryActions"];
  document["transitions"][0]["actions"] = {{{"actionId", "tell"}, {"kafka", {{"topic", "told"}}}},
                                           {{"actionId", "note"}, {"log", {{"message", "a note"}}}}};
  CAF_CHECK_EQUAL(uncompensated(document), "/states/0/entryActions/1 /transitions/0/actions/0");
}

CAF_TEST(one warning a state names every effect) {
  auto document = rolling_back();
  document["states"][0]["entryActions"].push_back({{"actionId", "pay"}, {"apiCall", {{"api_call_id", "charge"}}}});
  for (const auto& each : all.validate(document))
    if (each.code == "no_compensation") CAF_CHECK(each.message.find("`ask`, `pay`") != std::string::npos);
  CAF_CHECK_EQUAL(uncompensated(document), first_action);
}

CAF_TEST(retries that cannot fit into their time are doubtful) {
  auto with_action = [](const json& fields) {
    auto document = sample::blueprint();
    document["states"][0]["entryActions"][0].update(fields);
    return document;
  };
  CAF_CHECK_EQUAL(unfit(with_action({{"retryCount", 3}, {"retryDelay", "PT10S"}})), "");
  CAF_CHECK_EQUAL(unfit(with_action({{"retryCount", 3}, {"retryDelay", "PT10S"}, {"retryBudget", "PT29S"}})),
                  first_action + "/retryCount");
  CAF_CHECK_EQUAL(unfit(with_action({{"retryCount", 3}, {"retryDelay", "PT10S"}, {"retryBudget", "PT30S"}})), "");
  CAF_CHECK_EQUAL(
      unfit(with_action({{"retryCount", 3}, {"retryDelay", "PT10S"}, {"retryJitter", 0.5}, {"retryBudget", "PT15S"}})),
      "");
  auto document = with_action({{"retryCount", 10}, {"retryBackoff", 2}});
  document["states"][0]["timeout"] = "PT17M";
  CAF_CHECK_EQUAL(unfit(document), "");
  document["states"][0]["timeout"] = "PT10M";
  CAF_CHECK_EQUAL(unfit(document), first_action + "/retryCount");
  document["states"][0]["entryActions"][0]["retryMaxDelay"] = "PT30S";
  CAF_CHECK_EQUAL(unfit(document), "");
  document = with_action(json::object());
  document["states"][0]["retryCount"] = 2;
  document["states"][0]["retryDelay"] = "PT1H";
  document["timeout"] = "PT90M";
  CAF_CHECK_EQUAL(unfit(document), first_action);
  document = with_action({{"onError", "retry"}});
  document["states"][0]["timeout"] = "PT6S";
  CAF_CHECK_EQUAL(unfit(document), first_action);
  document["states"][0]["timeout"] = "PT7S";
  CAF_CHECK_EQUAL(unfit(document), "");
}

CAF_TEST(what is written and has no effect is doubtful) {
  CAF_CHECK_EQUAL(unused(with(first_action + "/retryDelay", "PT1S")), first_action + "/retryDelay");
  CAF_CHECK_EQUAL(unused(with(first_action + "/retryDelay", "1s")), ""); // it is wrong
  auto document = with(first_action + "/retryDelay", "PT1S");
  document["states"][0]["retryCount"] = 2;
  CAF_CHECK_EQUAL(unused(document), "");
}

CAF_TEST(data that a state requires and nothing before it provides is doubtful) {
  CAF_CHECK_EQUAL(unprovided(requiring("amount")), "");
  CAF_CHECK_EQUAL(unprovided(requiring("reference")), required_field);
  CAF_CHECK_EQUAL(unprovided(requiring("reference", adding("/data/schema/additionalProperties", true))), "");
  CAF_CHECK_EQUAL(unprovided(requiring("reference", json::array({{{"op", "remove"}, {"path", "/data"}}}))), "");
  CAF_CHECK_EQUAL(unprovided(requiring("reference", adding("/states/1/data/payload", {{"reference", "{{data.a}}"}}))),
                  "");
  CAF_CHECK_EQUAL(unprovided(requiring("reference", adding("/states/0/data", {{"payload", {{"reference", "x"}}}}))),
                  "");
  CAF_CHECK_EQUAL(unprovided(requiring("reference", adding(first_action + "/save", {{"reference", "response.body"}}))),
                  "");
  CAF_CHECK_EQUAL(unprovided(requiring("reference", adding(first_action + "/save", {{"variables.reference", "1"}}))),
                  required_field);
  json call = {{"actionId", "look"}, {"apiCall", {{"api_call_id", "look"}}}};
  CAF_CHECK_EQUAL(unprovided(requiring("seen", adding("/states/0/exitActions", json::array({call})))), "");
  CAF_CHECK_EQUAL(unprovided(requiring("seen", adding("/states/1/entryActions", json::array({call})))), required_field);
  CAF_CHECK_EQUAL(unprovided(requiring("seen", adding("/transitions/0/actions", json::array({call})))), "");
  CAF_CHECK_EQUAL(unprovided(requiring("reference", adding("/transitions/0/trigger", "manual"))), "");
  json closed = {{"type", "manual"}, {"schema", {{"properties", json::object()}, {"additionalProperties", false}}}};
  CAF_CHECK_EQUAL(unprovided(requiring("reference", adding("/transitions/0/trigger", closed))), required_field);
  closed["schema"]["properties"]["reference"] = true;
  CAF_CHECK_EQUAL(unprovided(requiring("reference", adding("/transitions/0/trigger", closed))), "");
}

CAF_TEST(an error brings its own data) {
  auto document = requiring("amount");
  document["states"].push_back(
      {{"stateId", "failed"},
       {"baseStateType", "final"},
       {"data",
        {{"schema",
          {{"properties", {{"errorCode", true}, {"reason", true}}}, {"required", {"errorCode", "reason"}}}}}}});
  document["states"][0]["onFailed"] = "failed";
  CAF_CHECK_EQUAL(unprovided(document), "/states/3/data/schema/required/1");
}

CAF_TEST(data comes round on a way back) {
  auto document = requiring("reference");
  document["transitions"].push_back(
      {{"transitionId", "back"}, {"from", "middle"}, {"to", "begin"}, {"trigger", "manual"}});
  document["transitions"].back()["actions"] = {{{"actionId", "keep"}, {"set", {{"reference", "1"}}}}};
  CAF_CHECK_EQUAL(unprovided(document), "");
}

CAF_TEST(a closed state that requires what it does not declare is doubtful) {
  auto document = requiring("amount");
  document["states"][1]["data"]["schema"]["required"].push_back("other");
  CAF_CHECK_EQUAL(unprovided(document), "/states/1/data/schema/required/1");
  document["states"][1]["data"]["schema"]["additionalProperties"] = true;
  document["data"]["schema"]["properties"]["other"] = true;
  CAF_CHECK_EQUAL(unprovided(document), "");
}

CAF_TEST(automatic ways that go round through functions alone are endless) {
  auto document = sample::blueprint();
  document["states"][0]["entryActions"] = {
      {{"actionId", "count"}, {"function", {{"name", "sum"}, {"arguments", {1}}}}}};
  document["transitions"].push_back({{"transitionId", "back"}, {"from", "middle"}, {"to", "begin"}});
  auto found = found_in(document);
  CAF_CHECK(std::find(found.begin(), found.end(), "error endless_cycle /transitions/0") != found.end());
}

CAF_TEST_FIXTURE_SCOPE_END()
