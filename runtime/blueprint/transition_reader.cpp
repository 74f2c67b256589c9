#include "runtime/blueprint/transition_reader.hpp"

#include "runtime/blueprint/definition_reader.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace troupe::blueprint {

namespace {

constexpr std::int64_t priority_most = 1'000'000;
constexpr std::size_t errors_max = 200;

constexpr auto known_fields = std::to_array<std::string_view>(
    {"transitionId", "name", "description", "metadata", "from", "to", "condition", "priority", "actions", "trigger"});
constexpr auto types = std::to_array<std::string_view>({"automatic", "manual", "error", "time", "time-based", "event"});

void read_from(transition& result, const object_reader& reader) {
  const json* from = reader.require("from", "the state that it leaves, a list of states, or \"*\"");
  if (!from) return;
  if (from->is_array()) {
    if (from->empty()) reader.invalid("from", "invalid_value", "at least one state", *from);
    if (auto list = reader.texts("from", states_max)) result.from = std::move(*list);
    if (std::find(result.from.begin(), result.from.end(), "*") != result.from.end())
      reader.invalid("from", "invalid_value", "states, or \"*\" alone and not in a list", *from);
  } else if (from->is_string()) {
    result.from = {from->get<std::string>()};
  } else {
    reader.wrong_type("from", "a state, a list of states, or \"*\"", *from);
  }
}

void read_manual(transition& result, const object_reader& trigger, compilation& work) {
  static constexpr auto known = std::to_array<std::string_view>({"type", "event", "schema", "onInvalid"});
  static constexpr auto on_invalid = std::to_array<std::string_view>({"fail"});
  trigger.allow(known);
  result.trigger = trigger_kind::manual;
  result.event = trigger.text("event").value_or(result.id);
  if (trigger.has("event") && !is_local_id(result.event))
    trigger.invalid("event", "invalid_id", "1 to 128 characters without `/`", *trigger.find("event"));
  result.data = work.schema_of(trigger, "schema", false);
  result.fail_on_invalid = trigger.word("onInvalid", on_invalid).has_value();
}

void read_error(transition& result, const object_reader& trigger) {
  static constexpr auto known = std::to_array<std::string_view>({"type", "errors"});
  trigger.allow(known);
  result.trigger = trigger_kind::error;
  trigger.require("errors", "the codes of the errors that it is for; \"*\" is any");
  if (auto codes = trigger.texts("errors", errors_max)) result.errors = std::move(*codes);
  if (const json* written = trigger.find("errors"); written && written->is_array() && written->empty())
    trigger.invalid("errors", "invalid_value", "at least one code", *written);
}

/// A text that stands for itself or is a template; `is_right` judges the former.
std::optional<value_template> read_time_text(const object_reader& trigger, std::string_view name, compilation& work,
                                             bool (*is_right)(std::string_view), std::string code,
                                             std::string_view expected) {
  auto text = trigger.text(name);
  if (!text) return std::nullopt;
  auto compiled = work.template_at(json(*text), trigger.at(name));
  if (compiled && compiled->is_constant() && !is_right(*text))
    trigger.invalid(name, std::move(code), expected, json(*text));
  return compiled;
}

void read_time(transition& result, const object_reader& trigger, compilation& work) {
  static constexpr auto known = std::to_array<std::string_view>({"type", "after", "at"});
  trigger.allow(known);
  result.trigger = trigger_kind::time;
  if (trigger.has("after") && trigger.has("at"))
    trigger.invalid("at", "duplicate_field", "either `after` or `at`", *trigger.find("at"));
  if (!trigger.has("at")) trigger.require("after", "how long after the state is entered (or `at`: the instant)");
  result.after = read_time_text(
      trigger, "after", work, [](std::string_view text) { return parse_duration(text).has_value(); },
      "invalid_duration", "an ISO 8601 duration such as PT10S or P1DT12H, or a template giving one");
  result.at = read_time_text(
      trigger, "at", work, [](std::string_view text) { return parse_iso8601(text).has_value(); }, "invalid_value",
      "an instant such as 2024-01-10T14:30:00Z, or a template giving one");
}

void read_trigger(transition& result, const object_reader& reader, compilation& work) {
  static constexpr auto known = std::to_array<std::string_view>({"type"});
  const json* written = reader.find("trigger");
  if (!written) return;
  object_reader trigger(*written, reader.at("trigger"), work.findings());
  if (!trigger) return;
  trigger.require("type", "automatic, manual, time or error");
  auto type = trigger.word("type", types);
  if (!type) return;
  if (*type == "manual") return read_manual(result, trigger, work);
  if (*type == "error") return read_error(result, trigger);
  if (*type == "time" || *type == "time-based") return read_time(result, trigger, work);
  if (*type == "automatic") return trigger.allow(known);
  trigger.findings().error(
      trigger.at("type"), "not_built_yet",
      fmt::format("the trigger `{}` is not built yet: use automatic, manual, time or error", *type),
      "automatic, manual, time or error", fmt::format("`{}`", *type));
}

} // namespace

std::optional<transition> read_transition(const json& written, const std::string& pointer, compilation& work,
                                          action_reader& actions) {
  object_reader reader(written, pointer, work.findings());
  if (!reader) return std::nullopt;
  reader.allow(known_fields);
  reader.check_descriptive();
  transition result;
  auto id = reader.required_text("transitionId", "the name that history calls it by");
  if (id && !is_local_id(*id))
    reader.invalid("transitionId", "invalid_id", "1 to 128 characters without `/`", json(*id));
  result.id = id.value_or("");
  result.name = reader.text("name").value_or("");
  read_from(result, reader);
  auto to = reader.required_text("to", "the state that it leads to");
  result.to = to.value_or("");
  result.condition = work.condition_of(reader, "condition");
  if (auto priority = reader.whole("priority", -priority_most, priority_most))
    result.priority = static_cast<int>(*priority);
  result.actions = actions.read_list(reader, "actions", nullptr);
  read_trigger(result, reader, work);
  return id && to ? std::optional(std::move(result)) : std::nullopt;
}

} // namespace troupe::blueprint
