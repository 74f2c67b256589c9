#include "tests/support/performance.hpp"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace troupe::test {

namespace {

void must(bool holds, const std::string& what) {
  if (holds) return;
  std::fprintf(stderr, "performance: %s\n", what.c_str());
  std::abort();
}

} // namespace

blueprint::definition_ptr compiled(const json& document) {
  static const blueprint::catalogue nothing_published;
  auto result = nothing_published.compile_inline(document, true);
  if (!result)
    for (const auto& each : result.error().violations)
      std::fprintf(stderr, "%s: expected %s, but found %s\n", each.pointer.c_str(), each.expected.c_str(),
                   each.found.c_str());
  must(result.has_value(), result ? "" : result.error().detail);
  return *result;
}

std::string sent_call::key() const {
  for (const auto& [name, value] : call.fields)
    if (name == "Idempotency-Key") return value;
  return {};
}

performance::performance(blueprint::definition_ptr compiled_definition) : definition(std::move(compiled_definition)) {}

performance& performance::answer(const std::string& action, int status, json body, json headers) {
  engine::complete_action outcome;
  outcome.response = json{{"status", status}, {"headers", std::move(headers)}, {"body", std::move(body)}};
  script_[action].push_back(std::move(outcome));
  return *this;
}

performance& performance::fail(const std::string& action, const std::string& code, const std::string& message) {
  engine::complete_action outcome;
  outcome.error = code;
  outcome.message = message;
  script_[action].push_back(std::move(outcome));
  return *this;
}

expected<engine::decision> performance::give(const engine::command& wanted) {
  const engine::order before = order;
  auto made = history.empty() && std::holds_alternative<engine::submit_order>(wanted)
                  ? engine::decide_submission(std::get<engine::submit_order>(wanted), around())
                  : engine::decide(order, wanted, around());
  if (!made) return made;
  check(*made);
  for (auto& each : engine::notifications(before, made->events, around()))
    notifications.push_back(std::move(each));
  history.insert(history.end(), made->events.begin(), made->events.end());
  order = made->after;
  for (const auto& each : made->events)
    engine::apply(folded_, engine::event_from_json(json::parse(to_json(each).dump())));
  must(folded_ == order,
       "the fold of the events is not the order:\n" + to_json(folded_).dump(1) + to_json(order).dump(1));
  return made;
}

void performance::check(const engine::decision& made) const {
  must(!made.events.empty(), "a decision without an event");
  auto sequence = order.sequence;
  for (const auto& each : made.events) {
    must(each.sequence == ++sequence, "a gap before " + each.type);
    must(!each.by.empty(), "nobody did " + each.type);
    must(each.time == now, "another time in " + each.type);
    const auto again = engine::event_from_json(json::parse(to_json(each).dump()));
    must(again == each, "an event does not survive JSON: " + to_json(each).dump());
  }
  const auto again = engine::order_from_json(json::parse(to_json(made.after).dump()));
  must(again == made.after, "the order does not survive JSON: " + to_json(made.after).dump());
}

expected<engine::decision> performance::submit(const json& data, const json& more) {
  json request = more;
  request["workflow"] = definition->id;
  request["data"] = data;
  auto order_id = engine::choose_order_id(request, around(), "order-1");
  if (!order_id) return tl::unexpected(order_id.error());
  engine::submit_order wanted;
  wanted.order_id = *order_id;
  wanted.request = std::move(request);
  wanted.request_hash = "hash";
  wanted.by = "tester";
  return give(wanted);
}

expected<engine::decision> performance::send(const std::string& event, const json& data) {
  engine::send_event wanted;
  wanted.name = event;
  wanted.data = data;
  wanted.by = "sender";
  return give(wanted);
}

expected<engine::decision> performance::cancel() {
  return give(engine::cancel_order{false, "canceller"});
}

expected<engine::decision> performance::reprocess(const std::string& from, const json& data_patch) {
  engine::reprocess_order wanted;
  wanted.from = from;
  wanted.data_patch = data_patch;
  wanted.by = "operator";
  return give(wanted);
}

