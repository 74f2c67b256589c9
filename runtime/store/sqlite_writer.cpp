#include "runtime/store/sqlite_writer.hpp"

#include "runtime/base/log.hpp"
#include "runtime/store/sqlite_schema.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/statvfs.h>

namespace troupe::store {

namespace {

// Enough for the pages that the orders being performed lie in. Not more: splitting a page makes SQLite look through the
// whole cache when it commits.
constexpr std::int64_t cache_bytes = 8 * 1024 * 1024;

/// Certainly nothing was committed: it failed before the log was synced.
bool is_certain(int code) {
  return (code & 0xff) == SQLITE_FULL || (code & 0xff) == SQLITE_BUSY || code == SQLITE_IOERR_WRITE;
}

void refuse_all(std::span<operation> group, const error& reason) {
  for (auto& wanted : group)
    std::visit([&reason](auto& each) { each.outcome = tl::unexpected(reason); }, wanted);
}

void set_up(sqlite_connection& connection) {
  // Room that a long log has taken is given back; what was deleted need not be overwritten.
  connection.execute("PRAGMA synchronous=FULL; PRAGMA secure_delete=OFF; PRAGMA journal_size_limit=67108864");
}

int remember_pages(void* pages, sqlite3*, const char*, int count) {
  *static_cast<int*>(pages) = count;
  return SQLITE_OK;
}

/// Makes the file if there is none, and brings it to the newest schema.
expected<void> prepare(const std::string& path) {
  try {
    sqlite_connection connection(path, sqlite_connection::access::write, cache_bytes);
    if (auto fine = check_schema(connection, sqlite_migrations(), true); !fine) return fine;
    set_up(connection);
    sqlite_statement journal(connection, "PRAGMA journal_mode=WAL");
    if (auto rows = journal.query(); !rows.next() || rows.view(0) != "wal")
      return refuse(
          errc::not_ready,
          fmt::format("{}: expected a file system that can hold a write-ahead log, but found one that cannot", path));
    return migrate(connection, sqlite_migrations());
  } catch (const sqlite_failure& failure) {
    return refuse(errc::not_ready, failure.what());
  }
}

} // namespace

sqlite_writer::session::session(const std::string& path)
    : connection(path, sqlite_connection::access::write, cache_bytes), begin(connection, "BEGIN IMMEDIATE"),
      commit(connection, "COMMIT"), state(connection), places(connection, state), requests(connection),
      orders(connection, state, places, requests), batches(connection, state, places), outbox(connection),
      definitions(connection, requests) {
  set_up(connection);
  sqlite3_wal_hook(connection.handle(), remember_pages, &log_pages); // instead of SQLite's own checkpoints
}

void sqlite_writer::session::perform(operation& wanted) {
  struct performer {
    session& with;
    void operator()(append& each) const { with.orders.perform(each); }
    void operator()(claim_orders& each) const { with.batches.perform(each); }
    void operator()(settle_order& each) const { with.batches.perform(each); }
    void operator()(close_batch& each) const { with.batches.perform(each); }
    void operator()(release_due& each) const { with.batches.perform(each); }
    void operator()(return_order& each) const { with.batches.perform(each); }
    void operator()(recover_orders& each) const { with.batches.perform(each); }
    void operator()(finish_outbox& each) const { with.outbox.perform(each); }
    void operator()(retry_outbox& each) const { with.outbox.perform(each); }
    void operator()(publish& each) const { with.definitions.perform(each); }
    void operator()(save_operation& each) const { with.definitions.perform(each); }
    void operator()(forget_requests& each) const { with.requests.perform(each); }
  };
  std::visit(performer{*this}, wanted);
}

expected<std::unique_ptr<writer>> sqlite_writer::open(const std::string& path) {
  auto lock = sqlite_lock::take(path);
  if (!lock) return tl::unexpected(lock.error());
  if (auto prepared = prepare(path); !prepared) return tl::unexpected(prepared.error());
  std::unique_ptr<sqlite_writer> made(new sqlite_writer(path, std::move(*lock)));
  if (auto opened = made->open_session(); !opened) return tl::unexpected(opened.error());
  return made;
}

sqlite_writer::sqlite_writer(std::string path, sqlite_lock lock)
    : path_(std::move(path)), lock_(std::move(lock)), checkpointer_(std::make_unique<sqlite_checkpointer>(path_)) {}

sqlite_writer::~sqlite_writer() = default;

expected<void> sqlite_writer::open_session() {
  session_.reset();
  try {
    auto opened = std::make_unique<session>(path_);
    if (is_fence_due_) opened->state.fence();
    is_fence_due_ = false;
    session_ = std::move(opened);
    pending_ = session_->state.pending();
    return {};
  } catch (const sqlite_failure& failure) {
    return refuse(errc::not_ready, failure.what());
  }
}

expected<void> sqlite_writer::commit(std::span<operation> group) {
  if (group.empty()) return {};
  expected<void> done;
  if (!session_) done = open_session();
  if (done) {
    checkpointer_->make_room(session_->connection, session_->log_pages);
    done = commit(group, false);
  }
  if (!done) refuse_all(group, done.error());
  return done;
}

expected<void> sqlite_writer::commit(std::span<operation> group, bool each_for_itself) {
  auto reached = stage::working;
  try {
    session_->begin.run();
    for (auto& wanted : group)
      if (each_for_itself)
        perform_alone(wanted);
      else
        session_->perform(wanted);
    session_->state.flush();
    reached = stage::committing;
    session_->commit.run();
    pending_ = session_->state.pending();
    return {};
  } catch (const sqlite_failure& failure) {
    auto undone = undo(reached, failure);
    if (!each_for_itself && session_ && reached == stage::working && failure.is_of_statement())
      return commit(group, true);
    return undone;
  }
}

void sqlite_writer::perform_alone(operation& wanted) {
  const auto earlier = session_->state.counted();
  session_->connection.execute("SAVEPOINT alone");
  try {
    session_->perform(wanted);
  } catch (const sqlite_failure& failure) {
    if (!failure.is_of_statement()) throw;
    session_->connection.execute("ROLLBACK TO alone");
    session_->state.put_back(earlier);
    const error reason{errc::internal, failure.what(), {}};
    log(log_level::error, "operation_impossible", "the store could not carry out one operation of a group",
        {{"cause", reason.detail}});
    refuse_all({&wanted, 1}, reason);
  }
  session_->connection.execute("RELEASE alone");
}

/// The connection is opened anew whatever it was: what is kept in memory counts operations that are not there.
expected<void> sqlite_writer::undo(stage reached, const sqlite_failure& failure) {
  const auto certain = reached == stage::working || is_certain(failure.code());
  const std::string cause = failure.what();
  session_->connection.roll_back();
  is_fence_due_ = is_fence_due_ || !certain;
  const auto opened = open_session();
  if (opened && (failure.code() & 0xff) == SQLITE_FULL) checkpointer_->make_room_on_full_disk(session_->connection);
  if (certain) return refuse(errc::not_ready, cause);
  log(log_level::error, "commit_in_doubt", "a commit failed so late that it may be in the store nevertheless",
      {{"path", path_}, {"cause", cause}, {"opened", opened ? "true" : "false"}});
  return refuse(errc::outcome_unknown, cause);
}

expected<std::vector<lease>> sqlite_writer::take_leases(const std::string& node) {
  if (!session_)
    if (auto opened = open_session(); !opened) return tl::unexpected(opened.error());
  try {
    session_->state.take_leases(node);
    return session_->state.leases();
  } catch (const sqlite_failure& failure) {
    return tl::unexpected(undo(stage::committing, failure).error());
  }
}

std::int64_t sqlite_writer::free_bytes() const {
  const auto slash = path_.rfind('/');
  const auto folder = slash == std::string::npos ? std::string(".") : path_.substr(0, slash + 1);
  struct statvfs found {};
  if (::statvfs(folder.c_str(), &found) != 0) return -1;
  return static_cast<std::int64_t>(found.f_bavail) * static_cast<std::int64_t>(found.f_frsize);
}

} // namespace troupe::store
