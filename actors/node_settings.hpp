#pragma once

#include "actors/services.hpp"
#include "runtime/base/settings.hpp"
#include "runtime/http/client.hpp"
#include "runtime/http/server.hpp"

namespace troupe::actors {

/// Which option is whose: the configuration as each part takes it.
actor_settings settings_of_actors(const settings& chosen);
http::server_settings settings_of_server(const settings& chosen);
http::client_settings settings_of_client(const settings& chosen);

/// Of `shutdown.grace`, what the store and the services need after the orders.
inline constexpr duration stop_margin{2'000};

} // namespace troupe::actors
