#include "runtime/blueprint/graph_check.hpp"

#include "runtime/blueprint/graph.hpp"
#include "runtime/blueprint/object_reader.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace troupe::blueprint {

namespace {

/// The field is there and text, if empty.
bool is_text(const json& object, std::string_view name) {
  return object.is_object() && object.contains(name) && object.at(std::string(name)).is_string();
}

/// Every value of `field` in `list` only once.
void check_unique(const json& list, const std::string& pointer, std::string_view field, std::string_view what,
                  std::map<std::string_view, std::string>& seen, finding_list& findings) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto id = text_of(list[i], field);
    if (id.empty()) continue;
    auto here = fmt::format("{}/{}/{}", pointer, i, field);
    auto [first, is_new] = seen.emplace(id, here);
    if (!is_new)
      findings.error(here, "duplicate_id",
                     fmt::format("give this {} another id: \"{}\" stands at {} too", what, id, first->second),
                     "an id of its own", describe(json(id)));
  }
}

void check_duplicates(const json& full, finding_list& findings) {
  std::map<std::string_view, std::string> states;
  std::map<std::string_view, std::string> transitions;
  check_unique(list_of(full, "states"), "/states", "stateId", "state", states, findings);
  check_unique(list_of(full, "transitions"), "/transitions", "transitionId", "transition", transitions, findings);
  for (std::size_t i = 0; i < list_of(full, "states").size(); ++i) {
    const json& state = full["states"][i];
    std::map<std::string_view, std::string> actions;
    check_unique(list_of(state, "entryActions"), fmt::format("/states/{}/entryActions", i), "actionId", "action",
                 actions, findings);
    check_unique(list_of(state, "exitActions"), fmt::format("/states/{}/exitActions", i), "actionId", "action", actions,
                 findings);
  }
  for (std::size_t i = 0; i < list_of(full, "transitions").size(); ++i) {
    std::map<std::string_view, std::string> actions;
    check_unique(list_of(full["transitions"][i], "actions"), fmt::format("/transitions/{}/actions", i), "actionId",
                 "action", actions, findings);
  }
}

class graph_check {
public:
  graph_check(const json& full, finding_list& findings) : full_(full), findings_(findings), graph_(full) {
    for (const auto& node : graph_.nodes())
      if (!node.id.empty()) ids_.push_back(node.id);
  }

  void run() {
    auto is_list = [&](const char* name) { return !full_.contains(name) || full_[name].is_array(); };
    if (!is_list("states")) return;
    check_kinds();
    const json& states = list_of(full_, "states");
    for (std::size_t i = 0; i < states.size(); ++i)
      check_on_failed(states[i], fmt::format("/states/{}", i));
    if (!is_list("transitions")) return;
    const json& transitions = list_of(full_, "transitions");
    for (std::size_t i = 0; i < transitions.size(); ++i)
      check_targets(transitions[i], fmt::format("/transitions/{}", i));
    check_reachable();
    check_stuck();
    check_cycles();
  }

private:
  void check_kinds() {
    std::string first;
    bool is_final_there = false;
    for (const auto& node : graph_.nodes()) {
      is_final_there = is_final_there || node.kind == "final";
      if (node.kind != "initial") continue;
      if (!first.empty())
        findings_.error(node.pointer + "/baseStateType", "several_initial_states",
                        fmt::format("make one of them intermediate: {} is initial too", first), "one initial state",
                        "another");
      else
        first = node.pointer;
    }
    if (!full_.contains("states")) return;
    if (first.empty())
      findings_.error("/states", "no_initial_state", "let one state have the baseStateType initial",
                      "one initial state", "none");
    if (!is_final_there)
      findings_.error("/states", "no_final_state", "let at least one state have the baseStateType final",
                      "one or more final states", "none");
  }

  void unknown_state(const std::string& pointer, std::string_view name) {
    auto nearest = nearest_name(name, ids_);
    findings_.error(pointer, "unknown_state",
                    nearest.empty() ? "name a state that is there"
                                    : fmt::format("name a state that is there: did you mean \"{}\"?", nearest),
                    "the id of a state", describe(json(name)));
  }

  void check_on_failed(const json& state, const std::string& pointer) {
    if (is_text(state, "onFailed") && !graph_.find(text_of(state, "onFailed")))
      unknown_state(pointer + "/onFailed", text_of(state, "onFailed"));
  }

  void check_from(std::string_view from, const std::string& pointer) {
    auto found = graph_.find(from);
    if (!found) return unknown_state(pointer, from);
    if (graph_.nodes()[*found].kind == "final")
      findings_.error(pointer, "final_state_left",
                      "remove the transition, or make the state intermediate: an order ends in a final state",
                      "a state that is not final", describe(json(from)));
  }

