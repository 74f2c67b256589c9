#pragma once

#include "runtime/engine/draft.hpp"

namespace troupe::engine {

/// Who does what nobody asks for when its time has come.
inline constexpr const char* by_timer = "timer";

/// The order waits in its state: the instants of its time triggers are worked out and recorded with what else is waited
/// for. Where nothing could ever move it, or an instant cannot be told, the state fails.
void wait_in(draft& work, const blueprint::state& state);

/// The time-out of the state or the order has passed: no try is worth making.
bool is_overdue(const draft& work);
/// If so, records it and does what the policies say. False: there is none.
bool meet_deadline(draft& work);

/// What of the state's time-out `proceed` means: on as if its actions had succeeded.
void proceed_in_state(draft& work);

} // namespace troupe::engine
