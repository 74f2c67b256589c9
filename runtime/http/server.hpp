#pragma once

#include "runtime/base/error.hpp"
#include "runtime/base/time.hpp"
#include "runtime/http/message.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace troupe::http {

class io; // the event loop: io.hpp

struct server_settings {
  std::string listen = "127.0.0.1:8180"; ///< host:port; port 0 takes a free one
  std::size_t body_limit = 1u << 20;     ///< bytes; beyond it 413, after reading on to the end within the deadline
  std::size_t header_limit = 16u << 10;
  std::size_t connections = 4096;      ///< beyond it a connection is answered 503 and closed
  std::size_t pipeline = 32;           ///< requests of one connection that are under way at once; more are not read
  duration header_timeout{10'000};     ///< from the first byte of a request to the end of its headers
  duration body_timeout{30'000};       ///< for a whole body (for a streamed one: between two reads)
  duration idle_timeout{75'000};       ///< between requests on a kept-alive connection
  duration write_timeout{30'000};      ///< for a client that does not read
  std::size_t drain_limit = 64u << 20; ///< bytes of a refused body that are read for the sake of the answer being seen
  std::size_t spool_memory = 1u << 20; ///< bytes of one streamed answer that wait in memory for the client
  std::uint64_t spool_limit =
      1u << 30; ///< bytes of one streamed answer that wait in memory and file; beyond it the connection is closed
  std::string spool_folder; ///< for the files; empty: TMPDIR or /tmp
};

/// Answers one request from any thread; only the first call counts. Destroyed unused it answers 500.
class responder {
public:
  virtual ~responder() = default;
  virtual void answer(response value) = 0;
  /// Closes the connection without an answer, as a service that dies would.
  virtual void drop() = 0;
};

/// The body of a streamed request on its way in, and of its answer on its way out. Calls may come from any thread;
/// callbacks come on the event loop's. Both directions run side by side; what the client does not read yet waits in
/// memory up to 1 MiB and then in a temporary file up to `spool_limit`.
class stream {
public:
  virtual ~stream() = default;
  /// Reads more of the body: `on_chunk(bytes)`, with no bytes at its end, or an error (`unreachable`: client gone;
  /// `invalid_request`: broken or too slow). One read at a time. A read after the end is answered when the client has
  /// ended or left, with an error.
  virtual void read(std::function<void(expected<std::string>)> on_chunk) = 0;
  /// Begins the answer (chunked, with `head.body` as its first bytes); an answer that is finished at once is sent with
  /// its length. Destroyed without it answers 500.
  virtual void start(response head) = 0;
  virtual void write(std::string bytes) = 0;
  /// Bytes written and not yet taken by the client.
  virtual std::size_t backlog() const = 0;
  /// Ends the answer; what has not been read of the body is thrown away. Destroyed without it after `start`, the
  /// connection is broken off: the client must not take half for the whole.
  virtual void finish() = 0;
};

/// What the application is to the server. Called on the event loop's thread: must return at once.
class application {
public:
  virtual ~application() = default;
  /// Asked when the headers are complete: is the body of this route to be streamed?
  virtual bool is_streamed(const request& head) const = 0;
  /// The methods that this path knows, for 405's `Allow`, `OPTIONS` and `HEAD`; empty: no such path (404 comes from
  /// `handle`).
  virtual std::vector<std::string> methods_of(std::string_view path) const = 0;
  /// HEAD comes as GET where the path knows no HEAD of its own.
  virtual void handle(request value, std::shared_ptr<responder> answer) = 0;
  virtual void handle_stream(request head, std::shared_ptr<stream> body) = 0;
  /// A problem document for what the server itself refuses (400, 404, 405, 408, 413, 431, 501, 503, 505).
  virtual response problem(int status, std::string_view detail) const = 0;
  /// One answered request, for the metrics: route is up to the application. Only method, target, path and request_id of
  /// `value` are set.
  virtual void answered(const request& value, int status, std::chrono::nanoseconds took) = 0;
};

/// HTTP/1.1 (RFC 9112) to the letter where it matters for safety: see README.md of this folder. Keep-alive, pipelining
/// in order, HEAD, OPTIONS, Expect.
class server {
public:
  /// Binds and listens; refuses with `not_ready` (port in use, too few file descriptors: says so). Serves from then on
  /// until `stop`. Destroyed before `loop`, not on its threads but for a loop of one.
  static expected<std::unique_ptr<server>> start(io& loop, server_settings settings,
                                                 std::shared_ptr<application> handler);
  virtual ~server() = default;
  /// host:port that it listens on.
  virtual std::string address() const = 0;
  /// Takes no new connections, finishes requests under way within `grace`, then closes the rest. Calls back on the
  /// event loop.
  virtual void stop(duration grace, std::function<void()> done) = 0;
  virtual std::size_t open_connections() const = 0;
};

} // namespace troupe::http
