#include "runtime/store/sqlite_connection.hpp"

#include <fmt/format.h>
#include <mutex>
#include <sqlite3.h>
#include <system_error>

namespace troupe::store {

namespace {

constexpr int busy_wait_ms = 2000;

/// Once, before the first connection: nobody asks SQLite how much it uses, and counting takes a lock at every
/// allocation.
void configure() {
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

std::string describe_failure(sqlite3* connection, int code, const std::string& path) {
  if (!connection) return fmt::format("{}: {}", path, sqlite3_errstr(code));
  const auto primary = sqlite3_errcode(connection) & 0xff;
  const auto system = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN || primary == SQLITE_FULL
                          ? sqlite3_system_errno(connection)
                          : 0;
  const auto reason = system == 0 ? std::string() : fmt::format(" ({})", std::generic_category().message(system));
  return fmt::format("{}: {}{}", path, sqlite3_errmsg(connection), reason);
}

} // namespace

bool sqlite_failure::is_of_statement() const {
  const auto primary = code_ & 0xff;
  return primary == SQLITE_CONSTRAINT || primary == SQLITE_TOOBIG || primary == SQLITE_MISMATCH ||
         primary == SQLITE_RANGE;
}

sqlite_rows::~sqlite_rows() {
  if (statement_) sqlite3_reset(statement_);
}

bool sqlite_rows::next() {
  const auto code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  auto* connection = sqlite3_db_handle(statement_);
  const auto* path = sqlite3_db_filename(connection, "main");
  throw sqlite_failure(sqlite3_extended_errcode(connection), describe_failure(connection, code, path ? path : ""));
}

std::int64_t sqlite_rows::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

bool sqlite_rows::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::string_view sqlite_rows::view(int column) const {
  const auto* text = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  if (!text) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<time_point> sqlite_rows::optional_instant(int column) const {
  if (is_null(column)) return std::nullopt;
  return instant(column);
}

sqlite_statement::sqlite_statement(sqlite_connection& connection, std::string_view sql) {
  sqlite3_stmt* made = nullptr;
  const auto code = sqlite3_prepare_v3(connection.handle(), sql.data(), static_cast<int>(sql.size()),
                                       SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  if (code != SQLITE_OK) connection.fail(code);
  handle_.reset(made);
}

void sqlite_statement::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(handle_.get(), index, value);
}

void sqlite_statement::bind(int index, std::string_view value) {
  // A null pointer would bind NULL, and an empty text is not that.
  const auto* text = value.data() ? value.data() : "";
  if (const auto code = sqlite3_bind_text64(handle_.get(), index, text, value.size(), SQLITE_STATIC, SQLITE_UTF8);
      code != SQLITE_OK)
    throw sqlite_failure(code, sqlite3_errstr(code));
}

void sqlite_statement::bind(int index, std::nullopt_t) {
  sqlite3_bind_null(handle_.get(), index);
}

void sqlite_statement::finish() {
  sqlite_rows all(handle_.get());
  while (all.next()) {
  }
}

void sqlite_statement::finalizer::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void sqlite_connection::closer::operator()(sqlite3* connection) const {
  sqlite3_close_v2(connection);
}

sqlite_connection::sqlite_connection(const std::string& path, access how, std::int64_t cache_bytes) : path_(path) {
  configure();
  const auto flags = (how == access::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
                     SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  sqlite3* made = nullptr;
  const auto code = sqlite3_open_v2(path.c_str(), &made, flags, nullptr);
  handle_.reset(made);
  if (code != SQLITE_OK) fail(code);
  sqlite3_busy_timeout(made, busy_wait_ms);
  execute("PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0");
  execute(fmt::format("PRAGMA cache_size={}", -(cache_bytes / 1024)));
}

void sqlite_connection::execute(const std::string& sql) {
  if (const auto code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr); code != SQLITE_OK)
    fail(code);
}

std::int64_t sqlite_connection::number(std::string_view sql) {
  sqlite_statement statement(*this, sql);
  auto found = statement.query();
  return found.next() ? found.integer(0) : 0;
}

void sqlite_connection::roll_back() noexcept {
  if (!sqlite3_get_autocommit(handle_.get())) sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void sqlite_connection::fail(int code) const {
  const auto extended = handle_ ? sqlite3_extended_errcode(handle_.get()) : code;
  throw sqlite_failure(extended, describe_failure(handle_.get(), code, path_));
}

sqlite_snapshot::sqlite_snapshot(sqlite_connection& connection) : connection_(connection) {
  connection_.execute("BEGIN");
}

sqlite_snapshot::~sqlite_snapshot() {
  connection_.roll_back();
}

} // namespace troupe::store
