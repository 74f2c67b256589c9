#include "runtime/blueprint/definition_reader.hpp"

#include "runtime/base/ids.hpp"
#include "runtime/blueprint/handler_reader.hpp"
#include "runtime/blueprint/state_reader.hpp"
#include "runtime/blueprint/transition_reader.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace troupe::blueprint {

namespace {

constexpr std::size_t immutable_max = 1000;
constexpr std::int64_t visits_most = 1'000'000;

constexpr auto known_fields = std::to_array<std::string_view>(
    {"$schema", "stateMachineId", "version", "name", "description", "metadata", "data", "orderId", "immutable",
     "globalCallbackHandler", "globalErrorHandler", "limits", "states", "transitions", "timeout", "onTimeout"});
constexpr auto missing_fields = std::to_array<missing_field>({{"sensitive", "redacting with `sensitive`"}});

/// What can be done about a whole order that takes too long.
std::vector<policy> read_order_policies(const object_reader& reader) {
  auto list = read_policies(reader, "onTimeout");
  if (!list) return {policy::abort};
  for (auto each : *list)
    if (each == policy::retry || each == policy::proceed)
      reader.invalid("onTimeout", "invalid_value", "notify, escalate, rollback or abort for a whole order",
                     json(to_string(each)));
  return *list;
}

/// Everything of one blueprint but its states and transitions.
void read_header(definition& result, const object_reader& reader, compilation& work) {
  reader.allow(known_fields, missing_fields);
  reader.check_descriptive();
  reader.text("$schema");
  if (auto id = reader.required_text("stateMachineId", "the id that it is published under")) {
    if (!is_definition_id(*id))
      reader.invalid("stateMachineId", "invalid_id", "a letter, then at most 127 letters, digits, `_` or `-`",
                     json(*id));
    result.id = *id;
  }
  if (auto version = reader.whole("version", 1, 1'000'000'000)) result.version = static_cast<int>(*version);
  if (reader.object("data")) {
    static constexpr auto known = std::to_array<std::string_view>({"schema"});
    object_reader data(*reader.find("data"), reader.at("data"), work.findings());
    data.allow(known);
    result.data = work.schema_of(data, "schema", false);
  }
  result.order_id = work.expression_of(reader, "orderId", place::order_id);
  if (auto names = reader.texts("immutable", immutable_max)) result.immutable.insert(names->begin(), names->end());
  if (reader.object("limits")) {
    static constexpr auto known = std::to_array<std::string_view>({"visits"});
    object_reader limits(*reader.find("limits"), reader.at("limits"), work.findings());
    limits.allow(known);
    if (auto visits = limits.whole("visits", 1, visits_most)) result.visits_max = static_cast<int>(*visits);
  }
  result.timeout = reader.span_of_time("timeout", true);
  result.on_order_timeout = read_order_policies(reader);
}

/// Fills the lists of each state's transitions, and resolves `*`.
void index_transitions(definition& result, finding_list& findings) {
  std::map<std::string_view, std::size_t> position;
  for (std::size_t i = 0; i < result.states.size(); ++i)
    position.emplace(result.states[i].id, i);
  std::size_t edges = 0;
  for (std::size_t i = 0; i < result.transitions.size(); ++i) {
    auto& each = result.transitions[i];
    if (each.from == std::vector<std::string>{"*"}) {
      each.from.clear();
      for (const auto& state : result.states)
        if (state.kind != state_kind::final) each.from.push_back(state.id);
    }
    edges += each.from.size();
    if (edges > edges_max) {
      findings.error("/transitions", "too_many", "let fewer transitions leave from fewer states",
                     fmt::format("at most {} pairs of from and to", edges_max), "more");
      return;
    }
    for (const auto& from : each.from) {
      auto found = position.find(from);
      if (found == position.end()) continue;
      auto& state = result.states[found->second];
      auto& list = each.trigger == trigger_kind::automatic ? state.automatic
                   : each.trigger == trigger_kind::manual  ? state.manual
                   : each.trigger == trigger_kind::time    ? state.timed
                                                           : state.on_error;
      list.push_back(i);
    }
  }
  auto is_first = [&](std::size_t left, std::size_t right) {
    return result.transitions[left].priority > result.transitions[right].priority;
  };
  for (auto& state : result.states) {
    std::stable_sort(state.automatic.begin(), state.automatic.end(), is_first);
    std::stable_sort(state.manual.begin(), state.manual.end(), is_first);
    std::stable_sort(state.timed.begin(), state.timed.end(), is_first);
  }
}

json pins_of(const compilation& work, const action_reader& actions) {
  json api_calls = json::object();
  for (const auto& [id, version] : actions.used_api_calls())
    api_calls[id] = version;
  json functions = json::object();
  for (const auto& module : work.used_modules())
    if (auto found = work.around().modules.find(module); found != work.around().modules.end())
      functions[module] = found->second;
  return {{"api_calls", std::move(api_calls)}, {"functions", std::move(functions)}};
}

} // namespace

std::shared_ptr<definition> read_definition(const json& full, const references& around, finding_list& findings) {
  compilation work(around, findings);
  object_reader reader(full, "", findings);
  if (!reader) return nullptr;
  auto result = std::make_shared<definition>();
  read_header(*result, reader, work);
  auto blueprint_level = read_handlers(*result, reader, work);
  action_reader actions(work, blueprint_level);
  reader.require("states", "the list of its states");
  const json* states = reader.array("states", states_max);
  for (std::size_t i = 0; states && i < states->size(); ++i)
    if (auto one = read_state((*states)[i], fmt::format("/states/{}", i), work, actions))
      result->states.push_back(std::move(*one));
  const json* transitions = reader.array("transitions", transitions_max);
  for (std::size_t i = 0; transitions && i < transitions->size(); ++i)
    if (auto one = read_transition((*transitions)[i], fmt::format("/transitions/{}", i), work, actions))
      result->transitions.push_back(std::move(*one));
  if (!findings.has_errors()) index_transitions(*result, findings);
  if (findings.has_errors()) return nullptr;

  auto initial = std::find_if(result->states.begin(), result->states.end(),
                              [](const state& each) { return each.kind == state_kind::initial; });
  TROUPE_ASSERT(initial != result->states.end());
  result->initial = static_cast<std::size_t>(initial - result->states.begin());
  result->on_error = blueprint_level.on_error.value_or(std::vector{policy::abort});
  result->on_timeout = blueprint_level.on_timeout.value_or(std::vector{policy::abort});
  for (auto& state : result->states)
    if (state.on_timeout.empty()) state.on_timeout = result->on_timeout;
  result->functions = around.functions;
  result->names_secrets = work.names_secrets();
  result->pins = pins_of(work, actions);
  result->source = full;
  return result;
}

} // namespace troupe::blueprint
