#include "actors/node_settings.hpp"

#include <algorithm>

namespace troupe::actors {

actor_settings settings_of_actors(const settings& chosen) {
  actor_settings result;
  result.node_name = chosen.node.name;
  result.batch_size = static_cast<int>(chosen.batch.size);
  result.batch_lanes = static_cast<int>(chosen.batch.lanes);
  result.batch_interval = chosen.batch.interval;
  result.batch_wake = chosen.batch.wake;
  result.park_after = chosen.order.park_after;
  result.recoveries = static_cast<int>(chosen.order.recoveries);
  result.pending_limit = chosen.orders.pending_limit;
  result.awaits_limit = static_cast<int>(chosen.orders.awaits_limit);
  result.free_min = chosen.store.free_min;
  result.readers = static_cast<int>(chosen.store.readers);
  result.group_limit = static_cast<int>(chosen.store.group_limit);
  result.kept_limit = static_cast<int>(chosen.store.kept_limit);
  result.outbox_attempts = static_cast<int>(chosen.outbox.attempts);
  result.outbox_in_flight = static_cast<int>(chosen.outbox.in_flight);
  result.stop_grace = std::max(chosen.shutdown.grace - stop_margin, duration{0});
  return result;
}

http::server_settings settings_of_server(const settings& chosen) {
  http::server_settings result;
  result.listen = chosen.http.listen;
  result.body_limit = static_cast<std::size_t>(chosen.http.body_limit);
  result.header_limit = static_cast<std::size_t>(chosen.http.header_limit);
  result.connections = static_cast<std::size_t>(chosen.http.connections);
  result.pipeline = static_cast<std::size_t>(chosen.http.pipeline);
  result.header_timeout = chosen.http.header_timeout;
  result.body_timeout = chosen.http.body_timeout;
  result.idle_timeout = chosen.http.idle_timeout;
  result.write_timeout = chosen.http.write_timeout;
  result.drain_limit = static_cast<std::size_t>(chosen.http.drain_limit);
  result.spool_memory = static_cast<std::size_t>(chosen.http.spool_memory);
  result.spool_limit = static_cast<std::uint64_t>(chosen.http.spool_limit);
  result.spool_folder = chosen.http.spool_folder;
  return result;
}

http::client_settings settings_of_client(const settings& chosen) {
  http::client_settings result;
  result.connections_per_host = static_cast<std::size_t>(chosen.webhook.connections_per_host);
  result.waiting_limit = static_cast<std::size_t>(chosen.webhook.waiting_limit);
  result.response_limit = static_cast<std::size_t>(chosen.webhook.response_limit);
  result.idle = chosen.webhook.idle;
  result.allow = chosen.webhook.allow;
  result.certificate_authorities = chosen.webhook.certificate_authorities;
  return result;
}

} // namespace troupe::actors
