#include "runtime/engine/entry.hpp"
#include "runtime/engine/fields.hpp"
#include "runtime/engine/performing.hpp"
#include "runtime/engine/values.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace troupe::engine {

namespace {

gathered failed(std::string code, std::string message) {
  gathered result;
  result.failure = failed_try{std::move(code), std::move(message), {}, {}, false, true};
  return result;
}

/// The response without the numbers that lost their value.
json without(const json& response, const std::vector<std::string>& inexact) {
  json result = response;
  for (const auto& pointer : inexact) {
    const json::json_pointer place("/body" + pointer);
    if (result.contains(place)) result[place] = nullptr;
  }
  return result;
}

/// True if the value depends on a number of the response that lost its value: without those it comes out otherwise.
bool is_inexact(const draft& work, const blueprint::save_rule& rule, const json& response,
                const std::vector<std::string>& inexact, const json& value) {
  if (inexact.empty() || !rule.value.mentions("response")) return false;
  const json thinned = without(response, inexact);
  visible_values values(work.after, work.around);
  values.with("response", thinned);
  auto other = rule.value.evaluate(values.seen_by(rule.value));
  return !other || *other != value;
}

/// Whether the order is in a state of its own: between two states nothing checks what is saved but the next state.
const blueprint::state* current_state(const draft& work) {
  const auto kind = work.after.where.kind;
  return kind == action_kind::transition || kind == action_kind::compensation ? nullptr : &work.state();
}

std::vector<violation> save_violations(const draft& work, const blueprint::save_rule& rule, const json& value) {
  std::vector<violation> result = immutable_violations(work.blueprint(), *work.after.data, {{rule.field, value}});
  if (const auto* state = current_state(work); state && state->data)
    for (auto& each : state->data->validate_field(rule.field, value))
      result.push_back(std::move(each));
  return result;
}

bool is_own(const draft& work, const std::string& field) {
  const auto* state = current_state(work);
  if (!state) return false;
  if (!state->data || !state->data->is_closed()) return true;
  return state->data->declares(field);
}

bool is_expected(const blueprint::expected_response& wanted, int status) {
  constexpr int success_first = 200, success_last = 299;
  if (wanted.status.empty()) return status >= success_first && status <= success_last;
  return std::find(wanted.status.begin(), wanted.status.end(), status) != wanted.status.end();
}

std::string wanted_status(const blueprint::expected_response& wanted) {
  return wanted.status.empty() ? std::string("2xx") : fmt::format("{}", fmt::join(wanted.status, " or "));
}

/// A named error of the answer, if one's condition holds.
std::optional<gathered> named_error(const draft& work, const blueprint::action& action, visible_values& values) {
  for (const auto& rule : action.errors) {
    auto holds = rule.when.holds(values.seen_by(rule.when));
    if (!holds)
      return failed("expression_failed",
                    recorded_text(holds.error().detail, work.around, "a condition of errors that cannot be evaluated"));
    if (!*holds) continue;
    std::string text;
    if (rule.message)
      if (auto rendered = rule.message->render_text(values.seen_by(*rule.message))) text = std::move(*rendered);
    return failed(rule.code, recorded_text(std::move(text), work.around, "the answer says " + rule.code));
  }
  return std::nullopt;
}

std::optional<gathered> unexpected(const draft& work, const blueprint::expected_response& wanted, const json& response,
                                   visible_values& values) {
  const int status = static_cast<int>(number_at(response, "status"));
  if (!is_expected(wanted, status))
    return failed(fmt::format("http_{}", status),
                  fmt::format("expected the status {}, but found {}", wanted_status(wanted), status));
  if (wanted.body)
    if (auto violations = wanted.body->validate(member(response, "body")); !violations.empty())
      return failed("unexpected_response",
                    recorded_text("the answer's body: " + summary(violations), work.around, "an unexpected answer"));
  if (!wanted.condition) return std::nullopt;
  auto holds = wanted.condition->holds(values.seen_by(*wanted.condition));
  if (!holds)
    return failed("expression_failed",
                  recorded_text(holds.error().detail, work.around, "a condition that cannot be evaluated"));
  if (!*holds)
    return failed(
        "condition_failed",
        recorded_text("expected an answer for which " + wanted.condition->source() + " holds", work.around, "not so"));
  return std::nullopt;
}

} // namespace

gathered gather(const draft& work, const std::vector<blueprint::save_rule>& rules, const json& response,
                const std::vector<std::string>& inexact) {
  gathered result;
  visible_values values(work.after, work.around);
  values.with("response", response);
  for (const auto& rule : rules) {
    auto value = rule.value.evaluate(values.seen_by(rule.value));
    if (!value)
      return failed("expression_failed", recorded_text("the value of " + rule.field + ": " + value.error().detail,
                                                       work.around, "an expression that fails"));
    if (is_inexact(work, rule, response, inexact, *value))
      return failed("validation_failed", "expected numbers that keep their value, but found one in " + rule.field +
                                             " with more digits than a number can hold");
    hide_secrets(*value, work.around);
    if (rule.variable) {
      result.saved["variables." + rule.field] = std::move(*value);
      continue;
    }
    if (auto violations = save_violations(work, rule, *value); !violations.empty())
      return failed("validation_failed", recorded_text(summary(violations), work.around, "invalid data"));
    if (is_own(work, rule.field)) result.state_fields.push_back(rule.field);
    result.saved[rule.field] = std::move(*value);
  }
  return result;
}

gathered judge_response(const draft& work, const blueprint::action& action, const complete_action& outcome) {
  visible_values values(work.after, work.around);
  values.with("response", *outcome.response);
  std::optional<gathered> bad = named_error(work, action, values);
  const bool is_denied = bad.has_value(); // the answer says itself that nothing came of it
  if (const auto* body = std::get_if<blueprint::webhook_body>(&action.body); !bad && body)
    bad = unexpected(work, body->expected, *outcome.response, values);
  gathered result = bad ? std::move(*bad) : gather(work, action.save, *outcome.response, outcome.inexact);
  if (!result.failure) return result;
  result.failure->retry_after = retry_after_of(*outcome.response, work.around.now);
  result.failure->may_have_happened =
      !is_denied && is_expected({}, static_cast<int>(number_at(*outcome.response, "status")));
  return result;
}

} // namespace troupe::engine
