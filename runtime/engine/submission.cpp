#include "runtime/engine/submission.hpp"

#include "runtime/base/ids.hpp"
#include "runtime/engine/draft.hpp"
#include "runtime/engine/entry.hpp"
#include "runtime/engine/fields.hpp"
#include "runtime/engine/values.hpp"

#include <algorithm>
#include <utility>

namespace troupe::engine {

namespace {

/// The order as it would be submitted: what templates of the initial state can see.
order probe_of(const submission& source, std::string order_id, const context& around) {
  order result;
  result.order_id = std::move(order_id);
  result.workflow = source.workflow.empty() ? around.blueprint.id : source.workflow;
  result.version = around.blueprint.version;
  if (source.data) result.data = *source.data;
  if (source.labels) result.labels = *source.labels;
  if (source.metadata) result.metadata = *source.metadata;
  if (source.blueprint) result.blueprint = *source.blueprint;
  result.priority = source.priority;
  result.not_before = source.not_before;
  result.created_at = around.now;
  return result;
}

bool some_state_declares(const blueprint::definition& blueprint, const std::string& name) {
  return std::any_of(blueprint.states.begin(), blueprint.states.end(),
                     [&](const blueprint::state& state) { return state.data && state.data->declares(name); });
}

void append_new(std::vector<violation>& target, std::vector<violation> more) {
  for (auto& each : more) {
    bool is_known = std::any_of(target.begin(), target.end(), [&](const violation& known) {
      return known.pointer == each.pointer && known.expected == each.expected;
    });
    if (!is_known) target.push_back(std::move(each));
  }
}

error invalid_submission(std::vector<violation> violations) {
  constexpr std::size_t violations_max = 100;
  if (violations.size() > violations_max) violations.resize(violations_max);
  return {errc::invalid_data, "expected a submission that the workflow takes, but found what is wrong below",
          std::move(violations)};
}

/// Everything wrong with a body: its shape, and its data where there are some.
std::vector<violation> all_violations(std::vector<violation> shape, const order& probe, const context& around) {
  append_new(shape, below("/data", submitted_violations(probe, around)));
  return shape;
}

} // namespace

std::vector<violation> submitted_violations(const order& subject, const context& around) {
  std::vector<violation> result;
  const auto& initial = around.blueprint.states[around.blueprint.initial];
  if (around.blueprint.data) {
    result = around.blueprint.data->validate(*subject.data);
  } else if (initial.data && initial.data->is_closed()) {
    for (const auto& [name, value] : subject.data->items())
      if (!some_state_declares(around.blueprint, name))
        result.push_back({"/" + pointer_token(name),
                          "only fields that some state of " + around.blueprint.id + " declares", describe(value)});
  }
  append_new(result, prepare_entry(subject, around, initial, json::object()).violations);
  return result;
}

expected<workflow_choice> choose_workflow(const json& request) {
  submission source = read_submission(request);
  if (!source.violations.empty()) {
    // Whoever names the workflow well is told everything at once later, with what is wrong with the data.
    bool is_named = !source.workflow.empty() && !source.blueprint &&
                    std::none_of(source.violations.begin(), source.violations.end(), [](const violation& each) {
                      return each.pointer == "/workflow" || each.pointer == "/Workflow" || each.pointer == "/version" ||
                             each.pointer == "/blueprint" || each.pointer.empty();
                    });
    if (!is_named) return tl::unexpected(invalid_submission(std::move(source.violations)));
  }
  return workflow_choice{std::move(source.workflow), source.version, source.blueprint != nullptr};
}

expected<std::string> choose_order_id(const json& request, const context& around, const std::string& fresh) {
  const submission source = read_submission(request);
  const bool is_well_formed = source.violations.empty();
  if (is_well_formed && source.order_id) return *source.order_id;
  if (is_well_formed && !around.blueprint.order_id) return fresh;
  std::vector<violation> found = source.violations;
  const order probe = probe_of(source, source.order_id.value_or(fresh), around);
  if (!is_well_formed) return tl::unexpected(invalid_submission(all_violations(std::move(found), probe, around)));
  const auto& rule = *around.blueprint.order_id;
  visible_values values(probe, around);
  auto value = rule.evaluate(values.seen_by(rule));
  if (value && value->is_null()) return fresh;
  if (value && value->is_number_integer()) value = json(value->dump());
  if (value && value->is_string() && is_order_id(value->get_ref<const std::string&>()))
    return value->get<std::string>();
  found.push_back({"/data", "an order id ([A-Za-z0-9][A-Za-z0-9._:-]{0,127}) as " + rule.source(),
                   value ? describe(*value) : recorded_text(value.error().detail, around, "an expression that fails")});
  return tl::unexpected(invalid_submission(all_violations(std::move(found), probe, around)));
}

expected<decision> decide_submission(const submit_order& wanted, const context& around) {
  submission source = read_submission(wanted.request);
  std::vector<violation> shape = std::move(source.violations);
  if (!is_order_id(wanted.order_id))
    shape.push_back({"/order_id", "an order id ([A-Za-z0-9][A-Za-z0-9._:-]{0,127})", describe(wanted.order_id)});
  order probe = probe_of(source, wanted.order_id, around);
  if (auto violations = all_violations(std::move(shape), probe, around); !violations.empty())
    return tl::unexpected(invalid_submission(std::move(violations)));
  json data = json::object();
  data["order_id"] = std::move(probe.order_id);
  data["workflow"] = std::move(probe.workflow);
  data["version"] = probe.version;
  data["data"] = *probe.data;
  data["labels"] = *probe.labels;
  data["metadata"] = *probe.metadata;
  data["blueprint"] = *probe.blueprint;
  data["priority"] = probe.priority;
  data["not_before"] = or_null(probe.not_before);
  data["group"] = or_null(wanted.group);
  data["trace"] = or_null(wanted.trace);
  data["request_hash"] = or_null(wanted.request_hash);
  draft work(order{}, around, wanted.by);
  work.record("order_submitted", std::move(data));
  return std::move(work).finish();
}

} // namespace troupe::engine
