#pragma once

#include "actors/awaits.hpp"
#include "actors/batch_coordinator.hpp"
#include "actors/caf_compat.hpp"
#include "actors/metrics.hpp"
#include "actors/services.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace troupe::actors {

/// Parent of the coordinators; applies the policies that concern actors: which order is live, who gets its commands,
/// when a short retry goes again, what a crash means.
///
/// At its start it recovers what its predecessor (of this process or of the one before) was performing: waits until no
/// performer of it is alive, gives the claims back, has those orders that crash again and again performed one by one
/// with nothing else beside them, and only then starts the lanes. If a coordinator dies it ends too, with all
/// performers: the next one begins there.
class supervisor_state {
public:
  static inline const char* name = "supervisor";
  supervisor_state(supervisor_actor::pointer self, services with);
  supervisor_actor::behavior_type make_behavior();

private:
  struct live_order {
    order_actor handle;
    bool is_for_commands = false; ///< spawned and watched here
  };
  struct lane_entry {
    batch_coordinator_actor handle;
    bool is_busy = false;
  };
  /// A command on its way to an order's actor.
  struct errand {
    execute_command wanted;
    std::optional<caf::typed_response_promise<command_result>> asked;
    int tries = 0;
  };
  using errand_ptr = std::shared_ptr<errand>;

  // the start
  void wait_for_predecessors();
  void recover();
  void perform_alone();
  void start_lanes();
  batch_coordinator_actor spawn_lane(lane described);

  // waking
  void wake(store::queue queue);
  void wake_a_lane();

  // commands
  caf::result<command_result> execute(const execute_command& wanted);
  void hand_over(const errand_ptr& what);
  order_actor actor_for_commands(const std::string& order_id);

  // what children report
  void started(const orders_started& message);
  void settled(const order_settled& report);
  caf::result<crash_verdict> crashed(const order_crashed& report);
  void escalate(const std::string& order_id, int recoveries, caf::typed_response_promise<crash_verdict> asked);
  void ended(caf::actor_id who, const caf::error& reason);

  // time
  caf::result<settled_result> await(const await_settled& wanted);
  void answer_from_store(const awaits::waiting& one);
  void hold(const hold_retry& wanted);
  void release_due();
  void arm();

  // the end
  caf::result<void> stop();
  void give_up(const caf::error& reason);
  void give_back();

  supervisor_actor::pointer self_;
  services with_;
  metrics::alive alive_;
  std::vector<lane_entry> lanes_;
  std::optional<batch_coordinator_actor> runnable_;
  std::unordered_map<caf::actor_id, batch_coordinator_actor> coordinators_; ///< all that live
  std::size_t next_lane_ = 0;
  bool is_wake_pending_ = false;
  bool is_stopping_ = false;
  std::unordered_map<std::string, live_order> live_;
  std::unordered_map<caf::actor_id, std::string> for_commands_; ///< whose actors are watched here
  std::size_t errands_ = 0;
  std::multimap<time_point, order_actor> retries_;
  awaits awaits_;
  alarm start_alarm_;
  alarm alarm_;
  std::optional<time_point> armed_for_;
  alarm grace_;
  std::optional<caf::typed_response_promise<void>> stop_promise_;
};

} // namespace troupe::actors
