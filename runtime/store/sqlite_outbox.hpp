#pragma once

#include "runtime/store/records.hpp"
#include "runtime/store/sqlite_connection.hpp"

namespace troupe::store {

/// Carries out what becomes of messages out. Each order's first row alone is its head; what takes the head away gives
/// the next one its turn.
class sqlite_outbox {
public:
  explicit sqlite_outbox(sqlite_connection& connection);
  void perform(finish_outbox& wanted);
  void perform(retry_outbox& wanted);

private:
  void erase(std::int64_t id);

  sqlite_statement erase_;
  sqlite_statement advance_;
  sqlite_statement retry_;
  sqlite_statement bury_;
};

} // namespace troupe::store
