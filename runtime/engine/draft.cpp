#include "runtime/engine/draft.hpp"

#include <utility>

namespace troupe::engine {

draft::draft(const order& start, const context& surroundings, std::string author)
    : around(surroundings), by(author.empty() ? "anonymous" : std::move(author)), after(start) {}

void draft::record(std::string type, json data) {
  record_by(by, std::move(type), std::move(data));
}

void draft::record_by(const std::string& author, std::string type, json data) {
  event happened;
  happened.sequence = after.sequence + 1;
  happened.time = around.now;
  happened.type = std::move(type);
  happened.by = author.empty() ? by : author;
  happened.data = std::move(data);
  apply(after, happened);
  events.push_back(std::move(happened));
}

decision draft::finish() && {
  TROUPE_ASSERT(!events.empty());
  return {std::move(events), std::move(after), false};
}

const blueprint::state& draft::state() const {
  const blueprint::state* found = blueprint().find_state(after.state);
  TROUPE_ASSERT(found != nullptr);
  return *found;
}

failure draft::failed(std::string code, std::string message, std::string action) const {
  failure result;
  result.code = std::move(code);
  result.message = std::move(message);
  result.state = after.state;
  result.action = std::move(action);
  result.at = around.now;
  result.attempts = after.where.attempt;
  return result;
}

const std::vector<blueprint::action>& actions_at(const order& current, const blueprint::definition& blueprint) {
  static const std::vector<blueprint::action> none;
  if (current.where.at != position::phase::actions || current.where.kind == action_kind::compensation) return none;
  if (current.where.kind == action_kind::transition) {
    if (current.where.transition.empty()) return none;
    const blueprint::transition* taken = blueprint.find_transition(current.where.transition);
    return taken ? taken->actions : none;
  }
  const blueprint::state* state = blueprint.find_state(current.state);
  if (!state) return none;
  return current.where.kind == action_kind::entry ? state->entry : state->exit;
}

namespace {

/// What undoes the last action that is to be undone. Null: there is none, or this blueprint does not have it.
const blueprint::action* compensation_at_hand(const order& current, const blueprint::definition& blueprint) {
  if (current.undoables.empty()) return nullptr;
  const undoable& done = current.undoables.back();
  const auto* state = done.kind == action_kind::transition ? nullptr : blueprint.find_state(done.place);
  const auto* transition = done.kind == action_kind::transition ? blueprint.find_transition(done.place) : nullptr;
  if (!state && !transition) return nullptr;
  const auto& actions = transition ? transition->actions : done.kind == action_kind::entry ? state->entry : state->exit;
  for (const auto& each : actions)
    if (each.id == done.action) return each.compensate.get();
  return nullptr;
}

} // namespace

const blueprint::action* action_at_hand(const order& current, const blueprint::definition& blueprint) {
  if (current.where.at == position::phase::actions && current.where.kind == action_kind::compensation)
    return compensation_at_hand(current, blueprint);
  const auto& actions = actions_at(current, blueprint);
  return current.where.index < actions.size() ? &actions[current.where.index] : nullptr;
}

} // namespace troupe::engine
