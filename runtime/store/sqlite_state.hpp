#pragma once

#include "runtime/engine/order.hpp"
#include "runtime/store/records.hpp"
#include "runtime/store/sqlite_connection.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace troupe::store {

/// What the one writer keeps in memory of its store, so that a group need not read it. Belongs to a connection: read
/// from it when that is opened and whenever a group was undone.
class sqlite_state {
public:
  explicit sqlite_state(sqlite_connection& connection);

  /// Refuses with `stale_epoch` a lease that is not the newest of the order's shard.
  expected<void> check(const lease& under, std::string_view order_id) const;
  void take_leases(const std::string& node);
  std::vector<lease> leases() const;

  std::int64_t next_order() { return ++tally_.order; }
  std::int64_t next_outbox() { return ++tally_.outbox; }
  std::int64_t next_batch() { return ++tally_.batch; }

  /// An order was created, or came from one status to another.
  void count(const std::string& workflow, engine::status status, int change);
  void count_created(time_point created_at);
  void count_pending(int change) { tally_.pending += change; }
  std::int64_t pending() const { return tally_.pending; }

  /// What an operation changes here, to be put back if it is undone alone.
  struct tally {
    std::int64_t order = 0; ///< the last number given away; so are the next two
    std::int64_t outbox = 0;
    std::int64_t batch = 0;
    std::int64_t pending = 0;
    std::int64_t created_highest = 0;
    std::int64_t created_disorder = 0;
    bool is_disorder_new = false;
    std::unordered_map<std::string, std::array<std::int64_t, 9>> counted; ///< workflow -> change of each status
  };
  const tally& counted() const { return tally_; }
  void put_back(tally earlier) { tally_ = std::move(earlier); }

  /// Writes what was counted; the last thing in a group.
  void flush();
  /// Makes a group that may or may not lie in the file certainly not lie there: what is written now takes its place.
  void fence();

private:
  sqlite_connection& connection_;
  std::array<std::uint64_t, shard_count> epochs_{};
  tally tally_;
  sqlite_statement add_count_;
  sqlite_statement set_disorder_;
};

} // namespace troupe::store
