#include "runtime/store/folded_text.hpp"
#include "runtime/store/sqlite_guard.hpp"
#include "runtime/store/sqlite_reader.hpp"

#include <fmt/format.h>
#include <variant>

/// `GET /v1/orders`: the way through the orders that is the shortest for a filter, and the pages on it.
namespace troupe::store {

namespace {

/// A condition's text and the values in it.
struct condition {
  std::string sql;
  std::vector<std::variant<std::int64_t, std::string>> values;
};

/// Where the rows come from, in the order of their numbers.
struct route {
  std::string source;
  std::vector<condition> conditions;
};

std::int64_t milliseconds(time_point at) {
  return at.time_since_epoch().count();
}

/// Everything that a cursor depends on.
std::string name_of(const order_filter& filter) {
  const auto instant = [](const std::optional<time_point>& at) { return at ? json(milliseconds(*at)) : json(); };
  return "orders:" + json{filter.status,
                          filter.workflow,
                          filter.version ? json(*filter.version) : json(),
                          filter.state,
                          filter.labels,
                          filter.group,
                          filter.error,
                          instant(filter.created_after),
                          instant(filter.created_before),
                          instant(filter.updated_after),
                          instant(filter.updated_before)}
                         .dump(-1, ' ', false, json::error_handler_t::replace);
}

void add(route& way, std::string sql, std::vector<std::variant<std::int64_t, std::string>> values) {
  way.conditions.push_back({std::move(sql), std::move(values)});
}

/// The conditions that no index answers: read along the way.
void add_conditions(route& way, const order_filter& filter) {
  if (!filter.workflow.empty()) add(way, "o.workflow = ?", {filter.workflow});
  if (filter.version) add(way, "o.version = ?", {std::int64_t{*filter.version}});
  if (!filter.state.empty()) add(way, "o.state = ?", {filter.state});
  if (filter.created_after) add(way, "o.created_at > ?", {milliseconds(*filter.created_after)});
  if (filter.created_before) add(way, "o.created_at < ?", {milliseconds(*filter.created_before)});
  if (filter.updated_after) add(way, "o.updated_at > ?", {milliseconds(*filter.updated_after)});
  if (filter.updated_before) add(way, "o.updated_at < ?", {milliseconds(*filter.updated_before)});
}

void add_status(route& way, const order_filter& filter) {
  if (filter.status.empty()) return;
  condition any;
  for (const auto& status : filter.status) {
    any.sql += any.sql.empty() ? "o.status IN (?" : ", ?";
    any.values.emplace_back(status);
  }
  any.sql += ")";
  way.conditions.push_back(std::move(any));
}

/// Few orders have a certain label, group, error or unusual status, so these lead, in this order; else all orders are
/// gone through. Of several statuses each has a way of its own.
std::vector<route> routes_for(const order_filter& filter) {
  route way;
  auto is_status_left = true;
  const auto has = [&filter](std::string_view status) {
    return std::ranges::find(filter.status, status) != filter.status.end();
  };
  if (!filter.labels.empty()) {
    way.source = "order_labels l CROSS JOIN orders o ON o.number = l.number";
    add(way, "l.name = ? AND l.value = ?", {filter.labels[0].first, filter.labels[0].second});
  } else if (!filter.group.empty()) {
    way.source = "orders o INDEXED BY orders_by_group";
  } else if (!filter.error.empty()) {
    way.source = "orders o INDEXED BY orders_by_error";
  } else if (!filter.status.empty() && !has("completed")) {
    way.source = "orders o INDEXED BY orders_by_status";
    is_status_left = false;
  } else {
    way.source = "orders o NOT INDEXED";
  }
  for (std::size_t index = 1; index < filter.labels.size(); ++index)
    add(way, "EXISTS (SELECT 1 FROM order_labels l WHERE l.name = ? AND l.value = ? AND l.number = o.number)",
        {filter.labels[index].first, filter.labels[index].second});
  if (!filter.group.empty()) add(way, "o.group_name IS NOT NULL AND o.group_name = ?", {filter.group});
  if (!filter.error.empty()) add(way, "o.error IS NOT NULL AND o.error = ?", {filter.error});
  add_conditions(way, filter);
  if (is_status_left) {
    add_status(way, filter);
    return {way};
  }
  std::vector<route> ways;
  for (const auto& status : filter.status) {
    ways.push_back(way);
    add(ways.back(), "o.status <> 'completed' AND o.status = ?", {status});
  }
  return ways;
}

sqlite_statement prepare(sqlite_connection& connection, const route& way, std::string_view columns, bool ascending) {
  const auto number = way.source.starts_with("order_labels") ? "l.number" : "o.number";
  auto sql = fmt::format("SELECT o.number{} FROM {} WHERE {} > ? AND {} < ?", columns, way.source, number, number);
  for (const auto& each : way.conditions)
    sql += " AND " + each.sql;
  sql += fmt::format(" ORDER BY {} {} LIMIT ?", number, ascending ? "ASC" : "DESC");
  return {connection, sql};
}

/// Orders whose number is not between these cannot have been created when the filter says; between them most were.
struct number_range {
  std::int64_t after = 0;
  std::int64_t before = std::numeric_limits<std::int64_t>::max();
};

/// Orders were created in the order of their numbers, but for a known disorder: so the ends of the time asked for are
/// found by halving.
class range_finder {
public:
  explicit range_finder(sqlite_connection& connection)
      : created_at_(connection, "SELECT created_at FROM orders WHERE number >= ?1 ORDER BY number LIMIT 1"),
        disorder_(connection.number("SELECT value FROM facts WHERE name = 'created_disorder'")),
        last_(connection.number("SELECT max(number) FROM orders")) {}

