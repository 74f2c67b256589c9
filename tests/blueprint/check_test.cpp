#define CAF_SUITE blueprint_check
#include "tests/blueprint/sample.hpp"

#include "caf/test/dsl.hpp"

using namespace troupe;
using namespace troupe::blueprint;
using namespace troupe::blueprint::sample;

namespace {

const json nested_too_deep = [] {
  json value = 1;
  for (int i = 0; i < 70; ++i)
    value = json::array({value});
  return value;
}();

json action(const json& fields) {
  json result = {{"actionId", "second"}, {"log", {{"message", "here"}}}};
  if (fields.is_object()) result.update(fields);
  return result;
}

json request(const json& fields) {
  json result = {{"url", "http://127.0.0.1/"}};
  if (fields.is_object()) result.update(fields);
  return {{"actionId", "second"}, {"webhook", result}};
}

const std::string next_action = "/states/0/entryActions/1";

/// One more action of the first state: what is found, with the pointer below that action.
bool finds_in_action(const json& written, std::vector<std::pair<std::string, std::string>> codes_and_places) {
  std::vector<std::string> lines;
  for (const auto& [code, place] : codes_and_places)
    lines.push_back(fmt::format("error {} {}{}", code, next_action, place));
  return finds(with(next_action, written), lines);
}

json two_more_states(const json& first, const json& second) {
  auto document = with("/states/-", {{"stateId", "left"}, {"baseStateType", "intermediate"}});
  document["states"].push_back({{"stateId", "right"}, {"baseStateType", "intermediate"}});
  document["transitions"].push_back(
      {{"transitionId", "aside"}, {"from", "begin"}, {"to", "left"}, {"condition", "data.aside"}, {"priority", 1}});
  document["transitions"].push_back(first);
  document["transitions"].push_back(second);
  return document;
}

} // namespace

CAF_TEST(the sample itself is clean) {
  CAF_CHECK(finds(sample::blueprint(), {}));
}

CAF_TEST(what is no blueprint at all is refused) {
  CAF_CHECK(finds(json(7), {"error wrong_type "}));
  CAF_CHECK(finds(json::array(), {"error wrong_type "}));
  CAF_CHECK(finds(json::object(), {"error unknown_form "}));
  CAF_CHECK(finds({{"states", json::array()}, {"steps", json::array()}}, {"error unknown_form /steps"}));
  CAF_CHECK(finds(with("/metadata", {{"deep", nested_too_deep}}), {"error too_deep "}));
  CAF_CHECK(finds(with("/metadata", {{"long", std::string(5u << 20, 'x')}}), {"error too_large "}));
}

CAF_TEST(unknown fields are refused everywhere but in metadata and under a name of ones own) {
  CAF_CHECK(finds(with("/stats", 1), {"error unknown_field /stats"}));
  CAF_CHECK(finds(with("/states/0/stateID", "x"), {"error unknown_field /states/0/stateID"}));
  CAF_CHECK(finds(with("/states/0/entryActions/0/retryCuont", 3),
                  {"error unknown_field /states/0/entryActions/0/retryCuont"}));
  CAF_CHECK(finds(with("/states/0/entryActions/0/webhook/uri", "x"),
                  {"error unknown_field /states/0/entryActions/0/webhook/uri"}));
  CAF_CHECK(finds(with("/transitions/0/target", "x"), {"error unknown_field /transitions/0/target"}));
  CAF_CHECK(finds(with("/transitions/0/a~1b", "x"), {"error unknown_field /transitions/0/a~1b"}));
  CAF_CHECK(finds(with("/limits", {{"vists", 1}}), {"error unknown_field /limits/vists"}));
  CAF_CHECK(finds(with("/x-team", {{"anything", 1}}), {}));
  CAF_CHECK(finds(with("/metadata", {{"anything", {{"at", "all"}}}}), {}));
  CAF_CHECK(finds(with("/states/0/x-color", "red"), {}));
}

CAF_TEST(a misspelled field is told the nearest name) {
  auto found = catalogue{}.validate(with("/states/0/entryActions/0/retryCuont", 3));
  CAF_REQUIRE_EQUAL(found.size(), 1u);
  CAF_CHECK(found[0].message.find("`retryCount`") != std::string::npos);
  CAF_CHECK_EQUAL(to_json(found[0]).at("severity"), "error");
}

