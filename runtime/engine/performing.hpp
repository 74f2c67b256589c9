#pragma once

#include "runtime/engine/draft.hpp"

#include <optional>
#include <string>
#include <vector>

namespace troupe::engine {

/// A try that came to nothing.
struct failed_try {
  std::string code;
  std::string message;
  time_point started_at{};
  std::optional<duration> retry_after; ///< the service asked for
  bool may_have_happened = false;      ///< the other side may have done what it was asked
  bool repeatable = true;              ///< false: decided from what is recorded, so another try would give the same
};

/// What is to be saved, or why it cannot be.
struct gathered {
  json saved = json::object();           ///< `field` and `variables.field`
  std::vector<std::string> state_fields; ///< those of them that the state's own data has too
  std::optional<failed_try> failure;
};

/// The action at hand is reached: its condition, and itself if nothing outside is needed. False: a try has to be made
/// outside.
bool arrive(draft& work, const blueprint::action& action);

/// The outcome of the try under way: recorded, and what follows from it short of `advance`.
void settle_try(draft& work, const blueprint::action& action, const complete_action& outcome);

/// Evaluates what an action saves and checks it against the state and the immutable fields. `inexact` are pointers into
/// the response's body.
gathered gather(const draft& work, const std::vector<blueprint::save_rule>& rules, const json& response,
                const std::vector<std::string>& inexact);

/// Judges an answer: its named errors, what was expected, what is saved.
gathered judge_response(const draft& work, const blueprint::action& action, const complete_action& outcome);

/// Records the failed try, and a retry or what the policies say. While the order is being cancelled only the try is
/// recorded.
void fail_try(draft& work, const blueprint::action& action, const failed_try& failure);

/// How long after the try that failed as the `failures`th the next one begins. Spread by order, action and try, so that
/// it is the same whenever it is computed.
duration retry_delay(const blueprint::retry_rule& rule, int failures, const std::string& spread_by,
                     std::optional<duration> retry_after);
/// The header `Retry-After` of a response, in seconds or as an HTTP date, as a delay from `now`.
std::optional<duration> retry_after_of(const json& response, time_point now);

} // namespace troupe::engine
