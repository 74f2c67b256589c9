#pragma once

#include "runtime/store/sqlite_orders.hpp"

namespace troupe::store {

/// Carries out publishing and the records of bulk operations.
class sqlite_definitions {
public:
  sqlite_definitions(sqlite_connection& connection, sqlite_requests& requests);
  void perform(publish& wanted);
  void perform(save_operation& wanted);

private:
  sqlite_requests& requests_;
  sqlite_statement find_published_;
  sqlite_statement insert_published_;
  sqlite_statement save_operation_;
  sqlite_statement last_result_;
  sqlite_statement insert_result_;
};

} // namespace troupe::store