CAF_TEST(wrong types of the fields of a blueprint are refused) {
  CAF_CHECK(finds(without("/stateMachineId"), {"error missing_field "}));
  CAF_CHECK(finds(with("/stateMachineId", 7), {"error wrong_type /stateMachineId"}));
  CAF_CHECK(finds(with("/stateMachineId", "7up"), {"error invalid_id /stateMachineId"}));
  CAF_CHECK(finds(with("/stateMachineId", "a b"), {"error invalid_id /stateMachineId"}));
  CAF_CHECK(finds(with("/version", "1"), {"error wrong_type /version"}));
  CAF_CHECK(finds(with("/version", 0), {"error invalid_value /version"}));
  CAF_CHECK(finds(with("/version", 1.5), {"error wrong_type /version"}));
  CAF_CHECK(finds(with("/name", 1), {"error wrong_type /name"}));
  CAF_CHECK(finds(with("/metadata", "x"), {"error wrong_type /metadata"}));
  CAF_CHECK(finds(with("/immutable", "x"), {"error wrong_type /immutable"}));
  CAF_CHECK(finds(with("/immutable", {"x", 1}), {"error wrong_type /immutable/1"}));
  CAF_CHECK(finds(with("/limits", {{"visits", 0}}), {"error invalid_value /limits/visits"}));
  CAF_CHECK(finds(with("/states", "x"), {"error wrong_type /states"}));
  CAF_CHECK(finds(with("/transitions", 1), {"error wrong_type /transitions"}));
}

CAF_TEST(ids have their shape and are there once) {
  CAF_CHECK(finds(with("/states/0/stateId", "begin"), {}));
  CAF_CHECK(finds(with("/states/1/stateId", ""),
                  {"error invalid_id /states/1/stateId", "error unknown_state /transitions/0/to",
                   "error unknown_state /transitions/1/from", "error unreachable_state /states/2",
                   "error stuck_state /states/0"}));
  auto slashed = sample::blueprint();
  slashed["states"][1]["stateId"] = "a/b";
  slashed["transitions"][0]["to"] = "a/b";
  slashed["transitions"][1]["from"] = "a/b";
  CAF_CHECK(finds(slashed, {"error invalid_id /states/1/stateId"}));
  auto twice = with("/states/-", {{"stateId", "end"}, {"baseStateType", "final"}});
  CAF_CHECK(finds(twice, {"error duplicate_id /states/3/stateId"}));
  CAF_CHECK(finds(with("/transitions/1/transitionId", "go"), {"error duplicate_id /transitions/1/transitionId"}));
  CAF_CHECK(finds(with("/transitions/1/transitionId", "a/b"), {"error invalid_id /transitions/1/transitionId"}));
  CAF_CHECK(finds(without("/transitions/0/transitionId"), {"error missing_field /transitions/0"}));
  CAF_CHECK(finds(with("/states/0/exitActions", {{{"actionId", "ask"}, {"log", {{"message", "x"}}}}}),
                  {"error duplicate_id /states/0/exitActions/0/actionId"}));
  CAF_CHECK(finds_in_action(action({{"actionId", "a/b"}}), {{"invalid_id", "/actionId"}}));
  CAF_CHECK(finds(without("/states/0/entryActions/0/actionId"), {"error missing_field /states/0/entryActions/0"}));
}

CAF_TEST(there is one initial state and at least one final one) {
  CAF_CHECK(
      finds(with("/states/1/baseStateType", "initial"), {"error several_initial_states /states/1/baseStateType"}));
  CAF_CHECK(finds(with("/states/0/baseStateType", "intermediate"), {"error no_initial_state /states"}));
  CAF_CHECK(finds(with("/states/2/baseStateType", "intermediate"),
                  {"error no_final_state /states", "error stuck_state /states/2"}));
  CAF_CHECK(
      finds(with("/states/2/baseStateType", "last"), {"error no_final_state /states", "error stuck_state /states/2",
                                                      "error invalid_value /states/2/baseStateType"}));
  CAF_CHECK(finds(without("/states/1/baseStateType"), {"error missing_field /states/1"}));
}

CAF_TEST(targets must be there) {
  CAF_CHECK(
      finds(with("/transitions/1/to", "ende"), {"error unknown_state /transitions/1/to",
                                                "error unreachable_state /states/2", "error stuck_state /states/1"}));
  CAF_CHECK(catalogue{}.validate(with("/transitions/1/to", "ende"))[0].message.find("\"end\"") != std::string::npos);
  CAF_CHECK(finds(with("/states/0/onFailed", "nowhere"), {"error unknown_state /states/0/onFailed"}));
  CAF_CHECK(finds(with("/states/0/onFailed", ""), {"error unknown_state /states/0/onFailed"}));
  CAF_CHECK(finds(with("/transitions/-", {{"transitionId", "x"}, {"from", ""}, {"to", ""}}),
                  {"error unknown_state /transitions/2/from", "error unknown_state /transitions/2/to"}));
  CAF_CHECK(finds(with("/transitions/0/from", {"begin", "nowhere"}), {"error unknown_state /transitions/0/from/1"}));
  CAF_CHECK(finds(with("/transitions/0/from", {"begin", "begin"}), {"error duplicate_id /transitions/0/from/1"}));
  CAF_CHECK(finds(with("/transitions/0/from", {"begin", "*"}), {"error invalid_value /transitions/0/from"}));
  CAF_CHECK(finds(with("/transitions/0/from", json::array()),
                  {"error stuck_state /states/0", "error unreachable_state /states/1",
                   "error unreachable_state /states/2", "error invalid_value /transitions/0/from"}));
  CAF_CHECK(finds(
      with("/transitions/-", {{"transitionId", "any"}, {"from", "*"}, {"to", "end"}, {"trigger", "manual"}}), {}));
}

