#pragma once

#include "actors/caf_compat.hpp"
#include "actors/metrics.hpp"
#include "actors/services.hpp"

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::actors {

/// One child of the supervisor of the services: how to spawn it (watched) and enter it into the directory.
struct service {
  std::string name;
  std::function<caf::actor(services_supervisor_actor::pointer, const services&)> start;
  bool ends_last = false; ///< the store and its readers: the others still write while they end
};

/// Parent of everything: starts the services in their order and again what dies, at most `restarts_max` times within
/// `restarts_within`; then it gives up, and with it the node. `stop_now`: the orders come to a stop first, then the
/// services end, then the store commits what it has, and the answer goes out.
class services_supervisor_state {
public:
  static inline const char* name = "services_supervisor";
  services_supervisor_state(services_supervisor_actor::pointer self, services with, std::vector<service> children);
  services_supervisor_actor::behavior_type make_behavior();

private:
  void start(std::size_t index);
  void ended(caf::actor_id who, const caf::error& reason);
  void restart(std::size_t index, const caf::error& reason);
  caf::result<void> stop();
  void stop_orders();
  void end_services();
  void flush_store();
  void end_store();
  void leave();

  services_supervisor_actor::pointer self_;
  services with_;
  metrics::alive alive_;
  std::vector<service> children_;
  std::unordered_map<caf::actor_id, std::size_t> running_;
  std::unordered_map<std::size_t, caf::actor> handles_;
  std::deque<time_point> restarts_;
  bool is_stopping_ = false;
  std::function<void()> when_ended_; ///< called when the children that are being ended are gone
  std::size_t awaited_ = 0;
  std::optional<caf::typed_response_promise<void>> stop_promise_;
  alarm bound_;
};

} // namespace troupe::actors
