#pragma once

#include "runtime/base/error.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace troupe::http {

struct spool_limits {
  std::size_t memory = 1u << 20;  ///< bytes kept in memory
  std::uint64_t total = 1u << 30; ///< bytes in memory and file together
  std::string folder;             ///< for the file; empty: TMPDIR or /tmp
};

/// Bytes that wait for a slow reader, first in first out: in memory up to a limit, then in a temporary file that has no
/// name (it is gone with the process) and never grows beyond the total. Not thread-safe.
class spool {
public:
  explicit spool(spool_limits limits) : limits_(std::move(limits)) {}
  ~spool();
  spool(const spool&) = delete;
  spool& operator=(const spool&) = delete;

  /// Refuses with `queue_full` beyond the total, with `not_ready` when the file cannot be written; then nothing has
  /// been added.
  expected<void> append(std::string bytes);
  /// At most `size` bytes from the front; none only if it is empty. Refuses with `not_ready` when the file cannot be
  /// read.
  expected<std::string> take(std::size_t size);
  std::uint64_t size() const { return in_memory_ + in_file_; }
  /// Drops everything.
  void clear();

private:
  expected<void> append_to_file(std::string_view bytes);
  expected<void> open_file();

  spool_limits limits_;
  std::deque<std::string> parts_; ///< all of it is older than what is in the file
  std::size_t front_taken_ = 0;   ///< bytes of the first part that are gone
  std::uint64_t in_memory_ = 0;
  int file_ = -1;
  std::uint64_t in_file_ = 0;
  std::uint64_t file_begin_ = 0; ///< the file is a ring of `limits_.total` bytes
};

} // namespace troupe::http
