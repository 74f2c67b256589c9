#pragma once

#include "runtime/base/time.hpp"

#include <functional>
#include <memory>

namespace troupe::http {

/// One Asio event loop on threads of its own: the HTTP server, the client and every I/O deadline live on it.
class io {
public:
  explicit io(int threads = 1);
  ~io(); ///< stops and joins
  io(const io&) = delete;
  io& operator=(const io&) = delete;

  void post(std::function<void()> work);
  void after(duration delay, std::function<void()> work);
  /// What has been posted is not done any more. Waits for the threads, but not when called on one of them.
  void stop();

  struct loop;
  loop& inside() { return *loop_; }

private:
  std::unique_ptr<loop> loop_;
};

} // namespace troupe::http
