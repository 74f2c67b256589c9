#pragma once

#include "actors/caf_compat.hpp"
#include "actors/metrics.hpp"
#include "actors/services.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace troupe::actors {

/// The one writer, on a thread of its own, as it blocks. Group commit: what arrives while a transaction runs goes into
/// the next one, and all are answered when it is durable.
///
/// The store being away is met here and nowhere else. Nothing happened (`not_ready`): submissions, and what else a
/// caller waits for, are refused at once; what performers and coordinators want recorded is kept, bounded by
/// `kept_limit`, and tried again with a growing delay. Nobody knows (`outcome_unknown`): all are told so. Submissions
/// are refused while the disk is nearly full (`not_ready`) or `pending_limit` orders are pending (`queue_full`).
class store_state {
public:
  static inline const char* name = "store";
  using open_writer = std::function<expected<std::unique_ptr<store::writer>>()>;

  store_state(store_actor::pointer self, services with, open_writer open);
  store_actor::behavior_type make_behavior();

private:
  struct request {
    std::shared_ptr<store::operation> operation;
    caf::typed_response_promise<store_write> asked;
  };

  caf::result<store_write> take(store_write& wanted);
  std::optional<error> reason_to_refuse(const store::operation& wanted);
  void flush();
  std::vector<request> next_group();
  expected<void> commit(std::vector<store::operation>& group);
  void committed(std::vector<request>& group, std::vector<store::operation>& done);
  void not_committed(std::vector<request>& group, const error& reason);
  void tick();
  void look_at_disk();
  void show_condition();
  bool is_away() const { return delay_.count() > 0; }

  store_actor::pointer self_;
  services with_;
  metrics::alive alive_;
  open_writer open_;
  std::unique_ptr<store::writer> writer_;
  std::vector<request> gathered_;
  std::size_t new_orders_ = 0; ///< submissions among those gathered
  bool is_flush_sent_ = false;
  duration delay_{0}; ///< until the next try; zero while the store answers
  bool has_room_ = true;
  time_point looked_at_disk_{};
  time_point forgot_at_{};
  alarm tick_;
  alarm again_;
};

} // namespace troupe::actors