CAF_TEST(a final state is not left) {
  auto document = with("/transitions/-", {{"transitionId", "again"}, {"from", "end"}, {"to", "begin"}});
  CAF_CHECK(finds(document, {"error final_state_left /transitions/2/from"}));
  CAF_CHECK(finds(with("/states/2/onFailed", "middle"), {"warning never_used /states/2/onFailed"}));
}

CAF_TEST(a state that cannot be reached is refused) {
  auto document = with("/states/-", {{"stateId", "island"}, {"baseStateType", "intermediate"}});
  document["transitions"].push_back({{"transitionId", "off"}, {"from", "island"}, {"to", "end"}});
  CAF_CHECK(finds(document, {"error unreachable_state /states/3"}));
  document["states"][0]["onFailed"] = "island";
  CAF_CHECK(finds(document, {}));
}

CAF_TEST(a state in which nothing can ever happen is refused) {
  auto document = with("/states/-", {{"stateId", "trap"}, {"baseStateType", "intermediate"}});
  document["transitions"].push_back(
      {{"transitionId", "fall"}, {"from", "middle"}, {"to", "trap"}, {"trigger", "manual"}});
  CAF_CHECK(finds(document, {"error stuck_state /states/3"}));
  document["transitions"].push_back(
      {{"transitionId", "fail"}, {"from", "trap"}, {"to", "end"}, {"trigger", {{"type", "error"}, {"errors", {"*"}}}}});
  CAF_CHECK(finds(document, {"warning no_way_on /states/3"}));
}

CAF_TEST(automatic transitions that go round without a condition and without anything awaited are refused) {
  json there = {{"transitionId", "there"}, {"from", "left"}, {"to", "right"}};
  json back = {{"transitionId", "back"}, {"from", "right"}, {"to", "left"}};
  CAF_CHECK(finds(two_more_states(there, back), {"error endless_cycle /transitions/3"}));
  auto conditional = back;
  conditional["condition"] = "data.again";
  conditional["to"] = "left";
  CAF_CHECK(finds(two_more_states(there, conditional), {}));
  auto awaiting = back;
  awaiting["actions"] = json::array({{{"actionId", "call"}, {"webhook", {{"url", "http://127.0.0.1/"}}}}});
  CAF_CHECK(finds(two_more_states(there, awaiting), {}));
  auto writing = back;
  writing["actions"] = json::array({{{"actionId", "note"}, {"log", {{"message", "round"}}}}});
  CAF_CHECK(finds(two_more_states(there, writing), {"error endless_cycle /transitions/3"}));
  auto itself = sample::blueprint();
  itself["states"][1]["entryActions"] = json::array();
  itself["transitions"].push_back({{"transitionId", "round"}, {"from", "middle"}, {"to", "middle"}});
  CAF_CHECK(finds(itself, {"error endless_cycle /transitions/2"}));
}

CAF_TEST(a transition behind one that is always taken is doubtful) {
  auto document =
      with("/transitions/-", {{"transitionId", "late"}, {"from", "begin"}, {"to", "end"}, {"condition", "data.x"}});
  CAF_CHECK(finds(document, {"warning never_taken /transitions/2"}));
  document["transitions"][2]["priority"] = 5;
  CAF_CHECK(finds(document, {}));
}

