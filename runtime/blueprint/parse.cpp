#include "runtime/blueprint/parse.hpp"

#include "runtime/blueprint/action_reader.hpp"
#include "runtime/blueprint/request_body.hpp"

#include <fmt/format.h>

namespace troupe::blueprint {

namespace {

bool has_of_type(const json& written, std::string_view name, json::value_t type) {
  auto item = written.find(name);
  return item != written.end() && item->type() == type;
}

void normalise_action(json& action) {
  if (!action.is_object()) return;
  auto type = type_of_action(action);
  if (!type.empty()) action["type"] = type;
  if (auto compensate = action.find("compensate"); compensate != action.end()) normalise_action(*compensate);
  auto webhook = action.find("webhook");
  if (webhook == action.end() || !webhook->is_object()) return;
  if (auto expected = webhook->find("expectedResponse"); expected != webhook->end())
    *expected = normalised_expected_response(*expected);
}

void normalise_actions(json& owner, std::string_view name) {
  auto list = owner.find(name);
  if (list == owner.end() || !list->is_array()) return;
  for (auto& each : *list)
    normalise_action(each);
}

void normalise_trigger(json& transition) {
  auto trigger = transition.find("trigger");
  if (trigger == transition.end())
    transition["trigger"] = {{"type", "automatic"}};
  else if (trigger->is_string())
    *trigger = {{"type", *trigger}};
  trigger = transition.find("trigger");
  if (trigger->is_object() && trigger->contains("type") && (*trigger)["type"] == "time-based")
    (*trigger)["type"] = "time";
}

/// Too big or too deep to be looked at any further.
bool is_too_much(const json& written, finding_list& findings) {
  if (depth_of(written) > definition_depth_max) {
    findings.error("", "too_deep", "nest less",
                   fmt::format("at most {} arrays and objects inside each other", definition_depth_max), "more");
    return true;
  }
  if (to_text(written).size() > definition_size_max) {
    findings.error("", "too_large", "split it into several blueprints",
                   fmt::format("at most {} bytes", definition_size_max), "more");
    return true;
  }
  return false;
}

} // namespace

json normalised(json full) {
  if (!full.is_object()) return full;
  if (auto states = full.find("states"); states != full.end() && states->is_array())
    for (auto& state : *states) {
      if (!state.is_object()) continue;
      normalise_actions(state, "entryActions");
      normalise_actions(state, "exitActions");
    }
  if (auto transitions = full.find("transitions"); transitions != full.end() && transitions->is_array())
    for (auto& transition : *transitions) {
      if (!transition.is_object()) continue;
      normalise_trigger(transition);
      normalise_actions(transition, "actions");
    }
  return full;
}

std::optional<full_form> parse(const json& written, const knows_api_call& knows, finding_list& findings) {
  if (!written.is_object()) {
    findings.error("", "wrong_type", "write an object", "a blueprint: an object", describe(written));
    return std::nullopt;
  }
  if (is_too_much(written, findings)) return std::nullopt;
  if (written.contains("states") && written.contains("steps")) {
    findings.error("/steps", "unknown_form",
                   "write either `states` (the full and the compact form) or `steps` (the recipe form)",
                   "one of the two", "both");
    return std::nullopt;
  }
  if (written.contains("steps")) return parse_recipe(written, knows, findings);
  if (has_of_type(written, "states", json::value_t::object)) return parse_compact(written, findings);
  if (!written.contains("states")) {
    findings.error("", "unknown_form", "add `states` (the full and the compact form) or `steps` (the recipe form)",
                   "the field `states` or the field `steps`", "neither");
    return std::nullopt;
  }
  return full_form{normalised(written), "full", {}};
}

std::string_view id_field(const json& written) {
  if (written.is_object() && written.contains("steps")) return "workflow";
  return has_of_type(written, "states", json::value_t::object) ? "id" : "stateMachineId";
}

} // namespace troupe::blueprint
