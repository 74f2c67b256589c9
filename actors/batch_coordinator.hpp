#pragma once

#include "actors/caf_compat.hpp"
#include "actors/metrics.hpp"
#include "actors/services.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::actors {

/// What a coordinator looks for, and how.
struct lane {
  std::string name; ///< as batches show it
  store::queue from = store::queue::pending;
  int size = 256;
  bool is_sliding = false; ///< takes more as soon as there is room; else a batch is awaited to its last order
};

/// Parent of its orders: takes up to `size` of its queue, spawns and watches an order for each, awaits that every one
/// has settled, closes the batch, looks again: at once if the batch was full or it was woken meanwhile, else after
/// `batch.interval`. A sliding one does not wait for the last of a batch: its orders have begun and must not stand
/// behind a barrier.
///
///   idle ──look_now, interval──▶ claiming ──none there──▶ idle
///                                   │ orders                ▲
///                                   ▼                       │ all settled, batch closed
///                               performing ─────────────────┘ (full or woken: claiming)
///
/// `look_now` is answered on the way back to idle (by a sliding one at once). A child that crashed is spawned again
/// from the store, for its batch, as long as the supervisor says so. Relies on: the supervisor's life (it ends with it,
/// after its children); a store that answers.
class batch_coordinator_state {
public:
  static inline const char* name = "batch_coordinator";
  batch_coordinator_state(batch_coordinator_actor::pointer self, services with, lane described,
                          supervisor_actor supervisor);
  ~batch_coordinator_state();
  batch_coordinator_actor::behavior_type make_behavior();

private:
  struct child {
    std::string order_id;
    std::string batch_id;
    order_actor handle;
  };
  /// A batch whose orders have not all settled.
  struct open_batch {
    std::size_t unsettled = 0;
    std::size_t size = 0;
    time_point started_at{};
    std::map<std::string, int> settled;
  };
  using operation_ptr = std::shared_ptr<store::operation>;

  // looking
  caf::result<void> look();
  void look_if_possible();
  void look_after(duration delay);
  void claimed(const operation_ptr& operation);
  void claim_failed(const std::string& batch_id, const error& reason);
  void rest();
  int room() const;

  // children
  void spawn_next();
  void settled(const order_settled& report);
  void ended(caf::actor_id who, const caf::error& reason);
  void crashed(const child& what, const caf::error& reason);
  void spawn_again(const child& what);
  void spawn_from(const child& what, const store::stored_order& found);
  void spawn_again_after(duration delay, const child& what);

  // batches
  void count(const std::string& batch_id, const std::string& status);
  void close(const std::string& batch_id, bool is_interrupted);
  void write_close(const operation_ptr& operation);

  // the end
  caf::result<void> stop();
  void give_up();
  void leave_if_done();

  batch_coordinator_actor::pointer self_;
  services with_;
  metrics::alive alive_;
  lane lane_;
  supervisor_actor supervisor_;
  bool is_woken_ = false; ///< there may be more than the last claim saw
  bool is_claiming_ = false;
  bool is_stopping_ = false;
  bool is_giving_up_ = false;
  std::map<std::string, open_batch> batches_;
  std::deque<store::claimed_order> to_spawn_;
  std::unordered_map<caf::actor_id, child> children_;
  std::vector<caf::typed_response_promise<void>> idle_promises_;
  std::optional<caf::typed_response_promise<void>> stop_promise_;
  alarm interval_;
};

} // namespace troupe::actors