  void check_targets(const json& transition, const std::string& pointer) {
    auto to = text_of(transition, "to");
    if (is_text(transition, "to") && !graph_.find(to)) unknown_state(pointer + "/to", to);
    auto from = text_of(transition, "from");
    if (is_text(transition, "from") && from != "*") check_from(from, pointer + "/from");
    const json& list = list_of(transition, "from");
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (!list[i].is_string() || list[i] == "*") continue;
      auto here = fmt::format("{}/from/{}", pointer, i);
      if (!seen.insert(list[i].get_ref<const std::string&>()).second)
        findings_.error(here, "duplicate_id", "name each state once", "a state that is not in the list yet",
                        describe(list[i]));
      check_from(list[i].get_ref<const std::string&>(), here);
    }
  }

  void check_reachable() {
    auto reached = graph_.reachable();
    bool has_initial = std::find(reached.begin(), reached.end(), true) != reached.end();
    for (std::size_t i = 0; has_initial && i < reached.size(); ++i)
      if (!reached[i] && graph_.find(graph_.nodes()[i].id) == i) // not a second one of the same id
        findings_.error(graph_.nodes()[i].pointer, "unreachable_state",
                        "let a transition or an `onFailed` lead to it, or remove it",
                        "a state that can be reached from the initial one", describe(json(graph_.nodes()[i].id)));
  }

  void check_stuck() {
    for (const auto& node : graph_.nodes()) {
      if (node.kind == "final" || node.id.empty()) continue;
      bool goes_on = std::any_of(node.leaving.begin(), node.leaving.end(),
                                 [&](std::size_t each) { return graph_.edges()[each].trigger != "error"; });
      if (goes_on) continue;
      if (node.leaving.empty() && node.on_failed.empty())
        findings_.error(node.pointer, "stuck_state",
                        "let a transition leave it, or make it final: nothing could ever happen in it",
                        "a transition out of it", "none");
      else if (!node.is_bounded)
        findings_.warning(
            node.pointer, "no_way_on",
            "let a transition leave it that is not for errors: when its actions are done it fails with no_transition",
            "a transition out of it", "error transitions or onFailed alone");
    }
  }

  /// Of a state the one automatic transition that nothing can hold back, if there is one; those that are tried after it
  /// are never taken.
  std::optional<std::size_t> certain_way(std::size_t node) {
    std::optional<std::size_t> result;
    for (auto each : graph_.automatic(node)) {
      if (result)
        findings_.warning(
            graph_.edges()[each].pointer, "never_taken",
            fmt::format("give it a higher priority or the one before it a condition: {} is always taken first",
                        graph_.edges()[*result].pointer),
            "a transition that can be taken", "one behind another without a condition");
      else if (!graph_.edges()[each].is_conditional)
        result = each;
    }
    return result;
  }

  /// Each state has at most one certain way, so that following it either ends or comes round.
  void check_cycles() {
    std::vector<std::optional<std::size_t>> way(graph_.nodes().size());
    for (std::size_t i = 0; i < way.size(); ++i) {
      auto certain = certain_way(i);
      if (certain && !graph_.nodes()[i].awaits && !graph_.edges()[*certain].awaits) way[i] = certain;
    }
    std::vector<std::size_t> walk(way.size(), 0);
    for (std::size_t start = 0; start < way.size(); ++start) {
      std::size_t at = start;
      while (way[at] && walk[at] == 0) {
        walk[at] = start + 1;
        at = graph_.edges()[*way[at]].to;
      }
      if (!way[at] || walk[at] != start + 1) continue;
      report_cycle(at, way);
    }
  }

  void report_cycle(std::size_t begin, const std::vector<std::optional<std::size_t>>& way) {
    std::string round(graph_.nodes()[begin].id);
    std::size_t at = begin;
    do {
      at = graph_.edges()[*way[at]].to;
      if (round.size() < 400) round += fmt::format(" -> {}", graph_.nodes()[at].id);
    } while (at != begin);
    findings_.error(
        graph_.edges()[*way[begin]].pointer, "endless_cycle",
        fmt::format("give one of these transitions a condition, or let something be awaited on the way: {}", round),
        "automatic transitions that come to an end", round);
  }

  const json& full_;
  finding_list& findings_;
  graph graph_;
  std::vector<std::string_view> ids_;
};

} // namespace

void check_graph(const json& full, finding_list& findings) {
  check_duplicates(full, findings);
  graph_check(full, findings).run();
}

} // namespace troupe::blueprint