CAF_TEST(triggers are checked) {
  auto trigger = [](const json& value) { return with("/transitions/1/trigger", value); };
  CAF_CHECK(finds(
      trigger({{"type", "manual"}, {"event", "ok"}, {"schema", {{"type", "object"}}}, {"onInvalid", "fail"}}), {}));
  CAF_CHECK(finds(trigger({{"type", "manual"}, {"event", "a/b"}}), {"error invalid_id /transitions/1/trigger/event"}));
  CAF_CHECK(finds(trigger({{"type", "manual"}, {"onInvalid", "ignore"}}),
                  {"error invalid_value /transitions/1/trigger/onInvalid"}));
  CAF_CHECK(
      finds(trigger({{"type", "manual"}, {"errors", {"*"}}}), {"error unknown_field /transitions/1/trigger/errors"}));
  CAF_CHECK(
      finds(trigger({{"type", "automatic"}, {"event", "ok"}}), {"error unknown_field /transitions/1/trigger/event"}));
  CAF_CHECK(finds(trigger("sometimes"), {"error invalid_value /transitions/1/trigger"}));
  CAF_CHECK(finds(trigger(7), {"error wrong_type /transitions/1/trigger"}));
  CAF_CHECK(finds(trigger(json::object()), {"error missing_field /transitions/1/trigger"}));
  CAF_CHECK(finds(trigger("time"), {"error missing_field /transitions/1/trigger"}));
  CAF_CHECK(finds(trigger({{"type", "time"}, {"after", "PT1H"}}), {}));
  CAF_CHECK(finds(trigger({{"type", "time-based"}, {"after", "PT{{data.minutes}}M"}}), {}));
  CAF_CHECK(finds(trigger({{"type", "time"}, {"at", "{{data.deadline}}"}}), {}));
  CAF_CHECK(finds(trigger({{"type", "time"}, {"at", "2026-02-01T12:00:00Z"}}), {}));
  CAF_CHECK(
      finds(trigger({{"type", "time"}, {"after", "soon"}}), {"error invalid_duration /transitions/1/trigger/after"}));
  CAF_CHECK(finds(trigger({{"type", "time"}, {"at", "tomorrow"}}), {"error invalid_value /transitions/1/trigger/at"}));
  CAF_CHECK(finds(trigger({{"type", "time"}, {"after", "PT1H"}, {"at", "{{data.at}}"}}),
                  {"error duplicate_field /transitions/1/trigger/at"}));
  CAF_CHECK(finds(trigger({{"type", "time"}, {"after", 5}}), {"error wrong_type /transitions/1/trigger/after"}));
  CAF_CHECK(
      finds(trigger({{"type", "event"}, {"source", "kafka"}}), {"error not_built_yet /transitions/1/trigger/type"}));
  auto fails = [](const json& codes) {
    return with("/transitions/-", {{"transitionId", "fail"},
                                   {"from", "begin"},
                                   {"to", "end"},
                                   {"trigger", {{"type", "error"}, {"errors", codes}}}});
  };
  CAF_CHECK(finds(fails({"timeout", "http_5xx", "http_404", "*"}), {}));
  CAF_CHECK(finds(fails(json::array()), {"error invalid_value /transitions/2/trigger/errors"}));
  CAF_CHECK(finds(fails("timeout"), {"error wrong_type /transitions/2/trigger/errors"}));
  CAF_CHECK(finds(fails({"never_given"}), {"warning unknown_error_code /transitions/2/trigger/errors/0"}));
  CAF_CHECK(
      finds(with("/transitions/-", {{"transitionId", "fail"}, {"from", "begin"}, {"to", "end"}, {"trigger", "error"}}),
            {"error missing_field /transitions/2/trigger"}));
  CAF_CHECK(finds(with("/transitions/0/priority", "high"), {"error wrong_type /transitions/0/priority"}));
  CAF_CHECK(finds(without("/transitions/0/from"),
                  {"error missing_field /transitions/0", "error stuck_state /states/0",
                   "error unreachable_state /states/1", "error unreachable_state /states/2"}));
}

CAF_TEST(what does not compile is refused where it stands) {
  CAF_CHECK(
      finds(with("/transitions/0/condition", "data.amount >"), {"error invalid_expression /transitions/0/condition"}));
  CAF_CHECK(finds(with("/transitions/0/condition", 7), {"error wrong_type /transitions/0/condition"}));
  CAF_CHECK(finds(with("/orderId", "data."), {"error invalid_expression /orderId"}));
  CAF_CHECK(finds(with("/data", {{"schema", {{"type", "strin"}}}}), {"error invalid_schema /data/schema/type"}));
  CAF_CHECK(finds(with("/states/1/data", {{"schema", {{"properties", {{"a", {{"pattern", "("}}}}}}}}),
                  {"error invalid_schema /states/1/data/schema/properties/a/pattern"}));
  CAF_CHECK(finds(with("/states/1/data", {{"payload", {{"a", {{"b", "{{data."}}}}}}),
                  {"error invalid_template /states/1/data/payload/a/b"}));
  CAF_CHECK(finds(with("/states/1/data", {{"template", 1}}), {"error unknown_field /states/1/data/template"}));
  CAF_CHECK(finds_in_action(action({{"retryDelay", "10s"}}), {{"invalid_duration", "/retryDelay"}}));
  CAF_CHECK(finds_in_action(action({{"retryDelay", "P1M"}}), {{"invalid_duration", "/retryDelay"}}));
  CAF_CHECK(finds_in_action(action({{"timeout", "PT0S"}}), {{"invalid_duration", "/timeout"}}));
  CAF_CHECK(finds_in_action(request({{"payload", {{"x", "{{a b}}"}}}}), {{"invalid_template", "/webhook/payload/x"}}));
  CAF_CHECK(finds_in_action(request({{"expectedResponse", {{"schema", {{"minLength", -1}}}}}}),
                            {{"invalid_schema", "/webhook/expectedResponse/schema/minLength"}}));
  CAF_CHECK(finds_in_action(request({{"expectedResponse", {{"condition", "(("}}}}),
                            {{"invalid_expression", "/webhook/expectedResponse/condition"}}));
}

