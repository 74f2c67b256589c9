#pragma once

#include "runtime/base/json.hpp"

#include <fmt/format.h>
#include <random>
#include <string>
#include <vector>

/// Random blueprints in all three forms, most of them good, and random changes to them; the same again for the same
/// seed. They call the API call `charge` and the functions of the module `lists` (`firstElement`).
namespace troupe::blueprint::generated {

class generator {
public:
  explicit generator(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t count) { return static_cast<std::size_t>(random_() % count); }
  bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }
  template <class Values> auto any_of(const Values& values) { return values[below(values.size())]; }
  std::string text(std::initializer_list<const char*> values) { return *(values.begin() + below(values.size())); }

  /// Also what the format has beyond waits, rollbacks, callbacks and children, with so many percent of all chances.
  int rare_percent = 3;

  json blueprint() {
    rare_ = chance(40);
    return chance(50) ? full() : chance(50) ? compact() : recipe();
  }

  json full() {
    json result = header("stateMachineId");
    result["states"] = json::array();
    result["transitions"] = json::array();
    auto count = 1 + below(4);
    for (std::size_t i = 0; i <= count; ++i)
      result["states"].push_back(state(i, count));
    result["states"].push_back({{"stateId", "failed"}, {"baseStateType", "final"}, {"outcome", "error"}});
    for (std::size_t i = 0; i < count; ++i)
      for (auto& each : ways(i, count, chance(50)))
        result["transitions"].push_back(std::move(each));
    result["transitions"].push_back({{"transitionId", "fail"},
                                     {"from", chance(50) ? json("*") : json::array({"s0"})},
                                     {"to", "failed"},
                                     {"trigger", {{"type", "error"}, {"errors", {"timeout", "http_5xx", "*"}}}}});
    return result;
  }

  json compact() {
    json result = header("id");
    auto count = 1 + below(4);
    json states = json::object();
    for (std::size_t i = 0; i <= count; ++i) {
      json one = state(i, count);
      auto name = one["stateId"].get<std::string>();
      bool is_person = i > 0 && i < count && chance(30);
      one["type"] = i == 0 ? "initial" : i == count ? "final" : is_person ? "userTask" : text({"task", "choice"});
      one.erase("stateId");
      one.erase("baseStateType");
      for (auto& each : i < count ? ways(i, count, is_person) : std::vector<json>{}) {
        each["target"] = each["to"];
        each.erase("to");
        each.erase("from");
        if (chance(60)) each.erase("transitionId");
        one["transitions"].push_back(std::move(each));
      }
      if (i < count && chance(70)) one["onFailed"] = "failed";
      states[name] = std::move(one);
    }
    states["s0"]["transitions"].push_back(
        {{"target", "failed"}, {"trigger", {{"type", "error"}, {"errors", json::array({"*"})}}}});
    states["failed"] = {{"type", "error"}};
    result["states"] = std::move(states);
    return result;
  }

  json recipe() {
    json result = header("workflow");
    auto count = 1 + below(3);
    for (std::size_t i = 0; i < count; ++i)
      result["steps"].push_back(step(fmt::format("step{}", i)));
    if (chance(60)) {
      json aside = json::array({step("aside")});
      aside[0].erase("onFailed");
      bool is_long = chance(50);
      result["alternatives"]["other"] = is_long ? json{{"steps", aside}} : aside;
      if (is_long && chance(60)) result["alternatives"]["other"]["outcome"] = text({"partial", "error"});
      result["steps"][0]["onFailed"] = "other";
    }
    return result;
  }

  /// One to three small changes, most of them for the worse.
  json changed(json document) {
    for (auto left = 1 + below(3); left > 0; --left)
      change(document);
    return document;
  }

private:
  bool rarely() { return rare_ && chance(rare_percent); }

  void describe(json& owner) {
    if (chance(10)) owner["name"] = "A name";
    if (chance(5)) owner["description"] = "what it is for";
    if (chance(5)) owner["metadata"] = {{"owner", "shop"}, {"any", {1, nullptr}}};
    if (chance(5)) owner["x-note"] = below(9);
  }

