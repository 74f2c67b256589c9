#include "runtime/blueprint/script_bounds.hpp"

#include "runtime/base/error.hpp"

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <pthread.h>

namespace troupe::blueprint {
namespace {

/// Native functions of the engine go this much deeper than its checks see (a sanitizer's frames are larger).
constexpr std::size_t stack_reserve = 48u << 10;

std::chrono::nanoseconds read_clock(clockid_t clock) {
  timespec value{};
  TROUPE_ASSERT(clock_gettime(clock, &value) == 0);
  return std::chrono::seconds(value.tv_sec) + std::chrono::nanoseconds(value.tv_nsec);
}

std::uintptr_t lowest_stack_address() {
  pthread_attr_t attributes;
  TROUPE_ASSERT(pthread_getattr_np(pthread_self(), &attributes) == 0);
  void* lowest = nullptr;
  std::size_t size = 0;
  TROUPE_ASSERT(pthread_attr_getstack(&attributes, &lowest, &size) == 0);
  pthread_attr_destroy(&attributes);
  return reinterpret_cast<std::uintptr_t>(lowest);
}

} // namespace

bool work_timer::expired() {
  const auto wall = read_clock(CLOCK_MONOTONIC_COARSE);
  if (!started_) {
    started_ = true;
    wall_start_ = wall;
    processor_start_ = read_clock(CLOCK_THREAD_CPUTIME_ID);
    return false;
  }
  const auto elapsed = wall - wall_start_;
  if (elapsed < bound_) return false; // the cheap clock answers nearly every question
  const auto used = read_clock(CLOCK_THREAD_CPUTIME_ID) - processor_start_;
  return used >= bound_ || (2 * elapsed >= 3 * bound_ && used >= bound_ / 4);
}

std::size_t stack_room(std::size_t limit) {
  thread_local const std::uintptr_t lowest = lowest_stack_address();
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  const std::size_t left = here > lowest ? here - lowest : 0;
  return left > stack_reserve ? std::min(limit, left - stack_reserve) : 0;
}

} // namespace troupe::blueprint
