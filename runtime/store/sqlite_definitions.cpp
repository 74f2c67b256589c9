#include "runtime/store/sqlite_definitions.hpp"

#include <fmt/format.h>

namespace troupe::store {

sqlite_definitions::sqlite_definitions(sqlite_connection& connection, sqlite_requests& requests)
    : requests_(requests),
      find_published_(connection, "SELECT 1 FROM published WHERE kind = ?1 AND id = ?2 AND version = ?3"),
      insert_published_(
          connection,
          "INSERT INTO published (kind, id, version, published_at, published_by, comment, form, definition, pins) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
      save_operation_(connection, "INSERT INTO operations (operation_id, kind, status, total, done, refused, "
                                  "created_at, ended_at, dry_run, requested_by, work, cursor) "
                                  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT "
                                  "(operation_id) DO UPDATE SET status = ?3, total = ?4, done = ?5, "
                                  "refused = ?6, ended_at = ?8, work = ?11, cursor = ?12 RETURNING number"),
      last_result_(connection, "SELECT coalesce(max(position), 0) FROM operation_results WHERE operation = ?1"),
      insert_result_(connection, "INSERT INTO operation_results VALUES (?1, ?2, ?3, ?4, ?5)") {}

void sqlite_definitions::perform(publish& wanted) {
  const auto& record = wanted.record;
  const auto kind = blueprint::to_string(record.kind);
  wanted.outcome = requests_.check(wanted.request);
  if (!wanted.outcome) return;
  if (find_published_.query(kind, record.id, record.version).next()) {
    wanted.outcome =
        refuse(errc::version_conflict, fmt::format("{} {}: expected a new version, but found that version {} exists",
                                                   kind, record.id, record.version));
    return;
  }
  insert_published_.run(kind, record.id, record.version, record.published_at, record.by, record.comment, record.form,
                        to_text(record.definition), to_text(record.pins));
  requests_.insert(wanted.request);
}

void sqlite_definitions::perform(save_operation& wanted) {
  wanted.outcome = requests_.check(wanted.request);
  if (!wanted.outcome) return;
  const auto& record = wanted.record;
  const auto work = to_text(record.work);
  std::int64_t number = 0;
  if (auto rows = save_operation_.query(record.operation_id, record.kind, record.status, record.total, record.done,
                                        record.refused, record.created_at, record.ended_at, int{record.dry_run},
                                        record.by, work, record.cursor);
      rows.next())
    number = rows.integer(0);
  std::int64_t position = 0;
  if (!wanted.results.empty())
    if (auto rows = last_result_.query(number); rows.next()) position = rows.integer(0);
  for (const auto& result : wanted.results)
    insert_result_.run(number, ++position, result.order_id, result.result, to_text(result.problem));
  requests_.insert(wanted.request);
}

} // namespace troupe::store
