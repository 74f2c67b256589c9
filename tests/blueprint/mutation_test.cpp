#define CAF_SUITE blueprint_mutation
#include "tests/blueprint/sample.hpp"

#include "caf/test/dsl.hpp"

using namespace troupe;
using namespace troupe::blueprint;
using namespace troupe::blueprint::sample;

namespace {

/// Nearly every field that there is.
json rich() {
  return json::parse(R"json({
    "$schema": "./blueprint.schema.json", "stateMachineId": "rich", "version": 1, "name": "Rich", "description": "d", "metadata": { "a": [1] }, "x-own": 1,
    "data": { "schema": { "type": "object", "properties": { "a": { "type": "string", "pattern": "^a+$" } }, "required": ["a"] } },
    "orderId": "data.a", "immutable": ["a"], "limits": { "visits": 10 },
    "globalCallbackHandler": { "type": "webhook", "webhook": { "url": "{{config.c}}", "method": "POST", "headers": { "X-A": "b" }, "auth": { "bearer": "{{secret.T}}" } } },
    "globalErrorHandler": { "onError": ["retry", "notify"], "onTimeout": "notify", "notify": { "webhook": { "url": "http://h/" } }, "escalate": { "webhook": { "url": "http://h/" } } },
    "states": [
      { "stateId": "begin", "name": "n", "baseStateType": "initial", "stateType": "t", "data": { "schema": { "properties": { "a": {} } }, "payload": { "a": "{{uuid('a')}}" } },
        "retryCount": 1, "retryDelay": "PT1S", "errors": [ { "code": "c", "when": "response.status == 402", "message": "{{response.body.m}}" } ], "onError": "log", "effect": "idempotent",
        "onFailed": "side",
        "entryActions": [
          { "actionId": "ask", "type": "webhook", "condition": "data.a != null", "retryCount": 2, "retryDelay": "PT1S", "retryBackoff": 2, "retryMaxDelay": "PT1M", "retryJitter": 0.5, "retryBudget": "PT5M",
            "retryOn": ["timeout"], "noRetryOn": ["http_501"], "timeout": "PT5S", "onError": "ignore", "onTimeout": ["retry", "proceed"], "save": { "b": "response.body.b", "variables.c": "1" },
            "webhook": { "url": "http://h/{{data.a}}", "method": "PUT", "headers": { "X-A": "{{data.a}}" }, "payload": { "a": ["{{data.a}}", 1] }, "auth": { "bearer": "x" },
                         "expectedResponse": { "status": [200], "schema": { "type": "object" }, "condition": "response.body.ok" } } },
          { "actionId": "call", "apiCall": { "api_call_id": "charge", "data": { "k": "{{data.a}}" } } } ],
        "exitActions": [ { "actionId": "set", "set": { "total": "sum([1])" } }, { "actionId": "log", "log": { "level": "info", "message": "m" } } ] },
      { "stateId": "side", "baseStateType": "intermediate", "entryActions": [ { "actionId": "tell", "notify": { "message": "m", "data": { "a": 1 } } } ] },
      { "stateId": "end", "baseStateType": "final", "outcome": "{{data.b ? 'success' : 'partial'}}" } ],
    "transitions": [
      { "transitionId": "go", "name": "n", "from": "begin", "to": "end", "condition": "data.a != 'x'", "priority": 3, "actions": [ { "actionId": "x", "set": { "y": "1" } } ], "trigger": { "type": "automatic" } },
      { "transitionId": "by", "from": ["side"], "to": "end", "trigger": { "type": "manual", "event": "e", "schema": { "type": "object" }, "onInvalid": "fail" } },
      { "transitionId": "bad", "from": "*", "to": "end", "trigger": { "type": "error", "errors": ["c", "timeout", "*"] } } ] })json");
}