CAF_TEST(actions are checked) {
  CAF_CHECK(finds_in_action(json(1), {{"wrong_type", ""}}));
  CAF_CHECK(finds_in_action({{"actionId", "second"}}, {{"missing_field", ""}}));
  CAF_CHECK(finds_in_action({{"actionId", "second"}, {"type", "log"}}, {{"missing_field", ""}}));
  CAF_CHECK(finds_in_action(action({{"type", "webhook"}}), {{"invalid_value", "/type"}}));
  CAF_CHECK(finds_in_action(action({{"type", "shout"}}), {{"invalid_value", "/type"}}));
  CAF_CHECK(finds_in_action(action({{"set", {{"a", "1"}}}}), {{"several_bodies", ""}}));
  CAF_CHECK(
      finds_in_action(action({{"log", {{"level", "loud"}, {"message", "x"}}}}), {{"invalid_value", "/log/level"}}));
  CAF_CHECK(finds_in_action(action({{"log", json::object()}}), {{"missing_field", "/log"}}));
  CAF_CHECK(finds_in_action(action({{"save", {{"a", "response"}}}}), {{"no_response", "/save"}}));
  CAF_CHECK(finds_in_action({{"actionId", "second"}, {"set", {{"a", 1}}}}, {{"wrong_type", "/set/a"}}));
  CAF_CHECK(finds_in_action({{"actionId", "second"}, {"set", {{"data.a", "1"}}}}, {{"invalid_value", "/set/data.a"}}));
  CAF_CHECK(finds_in_action({{"actionId", "second"}, {"set", {{"variables.a", "1"}, {"b", "2"}}}}, {}));
  CAF_CHECK(finds_in_action(action({{"retryCount", 1001}}), {{"invalid_value", "/retryCount"}}));
  CAF_CHECK(finds_in_action(action({{"retryCount", -1}}), {{"invalid_value", "/retryCount"}}));
  CAF_CHECK(finds_in_action(action({{"retryJitter", 1.5}}), {{"invalid_value", "/retryJitter"}}));
  CAF_CHECK(finds_in_action(action({{"retryBackoff", 0.5}}), {{"invalid_value", "/retryBackoff"}}));
  CAF_CHECK(finds_in_action(action({{"retryOn", "timeout"}}), {{"wrong_type", "/retryOn"}}));
  CAF_CHECK(finds_in_action(action({{"onError", "proceed"}}), {{"invalid_value", "/onError"}}));
  CAF_CHECK(finds_in_action(action({{"onTimeout", "ignore"}}), {{"invalid_value", "/onTimeout"}}));
  CAF_CHECK(finds_in_action(action({{"onError", json::array()}}), {{"invalid_value", "/onError"}}));
  CAF_CHECK(finds_in_action(action({{"onError", {"retry", 7}}}), {{"wrong_type", "/onError/1"}}));
  CAF_CHECK(finds(with(next_action, action({{"onError", {"abort", "log"}}})),
                  {"warning policy_never_reached /states/0/entryActions/1/onError/1"}));
  auto many = json::array();
  for (int i = 0; i < 101; ++i)
    many.push_back(action({{"actionId", fmt::format("a{}", i)}}));
  CAF_CHECK(finds(with("/states/1/entryActions", many), {"error too_many /states/1/entryActions"}));
}

