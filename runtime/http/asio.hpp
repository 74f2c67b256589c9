#pragma once

// Only for the .cpp files of this folder that touch sockets: nothing else sees Boost.

#include "runtime/http/lane.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <mutex>
#include <thread>

namespace troupe::http {

namespace asio = boost::asio;

struct lane::inside {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(context);
  std::mutex mutex; ///< of `has_ended`
  bool has_ended = false;
  std::thread thread;
  std::atomic<std::thread::id> thread_id;
};

} // namespace troupe::http
