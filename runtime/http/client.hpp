#pragma once

#include "runtime/base/error.hpp"
#include "runtime/base/time.hpp"
#include "runtime/http/message.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe::http {

class io;

struct client_settings {
  std::size_t connections_per_host = 64; ///< more requests to one host wait their turn
  std::size_t connections = 1024;        ///< open at once over all hosts
  std::size_t waiting_limit = 100'000;   ///< requests waiting for a connection over all hosts; beyond it they fail
  std::size_t response_limit = 4u << 20; ///< bytes of an answer's body
  duration idle{30'000};                 ///< an unused connection is closed after
  /// CIDR blocks that may be called; empty: everything but link-local and cloud metadata addresses (169.254.0.0/16,
  /// fe80::/10, fd00:ec2::254). Checked against the address that is really connected to, after name resolution.
  std::vector<std::string> allow = {};
  std::string certificate_authorities; ///< PEM file; empty: the system's
};

/// One request. `fields` but for those that frame it (Host, Content-Length, Transfer-Encoding, Connection and the
/// like), which the client writes itself.
struct call {
  std::string method = "POST";
  std::string url; ///< http or https
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  duration timeout{30'000}; ///< for the whole try, waiting for a connection, resolving and connecting included
};

/// Why there is no answer. Names are the engine's error codes.
enum class call_failure { timeout, connection_failed, address_refused, unexpected_response };

struct call_error {
  call_failure failure;
  std::string message;
  bool sent; ///< some byte of the request may have left: the other side may have seen it
};

struct answer {
  int status;
  headers fields;
  std::string body;
};

/// HTTP/1.1 client with connection reuse. One call sends at most once: nothing is sent again, not on a stale kept-alive
/// connection either (so a connection is used again only if it is known to be alive: no byte and no end of file
/// readable, idle for less than `idle`). Redirects are not followed.
class client {
public:
  client(io& loop, client_settings settings);
  ~client();

  /// `done` comes exactly once, on the event loop's thread.
  void send(const call& value, std::function<void(tl::expected<answer, call_error>)> done);
  std::size_t in_flight() const;
  /// Fails what is under way with `connection_failed` and takes no more.
  void stop();

private:
  struct core;
  std::shared_ptr<core> core_;
};

/// Whether this address may be called under `allow` as above.
bool is_allowed_address(const std::string& address, const std::vector<std::string>& allow);

} // namespace troupe::http