engine::effect performance::due() const {
  return engine::next(order, *definition);
}

engine::complete_action performance::outcome_of(const engine::perform_action& wanted) {
  engine::complete_action outcome;
  auto call = engine::render_call(order, wanted, around());
  if (call) {
    calls.push_back({wanted.action, wanted.visit, wanted.attempt, *call, now});
    auto& script = script_[wanted.action];
    if (script.empty()) answer(wanted.action, 200);
    outcome = script.front();
    if (script.size() > 1) script.erase(script.begin());
  } else {
    outcome.error = call.error().code == errc::not_possible ? "timeout" : "expression_failed";
    outcome.sent = false;
    outcome.message = call.error().detail;
  }
  outcome.visit = wanted.visit;
  outcome.kind = wanted.kind;
  outcome.action = wanted.action;
  outcome.attempt = wanted.attempt;
  outcome.started_at = now;
  outcome.by = "node:test";
  return outcome;
}

bool performance::step() {
  const engine::effect what = due();
  if (std::holds_alternative<engine::begin>(what)) {
    must(give(engine::begin_order{"node:test"}).has_value(), "it does not begin");
  } else if (std::holds_alternative<engine::go_on>(what)) {
    must(give(engine::continue_order{"node:test"}).has_value(), "it does not go on");
  } else if (std::holds_alternative<engine::cancel_when_free>(what)) {
    must(give(engine::finish_cancel{"node:test"}).has_value(), "it is not cancelled");
  } else if (std::holds_alternative<engine::pause_when_free>(what)) {
    must(give(engine::finish_pause{"node:test"}).has_value(), "it is not paused");
  } else if (const auto* wait = std::get_if<engine::wait_until>(&what)) {
    now = std::max(now, wait->due);
    if (wait->parked) {
      must(give(engine::resume_after_wait{"timer"}).has_value(), "it does not resume");
      return true;
    }
    auto outcome = outcome_of(wait->then);
    now += call_time;
    must(give(outcome).has_value(), "the outcome of a retry is refused");
  } else if (const auto* wanted = std::get_if<engine::perform_action>(&what)) {
    auto outcome = outcome_of(*wanted);
    now += call_time;
    must(give(outcome).has_value(), "the outcome of a try is refused");
  } else {
    return false;
  }
  return true;
}

void performance::perform() {
  constexpr int steps_max = 20'000;
  int steps = 0;
  while (step())
    must(++steps < steps_max, "no end in sight");
}

performance& performance::run(const json& data, const json& more) {
  auto made = submit(data, more);
  must(made.has_value(), made ? "" : "refused: " + made.error().detail);
  perform();
  return *this;
}

std::string performance::told() const {
  std::string result;
  for (const auto& each : history)
    result += (result.empty() ? "" : " ") + each.type;
  return result;
}

std::vector<engine::event> performance::events(const std::string& type) const {
  std::vector<engine::event> result;
  for (const auto& each : history)
    if (each.type == type) result.push_back(each);
  return result;
}

json performance::last(const std::string& type) const {
  json result;
  for (const auto& each : history)
    if (each.type == type) result = each.data;
  return result;
}

json around_actions(const json& entry_actions) {
  json result = json::parse(R"({
    "stateMachineId": "example",
    "states": [ { "stateId": "work", "baseStateType": "initial" },
                { "stateId": "done", "baseStateType": "final" },
                { "stateId": "error", "baseStateType": "final", "outcome": "error" } ],
    "transitions": [ { "transitionId": "finish", "from": "work", "to": "done" },
                     { "transitionId": "fail", "from": "work", "to": "error",
                       "trigger": { "type": "error", "errors": ["*"] } } ] })");
  result["states"][0]["entryActions"] = entry_actions;
  return result;
}

json webhook(const std::string& id, const json& more) {
  json result = {{"actionId", id}, {"webhook", {{"url", "http://service/" + id}, {"method", "POST"}}}};
  result.update(more, true);
  return result;
}

} // namespace troupe::test
