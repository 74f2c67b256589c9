#pragma once

// Sees Boost and OpenSSL: as asio.hpp.

#include "runtime/http/tcp_channel.hpp"

#include <boost/asio/ssl/stream.hpp>

namespace troupe::http {

using tls_stream = asio::ssl::stream<asio::ip::tcp::socket>;

/// A channel over a stream whose handshake is done.
std::unique_ptr<channel> make_tls_channel(std::shared_ptr<tls_stream> stream);

} // namespace troupe::http
