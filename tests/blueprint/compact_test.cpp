#define CAF_SUITE blueprint_compact
#include "tests/blueprint/sample.hpp"

#include "caf/test/dsl.hpp"

using namespace troupe;
using namespace troupe::blueprint;
using namespace troupe::blueprint::sample;

namespace {

/// The compact form of blueprint-format.md, finished, with one state of each type.
json transfer() {
  return json::parse(R"json({
    "id": "money-transfer",
    "name": "Money transfer",
    "states": {
      "init":    { "type": "initial", "transitions": [ { "target": "verify", "trigger": "automatic" } ] },
      "verify":  { "type": "task", "name": "Verification", "onFailed": "error",
                   "entryActions": [ { "actionId": "check", "webhook": { "url": "http://127.0.0.1/check", "expectedResponse": "200 OK" } } ],
                   "transitions": [ { "target": "route", "condition": "data.amount > 0" },
                                    { "target": "error", "trigger": { "type": "error", "errors": ["*"] } } ] },
      "route":   { "type": "choice",
                   "transitions": [ { "target": "approve", "condition": "data.amount > 1000", "priority": 1 }, { "target": "done" } ] },
      "approve": { "type": "userTask", "stateType": "approval",
                   "transitions": [ { "target": "done", "transitionId": "approved" }, { "target": "error", "trigger": { "type": "manual", "event": "refuse" } },
                                    { "target": "error" } ] },
      "done":    { "type": "final", "outcome": "partial" },
      "error":   { "type": "error" } } })json");
}

json changed(const std::string& operation, const std::string& path, const json& value = nullptr) {
  return patched(transfer(), json::array({{{"op", operation}, {"path", path}, {"value", value}}}));
}

} // namespace

