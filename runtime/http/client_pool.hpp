#pragma once

#include "runtime/http/client_connection.hpp"
#include "runtime/http/client_core.hpp"

#include <deque>
#include <memory>
#include <set>
#include <vector>

namespace troupe::http {

/// An attempt to connect. Given up at the deadline of the call that it was begun for.
class connecting {
public:
  std::shared_ptr<connector> under_way;
  deadline_map::iterator in_deadlines;
  std::weak_ptr<client_pool> pool;
};

/// The connections to one host, and the calls that wait for one, first come first served.
class client_pool final : public connection_owner, public std::enable_shared_from_this<client_pool> {
public:
  client_pool(std::shared_ptr<client_core> core, const url_parts& to);

  void add(std::shared_ptr<pending_call> what);
  /// The call had its end while it waited.
  void forget(pending_call& which);
  /// Gives calls to free connections, and begins as many connections as calls wait for, within the limits.
  void pump();
  void give_up(const std::shared_ptr<connecting>& attempt);
  /// Closes the connection that has been free for longest; false if none is.
  bool close_one_free();
  void close_free(steady_clock::time_point unused_since);
  void close_all();
  bool is_unused() const { return connections_.empty() && attempts_.empty() && waiting_.empty(); }
  bool has_free() const { return !free_.empty(); }

  void on_free(const std::shared_ptr<client_connection>& which) override;
  void on_closed(client_connection& which) override;
  void on_done(std::shared_ptr<pending_call> which, tl::expected<answer, call_error> result) override;

private:
  bool has_waiting();
  std::shared_ptr<pending_call> next_waiting();
  std::shared_ptr<client_connection> next_free();
  void begin_attempt();
  void end_attempt(const std::shared_ptr<connecting>& attempt,
                   tl::expected<std::unique_ptr<channel>, call_error> result);

  std::shared_ptr<client_core> core_;
  bool is_secure_;
  std::string host_;
  std::uint16_t port_;
  std::deque<std::shared_ptr<pending_call>> waiting_;   ///< those without `done` are over
  std::size_t live_ = 0;                                ///< of `waiting_`, those that are not
  std::deque<std::shared_ptr<client_connection>> free_; ///< the last was used last
  std::vector<std::shared_ptr<client_connection>> connections_;
  std::set<std::shared_ptr<connecting>> attempts_;
  bool is_closed_ = false;
};

} // namespace troupe::http
