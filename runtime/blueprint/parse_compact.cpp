#include "runtime/blueprint/definition_reader.hpp"
#include "runtime/blueprint/object_reader.hpp"
#include "runtime/blueprint/parse.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <fmt/format.h>
#include <map>
#include <set>

namespace troupe::blueprint {

namespace {

constexpr auto types = std::to_array<std::string_view>({"initial", "task", "userTask", "choice", "final", "error"});

/// Turns states that are written by their names, each with the transitions out of it, into lists of both.
class compact {
public:
  compact(const json& written, finding_list& findings) : written_(written), findings_(findings) {}

  std::optional<full_form> full() {
    const json& states = written_["states"];
    if (states.size() > states_max) {
      findings_.error("/states", "too_many", "split it into several blueprints",
                      fmt::format("at most {} states", states_max), fmt::format("{}", states.size()));
      return std::nullopt;
    }
    refuse_fields(written_, "",
                  {{"stateMachineId", "`id`"}, {"transitions", "`transitions` in the state that they leave"}});
    collect_ids(states);
    for (const auto& name : in_order_of_ways(states))
      write_state(name, states[name]);
    for (const auto& name : written_states_)
      write_transitions(name, states[name]);
    return finished();
  }

private:
  struct other_place {
    std::string_view name;
    std::string_view instead;
  };

  /// What the full form has and this form writes otherwise.
  void refuse_fields(const json& owner, const std::string& pointer, std::initializer_list<other_place> elsewhere) {
    for (const auto& [name, instead] : elsewhere)
      if (owner.contains(name))
        findings_.error(fmt::format("{}/{}", pointer, name), "unknown_field",
                        fmt::format("in the compact form write {} instead", instead), std::string(instead),
                        fmt::format("`{}`", name));
  }

  static std::string pointer_of(const std::string& state) { return "/states/" + pointer_token(state); }

  static const json& transitions_of(const json& state) {
    static const json nothing = json::array();
    if (!state.is_object()) return nothing;
    auto list = state.find("transitions");
    return list != state.end() && list->is_array() ? *list : nothing;
  }

  static std::string_view text_in(const json& owner, std::string_view name) {
    if (!owner.is_object()) return {};
    auto item = owner.find(name);
    return item != owner.end() && item->is_string() ? std::string_view(item->get_ref<const std::string&>())
                                                    : std::string_view();
  }

  /// Ids that are given are kept out of the way of those that are made.
  void collect_ids(const json& states) {
    for (const auto& [name, state] : states.items())
      for (const auto& each : transitions_of(state))
        if (auto id = text_in(each, "transitionId"); !id.empty()) transition_ids_.emplace(id);
  }

  /// The members of a JSON object have no order: the initial state is first, then what it leads to, and so on; what
  /// nothing leads to is last, by name.
  static std::vector<std::string> in_order_of_ways(const json& states) {
    std::vector<std::string> result;
    std::set<std::string, std::less<>> seen;
    std::deque<std::string> open;
    auto reach = [&](std::string_view name) {
      if (states.contains(name) && seen.emplace(name).second) open.emplace_back(name);
    };
    auto follow = [&] {
      for (; !open.empty(); open.pop_front()) {
        result.push_back(open.front());
        const json& state = states[open.front()];
        for (const auto& each : transitions_of(state))
          reach(text_in(each, "target"));
        reach(text_in(state, "onFailed"));
      }
    };
    for (const auto& [name, state] : states.items())
      if (text_in(state, "type") == "initial") reach(name);
    follow();
    for (const auto& [name, state] : states.items()) {
      reach(name);
      follow();
    }
    return result;
  }

  void write_state(const std::string& name, const json& written) {
    auto pointer = pointer_of(name);
    object_reader reader(written, pointer, findings_);
    if (!reader) return;
    refuse_fields(written, pointer, {{"stateId", "the name of the state"}, {"baseStateType", "`type`"}});
    if (!is_local_id(name))
      findings_.error(pointer, "invalid_id", "give it a name of 1 to 128 characters without `/`",
                      "1 to 128 characters without `/`", describe(json(name)));
    json state = written;
    state.erase("transitions");
    state["stateId"] = name;
    reader.require("type", "initial, task, userTask, choice, final or error");
    set_type(state, reader);
    auto here = fmt::format("/states/{}", states_.size());
    pointers_.add(here, pointer);
    pointers_.add(here + "/stateId", pointer);
    pointers_.add(here + "/baseStateType", pointer + "/type");
    if (!written.contains("stateType")) pointers_.add(here + "/stateType", pointer + "/type");
    if (!written.contains("outcome")) pointers_.add(here + "/outcome", pointer + "/type");
    states_.push_back(std::move(state));
    written_states_.push_back(name);
  }

