#include "runtime/store/sqlite_checkpointer.hpp"

#include "runtime/base/log.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

namespace troupe::store {

namespace {

// In pages of 4 KiB. The longer the log, the more often a page is written into it for each time that it is copied; and
// the longer a restart.
constexpr int copied_from = 4'000;
constexpr int copied_again_after = 1'000;
constexpr int waited_from = 16'000;
constexpr int waited_again_after = 8'000;
constexpr int readers_wait_ms = 300;
constexpr int busy_wait_ms = 2'000;
constexpr std::chrono::seconds full_disk_tries_apart{1};
constexpr std::int64_t cache_bytes = 256 * 1024;

} // namespace

sqlite_checkpointer::sqlite_checkpointer(std::string path)
    : path_(std::move(path)), next_copy_(copied_from), next_wait_(waited_from), thread_([this] { run(); }) {}

sqlite_checkpointer::~sqlite_checkpointer() {
  {
    const std::lock_guard guard(mutex_);
    is_ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void sqlite_checkpointer::make_room(sqlite_connection& writer, int pages) {
  if (pages < copied_from) {
    next_copy_ = copied_from;
    next_wait_ = waited_from;
  }
  bool is_done = false;
  {
    const std::lock_guard guard(mutex_);
    is_done = std::exchange(is_done_, false);
    if (!is_done && pages >= next_copy_) {
      next_copy_ = pages + copied_again_after;
      is_wanted_ = true;
      changed_.notify_one();
    }
  }
  if (is_done) copy(writer, false);
  if (pages < next_wait_) return;
  next_wait_ = pages + waited_again_after;
  copy(writer, true);
}

void sqlite_checkpointer::make_room_on_full_disk(sqlite_connection& writer) {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_try_) return;
  next_try_ = now + full_disk_tries_apart;
  copy(writer, true);
}

void sqlite_checkpointer::run() {
  for (;;) {
    {
      std::unique_lock guard(mutex_);
      changed_.wait(guard, [this] { return is_wanted_ || is_ending_; });
      if (is_ending_) return;
      is_wanted_ = false;
    }
    copy_beside();
    const std::lock_guard guard(mutex_);
    is_done_ = true;
  }
}

void sqlite_checkpointer::copy_beside() {
  try {
    sqlite_connection connection(path_, sqlite_connection::access::write, cache_bytes);
    copy(connection, false);
  } catch (const sqlite_failure& failure) {
    report(failure.what());
  }
}

void sqlite_checkpointer::copy(sqlite_connection& connection, bool wait_for_readers) {
  if (wait_for_readers) sqlite3_busy_timeout(connection.handle(), readers_wait_ms);
  const auto code = sqlite3_wal_checkpoint_v2(connection.handle(), "main",
                                              wait_for_readers ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE,
                                              nullptr, nullptr);
  if (wait_for_readers) sqlite3_busy_timeout(connection.handle(), busy_wait_ms);
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) return report(sqlite3_errmsg(connection.handle()));
  const std::lock_guard guard(mutex_);
  is_failing_ = false;
}

void sqlite_checkpointer::report(const std::string& cause) {
  {
    const std::lock_guard guard(mutex_);
    if (std::exchange(is_failing_, true)) return;
  }
  log(log_level::warning, "checkpoint_failed",
      "the write-ahead log cannot be copied into the store; it grows until it can",
      {{"path", path_}, {"cause", cause}});
}

} // namespace troupe::store
