#pragma once

#include "runtime/engine/engine.hpp"

namespace troupe::engine {

expected<decision> decide_event(const order& current, const send_event& wanted, const context& around);
expected<decision> decide_cancel(const order& current, const cancel_order& wanted, const context& around);
expected<decision> decide_finish_cancel(const order& current, const finish_cancel& wanted, const context& around);
expected<decision> decide_due(const order& current, const resume_after_wait& wanted, const context& around);
expected<decision> decide_pause(const order& current, const pause_order& wanted, const context& around);
expected<decision> decide_finish_pause(const order& current, const finish_pause& wanted, const context& around);
expected<decision> decide_resume(const order& current, const resume_order& wanted, const context& around);
expected<decision> decide_resolve(const order& current, const resolve_order& wanted, const context& around);
expected<decision> decide_reprocessing(const order& current, const reprocess_order& wanted, const context& around);

/// The order's status is another one than the command is for.
tl::unexpected<error> wrong_status(const order& current, std::string_view wanted);
/// Whoever performs the order may be making a try now.
bool may_be_under_way(const order& current, const context& around);

} // namespace troupe::engine