  void set_type(json& state, const object_reader& reader) {
    auto type = reader.word("type", types).value_or("task");
    state.erase("type");
    bool is_error = type == "error";
    state["baseStateType"] = type == "initial" ? "initial" : is_error || type == "final" ? "final" : "intermediate";
    if (state["baseStateType"] == "intermediate" && reader.has("type") && !reader.has("stateType"))
      state["stateType"] = type;
    if (!is_error) return;
    if (reader.has("outcome") && *reader.find("outcome") != "error")
      reader.invalid("outcome", "duplicate_field", "either the type `error` or the type `final` with an outcome",
                     *reader.find("outcome"));
    state["outcome"] = "error";
  }

  void write_transitions(const std::string& from, const json& state) {
    object_reader reader(state, pointer_of(from), findings_);
    const json* list = reader.array("transitions", transitions_max);
    bool is_person = text_in(state, "type") == "userTask";
    for (std::size_t i = 0; list && i < list->size(); ++i) {
      if (transitions_.size() >= transitions_max) {
        findings_.error(reader.at("transitions"), "too_many", "split it into several blueprints",
                        fmt::format("at most {} transitions in all", transitions_max), "more");
        return;
      }
      write_transition(from, (*list)[i], fmt::format("{}/{}", reader.at("transitions"), i), is_person);
    }
  }

  void write_transition(const std::string& from, const json& written, const std::string& pointer, bool is_person) {
    object_reader reader(written, pointer, findings_);
    if (!reader) return;
    refuse_fields(written, pointer, {{"to", "`target`"}, {"from", "it in the state that it leaves"}});
    const json* target = reader.require("target", "the state that it leads to");
    if (!target) return;
    json transition = written;
    transition.erase("target");
    transition["from"] = from;
    transition["to"] = *target;
    if (!reader.has("transitionId")) transition["transitionId"] = made_id(from, text_in(written, "target"));
    if (!reader.has("trigger")) transition["trigger"] = {{"type", is_person ? "manual" : "automatic"}};
    auto here = fmt::format("/transitions/{}", transitions_.size());
    pointers_.add(here, pointer);
    pointers_.add(here + "/to", pointer + "/target");
    pointers_.add(here + "/from", pointer_of(from));
    transitions_.push_back(std::move(transition));
  }

  std::string made_id(std::string_view from, std::string_view to) {
    auto plain = fmt::format("{}_to_{}", from, to);
    auto id = plain;
    for (int i = 2; !is_local_id(id) || transition_ids_.contains(id); ++i)
      id = i <= 100 && is_local_id(plain) ? fmt::format("{}_{}", plain, i)
                                          : fmt::format("transition_{}_{}", transitions_.size() + 1, i);
    transition_ids_.insert(id);
    return id;
  }

  full_form finished() {
    json document = written_;
    document.erase("id");
    object_reader reader(written_, "", findings_);
    auto id = reader.require("id", "the id that it is published under");
    document["stateMachineId"] = id ? *id : json("compact"); // the finding is enough
    document["states"] = std::move(states_);
    document["transitions"] = std::move(transitions_);
    pointers_.add("/stateMachineId", "/id");
    pointers_.add("/transitions", "/states");
    return {normalised(std::move(document)), "compact", std::move(pointers_)};
  }

  const json& written_;
  finding_list& findings_;
  std::set<std::string, std::less<>> transition_ids_;
  std::vector<std::string> written_states_; ///< in order
  pointer_map pointers_;
  json states_ = json::array();
  json transitions_ = json::array();
};

} // namespace

std::optional<full_form> parse_compact(const json& written, finding_list& findings) {
  return compact(written, findings).full();
}

} // namespace troupe::blueprint