CAF_TEST(requests are checked) {
  CAF_CHECK(finds_in_action({{"actionId", "second"}, {"webhook", json::object()}}, {{"missing_field", "/webhook"}}));
  CAF_CHECK(finds_in_action(request({{"url", 7}}), {{"wrong_type", "/webhook/url"}}));
  for (const char* url :
       {"example.org/x", "ftp://example.org", "http://", "http:///x", "http://a b/", "ldap{{data.x}}", ""})
    CAF_CHECK(finds_in_action(request({{"url", url}}), {{"invalid_value", "/webhook/url"}}));
  for (const char* url : {"https://example.org", "http://{{data.host}}/x", "{{config.bank}}/x", "http{{data.rest}}"})
    CAF_CHECK(finds_in_action(request({{"url", url}}), {}));
  CAF_CHECK(finds_in_action(request({{"method", "FETCH"}}), {{"invalid_value", "/webhook/method"}}));
  CAF_CHECK(finds_in_action(request({{"headers", {{"a b", "x"}}}}), {{"invalid_value", "/webhook/headers/a b"}}));
  CAF_CHECK(finds_in_action(request({{"headers", {{"X-A", "x\r\ny"}}}}), {{"wrong_type", "/webhook/headers/X-A"}}));
  CAF_CHECK(finds_in_action(request({{"headers", {{"Content-Length", "3"}}}}),
                            {{"invalid_value", "/webhook/headers/Content-Length"}}));
  CAF_CHECK(finds_in_action(request({{"headers", {{"idempotency-key", "3"}}}}),
                            {{"invalid_value", "/webhook/headers/idempotency-key"}}));
  CAF_CHECK(finds_in_action(request({{"auth", {{"basic", "x"}}}}),
                            {{"unknown_field", "/webhook/auth/basic"}, {"missing_field", "/webhook/auth"}}));
  CAF_CHECK(finds_in_action(request({{"auth", {{"bearer", "x"}}}, {"headers", {{"authorization", "y"}}}}),
                            {{"duplicate_field", "/webhook/auth"}}));
  CAF_CHECK(finds_in_action(request({{"expectedResponse", "200 OK"}}), {}));
  CAF_CHECK(finds_in_action(request({{"expectedResponse", "OK"}}), {{"wrong_type", "/webhook/expectedResponse"}}));
  CAF_CHECK(finds_in_action(request({{"expectedResponse", {{"status", 200}}}}),
                            {{"wrong_type", "/webhook/expectedResponse/status"}}));
  CAF_CHECK(finds_in_action(request({{"expectedResponse", {{"status", {200, 999}}}}}),
                            {{"invalid_value", "/webhook/expectedResponse/status/1"}}));
  CAF_CHECK(finds_in_action(request({{"expectedResponse", {{"statuses", {200}}}}}),
                            {{"unknown_field", "/webhook/expectedResponse/statuses"}}));
  CAF_CHECK(finds(with(next_action, request({{"method", "GET"}, {"payload", {{"a", 1}}}})),
                  {"warning payload_with_get /states/0/entryActions/1"}));
}

CAF_TEST(errors of an action are checked) {
  auto rules = [](const json& rule) {
    auto result = request({});
    result["errors"] = json::array({rule});
    return result;
  };
  CAF_CHECK(finds_in_action(
      rules({{"code", "poor"}, {"when", "response.status == 402"}, {"message", "{{response.body.reason}}"}}), {}));
  CAF_CHECK(finds_in_action(rules({{"code", "poor"}}), {{"missing_field", "/errors/0"}}));
  CAF_CHECK(finds_in_action(rules({{"when", "response.status == 402"}}), {{"missing_field", "/errors/0"}}));
  CAF_CHECK(finds_in_action(rules({{"code", "poor"}, {"when", "response.status =="}}),
                            {{"invalid_expression", "/errors/0/when"}}));
  CAF_CHECK(finds_in_action(rules({{"code", "poor"}, {"when", "data.x"}, {"then", 1}}),
                            {{"unknown_field", "/errors/0/then"}}));
  CAF_CHECK(finds_in_action(rules({{"code", "poor"}, {"when", "data.x"}, {"message", 1}}),
                            {{"wrong_type", "/errors/0/message"}}));
}

CAF_TEST(secrets are for requests alone) {
  auto call = request({{"url", "{{secret.HOST}}/x"},
                       {"headers", {{"X-Key", "{{secret.KEY}}"}}},
                       {"payload", {{"k", "{{secret.KEY}}"}}},
                       {"auth", {{"bearer", "{{secret.TOKEN}}"}}}});
  CAF_CHECK(finds_in_action(call, {}));
  CAF_CHECK(
      finds_in_action(action({{"log", {{"message", "{{secret.KEY}}"}}}}), {{"secret_not_allowed", "/log/message"}}));
  CAF_CHECK(finds_in_action(action({{"condition", "secret.KEY != null"}}), {{"secret_not_allowed", "/condition"}}));
  CAF_CHECK(
      finds_in_action({{"actionId", "second"}, {"set", {{"a", "secret.KEY"}}}}, {{"secret_not_allowed", "/set/a"}}));
  CAF_CHECK(finds(
      with(next_action, {{"actionId", "second"}, {"notify", {{"message", "x"}, {"data", {{"k", "{{secret.KEY}}"}}}}}}),
      {"error secret_not_allowed /states/0/entryActions/1/notify/data/k"}));
  CAF_CHECK(finds(with("/states/1/data", {{"payload", {{"a", "{{secret.KEY}}"}}}}),
                  {"error secret_not_allowed /states/1/data/payload/a"}));
  CAF_CHECK(finds(with("/transitions/0/condition", "secret.KEY == data.key"),
                  {"error secret_not_allowed /transitions/0/condition"}));
  auto saving = request({});
  saving["save"] = {{"a", "secret.KEY"}};
  CAF_CHECK(finds_in_action(saving, {{"secret_not_allowed", "/save/a"}}));
}

