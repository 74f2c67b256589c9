#include "runtime/blueprint/state_reader.hpp"

#include <algorithm>

namespace troupe::blueprint {

namespace {

constexpr std::size_t payload_fields_max = 1000;

constexpr auto known_fields = std::to_array<std::string_view>(
    {"stateId",       "name",         "description", "metadata",   "baseStateType", "stateType",
     "data",          "entryActions", "exitActions", "retryCount", "retryDelay",    "retryBackoff",
     "retryMaxDelay", "retryJitter",  "retryBudget", "retryOn",    "noRetryOn",     "errors",
     "onError",       "effect",       "onFailed",    "outcome",    "timeout",       "onTimeout"});
constexpr auto kinds = std::to_array<std::string_view>({"initial", "intermediate", "final"});
constexpr auto outcomes = std::to_array<std::string_view>({"success", "partial", "error"});

void read_data(state& result, const object_reader& reader, compilation& work) {
  static constexpr auto known = std::to_array<std::string_view>({"schema", "payload"});
  if (!reader.object("data")) return;
  object_reader data(*reader.find("data"), reader.at("data"), work.findings());
  data.allow(known);
  result.data = work.schema_of(data, "schema", true);
  const json* payload = data.object("payload");
  if (!payload) return;
  if (payload->size() > payload_fields_max) return data.invalid("payload", "too_many", "at most 1000 fields", *payload);
  for (auto item = payload->begin(); item != payload->end(); ++item)
    if (auto compiled = work.template_at(item.value(), data.at("payload") + "/" + pointer_token(item.key())))
      result.payload.emplace_back(item.key(), std::move(*compiled));
}

void read_outcome(state& result, const object_reader& reader, compilation& work) {
  auto written = reader.text("outcome");
  if (!written) return;
  if (result.kind != state_kind::final)
    return reader.invalid("outcome", "invalid_value", "an outcome on final states alone", json(*written));
  result.outcome = work.template_at(json(*written), reader.at("outcome"));
  if (result.outcome && result.outcome->is_constant() &&
      std::find(outcomes.begin(), outcomes.end(), *written) == outcomes.end())
    reader.invalid("outcome", "invalid_value", "success, partial, error, or a template giving one", json(*written));
}

/// What has no effect where it stands is doubtful.
void check_final(const object_reader& reader) {
  for (std::string_view name : {"exitActions", "onFailed"})
    if (reader.has(name))
      reader.findings().warning(reader.at(name), "never_used",
                                "remove it: the order ends in a final state and does not leave it", "nothing here",
                                "`" + std::string(name) + "`");
}

} // namespace

std::optional<state> read_state(const json& written, const std::string& pointer, compilation& work,
                                action_reader& actions) {
  object_reader reader(written, pointer, work.findings());
  if (!reader) return std::nullopt;
  reader.allow(known_fields);
  reader.check_descriptive();
  check_effect(reader);
  state result;
  auto id = reader.required_text("stateId", "the name that transitions call it by");
  if (id && !is_local_id(*id)) reader.invalid("stateId", "invalid_id", "1 to 128 characters without `/`", json(*id));
  if (reader.require("baseStateType", "initial, intermediate or final"))
    if (auto kind = reader.word("baseStateType", kinds))
      result.kind = *kind == "initial" ? state_kind::initial
                    : *kind == "final" ? state_kind::final
                                       : state_kind::intermediate;
  result.id = id.value_or("");
  result.name = reader.text("name").value_or("");
  result.state_type = reader.text("stateType").value_or("");
  read_data(result, reader, work);
  action_level level;
  level.retry = read_retry(reader);
  level.on_error = read_policies(reader, "onError");
  level.errors = read_errors(reader, work);
  result.entry = actions.read_list(reader, "entryActions", &level);
  result.exit = actions.read_list(reader, "exitActions", &level);
  result.on_failed = reader.text("onFailed");
  result.timeout = reader.span_of_time("timeout", true);
  if (auto list = read_policies(reader, "onTimeout")) result.on_timeout = std::move(*list);
  result.reentries_max = level.retry.is_any_given() ? level.retry.count.value_or(0) : policy_retry({}).count;
  read_outcome(result, reader, work);
  if (result.kind == state_kind::final) check_final(reader);
  return id ? std::optional(std::move(result)) : std::nullopt;
}

} // namespace troupe::blueprint
