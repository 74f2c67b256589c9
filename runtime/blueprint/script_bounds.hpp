#pragma once

#include <chrono>
#include <cstddef>

namespace troupe::blueprint {

/// How long a piece of work on this thread has taken, for interrupt handlers that are asked every few microseconds.
/// What counts is the processor time of this thread, so that an expression does not fail because the machine is busy;
/// beyond one and a half times the bound of wall time a quarter of it will do. The clock starts with the first question
/// after `reset`, which makes a reset free.
class work_timer {
public:
  explicit work_timer(std::chrono::milliseconds bound) : bound_(bound) {}
  void reset() { started_ = false; }
  void reset(std::chrono::milliseconds bound) {
    bound_ = bound;
    started_ = false;
  }
  bool expired();

private:
  std::chrono::nanoseconds bound_;
  std::chrono::nanoseconds processor_start_{};
  std::chrono::nanoseconds wall_start_{};
  bool started_ = false;
};

/// Bytes left on the calling thread's stack below the caller, at most `limit`; less a reserve for what runs beneath the
/// checks of the engine.
std::size_t stack_room(std::size_t limit);

} // namespace troupe::blueprint
