#pragma once

#include "runtime/store/store.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace troupe::test {

/// What a memory_store holds: a value, so that a test may look at it, copy it and put it back.
struct stored_content {
  struct order_row {
    std::int64_t number = 0;
    std::shared_ptr<const engine::order> value;
    std::vector<engine::event> history;
    store::queue place = store::queue::none; ///< of a claimed order where it was taken from
    std::string batch_id;                    ///< empty: not claimed
    std::optional<time_point> due;
    int recoveries = 0;
  };
  std::map<std::string, order_row> orders;
  std::map<std::string, store::batch_record> batches;
  std::vector<blueprint::published> published;
  std::map<std::int64_t, store::outbox_record> outbox;
  std::vector<store::outbox_record> dead_letters;
  std::map<std::tuple<std::string, std::string, std::string>, store::request_record> requests;
  std::map<std::string, store::operation_record> operations;
  std::map<std::string, std::vector<store::operation_result>> results;
  std::uint64_t epoch = 0;
  std::int64_t last_number = 0;
  std::int64_t last_outbox = 0;
};

/// What becomes of one commit.
enum class commit_fate {
  durable,
  refused,            ///< `not_ready`, nothing happened
  unknown_done,       ///< `outcome_unknown`, and it has happened
  unknown_lost,       ///< `outcome_unknown`, and it has not
  acknowledged_early, ///< a planted bug: answered as durable, and lost if the process ends before the next commit
};

/// The store port in memory, for tests: deterministic, with commits that fail as the test says. Keeps the contract of
/// runtime/store/records.hpp; cursors are positions.
class memory_store : public store::place {
public:
  struct shared {
    stored_content content;                ///< as writers and readers see it
    std::optional<stored_content> durable; ///< what is left when the process ends, if that is less
    std::function<commit_fate(std::size_t number, std::span<store::operation> group)> fate; ///< empty: all durable
    std::function<bool(std::size_t number)> is_read_refused;                                ///< empty: none
    std::size_t commits = 0;
    std::size_t reads = 0;
    std::int64_t free_bytes = -1;
    bool is_openable = true;
  };

  memory_store() : shared_(std::make_shared<shared>()) {}
  expected<std::unique_ptr<store::writer>> open_writer() override;
  expected<std::unique_ptr<store::reader>> open_reader() override;

  shared& inside() { return *shared_; }
  stored_content& content() { return shared_->content; }
  /// What is not durable is gone, as when the process ends.
  void lose_what_is_not_durable() {
    if (shared_->durable) shared_->content = *std::exchange(shared_->durable, std::nullopt);
  }

private:
  std::shared_ptr<shared> shared_;
};

} // namespace troupe::test
