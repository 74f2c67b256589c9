#define CAF_SUITE blueprint_parse
#include "tests/blueprint/sample.hpp"

#include "caf/test/dsl.hpp"

using namespace troupe;
using namespace troupe::blueprint;
using namespace troupe::blueprint::sample;

namespace {

/// The recipe of blueprint-format.md and what it calls.
json recipe() {
  return json::parse(R"json({ "workflow": "checkout",
    "steps": [
      { "api_call_id": "reserve_stock", "save": { "reservation": "response.body.id" }, "onFailed": "give_up" },
      { "api_call_id": "charge_card", "data": { "amount": "{{data.total}}" }, "save": { "firstItem": "firstElement(response.body.items)" }, "onFailed": "undo_stock" },
      { "api_call_id": "confirm_order" } ],
    "alternatives": { "give_up": [ { "api_call_id": "cancel_order" } ],
                      "undo_stock": [ { "api_call_id": "release_stock" }, { "step_id": "cancel_after_release", "api_call_id": "cancel_order" } ] } })json");
}

struct fixture {
  catalogue all;
  fixture() {
    publish(all, published_kind::function, "lists", "export function firstElement(list) { return list[0] }");
    for (const char* id : {"reserve_stock", "charge_card", "confirm_order", "cancel_order", "release_stock"})
      publish(all, published_kind::api_call, id, api_call(id));
  }
  bool finds(const json& document, const std::vector<std::string>& lines) {
    auto found = found_in(document, all);
    if (found == lines) return true;
    for (const auto& each : all.validate(document))
      fmt::print(stderr, "found: {}: {}\n", to_line(each), each.message);
    return false;
  }
  bool finds_patched(const json& patch, const std::vector<std::string>& lines) {
    return finds(patched(recipe(), json::array({patch})), lines);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(parse_tests, fixture)

CAF_TEST(the recipe of the documentation becomes this full form) {
  auto record = publish(all, published_kind::blueprint, "checkout", recipe());
  CAF_CHECK_EQUAL(record.form, "recipe");
  auto golden = read_json("tests/blueprint/checkout_full_form.json");
  CAF_CHECK_EQUAL(record.definition.dump(1), golden.dump(1));
  auto compiled = all.find("checkout");
  CAF_REQUIRE(compiled != nullptr);
  CAF_CHECK_EQUAL(compiled->form, "recipe");
  CAF_CHECK_EQUAL(text(compiled->source), text(golden));
  CAF_CHECK_EQUAL(
      compiled->pins.dump(),
      R"({"api_calls":{"cancel_order":1,"charge_card":1,"confirm_order":1,"release_stock":1,"reserve_stock":1},"functions":{"lists":1}})");
}

CAF_TEST(the normalised form read again is itself) {
  auto once = publish(all, published_kind::blueprint, "checkout", recipe()).definition;
  auto again = all.prepare(published_kind::blueprint, "checkout", once, "test", "", noon());
  CAF_REQUIRE(again.has_value());
  CAF_CHECK(!again->is_new);
  CAF_CHECK_EQUAL(text(again->record.definition), text(once));
  auto full = publish(all, published_kind::blueprint, "sample", sample::blueprint()).definition;
  auto full_again = all.prepare(published_kind::blueprint, "sample", full, "test", "", noon());
  CAF_REQUIRE(full_again.has_value());
  CAF_CHECK(!full_again->is_new);
}

CAF_TEST(short forms are written out) {
  auto document = sample::blueprint();
  document["states"][0]["entryActions"][0]["webhook"]["expectedResponse"] = "200 OK";
  auto full = publish(all, published_kind::blueprint, "sample", document).definition;
  CAF_CHECK_EQUAL(text(full["version"]), text(1));
  CAF_CHECK_EQUAL(text(full["transitions"][0]["trigger"]), text((json{{"type", "automatic"}})));
  CAF_CHECK_EQUAL(text(full["transitions"][1]["trigger"]), text((json{{"type", "manual"}})));
  CAF_CHECK_EQUAL(text(full["states"][0]["entryActions"][0]["type"]), text("webhook"));
  CAF_CHECK_EQUAL(text(full["states"][0]["entryActions"][0]["webhook"]["expectedResponse"]),
                  text((json{{"status", {200}}})));
}

CAF_TEST(an alternative may end otherwise or go on with a step) {
  auto document = recipe();
  document["alternatives"]["give_up"] = {{"steps", document["alternatives"]["give_up"]}, {"outcome", "partial"}};
  document["alternatives"]["undo_stock"] = {{"steps", json::array({{{"api_call_id", "release_stock"}}})},
                                            {"then", "reserve_stock"}};
  CAF_CHECK(finds(document, {}));
  auto full = publish(all, published_kind::blueprint, "checkout", document).definition;
  const auto& last = full["states"].back();
  CAF_CHECK_EQUAL(text(last), text((json{{"stateId", "partial"}, {"baseStateType", "final"}, {"outcome", "partial"}})));
  CAF_CHECK_EQUAL(text(full["transitions"].back()["transitionId"]), text("release_stock_to_reserve_stock"));
}

CAF_TEST(onFailed may name a step or an API call) {
  auto document = recipe();
  document.erase("alternatives");
  document["steps"][0]["onFailed"] = "confirm_order";
  document["steps"][1]["onFailed"] = "release_stock";
  document["steps"][2]["onFailed"] = "release_stock";
  CAF_CHECK(finds(document, {}));
  auto full = publish(all, published_kind::blueprint, "checkout", document).definition;
  CAF_CHECK_EQUAL(text(full["states"][0]["onFailed"]), text("confirm_order"));
  CAF_CHECK_EQUAL(text(full["states"][2]["onFailed"]), text("release_stock"));
  CAF_CHECK_EQUAL(text(full["states"][3]["stateId"]), text("release_stock"));
  CAF_CHECK_EQUAL(full["states"].size(), 6u);
}

CAF_TEST(final states get out of the way of steps with their names) {
  auto document = recipe();
  document["steps"][0]["step_id"] = "completed";
  CAF_CHECK(finds(document, {}));
  auto full = publish(all, published_kind::blueprint, "checkout", document).definition;
  CAF_CHECK_EQUAL(text(full["states"][0]["stateId"]), text("completed"));
  CAF_CHECK_EQUAL(text(full["states"][6]["stateId"]), text("completed_2"));
}

CAF_TEST(a field of a step goes to its action and what is for people to its state) {
  auto document = recipe();
  document["steps"][2].update({{"name", "Confirm"},
                               {"x-color", "green"},
                               {"retryCount", 7},
                               {"timeout", "PT5S"},
                               {"onError", {"log", "ignore"}},
                               {"condition", "data.total > 0"}});
  auto full = publish(all, published_kind::blueprint, "checkout", document).definition;
  CAF_CHECK_EQUAL(text(full["states"][2]["name"]), text("Confirm"));
  CAF_CHECK_EQUAL(text(full["states"][2]["x-color"]), text("green"));
  const auto& action = all.find("checkout")->states[2].entry[0];
  CAF_CHECK_EQUAL(action.retry.count, 7);
  CAF_CHECK_EQUAL(action.timeout.count(), 5000);
  CAF_CHECK(action.condition.has_value());
  CAF_CHECK(action.on_error == (std::vector{policy::log, policy::ignore}));
}

CAF_TEST(what is wrong with a recipe is told where it was written) {
  CAF_CHECK(finds_patched({{"op", "remove"}, {"path", "/workflow"}}, {"error missing_field "}));
  CAF_CHECK(
      finds_patched({{"op", "replace"}, {"path", "/workflow"}, {"value", "a b"}}, {"error invalid_id /workflow"}));
  CAF_CHECK(finds_patched({{"op", "add"}, {"path", "/stateMachineId"}, {"value", "x"}},
                          {"error unknown_field /stateMachineId"}));
  CAF_CHECK(finds_patched({{"op", "replace"}, {"path", "/steps"}, {"value", 7}}, {"error wrong_type /steps"}));
  CAF_CHECK(
      finds_patched({{"op", "replace"}, {"path", "/steps"}, {"value", json::array()}}, {"error invalid_value /steps"}));
  CAF_CHECK(finds_patched({{"op", "add"}, {"path", "/steps/2/onFaild"}, {"value", "give_up"}},
                          {"error unknown_field /steps/2/onFaild"}));
  CAF_CHECK(finds_patched(
      {{"op", "replace"}, {"path", "/steps/0/onFailed"}, {"value", "nothing"}},
      {"error unknown_alternative /steps/0/onFailed", "error unreachable_state /alternatives/give_up/0"}));
  CAF_CHECK(finds_patched({{"op", "replace"}, {"path", "/steps/2/api_call_id"}, {"value", "unheard_of"}},
                          {"error unknown_api_call /steps/2/api_call_id"}));
  CAF_CHECK(finds_patched({{"op", "replace"}, {"path", "/steps/2/api_call_id"}, {"value", ""}},
                          {"error invalid_id /steps/2/api_call_id"}));
  CAF_CHECK(finds_patched({{"op", "add"}, {"path", "/steps/2/onFailed"}, {"value", ""}},
                          {"error unknown_alternative /steps/2/onFailed"}));
  CAF_CHECK(finds_patched({{"op", "remove"}, {"path", "/steps/2/api_call_id"}}, {"error missing_field /steps/2"}));
  CAF_CHECK(finds_patched({{"op", "add"}, {"path", "/steps/-"}, {"value", {{"api_call_id", "reserve_stock"}}}},
                          {"error duplicate_id /steps/3"}));
  CAF_CHECK(finds_patched({{"op", "add"}, {"path", "/steps/2/step_id"}, {"value", "a/b"}},
                          {"error invalid_id /steps/2/step_id"}));
  CAF_CHECK(finds_patched({{"op", "replace"}, {"path", "/steps/1/save/firstItem"}, {"value", "response.."}},
                          {"error invalid_expression /steps/1/save/firstItem"}));
  CAF_CHECK(finds_patched({{"op", "replace"}, {"path", "/steps/1/data/amount"}, {"value", "{{"}},
                          {"error invalid_template /steps/1/data/amount"}));
  CAF_CHECK(finds_patched({{"op", "add"}, {"path", "/steps/2/retryCount"}, {"value", 2000}},
                          {"error invalid_value /steps/2/retryCount"}));
  CAF_CHECK(finds_patched({{"op", "add"}, {"path", "/steps/2/compensate"}, {"value", 1}},
                          {"error wrong_type /steps/2/compensate"}));
  CAF_CHECK(finds_patched({{"op", "add"}, {"path", "/data"}, {"value", {{"schema", {{"type", 7}}}}}},
                          {"error invalid_schema /data/schema/type"}));
  CAF_CHECK(finds_patched({{"op", "add"},
                           {"path", "/alternatives/unused"},
                           {"value", json::array({{{"step_id", "aside"}, {"api_call_id", "cancel_order"}}})}},
                          {"error unreachable_state /alternatives/unused/0"}));
  CAF_CHECK(
      finds_patched({{"op", "replace"}, {"path", "/alternatives/give_up"}, {"value", json::array()}},
                    {"error invalid_value /alternatives/give_up", "error unknown_alternative /steps/0/onFailed"}));
  json both = {{"steps", recipe()["alternatives"]["give_up"]}, {"outcome", "error"}, {"then", "confirm_order"}};
  CAF_CHECK(finds_patched({{"op", "replace"}, {"path", "/alternatives/give_up"}, {"value", both}},
                          {"error duplicate_field /alternatives/give_up/outcome"}));
  both.erase("outcome");
  both["then"] = "nowhere";
  CAF_CHECK(finds_patched(
      {{"op", "replace"}, {"path", "/alternatives/give_up"}, {"value", both}},
      {"error unknown_step /alternatives/give_up/then", "error stuck_state /alternatives/give_up/steps/0"}));
  json good = {{"steps", recipe()["alternatives"]["give_up"]}, {"outcome", "good"}};
  CAF_CHECK(finds_patched({{"op", "replace"}, {"path", "/alternatives/give_up"}, {"value", good}},
                          {"error invalid_value /alternatives/give_up/outcome"}));
}

CAF_TEST_FIXTURE_SCOPE_END()
