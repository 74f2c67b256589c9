#pragma once

#include "runtime/base/ids.hpp"
#include "runtime/blueprint/catalogue.hpp"
#include "runtime/engine/engine.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace troupe::store {

/// Where an order waits for an actor. Columns, not JSON: coordinators and timers look for them.
enum class queue { none = 0, pending = 1, runnable = 2, alone = 3 };

/// The first answer to a write with an `Idempotency-Key`, given again to its repeats for a day.
struct request_record {
  std::string caller;
  std::string route;
  std::string key;
  std::string body_hash; ///< SHA-256 of the canonical body: another body under the key is refused
  int status = 0;
  std::string answer;
  std::string location;
  time_point at{};
};

struct outbox_record {
  std::int64_t id = 0; ///< rises with the order of recording
  std::string order_id;
  std::string workflow;
  int version = 0;
  std::string target;           ///< `callback`, `notify`, `escalate`: which handler of the blueprint
  std::string notification;     ///< JSON text
  std::string inline_blueprint; ///< JSON text of the order's own definition, or empty
  int attempts = 0;
  time_point due{};
};

/// Row identity of a shard's lease: an append made under an older epoch is refused.
struct lease {
  int shard = 0;
  std::uint64_t epoch = 0;
};

// ---------------------------------------------------------------- operations of a group commit; each carries its own
// outcome

/// Events, the new folded state, its outbox rows, its due time and its place in a queue: all or nothing.
/// Outcomes: `duplicate_order` (a new order whose id is taken; then `existing_hash` says with what request), `conflict`
/// (the stored sequence is another), `stale_epoch`, `unknown_order`, `idempotency_conflict` (the key of `request` is
/// taken: look it up again).
struct append {
  lease under;                         ///< of a submission only the shard counts: it needs no lease
  std::uint64_t expected_sequence = 0; ///< before these events; 0: a new order
  std::shared_ptr<const engine::order> after;
  std::vector<engine::event> events;
  std::string folded;  ///< folded_text(*after), made by the sender so that the writer's thread need not
  std::string history; ///< `events` as text, likewise: one JSON array of `[time, type, by, data]` an event
  std::vector<outbox_record> outbox;
  queue place = queue::none;
  std::optional<time_point> due; ///< when the timer is to look at it: a long retry, `not_before`
  std::optional<request_record> request;
  bool progress = true; ///< sets the count of recoveries back to 0
  /// Made by the actor that performs the order (`claim_orders`). One that is not (a submission, a command for an order
  /// at rest) leaves `place` as it is stored if the stored order is claimed and not settled by these events: its
  /// performer will see the new sequence by a `conflict`.
  bool live = false;
  // out
  expected<void> outcome{};
  std::string existing_hash{};
};

/// Fills `place`, `due`, `folded`, `history` and the outbox rows of an append from what was decided. `live` is true if
/// an actor goes on with the order.
append make_append(lease under, std::uint64_t expected_sequence, engine::decision decided,
                   const std::vector<json>& notifications, bool live);

/// An order as it is stored, whole.
struct stored_order {
  engine::order value;
  int recoveries = 0;
  queue place = queue::none;
  std::string batch_id;
};

/// An order as a claim hands it out: still text, so that whoever performs it reads it and not the writer's thread.
struct claimed_order {
  std::string order_id;
  std::string folded;
  std::string batch_id;
  int recoveries = 0;
};
/// Refuses with `internal` what no order can be read from.
expected<stored_order> read_claimed(const claimed_order& from);

/// Opens a batch and takes up to `limit` orders of a queue for it: highest priority first, then by order of submission.
/// None there: no batch is opened. An order that was taken is *claimed*, whatever its status: it is in no queue, and
/// `stored_order::batch_id` names the batch until the claim ends. Any append after which the order is settled
/// (`engine::is_settled`) or in a queue ends it, and so do `settle_order`, `return_order` into a queue, `close_batch`
/// and `recover_orders`; then `batch_id` is empty again.
struct claim_orders {
  std::string batch_id;
  std::string node;
  std::string lane;
  queue from = queue::pending;
  int limit = 0;
  int shard_first = 0; ///< inclusive
  int shard_last = shard_count - 1;
  time_point now{};
  bool open_batch = true; ///< the runnable lane's sliding claims join the batch that is open
  // out
  expected<void> outcome{};
  std::vector<claimed_order> taken{}; ///< in the order of claiming
};

