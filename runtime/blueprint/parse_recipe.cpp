#include "runtime/blueprint/parse.hpp"

#include "runtime/base/ids.hpp"
#include "runtime/blueprint/action_level.hpp"
#include "runtime/blueprint/definition_reader.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

namespace troupe::blueprint {

namespace {

constexpr auto known_fields = std::to_array<std::string_view>(
    {"$schema", "workflow", "version", "name", "description", "metadata", "data", "orderId", "immutable", "sensitive",
     "timeout", "onTimeout", "globalCallbackHandler", "globalErrorHandler", "limits", "steps", "alternatives"});
constexpr auto step_fields = std::to_array<std::string_view>(
    {"step_id",      "api_call_id",   "data",        "onFailed",    "name",       "description",
     "metadata",     "condition",     "errors",      "save",        "retryCount", "retryDelay",
     "retryBackoff", "retryMaxDelay", "retryJitter", "retryBudget", "retryOn",    "noRetryOn",
     "timeout",      "onError",       "onTimeout",   "effect",      "compensate", "onDoubt"});
/// Of a step's fields those that belong to its state; the rest is its action's.
constexpr auto state_fields = std::to_array<std::string_view>({"name", "description", "metadata"});
constexpr auto own_fields = std::to_array<std::string_view>({"step_id", "api_call_id", "data", "onFailed"});
constexpr auto alternative_fields =
    std::to_array<std::string_view>({"steps", "outcome", "then", "name", "description", "metadata"});

template <class Names> bool is_one_of(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

struct step {
  std::string name;
  std::string api_call;
  std::string on_failed;
  std::string pointer;
  const json* written = nullptr;
};

/// Steps that follow each other, and where they lead.
struct sequence {
  std::vector<step> steps;
  std::string pointer;
  std::string outcome; ///< where the order ends, if it does not go on with `then`
  std::string then;
};

/// Turns steps into states, as the recipe form says.
class recipe {
public:
  recipe(const json& written, const knows_api_call& knows, finding_list& findings)
      : written_(written), knows_(knows), reader_(written, "", findings), findings_(findings) {}

  std::optional<full_form> full() {
    reader_.allow(known_fields);
    read_sequences();
    name_steps();
    if (sequences_.empty() || sequences_.front().steps.empty()) return std::nullopt;
    add_called_directly();
    if (states_wanted() > states_max) {
      findings_.error("/steps", "too_many", "split it into several blueprints",
                      fmt::format("at most {} steps and ends", states_max), fmt::format("{}", states_wanted()));
      return std::nullopt;
    }
    for (const auto& each : sequences_)
      write_states(each);
    write_ends();
    for (const auto& each : sequences_)
      write_transitions(each);
    return finished();
  }

private:
  // -- reading

  void read_sequences() {
    const json* steps = reader_.array("steps", states_max);
    if (steps && steps->empty()) reader_.invalid("steps", "invalid_value", "at least one step", *steps);
    if (steps) sequences_.push_back(sequence{read_steps(*steps, "/steps"), "/steps", "success", {}});
    const json* alternatives = reader_.object("alternatives");
    if (!alternatives || sequences_.empty()) return;
    for (auto item = alternatives->begin(); item != alternatives->end(); ++item)
      read_alternative(item.key(), item.value());
  }

  void read_alternative(const std::string& name, const json& written) {
    auto pointer = "/alternatives/" + pointer_token(name);
    sequence result{{}, pointer, "error", {}};
    if (!is_local_id(name))
      findings_.error(pointer, "invalid_id", "give it a name of 1 to 128 characters without `/`",
                      "1 to 128 characters without `/`", describe(json(name)));
    if (written.is_array()) {
      result.steps = read_steps(written, pointer);
    } else {
      object_reader reader(written, pointer, findings_);
      if (!reader) return;
      reader.allow(alternative_fields);
      reader.check_descriptive();
      if (reader.require("steps", "the list of its steps"))
        if (const json* steps = reader.array("steps", states_max))
          result.steps = read_steps(*steps, reader.at("steps"));
      auto then = reader.text("then");
      if (then && then->empty()) unknown_step(reader.at("then"), *then);
      result.then = then.value_or("");
      if (reader.has("then") && reader.has("outcome"))
        reader.invalid("outcome", "duplicate_field", "either `outcome` (it ends) or `then` (it goes on)",
                       *reader.find("outcome"));
      result.outcome = reader.text("outcome").value_or("error");
    }
    if (result.steps.empty()) {
      findings_.error(pointer, "invalid_value", "write at least one step", "at least one step", "none");
      return;
    }
    alternatives_[name] = sequences_.size();
    sequences_.push_back(std::move(result));
  }

  std::vector<step> read_steps(const json& list, const std::string& pointer) {
    std::vector<step> result;
    for (std::size_t i = 0; i < std::min(list.size(), states_max); ++i) {
      object_reader reader(list[i], fmt::format("{}/{}", pointer, i), findings_);
      if (!reader) continue;
      reader.allow(step_fields);
      step one;
      auto api_call = reader.required_text("api_call_id", "which API call it makes");
      if (api_call && api_call->empty())
        reader.invalid("api_call_id", "invalid_id", "the id of an API call", json(*api_call));
      auto on_failed = reader.text("onFailed");
      if (on_failed && on_failed->empty()) unknown_alternative(reader.at("onFailed"), *on_failed);
      one.api_call = api_call.value_or("");
      one.name = reader.text("step_id").value_or(one.api_call);
      one.on_failed = on_failed.value_or("");
      one.pointer = reader.pointer();
      one.written = &list[i];
      if (reader.has("step_id") && !is_local_id(one.name))
        reader.invalid("step_id", "invalid_id", "1 to 128 characters without `/`", *reader.find("step_id"));
      if (!one.name.empty()) result.push_back(std::move(one));
    }
    return result;
  }

  void unknown_alternative(const std::string& pointer, const std::string& name) {
    findings_.error(pointer, "unknown_alternative", "name an alternative, a step or a published API call",
                    "an alternative, a step or an API call", describe(json(name)));
  }

  void unknown_step(const std::string& pointer, const std::string& name) {
    findings_.error(pointer, "unknown_step", "name a step that is there", "the name of a step", describe(json(name)));
  }

  void name_steps() {
    for (auto& each : sequences_)
      for (auto& one : each.steps) {
        auto [first, is_new] = named_.emplace(one.name, one.pointer);
        if (is_new) continue;
        findings_.error(one.pointer, "duplicate_id",
                        fmt::format("give it a `step_id` of its own: \"{}\" stands at {} too", one.name, first->second),
                        "a name of its own", describe(json(one.name)));
        one.name = fmt::format("step {}", named_.size()); // so that the ways are those that were meant
        named_.emplace(one.name, one.pointer);
      }
  }

  /// `onFailed` that names an API call which is no step: one that ends the order once it is made.
  void add_called_directly() {
    std::vector<sequence> added;
    for (const auto& each : sequences_)
      for (const auto& one : each.steps) {
        if (one.on_failed.empty() || alternatives_.contains(one.on_failed) || named_.contains(one.on_failed)) continue;
        if (!knows_(one.on_failed)) {
          unknown_alternative(one.pointer + "/onFailed", one.on_failed);
          continue;
        }
        named_.emplace(one.on_failed, one.pointer);
        step called{one.on_failed, one.on_failed, {}, one.pointer + "/onFailed", nullptr};
        added.push_back(sequence{std::vector<step>{std::move(called)}, one.pointer, "error", {}});
      }
    for (auto& each : added)
      sequences_.push_back(std::move(each));
  }

  // -- writing

  std::size_t states_wanted() const {
    std::size_t count = sequences_.size();
    for (const auto& each : sequences_)
      count += each.steps.size();
    return count;
  }

  void write_states(const sequence& from) {
    for (const auto& one : from.steps) {
      auto here = fmt::format("/states/{}", states_.size());
      auto action_pointer = here + "/entryActions/0";
      json action = {{"actionId", one.name}, {"type", "apiCall"}, {"apiCall", {{"api_call_id", one.api_call}}}};
      json state = {{"stateId", one.name}, {"baseStateType", states_.empty() ? "initial" : "intermediate"}};
      if (one.written) {
        for (auto item = one.written->begin(); item != one.written->end(); ++item) {
          bool is_of_state = is_one_of(state_fields, item.key()) || item.key().starts_with("x-");
          if (!is_one_of(own_fields, item.key())) (is_of_state ? state : action)[item.key()] = item.value();
        }
        if (auto data = one.written->find("data"); data != one.written->end()) action["apiCall"]["data"] = *data;
      }
      if (!one.on_failed.empty() && named_target(one.on_failed)) state["onFailed"] = *named_target(one.on_failed);
      state["entryActions"] = json::array({std::move(action)});
      pointers_.add(here, one.pointer);
      pointers_.add(here + "/stateId", one.pointer + "/step_id");
      pointers_.add(action_pointer, one.pointer);
      pointers_.add(action_pointer + "/actionId", one.pointer + "/step_id");
      pointers_.add(action_pointer + "/apiCall", one.pointer);
      states_.push_back(std::move(state));
    }
  }

  std::optional<std::string> named_target(const std::string& name) const {
    if (auto alternative = alternatives_.find(name); alternative != alternatives_.end())
      return sequences_[alternative->second].steps.front().name;
    return named_.contains(name) ? std::optional(name) : std::nullopt;
  }

  /// One final state for each outcome that some sequence ends with, in the order of the sequences.
  void write_ends() {
    for (const auto& each : sequences_) {
      if (!each.then.empty() || ends_.contains(each.outcome)) continue;
      std::string wanted = each.outcome == "success"   ? "completed"
                           : each.outcome == "error"   ? "failed"
                           : each.outcome == "partial" ? "partial"
                                                       : "ended";
      auto id = wanted;
      for (int i = 2; named_.contains(id); ++i)
        id = fmt::format("{}_{}", wanted, i);
      named_.emplace(id, each.pointer);
      ends_[each.outcome] = id;
      auto here = fmt::format("/states/{}", states_.size());
      pointers_.add(here, each.pointer);
      states_.push_back({{"stateId", id}, {"baseStateType", "final"}, {"outcome", each.outcome}});
    }
  }

  void write_transitions(const sequence& from) {
    for (std::size_t i = 0; i + 1 < from.steps.size(); ++i)
      write_transition(from.steps[i].name, from.steps[i + 1].name, from.steps[i].pointer);
    const auto& last = from.steps.back();
    if (from.then.empty()) return write_transition(last.name, ends_.at(from.outcome), last.pointer);
    if (named_.contains(from.then) && !is_end(from.then)) return write_transition(last.name, from.then, last.pointer);
    unknown_step(from.pointer + "/then", from.then);
  }

  bool is_end(const std::string& name) const {
    return std::any_of(ends_.begin(), ends_.end(), [&](const auto& each) { return each.second == name; });
  }

  void write_transition(const std::string& from, const std::string& to, const std::string& pointer) {
    auto id = fmt::format("{}_to_{}", from, to);
    if (!is_local_id(id) || transition_ids_.contains(id)) id = fmt::format("transition_{}", transitions_.size() + 1);
    transition_ids_.insert(id);
    pointers_.add(fmt::format("/transitions/{}", transitions_.size()), pointer);
    transitions_.push_back({{"transitionId", id}, {"from", from}, {"to", to}, {"trigger", {{"type", "automatic"}}}});
  }

  full_form finished() {
    json document = written_;
    document.erase("steps");
    document.erase("alternatives");
    if (auto id = document.find("workflow"); id != document.end()) {
      document["stateMachineId"] = *id;
      document.erase("workflow");
    } else {
      reader_.require("workflow", "the id that it is published under");
      document["stateMachineId"] = "recipe"; // the finding above is enough
    }
    document["states"] = std::move(states_);
    document["transitions"] = std::move(transitions_);
    pointers_.add("/stateMachineId", "/workflow");
    return {normalised(std::move(document)), "recipe", std::move(pointers_)};
  }

  const json& written_;
  const knows_api_call& knows_;
  object_reader reader_;
  finding_list& findings_;
  std::vector<sequence> sequences_; ///< the steps themselves first
  std::map<std::string, std::size_t> alternatives_;
  std::map<std::string, std::string> named_; ///< states' ids and where they come from
  std::map<std::string, std::string> ends_;  ///< outcome -> final state
  std::set<std::string> transition_ids_;
  pointer_map pointers_;
  json states_ = json::array();
  json transitions_ = json::array();
};

} // namespace

std::optional<full_form> parse_recipe(const json& written, const knows_api_call& knows, finding_list& findings) {
  return recipe(written, knows, findings).full();
}

} // namespace troupe::blueprint