CAF_TEST(names that are not there are found) {
  CAF_CHECK(finds(with("/orderId", "order.order_id"), {"error name_not_available /orderId"}));
  CAF_CHECK(finds(with("/globalCallbackHandler", {{"webhook", {{"url", "http://{{data.host}}/"}}}}),
                  {"error name_not_available /globalCallbackHandler/webhook/url"}));
  CAF_CHECK(finds(with("/globalCallbackHandler",
                       {{"webhook", {{"url", "{{config.callbacks}}"}, {"auth", {{"bearer", "{{secret.T}}"}}}}}}),
                  {}));
  CAF_CHECK(finds_in_action(action({{"log", {{"message", "{{callback.url}}"}}}}), {{"not_built_yet", "/log/message"}}));
  CAF_CHECK(finds(with(next_action, action({{"log", {{"message", "{{amount}}"}}}})),
                  {"warning unknown_name /states/0/entryActions/1/log/message"}));
  CAF_CHECK(finds(with("/transitions/0/condition", "frist(data.items) == 1"),
                  {"error unknown_function /transitions/0/condition"}));
  CAF_CHECK(finds(
      with("/transitions/0/condition", "data.items.map(i => i.price).filter(Boolean).length > Math.max(1, 2)"), {}));
  CAF_CHECK(finds(with("/transitions/0/condition", "(f => f(data.a))(x => x > 1)"), {}));
  CAF_CHECK(finds(with("/transitions/0/condition", "1 < 2"), {"warning constant_condition /transitions/0/condition"}));
}

CAF_TEST(handlers and policies are checked) {
  CAF_CHECK(finds(with("/globalCallbackHandler", {{"kafka", {{"topic", "x"}}}}),
                  {"error not_built_yet /globalCallbackHandler/kafka"}));
  CAF_CHECK(finds(with("/globalCallbackHandler", json::object()), {"error missing_field /globalCallbackHandler"}));
  CAF_CHECK(finds(with("/globalCallbackHandler", {{"webhook", {{"url", "http://127.0.0.1/"}, {"payload", 1}}}}),
                  {"error not_built_yet /globalCallbackHandler/webhook/payload"}));
  CAF_CHECK(finds(with("/globalErrorHandler", {{"onError", "retry"}, {"onTimeout", {"retry", "abort"}}}), {}));
  CAF_CHECK(
      finds(with("/globalErrorHandler", {{"onError", "panic"}}), {"error invalid_value /globalErrorHandler/onError"}));
  CAF_CHECK(finds(with("/globalErrorHandler", {{"onTimeout", "notify"}}),
                  {"warning nobody_told /globalErrorHandler/onTimeout"}));
  CAF_CHECK(finds(
      with("/globalErrorHandler", {{"onTimeout", "notify"}, {"notify", {{"webhook", {{"url", "http://127.0.0.1/"}}}}}}),
      {}));
  CAF_CHECK(finds(with("/globalErrorHandler", {{"onError", "escalate"}, {"escalate", {{"file", {{"path", "x"}}}}}}),
                  {"error not_built_yet /globalErrorHandler/escalate/file"}));
  CAF_CHECK(finds(with("/states/0/onError", {"log", "escalate"}), {"warning nobody_told /states/0/entryActions/0"}));
  CAF_CHECK(finds(with(next_action, {{"actionId", "tell"}, {"notify", {{"message", "x"}}}}),
                  {"warning nobody_told /states/0/entryActions/1"}));
}

CAF_TEST(bounds on states and orders are checked) {
  CAF_CHECK(finds(with("/timeout", "P1D"), {}));
  CAF_CHECK(finds(with("/timeout", "PT0S"), {"error invalid_duration /timeout"}));
  CAF_CHECK(finds(with("/onTimeout", "abort"), {"warning never_used /onTimeout"}));
  auto bounded = with("/timeout", "P1D");
  bounded["onTimeout"] = {"notify", "abort"};
  CAF_CHECK(finds(bounded, {"warning nobody_told /onTimeout"}));
  bounded["onTimeout"] = "retry";
  CAF_CHECK(finds(bounded, {"error invalid_value /onTimeout"}));
  CAF_CHECK(finds(with("/states/1/timeout", "P1D"), {}));
  CAF_CHECK(finds(with("/states/1/timeout", "a day"), {"error invalid_duration /states/1/timeout"}));
  CAF_CHECK(finds(with("/states/1/onTimeout", "escalate"), {"warning never_used /states/1/onTimeout"}));
  auto waiting = with("/states/1/timeout", "P1D");
  waiting["states"][1]["onTimeout"] = {"retry", "notify"};
  CAF_CHECK(finds(waiting, {"warning nobody_told /states/1/onTimeout"}));
  waiting["states"][1]["onTimeout"] = "ignore";
  CAF_CHECK(finds(waiting, {"error invalid_value /states/1/onTimeout"}));
}

