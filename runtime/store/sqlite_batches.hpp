#pragma once

#include "runtime/store/sqlite_orders.hpp"

namespace troupe::store {

/// Carries out what moves orders between queues, batches and rest without an event of theirs.
class sqlite_batches {
public:
  sqlite_batches(sqlite_connection& connection, sqlite_state& state, sqlite_places& places);
  void perform(claim_orders& wanted);
  void perform(settle_order& wanted);
  void perform(close_batch& wanted);
  void perform(release_due& wanted);
  void perform(return_order& wanted);
  void perform(recover_orders& wanted);

private:
  struct placed_order {
    std::int64_t number = 0;
    std::string order_id;
    std::int64_t priority = 0;
    bool is_begun = false;
    std::optional<order_place> place;
  };
  static placed_order read(const sqlite_rows& rows);
  std::vector<placed_order> read_all(sqlite_rows rows);
  /// Its own queue again; what has begun since it was claimed is `runnable` now.
  static order_place queued_again(const placed_order& order);
  void change(const placed_order& order, const order_place& after);
  expected<std::int64_t> batch_for(const claim_orders& wanted, int size);

  sqlite_state& state_;
  sqlite_places& places_;
  sqlite_statement find_pending_;
  sqlite_statement find_order_;
  sqlite_statement find_claimed_;
  sqlite_statement find_all_claimed_;
  sqlite_statement find_due_;
  sqlite_statement find_folded_;
  sqlite_statement claim_;
  sqlite_statement find_batch_;
  sqlite_statement insert_batch_;
  sqlite_statement grow_batch_;
  sqlite_statement close_batch_;
  sqlite_statement interrupt_batches_;
};

} // namespace troupe::store
