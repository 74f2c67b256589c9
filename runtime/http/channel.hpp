#pragma once

#include "runtime/base/error.hpp"
#include "runtime/http/lane.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace troupe::http {

/// What happens on a channel. Comes on its lane, never from inside a call to the channel.
class channel_events {
public:
  virtual ~channel_events() = default;
  /// So many bytes are in the room that `read` was given; 0: the other side sends no more.
  virtual void on_read(std::size_t count) = 0;
  /// So many of the bytes that `write` was given are on their way.
  virtual void on_written(std::size_t count) = 0;
  /// The connection is lost; the last event.
  virtual void on_broken(const std::string& reason) = 0;
};

/// A connected stream of bytes on one lane: TCP, or TLS over it. One read and one write at a time; their memory stays
/// until the event. Between `read` or `write` and its event the owner of the events is kept alive; after `close` there
/// are no more events.
class channel {
public:
  virtual ~channel() = default;
  virtual void set_events(std::weak_ptr<channel_events> events) = 0;
  virtual void read(std::span<char> room) = 0;
  /// Writes what can be taken at once, without an event; 0 if nothing can (errors show with the next `read` or
  /// `write`).
  virtual std::size_t write_now(std::string_view bytes) = 0;
  virtual void write(std::string_view bytes) = 0;
  /// Open, nothing to be read and no end of it: the only state in which a kept connection may be used again.
  virtual bool is_quiet() const = 0;
  /// Says that nothing more will be sent.
  virtual void end_sending() = 0;
  virtual void close() = 0;
};

/// Takes connections in.
class listener {
public:
  virtual ~listener() = default;
  /// `listen` is host:port; refuses with `not_ready`.
  static expected<std::unique_ptr<listener>> open(io::loop& loop, const std::string& listen);
  virtual std::string address() const = 0;
  /// `taken` comes on the lane that the new channel lives on; with the peer's address and port.
  using handler = std::function<void(std::size_t lane, std::unique_ptr<channel>, std::string peer)>;
  virtual void start(handler taken) = 0;
  virtual void close() = 0;
};

/// Splits `host:port` or `[address]:port`; refuses with `invalid_request`.
expected<std::pair<std::string, std::string>> split_listen_address(const std::string& listen);

} // namespace troupe::http
