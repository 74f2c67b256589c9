#pragma once

#include "runtime/engine/draft.hpp"

#include <optional>
#include <string>

namespace troupe::engine {

/// Goes on from where the order stands as far as it goes without anything from outside: conditions, inline actions,
/// transitions. Ends in front of a try that has to be made, a wait, an end, or the bound on one decision.
void advance(draft& work);

/// A way out of the state.
struct way {
  std::string target;
  const blueprint::transition* transition = nullptr; ///< null: the state's `onFailed`
  std::string trigger = "automatic";                 ///< automatic, manual, time, error
  json data;                                         ///< of an error; the others' is known
  std::string by;                                    ///< whose doing it is; empty: of the command
  std::optional<prepared_entry> ready;
};

/// Records that it is taken; `advance` then performs what lies on it.
void take(draft& work, way chosen);

/// Enters the initial state, or ends the order failed if its data is invalid.
void enter_initial(draft& work, const std::string& by);
/// Enters any state with the order's data as it is, by a reprocessing.
void enter_directly(draft& work, const blueprint::state& target, prepared_entry entry);

/// Enters the state that the order is in once more, because a stay timed out.
void enter_again(draft& work);

/// Ends the order. Events that are still deferred are refused first.
void end_order(draft& work, status as, std::optional<std::string> outcome, const std::string& reason = {});
/// Has it wait for an operator.
void escalate(draft& work, const failure& error);

/// Undoes what was done in this run, the last first, then goes on with the state's `onFailed` or ends the order rolled
/// back. Without an error: an operator wants it.
void begin_rollback(draft& work, const std::optional<failure>& error);
/// The same, to end the order cancelled.
void begin_rollback_to_cancel(draft& work);
/// Nothing is left to be undone.
void finish_rollback(draft& work);
/// Nobody knows what became of the try that was under way: it may have happened.
void record_lost_try(draft& work);

/// Goes on where a failure leads. False: the data is invalid for the target, and `problem` says why.
bool take_failed_way(draft& work, way chosen, const failure& error, std::string& problem);
/// Whether an error transition out of the state names this code itself, and not only by `*`.
bool names_error_way(draft& work, const std::string& code);
/// The failure of an order whose data `target` refuses; `found` is what of the violations counts.
failure entry_refused(const draft& work, const blueprint::state& target, const prepared_entry& entry,
                      const std::vector<violation>& found);
/// The state fails (blueprint-format.md, "When a state fails").
void fail_state(draft& work, const failure& error);

} // namespace troupe::engine
