#include "runtime/blueprint/graph_check.hpp"

#include "runtime/blueprint/graph.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

namespace troupe::blueprint {

namespace {

/// Beyond that many fields the question is not asked.
constexpr std::size_t fields_max = 500;
constexpr auto error_fields =
    std::to_array<std::string_view>({"errorCode", "errorMessage", "errorTimestamp", "failedState", "failedAction"});

const json& object_of(const json& owner, std::string_view name) {
  static const json nothing = json::object();
  if (!owner.is_object()) return nothing;
  auto item = owner.find(name);
  return item != owner.end() && item->is_object() ? *item : nothing;
}

/// What a schema's top level says of names, as far as it says so itself.
class top_level {
public:
  explicit top_level(const json& schema) : schema_(schema) {}

  bool is_there() const { return schema_.is_object() && !schema_.empty(); }
  bool declares(const std::string& name) const { return object_of(schema_, "properties").contains(name); }
  /// Only what it declares is possible. `by_default`: without `additionalProperties` too, as for state data.
  bool is_closed(bool by_default) const {
    for (const char* other : {"patternProperties", "$ref", "allOf", "anyOf", "oneOf", "if"})
      if (schema_.contains(other)) return false;
    auto more = schema_.find("additionalProperties");
    if (more == schema_.end()) return by_default && schema_.contains("properties");
    return *more == false;
  }
  const json& required() const { return list_of(schema_, "required"); }

private:
  const json& schema_;
};

top_level schema_of(const json& owner) {
  return top_level(object_of(object_of(owner, "data"), "schema"));
}

/// Follows data from where it comes from to the states that require it.
class data_flow_check {
public:
  data_flow_check(const json& full, const references& around, finding_list& findings)
      : full_(full), around_(around), findings_(findings), graph_(full), states_(list_of(full, "states")),
        transitions_(list_of(full, "transitions")), reachable_(graph_.reachable()) {}

  void run() {
    std::map<std::string, std::vector<std::pair<std::size_t, std::size_t>>>
        wanted; // name to state and place in `required`
    for (std::size_t i = 0; i < graph_.nodes().size(); ++i) {
      if (!reachable_[i]) continue;
      auto schema = schema_of(states_[i]);
      const json& required = schema.required();
      for (std::size_t j = 0; j < required.size(); ++j) {
        if (!required[j].is_string()) continue;
        auto name = required[j].get<std::string>();
        if (schema.is_closed(true) && !schema.declares(name))
          report_undeclared(i, j, name);
        else if (!may_be_submitted(name))
          wanted[name].emplace_back(i, j);
      }
    }
    if (wanted.empty() || wanted.size() > fields_max) return;
    for (const auto& [name, places] : wanted) {
      auto known = known_on_entering(name);
      for (auto [state, place] : places)
        if (!known[state] && !gives_payload(states_[state], name)) report_missing(state, place, name);
    }
  }

private:
  std::string pointer_of(std::size_t state, std::size_t place) const {
    return fmt::format("{}/data/schema/required/{}", graph_.nodes()[state].pointer, place);
  }

  void report_undeclared(std::size_t state, std::size_t place, const std::string& name) {
    findings_.warning(
        pointer_of(state, place), "never_provided",
        fmt::format("declare `{}` under `properties`: the state's data is cut to what is declared there, so "
                    "it is always missing",
                    name),
        "a field that `properties` declares", fmt::format("`{}`", name));
  }

  void report_missing(std::size_t state, std::size_t place, const std::string& name) {
    findings_.warning(
        pointer_of(state, place), "never_provided",
        fmt::format("let an action before it save `{0}`, an event bring it, the blueprint's `data.schema` "
                    "declare it or `payload` make it: no path to this state provides it",
                    name),
        "a field that some path before provides", fmt::format("`{}`", name));
  }

