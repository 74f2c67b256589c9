#pragma once

#include "runtime/base/error.hpp"

#include <string>
#include <utility>

namespace troupe::store {

/// Keeps every other writer, of this or another process, off a store file; readers are not kept. A lock on
/// `<path>.lock` that the operating system drops with the process.
class sqlite_lock {
public:
  /// Refuses with `not_ready` and says which process has it.
  static expected<sqlite_lock> take(const std::string& path);
  sqlite_lock(sqlite_lock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  sqlite_lock& operator=(sqlite_lock&&) = delete;
  ~sqlite_lock();

private:
  explicit sqlite_lock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

} // namespace troupe::store
