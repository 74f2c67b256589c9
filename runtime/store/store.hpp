#pragma once

#include "runtime/store/records.hpp"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace troupe::store {

/// Writes. One object, one thread.
class writer {
public:
  virtual ~writer() = default;

  /// Carries out every operation of the group, in order, in one transaction, durable when it returns. Each operation is
  /// judged for itself: a refused one leaves its reason in its `outcome`, changes nothing, and does not touch the
  /// others. The error is that of the whole group: `not_ready` (certainly nothing happened: disk full, busy, away),
  /// `outcome_unknown` (the connection was lost or the sync failed while committing: the object has opened its
  /// connection anew, whoever asked must load again).
  virtual expected<void> commit(std::span<operation> group) = 0;

  /// The epoch that this node holds for a shard; alone with SQLite all of them from `take_leases` on.
  virtual expected<std::vector<lease>> take_leases(const std::string& node) = 0;

  /// Bytes free for the store, or -1 where nobody can tell.
  virtual std::int64_t free_bytes() const = 0;

  /// Orders in the pending queue, kept up to date by `commit`.
  virtual std::int64_t pending() const = 0;
};

/// Reads, each from a consistent snapshot that contains everything acknowledged before the call. One object, one
/// thread; any number of objects. Pages have at most 1,000 items, newest first unless `ascending`, and may be shorter
/// than asked for although there are more (their texts are bounded): only an empty `next` is the end. A cursor belongs
/// to its list, filter and order; what comes in meanwhile moves nothing that it has passed. Errors: `not_ready`;
/// `unknown_order|unknown_batch|unknown_operation`; `invalid_request` for a cursor that is not one.
class reader {
public:
  virtual ~reader() = default;

  virtual expected<stored_order> order(const std::string& order_id) = 0;
  virtual expected<page<engine::event>> history(const std::string& order_id, const page_request& where) = 0;
  /// Whole orders; the caller leaves out what lists leave out. Newest first unless ascending, by submission.
  virtual expected<page<engine::order>> orders(const order_filter& filter, const page_request& where) = 0;
  virtual expected<std::vector<order_count>> counts() = 0;

  virtual expected<page<batch_record>> batches(const page_request& where) = 0;
  virtual expected<batch_record> batch(const std::string& batch_id) = 0;

  /// Everything published, oldest first.
  virtual expected<std::vector<blueprint::published>> published() = 0;
  virtual expected<std::optional<request_record>> request(const std::string& caller, const std::string& route,
                                                          const std::string& key) = 0;

  /// The first undelivered row of each order, due at or before `now`, by due time.
  virtual expected<std::vector<outbox_record>> outbox_due(time_point now, int limit) = 0;
  virtual expected<std::optional<time_point>> outbox_earliest() = 0;
  /// The earliest due instant of any order.
  virtual expected<std::optional<time_point>> earliest_due() = 0;

  virtual expected<operation_record> operation(const std::string& operation_id) = 0;
  virtual expected<std::vector<operation_record>> running_operations() = 0;
  virtual expected<page<operation_result>> operation_results(const std::string& operation_id,
                                                             const page_request& where) = 0;

  /// For `verify`: every order with its whole history, one at a time, in bounded memory; each is seen in one state of
  /// the store, the whole of them is not. What cannot be read is left out: `inconsistencies` names it.
  virtual expected<void> each_order(
      const std::function<void(const engine::order& stored, const std::vector<engine::event>& history)>& visit) = 0;
  /// For `verify`: what is wrong with the store itself, a sentence each, at most 1,000: a damaged file, orders that
  /// cannot be read, columns that are not as the folded state says, orders that could go on and stand nowhere, wrong
  /// counts.
  virtual expected<std::vector<std::string>> inconsistencies() { return std::vector<std::string>(); }
};

/// A place where orders are kept: `sqlite:path` (and `postgresql://...` later). Opening the writer applies the numbered
/// migrations of `deploy/schema/` under a lock; refuses with `newer_schema` a store from a newer version, with
/// `not_ready` what cannot be opened (says the path and why), with `invalid_request` a URL it does not know.
class place {
public:
  static expected<std::unique_ptr<place>> at(const std::string& url);
  virtual ~place() = default;
  virtual expected<std::unique_ptr<writer>> open_writer() = 0;
  virtual expected<std::unique_ptr<reader>> open_reader() = 0;
};

/// What `troupe verify` finds: orders whose folded state is not the fold of their events, gaps in sequences, events
/// after the end, and `reader::inconsistencies`.
struct verification {
  std::int64_t orders = 0;
  std::int64_t events = 0;
  std::vector<std::string> findings; ///< at most 1,000
};
expected<verification> verify(reader& from);

} // namespace troupe::store