  number_range find(const order_filter& filter) {
    number_range range;
    // All orders up to `after` are too old, all from `before` on too young.
    if (filter.created_after)
      range.after = halve([limit = milliseconds(*filter.created_after) - disorder_](std::int64_t at) {
                      return at <= limit;
                    }).first;
    if (filter.created_before)
      range.before = halve([limit = milliseconds(*filter.created_before) + disorder_](std::int64_t at) {
                       return at < limit;
                     }).second;
    return range;
  }

private:
  /// Neighbours: the first is the last probe that was `old`, the second the first that was not.
  template <class Old> std::pair<std::int64_t, std::int64_t> halve(Old old) {
    std::int64_t low = 0;
    std::int64_t high = last_ + 1;
    while (high - low > 1) {
      const auto middle = low + (high - low) / 2;
      auto rows = created_at_.query(middle);
      (rows.next() && old(rows.integer(0)) ? low : high) = middle;
    }
    return {low, high};
  }

  sqlite_statement created_at_;
  std::int64_t disorder_;
  std::int64_t last_;
};

void bind_all(sqlite_statement& statement, number_range range, const route& way, int limit) {
  int index = 0;
  statement.bind(++index, range.after);
  statement.bind(++index, range.before);
  for (const auto& each : way.conditions)
    for (const auto& value : each.values)
      std::visit([&](const auto& bound) { statement.bind(++index, bound); }, value);
  statement.bind(++index, limit);
}

/// The numbers of the orders of several ways, merged.
std::vector<std::int64_t> merged_numbers(sqlite_connection& connection, const std::vector<route>& ways,
                                         number_range range, bool ascending, int limit) {
  std::vector<std::int64_t> numbers;
  for (const auto& way : ways) {
    auto statement = prepare(connection, way, "", ascending);
    bind_all(statement, range, way, limit);
    for (auto rows = statement.rows(); rows.next();)
      numbers.push_back(rows.integer(0));
  }
  if (ascending)
    std::ranges::sort(numbers);
  else
    std::ranges::sort(numbers, std::greater{});
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  numbers.resize(std::min(numbers.size(), static_cast<std::size_t>(limit)));
  return numbers;
}

expected<std::string> read_row(const sqlite_rows& rows, std::size_t& bytes) {
  bytes += rows.view(1).size();
  return rows.text(1);
}

} // namespace

expected<page<std::string>> sqlite_reader::read_orders_page(const order_filter& filter, const page_request& where) {
  const auto list = name_of(filter);
  const auto start = page_start(where, list);
  if (!start) return tl::unexpected(start.error());
  const sqlite_snapshot snapshot(connection_);
  number_range range;
  if (filter.created_after || filter.created_before) range = range_finder(connection_).find(filter);
  if (where.ascending)
    range.after = std::max(range.after, *start);
  else
    range.before = std::min(range.before, *start);

  const auto ways = routes_for(filter);
  const auto limit = page_size(where) + 1;
  if (ways.size() == 1) {
    auto statement = prepare(connection_, ways[0], ", o.folded", where.ascending);
    bind_all(statement, range, ways[0], limit);
    return fill_page<std::string>(statement.rows(), where, list, read_row);
  }
  const auto numbers = json(merged_numbers(connection_, ways, range, where.ascending, limit)).dump();
  auto& statement = prepared(
      "SELECT o.number, o.folded FROM json_each(?1) n CROSS JOIN orders o ON o.number = n.value ORDER BY n.key");
  return fill_page<std::string>(statement.query(numbers), where, list, read_row);
}

expected<page<engine::order>> sqlite_reader::orders(const order_filter& filter, const page_request& where) {
  // Read into orders only when the state of the store is let go: that takes ten times as long.
  auto texts = guarded<page<std::string>>([&] { return read_orders_page(filter, where); });
  if (!texts) return tl::unexpected(texts.error());
  page<engine::order> filled;
  filled.next = std::move(texts->next);
  for (const auto& text : texts->items) {
    auto order = read_folded(text);
    if (!order) return tl::unexpected(order.error());
    filled.items.push_back(std::move(*order));
  }
  return filled;
}

} // namespace troupe::store
