#pragma once

#include "runtime/http/io.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace troupe::http {

using steady_clock = std::chrono::steady_clock;

/// One thread of the event loop. What lives on a lane is touched on its thread only; other threads post.
class lane {
public:
  lane();
  ~lane();
  lane(const lane&) = delete;
  lane& operator=(const lane&) = delete;

  /// From any thread. False, and nothing done, once the loop has ended.
  bool post(std::function<void()> work);
  /// Does the work on this lane and returns when it is done; right here if this is its thread or the loop has ended.
  void run(const std::function<void()>& work);
  bool is_here() const;

  void start();
  /// Ends the thread, and waits for it unless it is this one. What has been posted is not done any more.
  void stop();

  struct inside;
  inside& asio() { return *inside_; }

private:
  std::unique_ptr<inside> inside_;
};

struct io::loop {
  std::vector<std::shared_ptr<lane>> lanes;
};

/// Rings once at a time that can be moved. On one lane; destroyed there, or after the loop.
class alarm {
public:
  alarm(lane& on, std::function<void()> ring);
  ~alarm();
  void set(steady_clock::time_point when);
  void cancel();

private:
  struct inside;
  std::shared_ptr<inside> inside_;
};

} // namespace troupe::http