  std::string expression() {
    return text({"data.amount > 0", "data.a.b", "variables.count", "true", "sum([1, 2]) + data.amount",
                 "firstElement(data.items)", "first(data.items)?.sku == 'x'", "order.order_id", "config.bank"});
  }
  std::string over_response() {
    return text({"response.status == 402", "response.body?.reason", "response.body.ok && data.amount > 1"});
  }
  std::string span() { return text({"PT1S", "PT0.5S", "P1DT12H", "PT10M", "P2W", "PT90S"}); }

  json data_schema(bool wide) {
    json result = {{"type", "object"}, {"properties", {{"amount", {{"type", "number"}, {"minimum", 0.01}}}}}};
    if (chance(30)) result["properties"]["id"] = {{"type", "string"}, {"format", "uuid"}};
    if (chance(30)) result["required"] = {"amount"};
    if (chance(30)) result["additionalProperties"] = wide;
    if (chance(20)) result["$schema"] = "http://json-schema.org/draft-07/schema#";
    return chance(5) ? json(true) : result;
  }

  json header(const char* id) {
    json result = {{id, "generated"}};
    describe(result);
    if (chance(20)) result["$schema"] = "./blueprint.schema.json";
    if (chance(20)) result["version"] = 1;
    if (chance(30)) result["data"] = {{"schema", data_schema(true)}};
    if (chance(20)) result["orderId"] = "data.id";
    if (chance(20)) result["immutable"] = {"id"};
    if (rarely()) result["sensitive"] = {"card"};
    if (rarely()) result["timeout"] = span();
    if (result.contains("timeout") && chance(50)) result["onTimeout"] = text({"notify", "escalate", "abort"});
    if (chance(30)) result["globalCallbackHandler"] = handler();
    if (chance(40)) result["globalErrorHandler"] = error_handler();
    if (chance(20)) result["limits"] = {{"visits", 1 + below(5000)}};
    return result;
  }

  json handler() {
    json result = {{"webhook", {{"url", text({"{{config.callbacks}}", "https://127.0.0.1/told"})}}}};
    if (chance(30)) result["type"] = "webhook";
    if (chance(30)) result["webhook"]["method"] = "POST";
    return result;
  }

  json error_handler() {
    json result = json::object();
    if (chance(60)) result["onError"] = on_error();
    if (chance(60)) result["onTimeout"] = on_timeout();
    if (chance(20)) result["notify"] = handler();
    if (chance(20)) result["escalate"] = handler();
    return result;
  }

  json on_error() {
    if (rarely()) return chance(50) ? json("rollback") : json::array({"retry", "rollback"});
    return chance(60) ? json(text({"abort", "retry", "ignore", "notify", "log", "escalate"}))
                      : json::array({"retry", text({"log", "notify"}), text({"ignore", "abort"})});
  }
  json on_timeout() {
    if (rarely()) return "rollback";
    return chance(60) ? json(text({"abort", "retry", "proceed", "notify", "escalate"}))
                      : json::array({"notify", "abort"});
  }

  void retry(json& owner) {
    if (chance(25)) owner["retryCount"] = below(10);
    if (chance(15)) owner["retryDelay"] = span();
    if (chance(5)) owner["retryBackoff"] = chance(50) ? json(2) : json(1.5);
    if (chance(5)) owner["retryMaxDelay"] = span();
    if (chance(5)) owner["retryJitter"] = chance(50) ? json(0.5) : json(1);
    if (chance(5)) owner["retryBudget"] = span();
    if (chance(5)) owner["retryOn"] = {"http_5xx", "timeout"};
    if (chance(5)) owner["noRetryOn"] = {"http_501"};
  }

  json errors() {
    return json::array({{{"code", "declined"}, {"when", over_response()}, {"message", "no: {{data.amount}}"}}});
  }

