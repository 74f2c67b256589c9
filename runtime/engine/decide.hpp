#pragma once

#include "runtime/engine/engine.hpp"

namespace troupe::engine {

expected<decision> decide_event(const order& current, const send_event& wanted, const context& around);
expected<decision> decide_cancel(const order& current, const cancel_order& wanted, const context& around);
expected<decision> decide_finish_cancel(const order& current, const finish_cancel& wanted, const context& around);
expected<decision> decide_reprocessing(const order& current, const reprocess_order& wanted, const context& around);

} // namespace troupe::engine
