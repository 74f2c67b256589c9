#pragma once

#include "runtime/http/server.hpp"
#include "runtime/http/spool.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace troupe::http {

/// What a connection and an application share of one streamed exchange. The application's threads write into the spool
/// themselves, so that a temporary file does not hold the event loop up; the connection is told that there is something
/// new, and comes for it.
class stream_exchange : public std::enable_shared_from_this<stream_exchange> {
public:
  using chunk_handler = std::function<void(expected<std::string>)>;
  /// Called from any thread, once until `acknowledge`.
  using notification = std::function<void(std::shared_ptr<stream_exchange>)>;

  stream_exchange(spool_limits limits, notification notify) : notify_(std::move(notify)), waiting_(std::move(limits)) {}

  // The application's side, from any thread.
  void read(chunk_handler on_chunk);
  void start(response head);
  void write(std::string bytes);
  void finish();
  /// The application has let go of the stream.
  void release();
  std::size_t backlog() const { return backlog_.load(std::memory_order_relaxed); }

  // The connection's side, on its lane.
  struct output {
    std::optional<response> head; ///< the first time only; its body is in `bytes`
    std::string bytes;
    bool has_ended = false;    ///< nothing comes after `bytes`
    bool is_abandoned = false; ///< let go of before `start`
    bool is_broken = false;    ///< cannot be ended well
  };
  /// What may be sent now, about `size` bytes of body.
  output take(std::size_t size);
  void acknowledge();
  bool has_reader();
  /// More waits for the client than may, or it cannot be kept: the connection is to be broken off.
  bool is_broken();
  /// Answers the read under way, if there is one.
  void give(expected<std::string> chunk);
  /// Nothing more is sent.
  void close();

private:
  void add(std::string bytes);
  void notify(std::unique_lock<std::mutex>& lock);

  notification notify_;
  std::mutex mutex_; ///< of everything below
  bool is_notified_ = false;
  spool waiting_;
  std::atomic<std::size_t> backlog_ = 0;
  std::optional<response> head_;
  bool is_started_ = false;
  bool is_finished_ = false;
  bool is_abandoned_ = false;
  bool is_broken_ = false;
  bool is_closed_ = false;
  chunk_handler reader_;
};

/// What the application holds.
class stream_handle final : public stream {
public:
  explicit stream_handle(std::shared_ptr<stream_exchange> exchange) : exchange_(std::move(exchange)) {}
  ~stream_handle() override { exchange_->release(); }
  stream_handle(const stream_handle&) = delete;
  stream_handle& operator=(const stream_handle&) = delete;

  void read(std::function<void(expected<std::string>)> on_chunk) override { exchange_->read(std::move(on_chunk)); }
  void start(response head) override { exchange_->start(std::move(head)); }
  void write(std::string bytes) override { exchange_->write(std::move(bytes)); }
  std::size_t backlog() const override { return exchange_->backlog(); }
  void finish() override { exchange_->finish(); }

private:
  std::shared_ptr<stream_exchange> exchange_;
};

} // namespace troupe::http
