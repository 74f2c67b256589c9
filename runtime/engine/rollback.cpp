#include "runtime/engine/advance.hpp"
#include "runtime/engine/fields.hpp"

#include <utility>

/// Undoing what was done, one compensation after the other: each is an action at hand like any other.
namespace troupe::engine {

namespace {

void record_begun(draft& work, const std::optional<failure>& error, bool to_cancel) {
  json data = json::object();
  data["error"] = error ? to_json(*error) : json(nullptr);
  data["to"] = to_cancel ? "cancelled" : "rolled_back";
  data["count"] = work.after.undoables.size();
  work.record("rollback_begun", std::move(data));
}

/// The alternate way of the state in which it began; without a target where there is none, or the order was on it.
way alternate_way(const draft& work) {
  const position& where = work.after.where;
  const blueprint::state* state = work.blueprint().find_state(work.after.state);
  way result;
  result.trigger = "error";
  const bool is_on_it = where.failing && where.undoing_from != action_kind::entry;
  if (state && state->kind != blueprint::state_kind::final && state->on_failed && !is_on_it)
    result.target = *state->on_failed;
  return result;
}

} // namespace

void begin_rollback(draft& work, const std::optional<failure>& error) {
  record_begun(work, error, false);
}

void begin_rollback_to_cancel(draft& work) {
  record_begun(work, std::nullopt, true);
}

void finish_rollback(draft& work) {
  if (!work.after.undoables.empty()) { // this version has nothing that undoes it
    const undoable& left = work.after.undoables.back();
    json data = json::object();
    data["action"] = left.action;
    data["kind"] = to_string(action_kind::compensation);
    data["visit"] = left.visit;
    work.record("action_skipped", std::move(data));
    return;
  }
  if (work.after.where.undoing_to_cancel) {
    work.record_by(work.after.where.cancelling_by, "cancelled", {{"rollback", true}});
    end_order(work, status::cancelled, std::nullopt);
    return;
  }
  way chosen = alternate_way(work);
  std::string problem;
  const bool goes_on = !chosen.target.empty() && work.after.error &&
                       take_failed_way(work, std::move(chosen), failure(*work.after.error), problem);
  if (!goes_on) end_order(work, status::rolled_back, std::nullopt, problem);
}

void record_lost_try(draft& work) {
  const blueprint::action* action = action_at_hand(work.after, work.blueprint());
  const bool is_outside = action && std::holds_alternative<blueprint::webhook_body>(action->body);
  if (!is_outside || !action->compensate) return;
  json data = json::object();
  data["action"] = action->id;
  data["kind"] = to_string(work.after.where.kind);
  data["attempt"] = work.after.where.attempt + 1;
  data["error"] = {{"code", "crashed"}, {"message", "what became of the try is not known"}};
  data["started_at"] = nullptr;
  data["undoable"] = true;
  work.record("action_failed", std::move(data));
}

} // namespace troupe::engine
