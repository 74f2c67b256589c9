#pragma once

#include "runtime/store/sqlite_batches.hpp"
#include "runtime/store/sqlite_checkpointer.hpp"
#include "runtime/store/sqlite_definitions.hpp"
#include "runtime/store/sqlite_lock.hpp"
#include "runtime/store/sqlite_outbox.hpp"
#include "runtime/store/store.hpp"

#include <atomic>

namespace troupe::store {

/// The one writer of a file: a transaction a group, in the write-ahead log and synced when `commit` returns.
class sqlite_writer : public writer {
public:
  /// Locks and migrates the file. Errors as `place`.
  static expected<std::unique_ptr<writer>> open(const std::string& path);
  ~sqlite_writer() override;

  expected<void> commit(std::span<operation> group) override;
  expected<std::vector<lease>> take_leases(const std::string& node) override;
  std::int64_t free_bytes() const override;
  std::int64_t pending() const override { return pending_; }

private:
  /// A connection with everything that is prepared on it; made anew when its last commit left a doubt.
  struct session {
    explicit session(const std::string& path);
    sqlite_connection connection;
    int log_pages = 0;
    sqlite_statement begin;
    sqlite_statement commit;
    sqlite_state state;
    sqlite_places places;
    sqlite_requests requests;
    sqlite_orders orders;
    sqlite_batches batches;
    sqlite_outbox outbox;
    sqlite_definitions definitions;

    void perform(operation& wanted);
  };
  enum class stage { working, committing };

  sqlite_writer(std::string path, sqlite_lock lock);
  expected<void> open_session();
  expected<void> commit(std::span<operation> group, bool each_for_itself);
  void perform_alone(operation& wanted);
  expected<void> undo(stage reached, const sqlite_failure& failure);

  const std::string path_;
  sqlite_lock lock_;
  std::unique_ptr<session> session_; ///< null: to be opened anew
  bool is_fence_due_ = false;
  std::atomic<std::int64_t> pending_ = 0;
  std::unique_ptr<sqlite_checkpointer> checkpointer_;
};

} // namespace troupe::store
