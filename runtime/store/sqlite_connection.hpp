#pragma once

#include "runtime/base/error.hpp"
#include "runtime/base/time.hpp"

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

struct sqlite3;
struct sqlite3_stmt;

/// SQLite's C interface as the files sqlite*.cpp use it. Failures are thrown here and nowhere else: they stop in the
/// methods of the port.
namespace troupe::store {

/// What SQLite said, or what was expected of the file. `code` is SQLite's extended result code.
class sqlite_failure : public std::exception {
public:
  sqlite_failure(int code, std::string text) : code_(code), text_(std::move(text)) {}
  const char* what() const noexcept override { return text_.c_str(); }
  int code() const { return code_; }
  /// The fault of the one statement, not of the disk: the rest of a group can go through without it.
  bool is_of_statement() const;

private:
  int code_;
  std::string text_;
};

class sqlite_connection;

/// The rows that a statement yields; the statement can be used again when this is gone. Texts live until the next
/// `next`.
class sqlite_rows {
public:
  explicit sqlite_rows(sqlite3_stmt* statement) : statement_(statement) {}
  sqlite_rows(sqlite_rows&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  sqlite_rows& operator=(sqlite_rows&&) = delete;
  ~sqlite_rows();

  bool next();
  std::int64_t integer(int column) const;
  int small(int column) const { return static_cast<int>(integer(column)); }
  bool is_null(int column) const;
  std::string_view view(int column) const;
  std::string text(int column) const { return std::string(view(column)); }
  time_point instant(int column) const { return time_point{duration{integer(column)}}; }
  std::optional<time_point> optional_instant(int column) const;

private:
  sqlite3_stmt* statement_;
};

/// A prepared statement. Values are bound by their position, from the first.
class sqlite_statement {
public:
  sqlite_statement() = default;
  sqlite_statement(sqlite_connection& connection, std::string_view sql);
  sqlite_statement(sqlite_statement&&) = default;
  sqlite_statement& operator=(sqlite_statement&&) = default;

  /// Carries it out to the end.
  template <class... Values> void run(const Values&... values) {
    bind_all(values...);
    finish();
  }
  /// Texts among the values must live as long as the rows.
  template <class... Values> sqlite_rows query(Values&&... values) {
    static_assert((!std::is_same_v<Values, std::string> && ...), "the text would be gone before the rows");
    bind_all(values...);
    return sqlite_rows(handle_.get());
  }

  /// One by one, for statements made of parts.
  void bind(int index, std::int64_t value);
  void bind(int index, int value) { bind(index, std::int64_t{value}); }
  void bind(int index, std::uint64_t value) { bind(index, static_cast<std::int64_t>(value)); }
  void bind(int index, time_point value) { bind(index, std::int64_t{value.time_since_epoch().count()}); }
  void bind(int index, std::string_view value);
  void bind(int index, const std::string& value) { bind(index, std::string_view(value)); }
  void bind(int index, std::nullopt_t);
  template <class Value> void bind(int index, const std::optional<Value>& value) {
    if (value)
      bind(index, *value);
    else
      bind(index, std::nullopt);
  }
  sqlite_rows rows() { return sqlite_rows(handle_.get()); }

private:
  template <class... Values> void bind_all(const Values&... values) {
    int index = 0;
    (bind(++index, values), ...);
  }
  void finish();

  struct finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, finalizer> handle_;
};

/// An open file. One thread at a time. Statements must be gone before it is.
class sqlite_connection {
public:
  enum class access { read, write };
  /// `cache_bytes` bounds the pages kept in memory. Throws with the path and the reason.
  sqlite_connection(const std::string& path, access how, std::int64_t cache_bytes);

  void execute(const std::string& sql);
  /// The one number that a statement yields.
  std::int64_t number(std::string_view sql);
  /// Undoes what is open; nothing to undo is no failure.
  void roll_back() noexcept;

  sqlite3* handle() const { return handle_.get(); }
  const std::string& path() const { return path_; }
  [[noreturn]] void fail(int code) const;

private:
  struct closer {
    void operator()(sqlite3* connection) const;
  };
  std::string path_;
  std::unique_ptr<sqlite3, closer> handle_;
};

/// All reads while this lives see one state of the store.
class sqlite_snapshot {
public:
  explicit sqlite_snapshot(sqlite_connection& connection);
  ~sqlite_snapshot();
  sqlite_snapshot(const sqlite_snapshot&) = delete;
  sqlite_snapshot& operator=(const sqlite_snapshot&) = delete;

private:
  sqlite_connection& connection_;
};

} // namespace troupe::store
