#pragma once

#include "runtime/http/address_filter.hpp"
#include "runtime/http/client_call.hpp"
#include "runtime/http/connector.hpp"

#include <atomic>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace troupe::http {

class client_pool;

/// A client behind its handle: takes calls in from any thread, knows the deadlines, bounds what waits and what is open
/// over all hosts. But for `send` and `stop` on its lane.
class client_core : public std::enable_shared_from_this<client_core> {
public:
  client_core(const std::shared_ptr<lane>& on, client_settings settings);
  ~client_core();

  void send(std::unique_ptr<pending_call> what);
  /// The call failed before it was one: `done` is told on the lane.
  void refuse(pending_call::handler done, call_error why);
  void stop();
  std::size_t in_flight() const { return in_flight_; }

  // For the pools.
  const client_settings& settings() const { return settings_; }
  std::shared_ptr<lane> on() { return lane_.lock(); }
  name_lookup& names() { return names_; }
  const address_filter& filter() const { return filter_; }
  /// What https connections trust, loaded with the first.
  expected<const trust*> trusted();
  void finish(const std::shared_ptr<pending_call>& which, tl::expected<answer, call_error> result);
  deadline_map::iterator add_deadline(steady_clock::time_point when, timed what);
  void remove_deadline(deadline_map::iterator which) { deadlines_.erase(which); }
  /// Whether one more connection may be open; makes room by closing one that is free elsewhere.
  bool take_connection(const client_pool& for_whom);
  void connection_gone();
  std::size_t waiting = 0; ///< calls without a connection

private:
  void drain();
  void begin(std::shared_ptr<pending_call> what);
  const char* refusal() const;
  void fail_later(std::shared_ptr<pending_call> which, const char* why);
  void expire_due();
  void sweep();
  duration sweep_length() const;

  std::weak_ptr<lane> lane_;
  client_settings settings_;
  address_filter filter_;
  std::unique_ptr<trust> trust_;
  name_lookup names_;
  std::atomic<std::size_t> in_flight_ = 0;
  std::atomic<bool> is_stopped_ = false;

  std::mutex mutex_; ///< of `incoming_`
  std::vector<std::shared_ptr<pending_call>> incoming_;

  std::unordered_map<std::string, std::shared_ptr<client_pool>> pools_; ///< by scheme and authority
  std::string key_;                                                     ///< room for looking them up
  std::size_t connections_ = 0;
  bool is_starved_ = false; ///< some pool waits for another's connection to go
  deadline_map deadlines_;
  std::unique_ptr<alarm> expiry_;
  std::optional<steady_clock::time_point> expiry_at_;
  std::unique_ptr<alarm> sweeping_;
  bool is_sweeping_ = false;
};

} // namespace troupe::http