json recipe() {
  return json::parse(R"json({ "workflow": "rich", "data": { "schema": {} }, "orderId": "data.a",
    "steps": [ { "api_call_id": "charge", "step_id": "first", "data": { "a": "{{data.a}}" }, "save": { "b": "response.body" }, "onFailed": "undo", "retryCount": 3 },
               { "api_call_id": "charge", "name": "n", "onFailed": "back" } ],
    "alternatives": { "undo": { "steps": [ { "step_id": "third", "api_call_id": "charge" } ], "outcome": "partial" }, "back": [ { "step_id": "fourth", "api_call_id": "charge", "onFailed": "undo" } ] } })json");
}

json rich_call() {
  return json::parse(
      R"json({ "api_call_id": "charge", "version": 1, "name": "n", "url": "{{config.p}}/charges", "method": "POST", "headers": { "Authorization": "Bearer {{secret.T}}" },
    "data": { "order": "{{order.order_id}}", "amount": ["{{data.amount}}"] }, "expectedResponse": { "status": [200] }, "errors": [ { "code": "c", "when": "response.status == 402" } ],
    "save": { "charge": "response.body.id" }, "timeout": "PT10S", "retryCount": 3, "retryDelay": "PT2S" })json");
}

void collect(const json& value, const std::string& pointer, std::vector<std::string>& pointers) {
  pointers.push_back(pointer);
  if (value.is_object())
    for (auto item = value.begin(); item != value.end(); ++item)
      collect(*item, pointer + "/" + pointer_token(item.key()), pointers);
  if (value.is_array())
    for (std::size_t i = 0; i < value.size(); ++i)
      collect(value[i], fmt::format("{}/{}", pointer, i), pointers);
}

/// The document with one place after the other replaced by every kind of value, or taken away.
std::vector<json> mutations(const json& document) {
  const std::vector<json> kinds = {
      nullptr,        true,      -1, 1.5, 1e300, "", "x", "{{", json::array(), json::array({json::object()}),
      json::object(), {{"a", 1}}};
  std::vector<std::string> pointers;
  collect(document, "", pointers);
  std::vector<json> result;
  for (const auto& pointer : pointers) {
    for (const auto& kind : kinds) {
      auto changed = document;
      changed[json::json_pointer(pointer)] = kind;
      result.push_back(std::move(changed));
    }
    if (!pointer.empty()) result.push_back(document.patch(json::array({{{"op", "remove"}, {"path", pointer}}})));
  }
  return result;
}

struct fixture {
  catalogue all;
  fixture() { publish(all, published_kind::api_call, "charge", rich_call()); }

  /// Whatever was made of it: an answer, with pointers that exist.
  std::size_t check(published_kind kind, const std::string& id, const json& document) {
    std::size_t refused = 0;
    for (const auto& changed : mutations(document)) {
      auto findings = all.findings_of(kind, id, changed);
      bool is_refused = false;
      for (const auto& each : findings) {
        is_refused = is_refused || each.level == finding::severity::error;
        if (each.code.empty() || each.message.empty()) CAF_FAIL("a finding without words at " << each.pointer);
        if (!changed.contains(json::json_pointer(each.pointer)))
          CAF_FAIL(each.code << " at " << each.pointer << ", which is not there");
      }
      auto ready = all.prepare(kind, id, changed, "test", "", noon());
      if (ready.has_value() == is_refused && (ready || ready.error().code == errc::invalid_blueprint))
        CAF_FAIL("findings and publication differ");
      refused += is_refused ? 1 : 0;
    }
    return refused;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(mutation_tests, fixture)

CAF_TEST(a blueprint that is broken anywhere is answered with findings at places that are there) {
  CAF_CHECK_EQUAL(json(found_in(rich(), all)).dump(), "[]");
  CAF_CHECK_GREATER(check(published_kind::blueprint, "rich", rich()), 500u);
}

CAF_TEST(so is a recipe) {
  CAF_CHECK_EQUAL(json(found_in(recipe(), all)).dump(), "[]");
  CAF_CHECK_GREATER(check(published_kind::blueprint, "rich", recipe()), 200u);
}

CAF_TEST(so is an API call) {
  CAF_CHECK_GREATER(check(published_kind::api_call, "charge", rich_call()), 100u);
}

CAF_TEST_FIXTURE_SCOPE_END()
