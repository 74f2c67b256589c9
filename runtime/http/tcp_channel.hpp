#pragma once

// Sees Boost: as asio.hpp.

#include "runtime/http/asio.hpp"
#include "runtime/http/channel.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <optional>

namespace troupe::http {

/// A channel straight on a socket.
std::unique_ptr<channel> make_tcp_channel(asio::ip::tcp::socket socket);

/// `is_quiet` for a socket.
bool is_quiet_socket(int descriptor);

/// `127.0.0.1:80`, `[::1]:80`
std::string text_of(const asio::ip::tcp::endpoint& endpoint);

} // namespace troupe::http
