#pragma once

#include "actors/services_supervisor.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace troupe::actors {

/// What the tree of actors stands on, and what a test replaces.
struct tree_parts {
  std::function<expected<std::unique_ptr<store::writer>>()> open_writer;
  std::function<expected<std::unique_ptr<store::reader>>()> open_reader;
  /// Spawns and watches the webhook transport.
  std::function<webhook_actor(services_supervisor_actor::pointer, const services&)> start_webhook;
  std::size_t gateways = 2; ///< 0: short of HTTP
};

/// The children of the supervisor of the services, in the order in which they are started: who needs the store stands
/// behind it, who needs the orders behind them.
std::vector<service> service_tree(tree_parts parts, int readers);

/// Numbers every message for CAF. Once a process, before any actor system.
void register_messages();

} // namespace troupe::actors
