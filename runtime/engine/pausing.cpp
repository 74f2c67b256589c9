#include "runtime/engine/advance.hpp"
#include "runtime/engine/decide.hpp"
#include "runtime/engine/trigger.hpp"

#include <utility>

namespace troupe::engine {

expected<decision> decide_pause(const order& current, const pause_order& wanted, const context& around) {
  const bool is_possible =
      current.status == status::pending || current.status == status::active || current.status == status::waiting;
  if (!is_possible) return wrong_status(current, "is going on");
  if (current.where.cancelling || current.where.pausing)
    return refuse(errc::not_possible, "expected an order that is going on, but found " + current.order_id +
                                          (current.where.pausing ? " being paused" : " being cancelled"));
  draft work(current, around, wanted.by);
  work.record(may_be_under_way(current, around) ? "pause_requested" : "order_paused");
  return std::move(work).finish();
}

expected<decision> decide_finish_pause(const order& current, const finish_pause& wanted, const context& around) {
  if (!current.where.pausing || is_settled(current)) return wrong_status(current, "is being paused");
  draft work(current, around, wanted.by);
  work.record("order_paused");
  return std::move(work).finish();
}

expected<decision> decide_resume(const order& current, const resume_order& wanted, const context& around) {
  const bool is_pausing = current.where.pausing && !current.where.cancelling;
  if (current.status != status::paused && !is_pausing) return wrong_status(current, "is paused");
  draft work(current, around, wanted.by);
  work.record("order_resumed");
  if (is_pausing) return std::move(work).finish(); // whoever performs it has not stopped
  if (work.after.where.at == position::phase::settled && !work.after.deferred.empty())
    take_deferred(work, work.state());
  advance(work);
  return std::move(work).finish();
}

} // namespace troupe::engine
