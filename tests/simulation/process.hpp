#pragma once

#include "tests/simulation/simulation.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

namespace troupe::test {

/// One life of the node: an actor system under the tests' scheduler, whose clock goes on where the life before ended.
struct simulation::process {
  static caf::actor_system_config& configured(caf::actor_system_config& config) {
    config.set("caf.scheduler.policy", "testing");
    return config;
  }

  caf::actor_system_config config;
  caf::actor_system system;
  caf::scheduler::test_coordinator& scheduler;
  std::shared_ptr<bool> is_alive = std::make_shared<bool>(true);
  actors::services_supervisor_actor root;
  time_point began_at;

  explicit process(time_point now)
      : system(configured(config)), scheduler(dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler())),
        began_at(now) {}
  time_point now() const {
    return began_at + std::chrono::duration_cast<duration>(scheduler.clock().now().time_since_epoch());
  }
};

} // namespace troupe::test
