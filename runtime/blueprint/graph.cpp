#include "runtime/blueprint/graph.hpp"

#include "runtime/blueprint/action_reader.hpp"
#include "runtime/blueprint/definition_reader.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace troupe::blueprint {

namespace {

bool awaits_answer(const json& actions) {
  return std::any_of(actions.begin(), actions.end(), [](const json& each) {
    auto type = type_of_action(each);
    return type != "set" && type != "log" && type != "notify" && type != "function";
  });
}

} // namespace

std::string_view text_of(const json& object, std::string_view name) {
  if (!object.is_object()) return {};
  auto item = object.find(name);
  return item != object.end() && item->is_string() ? std::string_view(item->get_ref<const std::string&>())
                                                   : std::string_view();
}

const json& list_of(const json& object, std::string_view name) {
  static const json nothing = json::array();
  if (!object.is_object()) return nothing;
  auto item = object.find(name);
  return item != object.end() && item->is_array() ? *item : nothing;
}

graph::graph(const json& full) {
  const json& states = list_of(full, "states");
  for (std::size_t i = 0; i < std::min(states.size(), states_max); ++i) {
    const json& state = states[i];
    node one;
    one.id = text_of(state, "stateId");
    one.pointer = fmt::format("/states/{}", i);
    one.kind = text_of(state, "baseStateType");
    one.on_failed = text_of(state, "onFailed");
    one.is_bounded = state.is_object() && state.contains("timeout");
    one.awaits = awaits_answer(list_of(state, "entryActions")) || awaits_answer(list_of(state, "exitActions"));
    if (!one.id.empty()) by_id_.emplace(one.id, nodes_.size());
    nodes_.push_back(std::move(one));
  }
  const json& transitions = list_of(full, "transitions");
  std::size_t pairs = 0;
  for (std::size_t i = 0; i < std::min(transitions.size(), transitions_max); ++i) {
    const json& transition = transitions[i];
    auto to = find(text_of(transition, "to"));
    if (!to) continue;
    edge one;
    one.pointer = fmt::format("/transitions/{}", i);
    one.transition = i;
    one.to = *to;
    if (auto trigger = transition.find("trigger"); trigger != transition.end()) one.trigger = text_of(*trigger, "type");
    one.is_conditional = transition.contains("condition");
    one.awaits = awaits_answer(list_of(transition, "actions"));
    if (auto priority = transition.find("priority"); priority != transition.end() && priority->is_number_integer())
      one.priority = priority->get<std::int64_t>();
    edges_.push_back(std::move(one));
    auto leave = [&](std::size_t from) {
      auto& leaving = nodes_[from].leaving;
      bool is_there = !leaving.empty() && leaving.back() == edges_.size() - 1;
      if (!is_there && pairs++ < edges_max) leaving.push_back(edges_.size() - 1);
    };
    if (text_of(transition, "from") == "*") {
      for (std::size_t from = 0; from < nodes_.size(); ++from)
        if (nodes_[from].kind != "final") leave(from);
    } else if (auto from = find(text_of(transition, "from"))) {
      leave(*from);
    }
    for (const auto& each : list_of(transition, "from"))
      if (auto from = each.is_string() ? find(each.get_ref<const std::string&>()) : std::nullopt) leave(*from);
  }
}

std::optional<std::size_t> graph::find(std::string_view state_id) const {
  auto found = by_id_.find(state_id);
  return found == by_id_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::size_t> graph::automatic(std::size_t from) const {
  std::vector<std::size_t> result;
  for (auto each : nodes_[from].leaving)
    if (edges_[each].trigger == "automatic") result.push_back(each);
  std::stable_sort(result.begin(), result.end(),
                   [&](std::size_t left, std::size_t right) { return edges_[left].priority > edges_[right].priority; });
  return result;
}

std::vector<bool> graph::reachable() const {
  std::vector<bool> result(nodes_.size(), false);
  std::vector<std::size_t> open;
  auto reach = [&](std::size_t place) {
    if (!result[place]) open.push_back(place);
    result[place] = true;
  };
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    if (nodes_[i].kind == "initial") reach(i);
  while (!open.empty()) {
    const auto& current = nodes_[open.back()];
    open.pop_back();
    for (auto each : current.leaving)
      reach(edges_[each].to);
    if (auto alternate = find(current.on_failed)) reach(*alternate);
  }
  return result;
}

} // namespace troupe::blueprint
