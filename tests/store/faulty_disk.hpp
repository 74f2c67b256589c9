#pragma once

#include <functional>

/// The system calls with which a store writes, in this test executable only: they fail when a test says so.
namespace troupe::testing {

/// Called before each; a number other than 0 is the `errno` with which the call fails instead.
struct faulty_disk {
  static std::function<int(int descriptor)> on_sync;
  static std::function<int(int descriptor)> on_write;

  faulty_disk() = default;
  faulty_disk(const faulty_disk&) = delete;
  /// All is well again.
  ~faulty_disk() {
    on_sync = nullptr;
    on_write = nullptr;
  }
};

/// Whether the file's name ends so.
bool is_file(int descriptor, const char* ending);

} // namespace troupe::testing
