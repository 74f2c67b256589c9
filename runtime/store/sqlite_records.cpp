#include "runtime/store/sqlite_guard.hpp"
#include "runtime/store/sqlite_reader.hpp"

#include <fmt/format.h>

/// What is kept beside the orders: published definitions, answers to repeat, messages out, bulk operations.
namespace troupe::store {

namespace {

constexpr std::string_view operation_columns = "number, operation_id, kind, status, total, done, refused, created_at, "
                                               "ended_at, dry_run, requested_by, work, cursor";

std::optional<blueprint::published_kind> kind_named(std::string_view name) {
  for (const auto kind :
       {blueprint::published_kind::blueprint, blueprint::published_kind::api_call, blueprint::published_kind::function})
    if (blueprint::to_string(kind) == name) return kind;
  return std::nullopt;
}

expected<blueprint::published> read_published(const sqlite_rows& rows) {
  const auto kind = kind_named(rows.view(0));
  blueprint::published record;
  record.id = rows.text(1);
  record.version = rows.small(2);
  record.published_at = rows.instant(3);
  record.by = rows.text(4);
  record.comment = rows.text(5);
  record.form = rows.text(6);
  record.definition = json::parse(rows.view(7), nullptr, false);
  record.pins = json::parse(rows.view(8), nullptr, false);
  if (!kind || record.definition.is_discarded() || record.pins.is_discarded())
    return refuse(errc::internal, fmt::format("expected something published, but found {} {} version {} unreadable",
                                              rows.view(0), record.id, record.version));
  record.kind = *kind;
  return record;
}

operation_record read_operation(const sqlite_rows& rows) {
  operation_record record;
  record.operation_id = rows.text(1);
  record.kind = rows.text(2);
  record.status = rows.text(3);
  record.total = rows.integer(4);
  record.done = rows.integer(5);
  record.refused = rows.integer(6);
  record.created_at = rows.instant(7);
  record.ended_at = rows.optional_instant(8);
  record.dry_run = rows.integer(9) != 0;
  record.by = rows.text(10);
  record.work = json::parse(rows.view(11), nullptr, false);
  record.cursor = rows.text(12);
  return record;
}

outbox_record read_outbox(const sqlite_rows& rows) {
  outbox_record record;
  record.id = rows.integer(0);
  record.order_id = rows.text(1);
  record.workflow = rows.text(2);
  record.version = rows.small(3);
  record.target = rows.text(4);
  record.attempts = rows.small(5);
  record.due = rows.instant(6);
  record.notification = rows.text(7);
  record.inline_blueprint = rows.text(8);
  return record;
}

} // namespace

expected<std::vector<blueprint::published>> sqlite_reader::published() {
  using result = std::vector<blueprint::published>;
  return guarded<result>([&]() -> expected<result> {
    result all;
    for (auto rows = prepared("SELECT kind, id, version, published_at, published_by, comment, form, definition, pins "
                              "FROM published ORDER BY number")
                         .query();
         rows.next();) {
      auto record = read_published(rows);
      if (!record) return tl::unexpected(record.error());
      all.push_back(std::move(*record));
    }
    return all;
  });
}

expected<std::optional<request_record>> sqlite_reader::request(const std::string& caller, const std::string& route,
                                                               const std::string& key) {
  using result = std::optional<request_record>;
  return guarded<result>([&]() -> expected<result> {
    auto rows = prepared("SELECT body_hash, status, answer, location, at FROM requests WHERE caller = ?1 AND route = "
                         "?2 AND key = ?3")
                    .query(caller, route, key);
    if (!rows.next()) return std::nullopt;
    return request_record{caller, route, key, rows.text(0), rows.small(1), rows.text(2), rows.text(3), rows.instant(4)};
  });
}

expected<std::vector<outbox_record>> sqlite_reader::outbox_due(time_point now, int limit) {
  using result = std::vector<outbox_record>;
  return guarded<result>([&]() -> expected<result> {
    result all;
    auto rows = prepared("SELECT b.id, o.order_id, b.workflow, b.version, b.target, b.attempts, b.due, b.notification, "
                         "b.inline_blueprint "
                         "FROM outbox b INDEXED BY outbox_heads CROSS JOIN orders o ON o.number = b.number WHERE "
                         "b.head = 1 AND b.due <= ?1 ORDER BY b.due, b.id LIMIT ?2")
                    .query(now, limit);
    while (rows.next())
      all.push_back(read_outbox(rows));
    return all;
  });
}

expected<std::optional<time_point>> sqlite_reader::outbox_earliest() {
  using result = std::optional<time_point>;
  return guarded<result>([&]() -> expected<result> {
    auto rows = prepared("SELECT due FROM outbox INDEXED BY outbox_heads WHERE head = 1 ORDER BY due LIMIT 1").query();
    return rows.next() ? rows.optional_instant(0) : std::nullopt;
  });
}

expected<operation_record> sqlite_reader::operation(const std::string& operation_id) {
  return guarded<operation_record>([&]() -> expected<operation_record> {
    auto rows = prepared(fmt::format("SELECT {} FROM operations WHERE operation_id = ?1", operation_columns))
                    .query(operation_id);
    if (!rows.next())
      return refuse(errc::unknown_operation,
                    fmt::format("expected an operation, but found none named {}", operation_id));
    return read_operation(rows);
  });
}

expected<std::vector<operation_record>> sqlite_reader::running_operations() {
  using result = std::vector<operation_record>;
  return guarded<result>([&]() -> expected<result> {
    result all;
    for (auto rows =
             prepared(fmt::format(
                          "SELECT {} FROM operations INDEXED BY operations_open WHERE ended_at IS NULL ORDER BY number",
                          operation_columns))
                 .query();
         rows.next();)
      all.push_back(read_operation(rows));
    return all;
  });
}

expected<page<operation_result>> sqlite_reader::operation_results(const std::string& operation_id,
                                                                  const page_request& where) {
  using result = page<operation_result>;
  return guarded<result>([&]() -> expected<result> {
    const auto list = "results:" + operation_id;
    const auto start = page_start(where, list);
    if (!start) return tl::unexpected(start.error());
    const sqlite_snapshot snapshot(connection_);
    std::int64_t number = 0;
    if (auto rows = prepared("SELECT number FROM operations WHERE operation_id = ?1").query(operation_id); rows.next())
      number = rows.integer(0);
    else
      return refuse(errc::unknown_operation,
                    fmt::format("expected an operation, but found none named {}", operation_id));
    const auto sql = fmt::format("SELECT position, order_id, result, problem FROM operation_results WHERE operation = "
                                 "?1 AND position {} ?2 ORDER BY position {} LIMIT ?3",
                                 where.ascending ? '>' : '<', where.ascending ? "ASC" : "DESC");
    return fill_page<operation_result>(
        prepared(sql).query(number, *start, page_size(where) + 1), where, list,
        [](const sqlite_rows& rows, std::size_t& bytes) {
          bytes += rows.view(3).size();
          return operation_result{rows.text(1), rows.text(2), json::parse(rows.view(3), nullptr, false)};
        });
  });
}

} // namespace troupe::store
