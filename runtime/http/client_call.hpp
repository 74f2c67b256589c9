#pragma once

#include "runtime/http/client.hpp"
#include "runtime/http/lane.hpp"
#include "runtime/http/url.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace troupe::http {

class client_connection;
class client_pool;
class connecting;
struct pending_call;

/// What is given up at a point in time, unless it is over before: a call or an attempt to connect.
struct timed {
  std::shared_ptr<pending_call> call;
  std::shared_ptr<connecting> attempt;
};

using deadline_map = std::multimap<steady_clock::time_point, timed>;

/// One call on its way. Built on the caller's thread, then only on the lane.
struct pending_call {
  using handler = std::function<void(tl::expected<answer, call_error>)>;

  steady_clock::time_point deadline;
  url_parts to;
  std::string bytes; ///< the whole request as it is sent
  bool is_head = false;
  bool is_sent = false;                ///< some byte may have left
  handler done;                        ///< empty once it has been called
  deadline_map::iterator in_deadlines; ///< while `done` is there
  client_pool* waits_in = nullptr;     ///< until it has a connection
  std::weak_ptr<client_connection> on; ///< the connection that carries it
};

/// Checks a call and writes its request. The error is a text: nothing has been, or can be, sent.
tl::expected<std::unique_ptr<pending_call>, std::string> prepare_call(const call& value, steady_clock::time_point now);

} // namespace troupe::http
