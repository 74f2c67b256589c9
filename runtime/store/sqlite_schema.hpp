#pragma once

#include "runtime/store/sqlite_connection.hpp"

#include <span>

namespace troupe::store {

/// One file of `deploy/schema/sqlite`.
struct migration {
  int number; ///< from 1 without gaps
  const char* name;
  const char* sql;
};
/// All of them, in order; written by the build.
std::span<const migration> sqlite_migrations();

/// Refuses with `newer_schema` what a newer version has written, with `not_ready` another program's database and, of an
/// older schema, what cannot be migrated here because it is only read.
expected<void> check_schema(sqlite_connection& connection, std::span<const migration> known, bool is_written);

/// Brings the file to the newest schema, each step in a transaction of its own; nothing to do is nothing done. For the
/// one writer. Errors as `check_schema`.
expected<void> migrate(sqlite_connection& connection, std::span<const migration> known);

} // namespace troupe::store
