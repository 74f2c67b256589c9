#pragma once

#include "runtime/engine/draft.hpp"

#include <optional>
#include <string>
#include <vector>

namespace troupe::engine {

/// What a manual event means for an order that is settled in its state.
struct event_verdict {
  const blueprint::transition* transition = nullptr; ///< the one that it takes; null with a refusal
  std::optional<prepared_entry> entry;
  std::optional<error> refusal;      ///< `event_not_possible` or `invalid_data`; pointers begin with `/data`
  std::vector<violation> violations; ///< the transition says that the state fails for them
  std::string code;                  ///< and with this code
};

/// `event` is { name, data, by }.
event_verdict judge_event(const order& subject, const context& around, const json& event);
/// Carries out a verdict without a refusal, once the event itself is recorded.
void take_event(draft& work, event_verdict verdict, const std::string& by);

/// The first automatic transition whose condition holds is taken; a condition that cannot be evaluated, or a target
/// that the data is invalid for, fails the state. False: none.
bool take_automatic(draft& work, const blueprint::state& state);
/// Goes a way that nobody sent data for: data that is invalid for its target fails the state.
void take_unasked(draft& work, const blueprint::transition& candidate, const std::string& trigger,
                  const std::string& by);
/// Deferred events, in the order they came, until one is taken. False: none was.
bool take_deferred(draft& work, const blueprint::state& state);

} // namespace troupe::engine
