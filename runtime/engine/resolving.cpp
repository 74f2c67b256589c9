#include "runtime/engine/advance.hpp"
#include "runtime/engine/decide.hpp"
#include "runtime/engine/fields.hpp"
#include "runtime/engine/timing.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace troupe::engine {

namespace {

constexpr std::array<std::string_view, 5> decisions = {"retry", "proceed", "goto", "rollback", "abort"};

tl::unexpected<error> wrong_field(const char* pointer, std::string wanted, std::string found) {
  return refuse(errc::invalid_data, "expected an answer to the escalation",
                {{pointer, std::move(wanted), std::move(found)}});
}

/// The escalation is about a time-out and not about an action that has one of its own.
bool is_about(const order& current, std::string_view code) {
  return current.error && current.error->code == code && current.error->action.empty();
}

/// The order at the moment of the answer.
draft resolved(const order& current, const resolve_order& wanted, const context& around) {
  draft work(current, around, wanted.by);
  json data = json::object();
  data["decision"] = wanted.decision;
  data["comment"] = or_null(wanted.comment);
  data["state"] = or_null(wanted.state);
  const blueprint::action* action = action_at_hand(current, around.blueprint);
  data["skipped"] = wanted.decision == "proceed" && action && current.error && current.error->action == action->id
                        ? json(action->id)
                        : json(nullptr);
  if (wanted.decision == "retry" && is_about(current, "order_timeout") && around.blueprint.timeout)
    data["order_due"] = to_iso8601(around.now + *around.blueprint.timeout);
  work.record("resolved", std::move(data));
  return work;
}

expected<decision> go_to(const order& current, const resolve_order& wanted, const context& around) {
  const blueprint::state* target = around.blueprint.find_state(wanted.state);
  if (!target) return wrong_field("/state", "a state of " + around.blueprint.id, describe(or_null(wanted.state)));
  draft work = resolved(current, wanted, around);
  prepared_entry entry = prepare_entry(work.after, around, *target, json::object());
  if (!entry.is_valid())
    return wrong_field("/state", "a state that the order's data is valid for", summary(entry.violations));
  enter_directly(work, *target, std::move(entry));
  advance(work);
  return std::move(work).finish();
}

void roll_back(draft& work) {
  if (work.after.error && work.after.error->code == "crashed") record_lost_try(work);
  begin_rollback(work, std::nullopt);
}

} // namespace

expected<decision> decide_resolve(const order& current, const resolve_order& wanted, const context& around) {
  if (current.status != status::escalated) return wrong_status(current, "is escalated");
  if (std::find(decisions.begin(), decisions.end(), wanted.decision) == decisions.end())
    return wrong_field("/decision", "retry, proceed, goto, rollback or abort", describe(json(wanted.decision)));
  if (wanted.decision == "goto") return go_to(current, wanted, around);
  if (!wanted.state.empty()) return wrong_field("/state", "no state but with `goto`", describe(json(wanted.state)));
  draft work = resolved(current, wanted, around);
  const bool is_undoing = current.where.kind == action_kind::compensation;
  if (wanted.decision == "rollback" && !is_undoing)
    roll_back(work);
  else if (wanted.decision == "abort" && is_undoing)
    end_order(work, status::failed, "error", "the rollback was given up");
  else if (wanted.decision == "abort")
    fail_state(work, *current.error);
  else if (is_undoing)
    advance(work); // the compensation at hand again, or the one before it
  else if (is_about(current, "state_timeout") && wanted.decision == "retry")
    enter_again(work);
  else if (is_about(current, "state_timeout"))
    proceed_in_state(work);
  advance(work);
  return std::move(work).finish();
}

} // namespace troupe::engine