CAF_TEST(a state with a time-out may have ways for errors alone) {
  auto document = with("/transitions/1/trigger", {{"type", "error"}, {"errors", {"state_timeout"}}});
  CAF_CHECK(finds(document, {"warning no_way_on /states/1"}));
  document["states"][1]["timeout"] = "PT1H";
  CAF_CHECK(finds(document, {}));
}

CAF_TEST(outcomes are checked) {
  CAF_CHECK(finds(with("/states/2/outcome", "partial"), {}));
  CAF_CHECK(finds(with("/states/2/outcome", "{{data.x ? 'success' : 'partial'}}"), {}));
  CAF_CHECK(finds(with("/states/2/outcome", "good"), {"error invalid_value /states/2/outcome"}));
  CAF_CHECK(finds(with("/states/1/outcome", "success"), {"error invalid_value /states/1/outcome"}));
}

CAF_TEST(compensations are checked) {
  auto undo = [](const json& compensate) { return action({{"compensate", compensate}}); };
  const json call = {{"webhook", {{"url", "http://127.0.0.1/undo"}}}};
  CAF_CHECK(finds_in_action(undo(call), {}));
  CAF_CHECK(finds_in_action(undo({{"log", {{"message", "nothing to undo"}}}, {"actionId", "forget"}}), {}));
  CAF_CHECK(finds_in_action(undo(json::object()), {{"missing_field", "/compensate"}}));
  CAF_CHECK(finds_in_action(undo("undo"), {{"wrong_type", "/compensate"}}));
  auto nested = call;
  nested["compensate"] = call;
  CAF_CHECK(finds_in_action(undo(nested), {{"nested_compensation", "/compensate/compensate"}}));
  CAF_CHECK(finds(with("/states/1/onError", "rollback"), {"warning no_compensation /states/0/entryActions/0"}));
  auto document = with("/globalErrorHandler", {{"onTimeout", {"retry", "rollback"}}});
  CAF_CHECK(finds(document, {"warning no_compensation /states/0/entryActions/0"}));
  document["states"][0]["entryActions"][0]["compensate"] = call;
  CAF_CHECK(finds(document, {}));
}

CAF_TEST(what is not built yet is refused by name) {
  CAF_CHECK(finds(with("/sensitive", {"card"}), {"error not_built_yet /sensitive"}));
  CAF_CHECK(finds(with("/states/1/effect", "once"), {"error not_built_yet /states/1/effect"}));
  CAF_CHECK(finds(with("/states/1/effect", "idempotent"), {}));
  CAF_CHECK(finds_in_action(action({{"effect", "once"}, {"onDoubt", "retry"}}),
                            {{"not_built_yet", "/onDoubt"}, {"not_built_yet", "/effect"}}));
  CAF_CHECK(finds_in_action(request({{"callback", {{"timeout", "P2D"}}}}), {{"not_built_yet", "/webhook/callback"}}));
  for (const char* type : {"kafka", "file", "function", "wait", "order"})
    CAF_CHECK(finds_in_action({{"actionId", "second"}, {type, json::object()}},
                              {{"not_built_yet", fmt::format("/{}", type)}}));
  CAF_CHECK(finds_in_action({{"actionId", "second"}, {"type", "wait"}}, {{"not_built_yet", "/type"}}));
  auto found = catalogue{}.validate(with("/sensitive", {"card"}));
  CAF_CHECK(found[0].message.find("not built yet") != std::string::npos);
}

CAF_TEST(everything is found at once and bounded) {
  auto document = sample::blueprint();
  document["oops"] = 1;
  document["states"][0]["oops"] = 1;
  document["states"][0]["entryActions"][0]["timeout"] = "soon";
  document["transitions"][1]["to"] = "nowhere";
  CAF_CHECK_EQUAL(found_in(document).size(), 6u);
  for (int i = 0; i < 500; ++i)
    document["states"][0][fmt::format("oops{}", i)] = i;
  CAF_CHECK_EQUAL(found_in(document).size(), 200u);
  auto wide = sample::blueprint();
  for (int i = 0; i < 1001; ++i)
    wide["states"].push_back({{"stateId", fmt::format("s{}", i)}, {"baseStateType", "final"}});
  auto found = found_in(wide);
  CAF_CHECK_EQUAL(found.size(), 200u);
}
