#pragma once

#include "actors/caf_compat.hpp"
#include "actors/metrics.hpp"
#include "actors/services.hpp"

#include <memory>
#include <optional>

namespace troupe::actors {

/// Waits for the earliest due instant of any order, as the store has it; then has what is due put into its queue and
/// wakes the lanes. Hints (`due_changed`) only make it look earlier, so none is needed for correctness: it also looks
/// again after `look_interval`.
class timer_state {
public:
  static inline const char* name = "timer";
  static constexpr duration look_interval{60'000};
  timer_state(timer_actor::pointer self, services with);
  timer_actor::behavior_type make_behavior();

private:
  void look();
  void release();
  void released(const store::release_due& done);
  void wait_until(time_point due);

  timer_actor::pointer self_;
  services with_;
  metrics::alive alive_;
  bool is_busy_ = false;           ///< asking the store
  std::optional<time_point> hint_; ///< that came meanwhile
  std::optional<time_point> waits_for_;
  alarm alarm_;
};

} // namespace troupe::actors
