#pragma once

#include "runtime/engine/engine.hpp"
#include "runtime/engine/entry.hpp"

#include <optional>
#include <string>
#include <vector>

namespace troupe::engine {

/// One decision in the making: every change is an event, recorded and applied at once, so that what comes next sees it
/// and the order after it is their fold by construction.
struct draft {
  draft(const order& start, const context& surroundings, std::string author);

  const context& around;
  std::string by; ///< who wanted the command
  order after;
  std::vector<event> events;
  /// Computed when a transition was judged, good for entering its target if nothing happens in between.
  std::optional<prepared_entry> ready;

  void record(std::string type, json data = json::object());
  /// In the name of somebody else than who wanted the command.
  void record_by(const std::string& author, std::string type, json data);
  decision finish() &&;

  const blueprint::definition& blueprint() const { return around.blueprint; }
  /// The state the order is in. There must be one.
  const blueprint::state& state() const;
  /// A failure of this moment, in this state; `attempts` is those of the action at hand.
  failure failed(std::string code, std::string message, std::string action = {}) const;
};

/// The actions that `where` counts in. With a blueprint that lacks the state or the transition: none.
const std::vector<blueprint::action>& actions_at(const order& current, const blueprint::definition& blueprint);
/// The action at hand, or null when there is none (any more).
const blueprint::action* action_at_hand(const order& current, const blueprint::definition& blueprint);

} // namespace troupe::engine
