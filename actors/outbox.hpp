#pragma once

#include "actors/caf_compat.hpp"
#include "actors/metrics.hpp"
#include "actors/services.hpp"

#include <map>
#include <string>
#include <vector>

namespace troupe::actors {

/// Tells the blueprints' handlers what happened: rows that appends left in the outbox, in order for each order, at
/// least once, never in the way of an order. What fails is tried again with a growing delay, and after
/// `outbox_attempts` it is a dead letter and the next of its order follows. At most `outbox_in_flight` deliveries are
/// under way, one for each order. What is under way is known here alone: after a restart it is delivered again, under
/// the same `webhook-id`.
class outbox_state {
public:
  static inline const char* name = "outbox";
  outbox_state(outbox_actor::pointer self, services with);
  outbox_actor::behavior_type make_behavior();

private:
  struct delivery {
    store::outbox_record row;
    time_point deadline{};    ///< the transport is to have answered by then
    bool is_answered = false; ///< the store is being told
  };

  void look();
  void looked(const outbox_answer& found);
  void look_after(duration delay);
  void deliver(store::outbox_record row);
  void done(const notification_done& report);
  void failed(delivery& one, const std::string& cause, bool is_hopeless);
  void write_failed(std::int64_t id, const std::shared_ptr<store::operation>& operation);
  void write_finished();
  void give_up_silent();

  outbox_actor::pointer self_;
  services with_;
  metrics::alive alive_;
  bool is_looking_ = false;
  bool looks_again_ = false;
  std::map<std::int64_t, delivery> under_way_;
  std::vector<std::int64_t> finished_; ///< delivered; the store does not know yet
  bool is_writing_ = false;
  alarm alarm_;
};

} // namespace troupe::actors
