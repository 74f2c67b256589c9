#include "runtime/store/sqlite_state.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace troupe::store {

sqlite_state::sqlite_state(sqlite_connection& connection)
    : connection_(connection),
      add_count_(connection,
                 "INSERT INTO order_counts VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET count = count + ?3"),
      set_disorder_(connection, "UPDATE facts SET value = ?1 WHERE name = 'created_disorder'") {
  sqlite_statement leases(connection, "SELECT shard, epoch FROM leases");
  for (auto rows = leases.query(); rows.next();)
    epochs_.at(static_cast<std::size_t>(rows.integer(0))) = static_cast<std::uint64_t>(rows.integer(1));
  tally_.order = connection.number("SELECT max(number) FROM orders");
  tally_.outbox = std::max(connection.number("SELECT max(id) FROM outbox"),
                           connection.number("SELECT max(source_id) FROM dead_letters WHERE source = 'outbox'"));
  tally_.batch = connection.number("SELECT max(number) FROM batches");
  tally_.pending = connection.number(
      "SELECT count(*) FROM places INDEXED BY places_queued WHERE batch IS NULL AND place > 0 AND place = 1");
  tally_.created_disorder = connection.number("SELECT value FROM facts WHERE name = 'created_disorder'");
  // At least as high as any: the highest is found only by reading all orders.
  tally_.created_highest =
      connection.number("SELECT created_at FROM orders ORDER BY number DESC LIMIT 1") + tally_.created_disorder;
}

expected<void> sqlite_state::check(const lease& under, std::string_view order_id) const {
  const auto shard = shard_of(order_id);
  if (under.shard != shard)
    return refuse(errc::stale_epoch, fmt::format("order {}: expected the lease of shard {}, but found that of {}",
                                                 order_id, shard, under.shard));
  const auto epoch = epochs_[static_cast<std::size_t>(shard)];
  if (under.epoch == 0 || under.epoch != epoch)
    return refuse(errc::stale_epoch, fmt::format("order {}: expected epoch {} of shard {}, but found {}", order_id,
                                                 epoch, shard, under.epoch));
  return {};
}

void sqlite_state::take_leases(const std::string& node) {
  sqlite_statement take(connection_, "UPDATE leases SET epoch = epoch + 1, node = ?1");
  take.run(node);
  for (auto& epoch : epochs_)
    ++epoch;
}

std::vector<lease> sqlite_state::leases() const {
  std::vector<lease> all;
  for (int shard = 0; shard < shard_count; ++shard)
    all.push_back({shard, epochs_[static_cast<std::size_t>(shard)]});
  return all;
}

void sqlite_state::count(const std::string& workflow, engine::status status, int change) {
  tally_.counted[workflow][static_cast<std::size_t>(status)] += change;
}

void sqlite_state::count_created(time_point created_at) {
  const auto at = created_at.time_since_epoch().count();
  tally_.created_highest = std::max(tally_.created_highest, std::int64_t{at});
  if (tally_.created_highest - at <= tally_.created_disorder) return;
  tally_.created_disorder = tally_.created_highest - at;
  tally_.is_disorder_new = true;
}

void sqlite_state::flush() {
  for (const auto& [workflow, changes] : tally_.counted)
    for (std::size_t status = 0; status < changes.size(); ++status)
      if (changes[status] != 0)
        add_count_.run(workflow, engine::to_string(static_cast<engine::status>(status)), changes[status]);
  tally_.counted.clear();
  if (tally_.is_disorder_new) set_disorder_.run(tally_.created_disorder);
  tally_.is_disorder_new = false;
}

void sqlite_state::fence() {
  connection_.execute("BEGIN IMMEDIATE; UPDATE facts SET value = value + 1 WHERE name = 'fences'; COMMIT");
}

} // namespace troupe::store
