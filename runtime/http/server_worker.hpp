#pragma once

#include "runtime/http/channel.hpp"
#include "runtime/http/response_writer.hpp"
#include "runtime/http/server.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace troupe::http {

class server_connection;
class server_worker;
class stream_exchange;

/// What all connections of a server share.
struct server_core {
  server_settings settings;
  std::shared_ptr<application> handler;
  std::vector<std::unique_ptr<server_worker>> workers; ///< one a lane
  std::atomic<std::size_t> open = 0;                   ///< connections that are served
  std::atomic<bool> is_stopping = false;
};

/// News for a connection from some thread.
struct delivery {
  std::weak_ptr<server_connection> to;
  std::uint64_t sequence = 0;
  std::optional<response> answer;          ///< with neither: the connection is dropped
  std::shared_ptr<stream_exchange> stream; ///< has something new
};

/// A server's connections on one lane.
class server_worker {
public:
  server_worker(server_core& core, const std::shared_ptr<lane>& on);
  ~server_worker();

  /// From any thread: many deliveries cost one wake-up of the lane.
  void deliver(delivery value, const std::shared_ptr<server_core>& keep);

  // On the lane.
  void take(std::unique_ptr<channel> socket, std::string peer, const std::shared_ptr<server_core>& keep);
  void forget(server_connection& which);
  void begin_stop();
  void close_all();
  server_core& core() { return core_; }
  std::string_view date() { return date_.now(); }

private:
  void drain();
  void tick();
  bool is_here() const;

  server_core& core_;
  std::weak_ptr<lane> lane_;
  std::atomic<std::thread::id> thread_;
  std::mutex mutex_; ///< of `incoming_`
  std::vector<delivery> incoming_;
  std::vector<delivery> draining_;
  std::vector<std::shared_ptr<server_connection>> connections_;
  std::size_t refused_ = 0; ///< connections that are only told that there are too many
  std::chrono::milliseconds tick_length_;
  std::unique_ptr<alarm> alarm_;
  bool is_ticking_ = false;
  date_text date_;
};

} // namespace troupe::http
