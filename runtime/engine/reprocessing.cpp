#include "runtime/engine/advance.hpp"
#include "runtime/engine/decide.hpp"
#include "runtime/engine/fields.hpp"
#include "runtime/engine/submission.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace troupe::engine {

namespace {

tl::unexpected<error> not_possible(std::string reason) {
  return refuse(errc::not_possible, std::move(reason));
}

tl::unexpected<error> wrong_data(const reprocess_order& wanted, const std::vector<violation>& violations) {
  const std::string place = wanted.data_patch.is_null() ? "/from" : "/data_patch";
  std::vector<violation> result;
  for (const auto& each : violations)
    result.push_back({place, "data that has at " + each.pointer + " " + each.expected, each.found});
  return refuse(errc::invalid_data, "expected data that the order can go on with", std::move(result));
}

/// The data that the new run begins with, patched if asked; null if they stay as they are.
expected<json> patched(const json& base, const reprocess_order& wanted, const context& around) {
  if (wanted.data_patch.is_null()) return json();
  json result;
  try {
    result = base.patch(wanted.data_patch);
  } catch (const json::exception& problem) {
    return refuse(errc::invalid_data, "expected a JSON patch (RFC 6902) that fits the order's data",
                  {{"/data_patch", "a JSON patch that fits the order's data", problem.what()}});
  }
  if (!result.is_object())
    return refuse(errc::invalid_data, "expected data that are an object",
                  {{"/data_patch", "data that are an object", describe(result)}});
  std::vector<violation> violations = immutable_violations(around.blueprint, base, result);
  for (const auto& name : around.blueprint.immutable)
    if (!member(base, name).is_null() && !result.contains(name))
      violations.push_back({"/" + pointer_token(name), "the value it was set to once (immutable)", "nothing"});
  if (!violations.empty()) return wrong_data(wanted, violations);
  return result;
}

json reprocessed_event(const order& current, const reprocess_order& wanted, const context& around, json data) {
  json result = json::object();
  result["from"] = wanted.from;
  result["version"] = around.blueprint.version;
  result["run"] = current.run + 1;
  result["data"] = std::move(data);
  return result;
}

expected<decision> from_start(const order& current, const reprocess_order& wanted, const context& around) {
  auto data = patched(*current.submitted, wanted, around);
  if (!data) return tl::unexpected(std::move(data.error()));
  draft work(current, around, wanted.by);
  work.record("reprocessed", reprocessed_event(current, wanted, around, std::move(*data)));
  if (auto violations = submitted_violations(work.after, around); !violations.empty())
    return wrong_data(wanted, violations);
  enter_initial(work, work.by);
  advance(work);
  return std::move(work).finish();
}

/// Where in the blueprint's list of actions the one is that failed; versions may differ in what stands before it.
std::optional<std::size_t> index_of_failure(const order& probe, const failure& error,
                                            const blueprint::definition& blueprint) {
  const auto& actions = actions_at(probe, blueprint);
  if (error.action.empty()) return actions.size();
  auto found = std::find_if(actions.begin(), actions.end(),
                            [&](const blueprint::action& each) { return each.id == error.action; });
  if (found == actions.end()) return std::nullopt;
  return static_cast<std::size_t>(found - actions.begin());
}

expected<decision> from_failure(const order& current, const reprocess_order& wanted, const context& around) {
  if (!current.failed_at || !current.error)
    return not_possible("expected an order that has failed, but found no failure of " + current.order_id);
  if (current.status == status::rolled_back || current.where.kind == action_kind::compensation)
    return not_possible("expected an order whose actions are not undone, but found " + current.order_id +
                        ", which was rolled back: reprocess it from the start or from a state");
  const failure_place& place = *current.failed_at;
  if (place.state.empty()) return from_start(current, wanted, around);
  const blueprint::state* state = around.blueprint.find_state(place.state);
  const bool has_way = place.where.target.empty() ||
                       (around.blueprint.find_state(place.where.target) &&
                        (place.where.transition.empty() || around.blueprint.find_transition(place.where.transition)));
  order probe;
  probe.state = place.state;
  probe.where = place.where;
  probe.where.at = position::phase::actions;
  const auto index = index_of_failure(probe, *current.error, around.blueprint);
  if (!state || !has_way || !index)
    return not_possible(
        fmt::format("expected a version that has the place of the failure ({} {}), but found version {}", place.state,
                    current.error->action, around.blueprint.version));
  auto data = patched(*current.data, wanted, around);
  if (!data) return tl::unexpected(std::move(data.error()));
  json own = cut(*state, data->is_null() ? *current.data : *data);
  if (state->data && place.where.kind != action_kind::transition)
    if (auto violations = state->data->validate(own); !violations.empty()) return wrong_data(wanted, violations);
  json event = reprocessed_event(current, wanted, around, std::move(*data));
  event["state"] = place.state;
  event["visit"] = place.visit;
  event["index"] = *index;
  event["state_data"] = std::move(own);
  if (state->timeout && place.where.kind == action_kind::entry)
    event["state_due"] = to_iso8601(around.now + *state->timeout);
  if (around.blueprint.timeout) event["order_due"] = to_iso8601(around.now + *around.blueprint.timeout);
  draft work(current, around, wanted.by);
  work.record("reprocessed", std::move(event));
  advance(work);
  return std::move(work).finish();
}

expected<decision> from_state(const order& current, const reprocess_order& wanted, const context& around) {
  const blueprint::state* state = around.blueprint.find_state(wanted.from);
  if (!state)
    return refuse(errc::invalid_data, "expected a place to go on from",
                  {{"/from", "start, failure, or a state of " + around.blueprint.id, describe(wanted.from)}});
  auto data = patched(*current.data, wanted, around);
  if (!data) return tl::unexpected(std::move(data.error()));
  draft work(current, around, wanted.by);
  work.record("reprocessed", reprocessed_event(current, wanted, around, std::move(*data)));
  prepared_entry entry = prepare_entry(work.after, around, *state, json::object());
  if (!entry.is_valid()) return wrong_data(wanted, entry.violations);
  enter_directly(work, *state, std::move(entry));
  advance(work);
  return std::move(work).finish();
}

} // namespace

expected<decision> decide_reprocessing(const order& current, const reprocess_order& wanted, const context& around) {
  if (!is_final(current.status) && current.status != status::escalated)
    return not_possible(fmt::format("expected an order that has ended or is escalated, but found {} {}",
                                    current.order_id, to_string(current.status)));
  if (!current.blueprint->is_null() && wanted.target_version != 0 && wanted.target_version != current.version)
    return not_possible("expected the version that it has of an order with a definition of its own, but found " +
                        std::to_string(wanted.target_version));
  if (wanted.from == "start") return from_start(current, wanted, around);
  if (wanted.from == "failure") return from_failure(current, wanted, around);
  return from_state(current, wanted, around);
}

} // namespace troupe::engine
