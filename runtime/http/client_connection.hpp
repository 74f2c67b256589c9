#pragma once

#include "runtime/http/answer_parser.hpp"
#include "runtime/http/byte_buffer.hpp"
#include "runtime/http/channel.hpp"
#include "runtime/http/client_call.hpp"

#include <memory>
#include <string>

namespace troupe::http {

class client_connection;

/// Whom a connection tells what became of it.
class connection_owner {
public:
  virtual ~connection_owner() = default;
  /// Free for the next call.
  virtual void on_free(const std::shared_ptr<client_connection>& which) = 0;
  /// Closed; the last event.
  virtual void on_closed(client_connection& which) = 0;
  /// A call has its answer or has failed.
  virtual void on_done(std::shared_ptr<pending_call> which, tl::expected<answer, call_error> result) = 0;
};

/// One connection to one host, carrying one call at a time. A read is always under way, so that an end or bytes that
/// nobody asked for are noticed at once.
class client_connection final : public channel_events, public std::enable_shared_from_this<client_connection> {
public:
  client_connection(std::shared_ptr<connection_owner> owner, std::unique_ptr<channel> socket,
                    std::size_t response_limit)
      : owner_(std::move(owner)), channel_(std::move(socket)), parser_(response_limit) {}

  void start();
  /// Nothing has come or ended since the last answer.
  bool is_usable() const { return !is_closed_ && channel_->is_quiet(); }
  void send(std::shared_ptr<pending_call> what);
  /// Gives the call up, and the connection with it.
  void abandon();
  void close();

  void on_read(std::size_t count) override;
  void on_written(std::size_t count) override;
  void on_broken(const std::string& reason) override;

  steady_clock::time_point free_since; ///< the owner's
  std::size_t position = 0;            ///< in the owner's list

private:
  void take(answer_parser::outcome outcome);
  void fail(call_failure why, std::string message);
  void read_more();

  std::shared_ptr<connection_owner> owner_;
  std::unique_ptr<channel> channel_;
  byte_buffer input_;
  answer_parser parser_;
  std::shared_ptr<pending_call> current_;
  std::shared_ptr<pending_call> writing_; ///< whose bytes the channel is busy with
  std::size_t written_ = 0;               ///< of the current call's bytes
  bool is_closed_ = false;
};

} // namespace troupe::http
