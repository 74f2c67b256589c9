#include "runtime/store/folded_text.hpp"
#include "runtime/store/sqlite_guard.hpp"
#include "runtime/store/sqlite_reader.hpp"

#include <fmt/format.h>

/// What cannot be while every append is one transaction; so that something else has written, or a disk has lied.
namespace troupe::store {

namespace {

constexpr std::size_t findings_max = 1000;

/// A statement that yields what is wrong, and the sentence for a row of it; `{}` is the first column.
struct question {
  const char* sql;
  const char* finding;
};

constexpr question questions[] = {
    {"SELECT * FROM pragma_quick_check(100) WHERE quick_check <> 'ok'", "the file is damaged: {}"},
    {"SELECT o.order_id FROM orders o LEFT JOIN places p ON p.number = o.number WHERE o.status IN ('pending', "
     "'active') AND o.status <> 'completed' "
     "AND (p.number IS NULL OR (p.place = 0 AND p.batch IS NULL AND p.due IS NULL)) LIMIT 100",
     "order {}: expected it in a queue, claimed or due, but found it nowhere"},
    {"SELECT p.number FROM places p LEFT JOIN orders o ON o.number = p.number WHERE o.number IS NULL LIMIT 100",
     "number {}: expected an order in its place, but found none"},
    {"SELECT o.order_id FROM places p JOIN orders o ON o.number = p.number LEFT JOIN batches b ON b.number = p.batch "
     "WHERE p.batch IS NOT NULL "
     "AND b.status IS NOT 'running' LIMIT 100",
     "order {}: expected it claimed by a batch that is running, but found another"},
    {"SELECT o.order_id FROM outbox b JOIN orders o ON o.number = b.number GROUP BY b.number HAVING sum(b.head) <> 1 "
     "OR min(CASE WHEN b.head = 1 THEN b.id END) <> min(b.id) LIMIT 100",
     "order {}: expected the first of its messages out to be the next to go, but found another"},
    {"SELECT workflow || ' ' || status FROM (SELECT workflow, status, count(*) AS change FROM orders GROUP BY "
     "workflow, status "
     "UNION ALL SELECT workflow, status, -count FROM order_counts) GROUP BY workflow, status HAVING sum(change) <> 0 "
     "LIMIT 100",
     "{}: expected as many orders as are counted, but found another number"},
    {"SELECT e.number FROM events e LEFT JOIN orders o ON o.number = e.number WHERE o.number IS NULL LIMIT 100",
     "number {}: expected an order with these events, but found none"},
};

/// Why the columns of an order's row are not as its folded state says, or nothing.
std::string difference(const sqlite_rows& rows, const engine::order& order) {
  const auto error = order.error ? order.error->code : std::string();
  const auto instant = [&rows](int column, time_point at) { return rows.instant(column) == at; };
  if (rows.view(2) != order.order_id) return "order_id";
  if (static_cast<std::uint64_t>(rows.integer(3)) != order.sequence) return "sequence";
  if (rows.small(4) != order.version) return "version";
  if (rows.view(5) != engine::to_string(order.status)) return "status";
  if (rows.view(6) != order.workflow) return "workflow";
  if (rows.view(7) != order.state) return "state";
  if (rows.view(8) != order.group) return "group_name";
  if (rows.view(9) != error) return "error";
  if (!instant(10, order.created_at)) return "created_at";
  if (!instant(11, order.updated_at)) return "updated_at";
  return {};
}

bool is_readable(sqlite_rows entries) {
  while (entries.next()) {
    std::vector<engine::event> events;
    if (!read_history(entries.view(1), static_cast<std::uint64_t>(entries.integer(0)), events)) return false;
  }
  return true;
}

} // namespace

expected<std::vector<std::string>> sqlite_reader::inconsistencies() {
  using result = std::vector<std::string>;
  return guarded<result>([&]() -> expected<result> {
    result found;
    for (const auto& each : questions) {
      sqlite_statement statement(connection_, each.sql);
      for (auto rows = statement.query(); rows.next() && found.size() < findings_max;)
        found.push_back(fmt::format(fmt::runtime(each.finding), rows.view(0)));
    }
    // A hundred at a time: a state of the store that is held for long keeps its log from being cut.
    std::int64_t number = 0;
    sqlite_statement orders(connection_, "SELECT number, folded, order_id, sequence, version, status, workflow, state, "
                                         "group_name, error, created_at, updated_at "
                                         "FROM orders WHERE number > ?1 ORDER BY number LIMIT 100");
    sqlite_statement entries(connection_, "SELECT sequence, history FROM events WHERE number = ?1");
    for (auto is_more = true; is_more && found.size() < findings_max;) {
      is_more = false;
      for (auto rows = orders.query(number); rows.next();) {
        is_more = true;
        number = rows.integer(0);
        const auto order = read_folded(rows.view(1));
        const auto different = order ? difference(rows, *order) : "folded";
        if (!different.empty())
          found.push_back(fmt::format("order {}: expected its column {} to be as its state says, but found {}",
                                      rows.view(2), different,
                                      order ? "another value" : "a state that cannot be read"));
        if (!is_readable(entries.query(number)))
          found.push_back(
              fmt::format("order {}: expected a history that can be read, but found another", rows.view(2)));
      }
    }
    found.resize(std::min(found.size(), findings_max));
    return found;
  });
}

} // namespace troupe::store