CAF_TEST(the compact form becomes this full form) {
  catalogue all;
  auto record = publish(all, published_kind::blueprint, "money-transfer", transfer());
  CAF_CHECK_EQUAL(record.form, "compact");
  const auto& full = record.definition;
  CAF_CHECK_EQUAL(text(full["stateMachineId"]), text("money-transfer"));
  CAF_CHECK_EQUAL(text(full["name"]), text("Money transfer"));
  CAF_CHECK(!full.contains("id"));
  json states = json::array();
  for (const auto& each : full["states"])
    states.push_back({each["stateId"], each["baseStateType"], each.value("stateType", ""), each.value("outcome", "")});
  CAF_CHECK_EQUAL(text(states), text(json::parse(R"([["init","initial","",""],["verify","intermediate","task",""],
    ["route","intermediate","choice",""],["error","final","","error"],["approve","intermediate","approval",""],
    ["done","final","","partial"]])")));
  json ways = json::array();
  for (const auto& each : full["transitions"])
    ways.push_back({each["transitionId"], each["from"], each["to"], each["trigger"]["type"]});
  CAF_CHECK_EQUAL(text(ways), text(json::parse(R"([["init_to_verify","init","verify","automatic"],
    ["verify_to_route","verify","route","automatic"],["verify_to_error","verify","error","error"],
    ["route_to_approve","route","approve","automatic"],["route_to_done","route","done","automatic"],
    ["approved","approve","done","manual"],["approve_to_error","approve","error","manual"],
    ["approve_to_error_2","approve","error","manual"]])")));
  CAF_CHECK_EQUAL(text(full["states"][1]["entryActions"][0]["webhook"]["expectedResponse"]), text({{"status", {200}}}));
  auto compiled = all.find("money-transfer");
  CAF_CHECK_EQUAL(compiled->form, "compact");
  CAF_CHECK_EQUAL(compiled->find_transition("approved")->event, "approved");
}

CAF_TEST(the compact form read as full form again is itself) {
  catalogue all;
  auto once = publish(all, published_kind::blueprint, "money-transfer", transfer()).definition;
  auto again = all.prepare(published_kind::blueprint, "money-transfer", once, "test", "", noon());
  CAF_REQUIRE(again.has_value());
  CAF_CHECK(!again->is_new);
  CAF_CHECK_EQUAL(text(again->record.definition), text(once));
}

CAF_TEST(the compact form must be published under its id) {
  catalogue all;
  auto ready = all.prepare(published_kind::blueprint, "another", transfer(), "test", "", noon());
  CAF_REQUIRE(!ready.has_value());
  CAF_CHECK_EQUAL(ready.error().violations.at(0).pointer, "/id");
}

CAF_TEST(what is wrong with the compact form is told where it was written) {
  CAF_CHECK(finds(transfer(), {}));
  CAF_CHECK(finds(changed("remove", "/id"), {"error missing_field "}));
  CAF_CHECK(finds(changed("replace", "/id", "a b"), {"error invalid_id /id"}));
  CAF_CHECK(finds(changed("replace", "/id", 7), {"error wrong_type /id"}));
  CAF_CHECK(finds(changed("add", "/stateMachineId", "x"), {"error unknown_field /stateMachineId"}));
  CAF_CHECK(finds(changed("add", "/transitions", json::array()), {"error unknown_field /transitions"}));
  CAF_CHECK(finds(changed("add", "/steps", json::array()), {"error unknown_form /steps"}));
  CAF_CHECK(finds(changed("add", "/versoin", 1), {"error unknown_field /versoin"}));
  CAF_CHECK(finds(changed("replace", "/states", json::object()),
                  {"error no_initial_state /states", "error no_final_state /states"}));
  CAF_CHECK(finds(changed("remove", "/states/verify/type"), {"error missing_field /states/verify"}));
  CAF_CHECK(finds(changed("replace", "/states/verify/type", "tusk"), {"error invalid_value /states/verify/type"}));
  CAF_CHECK(finds(changed("replace", "/states/verify/type", 7), {"error wrong_type /states/verify/type"}));
  CAF_CHECK(finds(changed("replace", "/states/init/type", "task"), {"error no_initial_state /states"}));
  CAF_CHECK(
      finds(changed("replace", "/states/route/type", "initial"), {"error several_initial_states /states/route/type"}));
  CAF_CHECK(finds(changed("add", "/states/verify/stateId", "v"), {"error unknown_field /states/verify/stateId"}));
  CAF_CHECK(finds(changed("add", "/states/verify/baseStateType", "initial"),
                  {"error unknown_field /states/verify/baseStateType"}));
  CAF_CHECK(finds(changed("add", "/states/verify/retrys", 1), {"error unknown_field /states/verify/retrys"}));
  CAF_CHECK(finds(changed("add", "/states/error/outcome", "success"), {"error duplicate_field /states/error/outcome"}));
  CAF_CHECK(finds(changed("add", "/states/error/outcome", "error"), {}));
  CAF_CHECK(finds(changed("add", "/states/verify/outcome", "error"), {"error invalid_value /states/verify/outcome"}));
  CAF_CHECK(
      finds(changed("replace", "/states/verify/onFailed", "err"), {"error unknown_state /states/verify/onFailed"}));
  CAF_CHECK(finds(changed("replace", "/states/verify/entryActions/0/webhook/url", 7),
                  {"error wrong_type /states/verify/entryActions/0/webhook/url"}));
  CAF_CHECK(finds(changed("replace", "/states/verify", 7),
                  {"error wrong_type /states/verify", "error unknown_state /states/init/transitions/0/target",
                   "error unreachable_state /states/route", "error unreachable_state /states/approve",
                   "error unreachable_state /states/done", "error unreachable_state /states/error",
                   "error stuck_state /states/init"}));
  CAF_CHECK(finds(changed("add", "/states/a~1b", {{"type", "final"}}),
                  {"error invalid_id /states/a~1b", "error unreachable_state /states/a~1b"}));
}

CAF_TEST(what is wrong with a way of the compact form is told where it was written) {
  const std::string ways = "/states/route/transitions";
  CAF_CHECK(finds(changed("replace", ways, 7),
                  {"error wrong_type " + ways, "error stuck_state /states/route",
                   "error unreachable_state /states/approve", "error unreachable_state /states/done"}));
  CAF_CHECK(finds(changed("replace", ways + "/1", 7), {"error wrong_type " + ways + "/1"}));
  CAF_CHECK(finds(changed("replace", ways + "/1/target", "dune"), {"error unknown_state " + ways + "/1/target"}));
  CAF_CHECK(finds(changed("replace", ways + "/1/target", 7), {"error wrong_type " + ways + "/1/target"}));
  CAF_CHECK(finds(changed("remove", ways + "/1/target"), {"error missing_field " + ways + "/1"}));
  CAF_CHECK(finds(changed("add", ways + "/1/to", "done"), {"error unknown_field " + ways + "/1/to"}));
  CAF_CHECK(finds(changed("add", ways + "/1/from", "init"), {"error unknown_field " + ways + "/1/from"}));
  CAF_CHECK(finds(changed("add", ways + "/1/conditoin", "1"), {"error unknown_field " + ways + "/1/conditoin"}));
  CAF_CHECK(finds(changed("add", ways + "/1/condition", "1 +"), {"error invalid_expression " + ways + "/1/condition"}));
  CAF_CHECK(finds(changed("add", ways + "/1/trigger", "sometimes"), {"error invalid_value " + ways + "/1/trigger"}));
  CAF_CHECK(finds(changed("add", ways + "/1/transitionId", "approved"),
                  {"error duplicate_id " + std::string("/states/approve/transitions/0/transitionId")}));
  CAF_CHECK(finds(changed("add", "/states/done/transitions", json::array({{{"target", "init"}}})),
                  {"error final_state_left /states/done"}));
}

CAF_TEST(ids that are made keep out of the way of those that are given) {
  auto document = transfer();
  document["states"]["approve"]["transitions"][0]["transitionId"] = "init_to_verify";
  document["states"]["init"]["transitions"].push_back({{"target", "verify"}, {"trigger", "manual"}});
  catalogue all;
  auto full = publish(all, published_kind::blueprint, "money-transfer", document).definition;
  CAF_CHECK_EQUAL(text(full["transitions"][0]["transitionId"]), text("init_to_verify_2"));
  CAF_CHECK_EQUAL(text(full["transitions"][1]["transitionId"]), text("init_to_verify_3"));
  auto long_name = std::string(100, 'x');
  document = json::parse(R"({"id": "long", "states": {"done": {"type": "final"}}})");
  document["states"][long_name] = {{"type", "task"}, {"transitions", {{{"target", "done"}}}}};
  document["states"]["b" + long_name] = {{"type", "initial"},
                                         {"transitions", {{{"target", long_name}}, {{"target", long_name}}}}};
  full = publish(all, published_kind::blueprint, "long", document).definition;
  CAF_CHECK_EQUAL(text(full["transitions"][0]["transitionId"]), text("transition_1_2"));
  CAF_CHECK_EQUAL(text(full["transitions"][1]["transitionId"]), text("transition_2_2"));
}