  void tries(json& owner) {
    retry(owner);
    if (chance(10)) owner["condition"] = expression();
    if (chance(10)) owner["timeout"] = span();
    if (chance(15)) owner["onError"] = on_error();
    if (chance(10)) owner["onTimeout"] = on_timeout();
    if (chance(10)) owner["effect"] = rarely() ? "once" : "idempotent";
    if (rarely()) owner["onDoubt"] = chance(50) ? json("escalate") : json{{"probe", plain_call("probe")}};
    if (rarely()) owner["compensate"] = plain_call("undo");
  }

  void answers(json& owner) {
    if (chance(20)) owner["errors"] = errors();
    if (chance(30)) owner["save"] = {{text({"amount", "reference", "variables.seen"}), over_response()}};
  }

  static json plain_call(const char* id) {
    return {{"actionId", id}, {"webhook", {{"url", "http://127.0.0.1/"}, {"method", "POST"}}}};
  }

  json webhook() {
    json result = {{"url", text({"http://127.0.0.1/pay", "{{config.bank}}/pay", "https://127.0.0.1/{{data.id}}"})}};
    if (chance(50)) result["method"] = text({"GET", "POST", "PUT", "PATCH", "DELETE"});
    if (chance(20)) result["headers"] = {{"X-Order", "{{order.order_id}}"}};
    if (chance(40)) result["payload"] = {{"amount", "{{data.amount}}"}, {"list", {1, "{{data.a}} and {{data.b}}"}}};
    if (chance(10)) result["auth"] = {{"bearer", "{{secret.TOKEN}}"}};
    if (chance(20)) result["expectedResponse"] = text({"200 OK", "201"});
    if (chance(20))
      result["expectedResponse"] = {
          {"status", {200, 202}}, {"condition", over_response()}, {"schema", data_schema(true)}};
    if (rarely()) result["callback"] = {{"timeout", "P2D"}, {"condition", "response.body.approved != null"}};
    return result;
  }

  json action(const std::string& id) {
    json result = {{"actionId", id}};
    describe(result);
    tries(result);
    auto type = text({"webhook", "apiCall", "set", "log", "notify"});
    if (rarely()) type = text({"function", "wait", "order", "kafka", "file"});
    if (type == "webhook") result[type] = webhook();
    if (type == "apiCall") result[type] = {{"api_call_id", "charge"}, {"data", {{"amount", "{{data.amount}}"}}}};
    if (type == "set") result[type] = {{"total", "sum([data.amount, 1])"}, {"variables.seen", "true"}};
    if (type == "log") result[type] = {{"level", "info"}, {"message", "paid {{data.amount}}"}};
    if (type == "notify") result[type] = {{"message", "late"}, {"data", {{"order", "{{order.order_id}}"}}}};
    if (type == "function") result[type] = {{"name", "firstElement"}, {"arguments", {"{{data.items}}"}}};
    if (type == "wait") result[type] = chance(50) ? json{{"duration", span()}} : json{{"event", "go"}};
    if (type == "order")
      result[type] = {{"workflow", "parcel"}, {"forEach", "data.parcels"}, {"as", "parcel"}, {"until", "all"}};
    if (type == "kafka") result[type] = {{"topic", "payments"}, {"payload", {{"a", "{{data.a}}"}}}};
    if (type == "file") result[type] = {{"operation", "write"}, {"path", "receipts/1.json"}, {"content", {{"a", 1}}}};
    if (chance(40)) result["type"] = type;
    if (type == "webhook" || type == "apiCall") answers(result);
    return result;
  }

  json actions(const std::string& prefix) {
    json result = json::array();
    for (auto left = below(3); left > 0; --left)
      result.push_back(action(fmt::format("{}{}", prefix, left)));
    return result;
  }