  /// With a schema of its own for submissions only what that lets in; else what some state declares, and anything where
  /// the initial state takes everything.
  bool may_be_submitted(const std::string& name) const {
    auto own = schema_of(full_);
    if (own.is_there()) return own.declares(name) || !own.is_closed(false);
    return std::any_of(states_.begin(), states_.end(), [&](const json& state) {
      auto schema = schema_of(state);
      return schema.declares(name) || (text_of(state, "baseStateType") == "initial" && !schema.is_closed(true));
    });
  }

  static bool gives_payload(const json& state, const std::string& name) {
    return object_of(object_of(state, "data"), "payload").contains(name);
  }

  bool saves(const json& action, const std::string& name) const {
    if (object_of(action, "save").contains(name) || object_of(action, "set").contains(name)) return true;
    const json& probe = object_of(object_of(action, "onDoubt"), "probe");
    if (object_of(probe, "save").contains(name)) return true;
    auto id = text_of(object_of(action, "apiCall"), "api_call_id");
    if (id.empty()) return false;
    auto [known, is_new] = calls_.emplace(id, nullptr);
    if (is_new)
      if (auto found = around_.find_api_call(id)) known->second = found->document;
    return known->second && object_of(*known->second, "save").contains(name);
  }

  bool list_saves(const json& owner, std::string_view list, const std::string& name) const {
    const json& actions = list_of(owner, list);
    return std::any_of(actions.begin(), actions.end(), [&](const json& each) { return saves(each, name); });
  }

  /// What comes with whatever triggers a transition, and what its actions save.
  bool brings(const json& transition, const std::string& name) const {
    if (list_saves(transition, "actions", name)) return true;
    const json& trigger = object_of(transition, "trigger");
    auto type = text_of(trigger, "type");
    if (type == "error") return is_of_error(name);
    if (type != "manual" && type != "event") return false;
    top_level schema(object_of(trigger, "schema"));
    return !schema.is_there() || schema.declares(name) || !schema.is_closed(false);
  }

  static bool is_of_error(std::string_view name) {
    return std::find(error_fields.begin(), error_fields.end(), name) != error_fields.end();
  }

  /// For each state whether some way to it provides the field.
  std::vector<bool> known_on_entering(const std::string& name) const {
    const auto& nodes = graph_.nodes();
    std::vector<bool> known(nodes.size(), false);
    std::vector<bool> followed(nodes.size(), false);
    std::vector<std::size_t> open;
    auto know = [&](std::size_t state) {
      known[state] = true;
      if (!followed[state]) open.push_back(state);
      followed[state] = true;
    };
    std::vector<bool> brought(graph_.edges().size());
    for (std::size_t i = 0; i < brought.size(); ++i)
      brought[i] = brings(transitions_[graph_.edges()[i].transition], name);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (!reachable_[i]) continue;
      for (auto each : nodes[i].leaving)
        if (brought[each]) know(graph_.edges()[each].to);
      if (auto alternate = graph_.find(nodes[i].on_failed); alternate && is_of_error(name)) know(*alternate);
      bool own = gives_payload(states_[i], name) || list_saves(states_[i], "entryActions", name) ||
                 list_saves(states_[i], "exitActions", name);
      if (own && !followed[i]) {
        followed[i] = true;
        open.push_back(i);
      }
    }
    while (!open.empty()) {
      const auto& from = nodes[open.back()];
      open.pop_back();
      for (auto each : from.leaving)
        know(graph_.edges()[each].to);
      if (auto alternate = graph_.find(from.on_failed)) know(*alternate);
    }
    return known;
  }

  const json& full_;
  const references& around_;
  finding_list& findings_;
  graph graph_;
  const json& states_;
  const json& transitions_;
  std::vector<bool> reachable_;
  mutable std::map<std::string, std::shared_ptr<const json>, std::less<>> calls_;
};

} // namespace

void check_data_flow(const json& full, const references& around, finding_list& findings) {
  data_flow_check(full, around, findings).run();
}

} // namespace troupe::blueprint
