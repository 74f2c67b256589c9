#pragma once

#include "runtime/base/error.hpp"
#include "runtime/store/sqlite_connection.hpp"

namespace troupe::store {

/// Where exceptions stop: `call` yields an `expected<Result>`; what SQLite or the file does not yield is `not_ready`.
template <class Result, class Call> expected<Result> guarded(Call call) {
  try {
    return call();
  } catch (const sqlite_failure& failure) {
    return refuse(errc::not_ready, failure.what());
  }
}

} // namespace troupe::store
