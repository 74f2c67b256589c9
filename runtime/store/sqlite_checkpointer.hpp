#pragma once

#include "runtime/store/sqlite_connection.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace troupe::store {

/// Keeps the write-ahead log short. A thread of its own copies most of it into the database file while the writer goes
/// on; what was written meanwhile, little, the writer copies itself between two groups, so that the log can begin anew
/// at its start. Readers that see an old state hold it up: beyond a bound the writer waits for them.
///
/// Failures (disk full) are logged once and tried again when the log has grown.
class sqlite_checkpointer {
public:
  explicit sqlite_checkpointer(std::string path);
  ~sqlite_checkpointer();
  sqlite_checkpointer(const sqlite_checkpointer&) = delete;
  sqlite_checkpointer& operator=(const sqlite_checkpointer&) = delete;

  /// By the writer, before each group: `pages` are in the log.
  void make_room(sqlite_connection& writer, int pages);
  /// By the writer, when the disk was full: what the log holds may fit into the room that the database file has
  /// already, and then the log begins anew within its own.
  void make_room_on_full_disk(sqlite_connection& writer);

private:
  void run();
  void copy_beside();
  void copy(sqlite_connection& connection, bool wait_for_readers);
  void report(const std::string& cause);

  const std::string path_;
  int next_copy_ = 0; ///< pages in the log at which to begin
  int next_wait_ = 0;
  std::chrono::steady_clock::time_point next_try_; ///< on a full disk

  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_wanted_ = false;
  bool is_done_ = false;
  bool is_ending_ = false;
  bool is_failing_ = false;
  std::thread thread_;
};

} // namespace troupe::store