  json state(std::size_t place, std::size_t last) {
    json result = {{"stateId", fmt::format("s{}", place)},
                   {"baseStateType", place == 0      ? "initial"
                                     : place == last ? "final"
                                                     : "intermediate"}};
    describe(result);
    if (chance(20)) result["stateType"] = "step";
    if (chance(40)) result["data"]["schema"] = data_schema(false);
    if (chance(30)) result["data"]["payload"] = {{"id", "{{uuid('id')}}"}, {"asked", "{{order.created_at}}"}};
    if (chance(60)) result["entryActions"] = actions("in");
    if (place < last && chance(20)) result["exitActions"] = actions("out");
    if (chance(20)) retry(result);
    if (chance(10)) result["onError"] = on_error();
    if (chance(10)) result["errors"] = errors();
    if (place < last && chance(20)) result["onFailed"] = "failed";
    if (place == last && chance(50)) result["outcome"] = text({"success", "partial", "{{variables.outcome}}"});
    if (place < last && rarely()) result["timeout"] = span();
    if (result.contains("timeout") && chance(50)) result["onTimeout"] = on_timeout();
    return result;
  }

  /// Out of a state: one to the next, and perhaps one to any that comes later and one back.
  std::vector<json> ways(std::size_t from, std::size_t last, bool by_event) {
    std::vector<json> result;
    auto add = [&](std::size_t to, json trigger, bool conditional) {
      json one = {{"transitionId", fmt::format("t{}_{}_{}", from, to, result.size())},
                  {"from", fmt::format("s{}", from)},
                  {"to", fmt::format("s{}", to)}};
      if (!trigger.is_null()) one["trigger"] = std::move(trigger);
      if (conditional) {
        one["condition"] = "data.amount > 10";
        one["priority"] = 1 + below(5);
      }
      if (chance(10)) one["actions"] = actions("on");
      describe(one);
      result.push_back(std::move(one));
    };
    add(from + 1, by_event ? manual() : chance(50) ? json() : json("automatic"), false);
    if (chance(30)) add(from + 1 + below(last - from), chance(50) ? manual() : json{{"type", "automatic"}}, true);
    if (rarely()) add(from + 1, timed(), false);
    return result;
  }

  json manual() {
    json result = {{"type", "manual"}};
    if (chance(40)) result["event"] = text({"start", "approve it"});
    if (chance(30)) result["schema"] = data_schema(true);
    if (chance(20)) result["onInvalid"] = "fail";
    return chance(20) ? json("manual") : result;
  }
  json timed() {
    json result = {{"type", text({"time", "time-based"})}};
    result[chance(50) ? "after" : "at"] = "{{data.when}}";
    if (result.contains("after")) result["after"] = span();
    return result;
  }

  json step(const std::string& id) {
    json result = {{"api_call_id", "charge"}, {"step_id", id}};
    describe(result);
    tries(result);
    answers(result);
    if (chance(30)) result["data"] = {{"amount", "{{data.amount}}"}};
    return result;
  }

  void change(json& document) {
    auto flat = document.flatten();
    if (flat.empty()) return;
    auto where = json::json_pointer(std::next(flat.begin(), static_cast<std::ptrdiff_t>(below(flat.size()))).key());
    for (auto up = below(3); up > 0 && !where.parent_pointer().empty(); --up)
      where = where.parent_pointer();
    if (where.empty() || !document.contains(where)) return;
    auto& owner = document[where.parent_pointer()];
    auto token = where.back();
    switch (below(5)) {
    case 0:
      if (owner.is_object()) owner.erase(token);
      break;
    case 1: document[where] = junk(); break;
    case 2:
      if (owner.is_object()) owner[text({"naem", "retryCount", "timeout", "data", "x-more", "condition"})] = junk();
      break;
    case 3:
      if (owner.is_array()) owner.push_back(json(document[where]));
      break;
    default:
      if (owner.is_object()) {
        owner[token + text({"s", "_", ""})] = json(document[where]);
        owner.erase(token);
      }
    }
  }

  json junk() {
    switch (below(14)) {
    case 0: return nullptr;
    case 1: return 7;
    case 2: return -1;
    case 3: return "";
    case 4: return "a text";
    case 5: return "P1D";
    case 6: return json::array();
    case 7: return json::object();
    case 8: return true;
    case 9: return "{{data.a}}";
    case 10: return "abort";
    case 11: return 1.5;
    case 12: return json::array({"abort", 3});
    default: return {{"type", "manual"}};
    }
  }

  std::mt19937_64 random_;
  bool rare_ = false;
};

} // namespace troupe::blueprint::generated
