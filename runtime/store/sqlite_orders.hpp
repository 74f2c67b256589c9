#pragma once

#include "runtime/store/sqlite_state.hpp"

namespace troupe::store {

/// An order's row in `places`; as it stands here there is none.
struct order_place {
  queue place = queue::none; ///< of a claimed order: where it was taken from
  std::optional<std::int64_t> batch;
  std::optional<time_point> due;
  int recoveries = 0;

  bool is_claimed() const { return batch.has_value(); }
  bool is_pending() const { return place == queue::pending && !batch; }
  bool operator==(const order_place&) const = default;
};

/// The rows of `places`, and the count of pending orders with them.
class sqlite_places {
public:
  sqlite_places(sqlite_connection& connection, sqlite_state& state);
  void insert(std::int64_t number, std::string_view order_id, std::int64_t priority, const order_place& place);
  /// Writes what has changed, the row's coming and going included. `before` is null if there is no row.
  void change(std::int64_t number, std::string_view order_id, std::int64_t priority,
              const std::optional<order_place>& before, const order_place& after);

private:
  sqlite_state& state_;
  sqlite_statement insert_;
  sqlite_statement update_;
  sqlite_statement erase_;
};

/// Answers already given to writes with an `Idempotency-Key`.
class sqlite_requests {
public:
  explicit sqlite_requests(sqlite_connection& connection);
  /// Refuses with `idempotency_conflict` if the key is taken.
  expected<void> check(const std::optional<request_record>& request);
  void insert(const std::optional<request_record>& request);
  void perform(forget_requests& wanted);

private:
  sqlite_statement find_;
  sqlite_statement insert_;
  sqlite_statement forget_;
};

/// Carries out appends.
class sqlite_orders {
public:
  sqlite_orders(sqlite_connection& connection, sqlite_state& state, sqlite_places& places, sqlite_requests& requests);
  void perform(append& wanted);

private:
  /// What is compared with an append before anything is written.
  struct found_order {
    std::int64_t number = 0;
    std::uint64_t sequence = 0;
    engine::status status = engine::status::pending;
    std::string error;
    std::optional<order_place> place;
  };
  std::optional<found_order> find(const std::string& order_id);
  expected<void> create(append& wanted);
  expected<void> extend(append& wanted);
  void insert_labels(std::int64_t number, const json& labels);
  void insert_history(std::int64_t number, const append& wanted);
  std::string hash_of(std::int64_t number);

  sqlite_state& state_;
  sqlite_places& places_;
  sqlite_requests& requests_;
  sqlite_statement find_;
  sqlite_statement insert_;
  sqlite_statement update_;
  sqlite_statement update_indexed_;
  sqlite_statement insert_label_;
  sqlite_statement insert_events_;
  sqlite_statement insert_outbox_;
  sqlite_statement find_outbox_;
  sqlite_statement find_folded_;
};

} // namespace troupe::store