/// Ends the claim of an order that was found settled without an append of its performer. Changes nothing if the order
/// is not claimed by this batch.
struct settle_order {
  std::string batch_id;
  std::string order_id;
  std::string status;
  time_point now{};
  expected<void> outcome{};
};

/// Writes down how a batch ended. Orders that it still claims (it was given up) go back into a queue, not counted as
/// recovered. Closing one that is closed or was never opened changes nothing.
struct close_batch {
  std::string batch_id;
  std::map<std::string, int> settled; ///< status -> how many
  bool interrupted = false;
  time_point now{};
  expected<void> outcome{};
};

/// Orders whose due time has come are put into their queue: pending ones into `pending`, others into `runnable`.
struct release_due {
  time_point now{};
  int limit = 1000;
  expected<void> outcome{};
  int released = 0;
};

/// Puts one order back into a queue (its actor crashed or was given up in order), counting a recovery if `crashed`.
/// `place` none: it stays claimed where it is, only the recovery is counted.
struct return_order {
  std::string order_id;
  queue place = queue::runnable;
  bool crashed = false;
  expected<void> outcome{};
  int recoveries = 0;
};

/// At start, for orders that were being performed when the process ended: batches found open are closed as interrupted;
/// claimed orders go back into a queue (those that never began into `pending`), with their recoveries counted; those
/// beyond `recoveries_max` into `alone`.
struct recover_orders {
  std::string node;
  int recoveries_max = 5;
  bool count = true; ///< false at an orderly end: nobody is to blame
  time_point now{};
  expected<void> outcome{};
  int interrupted_batches = 0;
  int recovered = 0;
  int alone = 0;
};

/// Outbox rows that were delivered: removed; the next of the same order becomes due.
struct finish_outbox {
  std::vector<std::int64_t> ids;
  time_point now{};
  expected<void> outcome{};
};
/// One that was not: its attempts are counted and it is due later; with `give_up` it becomes a dead letter and the next
/// of its order due.
struct retry_outbox {
  std::int64_t id = 0;
  time_point due{};
  std::string cause;
  bool give_up = false;
  time_point now{};
  expected<void> outcome{};
};

struct publish {
  blueprint::published record;
  std::optional<request_record> request;
  expected<void> outcome{}; ///< `version_conflict` if that version exists
};

/// A bulk operation (http-api.md, `operation`); `work` is its filter or ids and what to do, as JSON.
struct operation_record {
  std::string operation_id;
  std::string kind;
  std::string status; ///< running, paused, completed, cancelled
  std::int64_t total = 0, done = 0, refused = 0;
  time_point created_at{};
  std::optional<time_point> ended_at;
  bool dry_run = false;
  std::string by;
  json work;
  std::string cursor; ///< how far it has come
};
struct operation_result {
  std::string order_id;
  std::string result;
  json problem;
};
/// Creates or updates an operation and adds results.
struct save_operation {
  operation_record record;
  std::vector<operation_result> results;
  std::optional<request_record> request;
  expected<void> outcome{};
};

/// Removes `requests` older than a day, at most `limit`.
struct forget_requests {
  time_point before{};
  int limit = 1000;
  expected<void> outcome{};
};

using operation = std::variant<append, claim_orders, settle_order, close_batch, release_due, return_order,
                               recover_orders, finish_outbox, retry_outbox, publish, save_operation, forget_requests>;

// ---------------------------------------------------------------- reads

/// http-api.md, `GET /v1/orders`.
struct order_filter {
  std::vector<std::string> status;
  std::string workflow;
  std::optional<int> version;
  std::string state;
  std::vector<std::pair<std::string, std::string>> labels;
  std::string group;
  std::string error;
  std::optional<time_point> created_after, created_before, updated_after, updated_before;
};

template <class Item> struct page {
  std::vector<Item> items;
  std::string next; ///< opaque, `[A-Za-z0-9_-]+`; empty: no more
};

struct page_request {
  std::string cursor;
  int limit = 100;
  bool ascending = false;
};

struct batch_record {
  std::string batch_id, node, lane, status;
  int size = 0;
  time_point started_at{};
  std::optional<time_point> ended_at;
  std::map<std::string, int> settled;
};

struct order_count {
  std::string workflow;
  std::string status;
  std::int64_t count;
};

} // namespace troupe::store
