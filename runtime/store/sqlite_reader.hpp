#pragma once

#include "runtime/store/cursor.hpp"
#include "runtime/store/sqlite_connection.hpp"
#include "runtime/store/store.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <unordered_map>

namespace troupe::store {

/// Items of a page: what was asked for, within 1 and 1,000.
inline int page_size(const page_request& where) {
  return std::clamp(where.limit, 1, 1000);
}
/// Texts of a page; one more item may come on top.
inline constexpr std::size_t page_bytes_max = 8 * 1024 * 1024;
/// The position that the rows of a page lie beyond. Refuses with `invalid_request`.
inline expected<std::int64_t> page_start(const page_request& where, std::string_view list) {
  if (where.cursor.empty()) return where.ascending ? 0 : std::numeric_limits<std::int64_t>::max();
  return read_cursor(where.cursor, list, where.ascending);
}

/// Reads on a connection of its own, which holds no state of the store longer than a call (`each_order`: than a few
/// orders), so that the log is not held up.
class sqlite_reader : public reader {
public:
  /// Errors as `place`.
  static expected<std::unique_ptr<reader>> open(const std::string& path);

  expected<stored_order> order(const std::string& order_id) override;
  expected<page<engine::event>> history(const std::string& order_id, const page_request& where) override;
  expected<page<engine::order>> orders(const order_filter& filter, const page_request& where) override;
  expected<std::vector<order_count>> counts() override;
  expected<page<batch_record>> batches(const page_request& where) override;
  expected<batch_record> batch(const std::string& batch_id) override;
  expected<std::vector<blueprint::published>> published() override;
  expected<std::optional<request_record>> request(const std::string& caller, const std::string& route,
                                                  const std::string& key) override;
  expected<std::vector<outbox_record>> outbox_due(time_point now, int limit) override;
  expected<std::optional<time_point>> outbox_earliest() override;
  expected<std::optional<time_point>> earliest_due() override;
  expected<operation_record> operation(const std::string& operation_id) override;
  expected<std::vector<operation_record>> running_operations() override;
  expected<page<operation_result>> operation_results(const std::string& operation_id,
                                                     const page_request& where) override;
  expected<void>
  each_order(const std::function<void(const engine::order& stored, const std::vector<engine::event>& history)>& visit)
      override;
  expected<std::vector<std::string>> inconsistencies() override;

private:
  explicit sqlite_reader(const std::string& path);
  /// Prepared once. For statements that are not made of parts: there are only so many of them.
  sqlite_statement& prepared(const std::string& sql);
  expected<page<engine::event>> read_history_page(const std::string& order_id, const page_request& where);
  expected<page<std::string>> read_orders_page(const order_filter& filter, const page_request& where);

  sqlite_connection connection_;
  std::unordered_map<std::string, sqlite_statement> prepared_;
};

/// Fills a page from rows that begin beyond the cursor, in the list's order, one more than the page shows. `read` makes
/// an item of a row, whose first column is its position in the list; pages end early where their texts (`bytes` of a
/// row) would be too much for memory.
template <class Item, class Read>
expected<page<Item>> fill_page(sqlite_rows rows, const page_request& where, std::string_view list, Read read) {
  page<Item> filled;
  std::int64_t position = 0;
  std::size_t bytes = 0;
  while (rows.next()) {
    if (std::ssize(filled.items) == page_size(where) || bytes > page_bytes_max) {
      filled.next = write_cursor(list, where.ascending, position);
      break;
    }
    expected<Item> item = read(rows, bytes);
    if (!item) return tl::unexpected(item.error());
    filled.items.push_back(std::move(*item));
    position = rows.integer(0);
  }
  return filled;
}

} // namespace troupe::store
