#include "runtime/store/sqlite_reader.hpp"

#include "runtime/store/folded_text.hpp"
#include "runtime/store/sqlite_guard.hpp"
#include "runtime/store/sqlite_schema.hpp"

#include <fmt/format.h>

namespace troupe::store {

namespace {

constexpr std::int64_t cache_bytes = 4 * 1024 * 1024;

batch_record read_batch(const sqlite_rows& rows) {
  batch_record record;
  record.batch_id = rows.text(1);
  record.node = rows.text(2);
  record.lane = rows.text(3);
  record.status = rows.text(4);
  record.size = rows.small(5);
  record.started_at = rows.instant(6);
  record.ended_at = rows.optional_instant(7);
  const auto settled = json::parse(rows.view(8), nullptr, false);
  if (settled.is_object())
    for (const auto& [status, count] : settled.items())
      if (count.is_number_integer()) record.settled.emplace(status, count.get<int>());
  return record;
}

constexpr std::string_view batch_columns = "number, batch_id, node, lane, status, size, started_at, ended_at, settled";

} // namespace

expected<std::unique_ptr<reader>> sqlite_reader::open(const std::string& path) {
  return guarded<std::unique_ptr<reader>>([&path]() -> expected<std::unique_ptr<reader>> {
    std::unique_ptr<sqlite_reader> made(new sqlite_reader(path));
    if (auto fine = check_schema(made->connection_, sqlite_migrations(), false); !fine)
      return tl::unexpected(fine.error());
    return made;
  });
}

sqlite_reader::sqlite_reader(const std::string& path)
    : connection_(path, sqlite_connection::access::read, cache_bytes) {}

sqlite_statement& sqlite_reader::prepared(const std::string& sql) {
  const auto found = prepared_.find(sql);
  return found != prepared_.end() ? found->second
                                  : prepared_.emplace(sql, sqlite_statement(connection_, sql)).first->second;
}

expected<stored_order> sqlite_reader::order(const std::string& order_id) {
  return guarded<stored_order>([&]() -> expected<stored_order> {
    auto rows = prepared("SELECT o.folded, p.recoveries, p.place, b.batch_id FROM orders o LEFT JOIN places p ON "
                         "p.number = o.number "
                         "LEFT JOIN batches b ON b.number = p.batch WHERE o.order_id = ?1")
                    .query(order_id);
    if (!rows.next())
      return refuse(errc::unknown_order, fmt::format("expected an order, but found none named {}", order_id));
    auto value = read_folded(rows.view(0));
    if (!value) return tl::unexpected(value.error());
    stored_order found{std::move(*value), rows.small(1), queue::none, rows.text(3)};
    if (found.batch_id.empty()) found.place = static_cast<queue>(rows.integer(2));
    return found;
  });
}

expected<page<engine::event>> sqlite_reader::history(const std::string& order_id, const page_request& where) {
  return guarded<page<engine::event>>([&] { return read_history_page(order_id, where); });
}

expected<page<engine::event>> sqlite_reader::read_history_page(const std::string& order_id, const page_request& where) {
  const auto list = "history:" + order_id;
  const auto start = page_start(where, list);
  if (!start) return tl::unexpected(start.error());
  const sqlite_snapshot snapshot(connection_);
  std::int64_t number = 0;
  if (auto rows = prepared("SELECT number FROM orders WHERE order_id = ?1").query(order_id); rows.next())
    number = rows.integer(0);
  else
    return refuse(errc::unknown_order, fmt::format("expected an order, but found none named {}", order_id));

  // An entry has several events: the first one read may have been shown in part.
  auto rows =
      where.ascending
          ? prepared("SELECT sequence, history FROM events WHERE number = ?1 AND sequence >= (SELECT max(sequence) "
                     "FROM events WHERE number = ?1 AND "
                     "sequence <= ?2 + 1) ORDER BY sequence")
                .query(number, *start)
          : prepared("SELECT sequence, history FROM events WHERE number = ?1 AND sequence < ?2 ORDER BY sequence DESC")
                .query(number, *start);
  page<engine::event> filled;
  std::size_t bytes = 0;
  while (rows.next()) {
    std::vector<engine::event> events;
    if (auto read = read_history(rows.view(1), static_cast<std::uint64_t>(rows.integer(0)), events); !read)
      return tl::unexpected(read.error());
    if (!where.ascending) std::reverse(events.begin(), events.end());
    bytes += rows.view(1).size();
    for (auto& event : events) {
      const auto sequence = static_cast<std::int64_t>(event.sequence);
      if (where.ascending ? sequence <= *start : sequence >= *start) continue;
      if (std::ssize(filled.items) == page_size(where) || (bytes > page_bytes_max && !filled.items.empty())) {
        filled.next = write_cursor(list, where.ascending, static_cast<std::int64_t>(filled.items.back().sequence));
        return filled;
      }
      filled.items.push_back(std::move(event));
    }
  }
  return filled;
}

expected<std::vector<order_count>> sqlite_reader::counts() {
  return guarded<std::vector<order_count>>([&]() -> expected<std::vector<order_count>> {
    std::vector<order_count> all;
    for (auto rows = prepared("SELECT workflow, status, count FROM order_counts WHERE count > 0").query(); rows.next();)
      all.push_back({rows.text(0), rows.text(1), rows.integer(2)});
    return all;
  });
}

expected<page<batch_record>> sqlite_reader::batches(const page_request& where) {
  return guarded<page<batch_record>>([&]() -> expected<page<batch_record>> {
    const auto start = page_start(where, "batches");
    if (!start) return tl::unexpected(start.error());
    const auto sql =
        where.ascending
            ? fmt::format("SELECT {} FROM batches WHERE number > ?1 ORDER BY number LIMIT ?2", batch_columns)
            : fmt::format("SELECT {} FROM batches WHERE number < ?1 ORDER BY number DESC LIMIT ?2", batch_columns);
    return fill_page<batch_record>(prepared(sql).query(*start, page_size(where) + 1), where, "batches",
                                   [](const sqlite_rows& rows, std::size_t&) { return read_batch(rows); });
  });
}

expected<batch_record> sqlite_reader::batch(const std::string& batch_id) {
  return guarded<batch_record>([&]() -> expected<batch_record> {
    auto rows = prepared(fmt::format("SELECT {} FROM batches WHERE batch_id = ?1", batch_columns)).query(batch_id);
    if (!rows.next())
      return refuse(errc::unknown_batch, fmt::format("expected a batch, but found none named {}", batch_id));
    return read_batch(rows);
  });
}

expected<std::optional<time_point>> sqlite_reader::earliest_due() {
  return guarded<std::optional<time_point>>([&]() -> expected<std::optional<time_point>> {
    auto rows =
        prepared("SELECT due FROM places INDEXED BY places_due WHERE due IS NOT NULL ORDER BY due LIMIT 1").query();
    return rows.next() ? rows.optional_instant(0) : std::nullopt;
  });
}

expected<void> sqlite_reader::each_order(
    const std::function<void(const engine::order& stored, const std::vector<engine::event>& history)>& visit) {
  std::int64_t number = 0;
  for (;;) {
    expected<engine::order> stored = refuse(errc::unknown_order, "");
    std::vector<engine::event> history;
    const auto found = guarded<bool>([&]() -> expected<bool> {
      const sqlite_snapshot snapshot(connection_);
      auto rows = prepared("SELECT number, folded FROM orders WHERE number > ?1 ORDER BY number LIMIT 1").query(number);
      if (!rows.next()) return false;
      number = rows.integer(0);
      stored = read_folded(rows.view(1));
      for (auto entries =
               prepared("SELECT sequence, history FROM events WHERE number = ?1 ORDER BY sequence").query(number);
           entries.next();)
        if (auto read = read_history(entries.view(1), static_cast<std::uint64_t>(entries.integer(0)), history); !read)
          stored = tl::unexpected(read.error());
      return true;
    });
    if (!found) return tl::unexpected(found.error());
    if (!*found) return {};
    if (stored) visit(*stored, history);
  }
}

} // namespace troupe::store
