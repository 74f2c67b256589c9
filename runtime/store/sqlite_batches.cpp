#include "runtime/store/sqlite_batches.hpp"

#include "runtime/store/folded_text.hpp"

#include <fmt/format.h>

namespace troupe::store {

namespace {

constexpr std::string_view placed_columns = "o.number, o.order_id, p.priority, o.status <> 'pending', p.number IS NOT "
                                            "NULL, p.place, p.batch, p.due, p.recoveries";

/// The columns of `placed_columns`; `source` is the rest of the statement.
sqlite_statement find_placed(sqlite_connection& connection, std::string_view source) {
  return {connection, fmt::format("SELECT {} FROM {}", placed_columns, source)};
}

} // namespace

sqlite_batches::sqlite_batches(sqlite_connection& connection, sqlite_state& state, sqlite_places& places)
    : state_(state), places_(places),
      find_pending_(connection, "SELECT p.number, o.order_id, o.folded, p.recoveries FROM places p INDEXED BY "
                                "places_queued CROSS JOIN orders o ON o.number = p.number "
                                "WHERE p.batch IS NULL AND p.place > 0 AND p.place = ?1 AND p.shard BETWEEN ?2 AND ?3 "
                                "ORDER BY p.priority DESC, p.number LIMIT ?4"),
      find_order_(find_placed(connection, "orders o LEFT JOIN places p ON p.number = o.number WHERE o.order_id = ?1")),
      find_claimed_(find_placed(connection, "places p INDEXED BY places_claimed CROSS JOIN orders o ON o.number = "
                                            "p.number WHERE p.batch IS NOT NULL AND p.batch = ?1")),
      find_all_claimed_(find_placed(
          connection,
          "places p INDEXED BY places_claimed CROSS JOIN orders o ON o.number = p.number WHERE p.batch IS NOT NULL")),
      find_due_(find_placed(connection, "places p INDEXED BY places_due CROSS JOIN orders o ON o.number = p.number "
                                        "WHERE p.due IS NOT NULL AND p.due <= ?1 ORDER BY p.due LIMIT ?2")),
      find_folded_(connection, "SELECT folded FROM orders WHERE number = ?1"),
      claim_(connection, "UPDATE places SET batch = ?2 WHERE number = ?1"),
      find_batch_(connection, "SELECT number FROM batches WHERE batch_id = ?1 AND status = 'running'"),
      insert_batch_(connection, "INSERT INTO batches VALUES (?1, ?2, ?3, ?4, 'running', ?5, ?6, NULL, '{}')"),
      grow_batch_(connection, "UPDATE batches SET size = size + ?2 WHERE number = ?1"),
      close_batch_(connection, "UPDATE batches SET status = ?2, ended_at = ?3, settled = ?4 WHERE number = ?1"),
      interrupt_batches_(
          connection,
          "UPDATE batches SET status = 'interrupted', ended_at = ?1 WHERE status = 'running' RETURNING number") {}

sqlite_batches::placed_order sqlite_batches::read(const sqlite_rows& rows) {
  placed_order order;
  order.number = rows.integer(0);
  order.order_id = rows.text(1);
  order.priority = rows.integer(2);
  order.is_begun = rows.integer(3) != 0;
  if (rows.integer(4) == 0) return order;
  auto& place = order.place.emplace();
  place.place = static_cast<queue>(rows.integer(5));
  if (!rows.is_null(6)) place.batch = rows.integer(6);
  place.due = rows.optional_instant(7);
  place.recoveries = rows.small(8);
  return order;
}

std::vector<sqlite_batches::placed_order> sqlite_batches::read_all(sqlite_rows rows) {
  std::vector<placed_order> all;
  while (rows.next())
    all.push_back(read(rows));
  return all;
}

order_place sqlite_batches::queued_again(const placed_order& order) {
  auto after = order.place.value_or(order_place{});
  after.batch.reset();
  after.due.reset();
  if (after.place == queue::none || after.place == queue::pending)
    after.place = order.is_begun ? queue::runnable : queue::pending;
  return after;
}

void sqlite_batches::change(const placed_order& order, const order_place& after) {
  places_.change(order.number, order.order_id, order.priority, order.place, after);
}

expected<std::int64_t> sqlite_batches::batch_for(const claim_orders& wanted, int size) {
  if (wanted.open_batch) {
    const auto number = state_.next_batch();
    insert_batch_.run(number, wanted.batch_id, wanted.node, wanted.lane, size, wanted.now);
    return number;
  }
  std::optional<std::int64_t> found;
  if (auto rows = find_batch_.query(wanted.batch_id); rows.next()) found = rows.integer(0);
  if (!found)
    return refuse(errc::unknown_batch,
                  fmt::format("expected a batch that is open, but found none named {}", wanted.batch_id));
  grow_batch_.run(*found, size);
  return *found;
}

void sqlite_batches::perform(claim_orders& wanted) {
  wanted.outcome = {};
  wanted.taken.clear();
  std::vector<std::int64_t> numbers;
  std::vector<claimed_order> taken;
  for (auto rows =
           find_pending_.query(static_cast<int>(wanted.from), wanted.shard_first, wanted.shard_last, wanted.limit);
       rows.next();) {
    numbers.push_back(rows.integer(0));
    taken.push_back({rows.text(1), rows.text(2), wanted.batch_id, rows.small(3)});
  }
  if (numbers.empty()) return;
  const auto batch = batch_for(wanted, static_cast<int>(numbers.size()));
  if (!batch) {
    wanted.outcome = tl::unexpected(batch.error());
    return;
  }
  for (const auto number : numbers)
    claim_.run(number, *batch);
  if (wanted.from == queue::pending) state_.count_pending(-static_cast<int>(numbers.size()));
  wanted.taken = std::move(taken);
}

void sqlite_batches::perform(settle_order& wanted) {
  wanted.outcome = {};
  std::optional<placed_order> order;
  if (auto rows = find_order_.query(wanted.order_id); rows.next()) order = read(rows);
  if (!order) {
    wanted.outcome =
        refuse(errc::unknown_order, fmt::format("expected an order, but found none named {}", wanted.order_id));
    return;
  }
  if (!order->place || !order->place->is_claimed()) return;
  auto batch = find_batch_.query(wanted.batch_id);
  if (!batch.next() || batch.integer(0) != *order->place->batch) return;
  auto folded = find_folded_.query(order->number);
  if (!folded.next()) return;
  // It was claimed, so its due time had been taken from it: what it waits for stands in its state.
  const auto value = read_folded(folded.view(0));
  if (!value) {
    wanted.outcome = tl::unexpected(value.error());
    return;
  }
  const auto rest = rest_of(*value);
  change(*order, {rest.place, std::nullopt, rest.due, order->place->recoveries});
}

void sqlite_batches::perform(close_batch& wanted) {
  wanted.outcome = {};
  std::optional<std::int64_t> number;
  if (auto rows = find_batch_.query(wanted.batch_id); rows.next()) number = rows.integer(0);
  if (!number) return;
  close_batch_.run(*number, std::string_view(wanted.interrupted ? "interrupted" : "settled"), wanted.now,
                   to_text(json(wanted.settled)));
  for (const auto& order : read_all(find_claimed_.query(*number)))
    change(order, queued_again(order));
}

void sqlite_batches::perform(release_due& wanted) {
  wanted.outcome = {};
  wanted.released = 0;
  for (const auto& order : read_all(find_due_.query(wanted.now, wanted.limit))) {
    auto after = order.place.value_or(order_place{});
    after.due.reset();
    if (!after.is_claimed() && after.place == queue::none)
      after.place = order.is_begun ? queue::runnable : queue::pending;
    change(order, after);
    ++wanted.released;
  }
}

void sqlite_batches::perform(return_order& wanted) {
  wanted.outcome = {};
  wanted.recoveries = 0;
  std::optional<placed_order> order;
  if (auto rows = find_order_.query(wanted.order_id); rows.next()) order = read(rows);
  if (!order) {
    wanted.outcome =
        refuse(errc::unknown_order, fmt::format("expected an order, but found none named {}", wanted.order_id));
    return;
  }
  auto after = order->place.value_or(order_place{});
  if (wanted.crashed) ++after.recoveries;
  if (wanted.place != queue::none) {
    after.place = wanted.place;
    after.batch.reset();
    after.due.reset();
  }
  change(*order, after);
  wanted.recoveries = after.recoveries;
}

void sqlite_batches::perform(recover_orders& wanted) {
  wanted.outcome = {};
  wanted.interrupted_batches = wanted.recovered = wanted.alone = 0;
  for (auto rows = interrupt_batches_.query(wanted.now); rows.next();)
    ++wanted.interrupted_batches;
  for (const auto& order : read_all(find_all_claimed_.query())) {
    auto after = queued_again(order);
    if (wanted.count) ++after.recoveries;
    if (after.recoveries > wanted.recoveries_max) after.place = queue::alone;
    ++(after.place == queue::alone ? wanted.alone : wanted.recovered);
    change(order, after);
  }
}

} // namespace troupe::store
