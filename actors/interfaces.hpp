#pragma once

#include "actors/types.hpp"
#include "runtime/blueprint/catalogue.hpp"
#include "runtime/engine/engine.hpp"
#include "runtime/http/client.hpp"
#include "runtime/http/server.hpp"
#include "runtime/store/store.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/default_enum_inspect.hpp>
#include <caf/error.hpp>
#include <caf/is_error_code_enum.hpp>
#include <caf/result.hpp>
#include <caf/string_view.hpp>
#include <caf/typed_actor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

/// The map of the running system: every actor and every message. All messages here stay on their node (what crosses
/// nodes comes with the cluster).
///
/// Errors of troupe (refusals, the environment) travel as values inside the answers, `troupe::expected`; CAF's own
/// errors mean that an actor is gone.
///
///   gateway ──store_write──▶ store ◀──store_write── order ──perform_call──▶ webhook
///      │                       ▲                      │  ◀───call_done──────┘
///      └─execute_command─▶ supervisor "orders" ◀──────┤ hold_retry
///                              │ wake_lanes           │ order_settled
///                              ▼                      ▼
///                          batch_coordinator × (lanes + 1), parents of the orders
namespace troupe::actors {

using order_ptr = std::shared_ptr<const engine::order>;

/// Why an actor of ours ended, besides CAF's own reasons: what its parent is to make of it.
enum class quit_reason : std::uint8_t {
  load_again = 1, ///< it cannot know what is stored: spawn it again from the store; nobody is to blame
  not_ours,       ///< somebody else performs the order, or the shard's lease has moved on: leave it
  crashed,        ///< a bug showed itself; logged where it happened
  gave_up,        ///< restarted too often: the node cannot go on
};
std::string to_string(quit_reason value);
bool from_string(caf::string_view text, quit_reason& value);
bool from_integer(std::uint8_t number, quit_reason& value);
template <class Inspector> bool inspect(Inspector& inspector, quit_reason& value) {
  return caf::default_enum_inspect(inspector, value);
}

// ---------------------------------------------------------------- order

/// A command for one order, from the gateway or an operation; answered when it is durable.
struct execute_command {
  std::string order_id;
  engine::command wanted;
  std::optional<store::request_record>
      request; ///< Idempotency-Key; status and answer are filled from the order when it is decided
};
struct command_result {
  expected<order_ptr> order;
  bool deferred = false;
};
/// What became of one try. From the webhook transport's event loop.
struct call_done {
  int visit;
  engine::action_kind kind;
  std::string action;
  int attempt;
  time_point started_at;
  tl::expected<http::answer, http::call_error> answer;
};
/// A short retry is due. From the supervisor.
struct go_again {};
/// The webhook transport was started again: tries that it had under way are made once more, with the same key. From the
/// supervisor of the services down the tree to every performer: each parent knows its children, so none is left out.
struct calls_lost {};

/// One live order; the only writer of its history. Spawned by a batch_coordinator (performs it until it settles) or by
/// the supervisor (for one command).
using order_actor = caf::typed_actor<
    // Decides, records, answers; then goes on. Errors: those of engine::decide and of the append.
    caf::result<command_result>(execute_command),
    // The outcome of the try under way; any other is dropped with a log line.
    caf::result<void>(call_done), caf::result<void>(go_again), caf::result<void>(calls_lost)>;

// ---------------------------------------------------------------- batch coordinator

struct started_order {
  std::string order_id;
  order_actor handle;
};
/// An order has ended or parked; its actor is about to quit. From the order to its parent, and from there to the
/// supervisor.
struct order_settled {
  std::string order_id;
  engine::status status;
  order_ptr order = {};        ///< as it was recorded last
  caf::actor_id performer = 0; ///< whose report this is
};
/// Look for orders now, for one was put into the queue. Answered when the coordinator has nothing more to do: one lane
/// after the other is woken, not all for one order.
struct look_now {};
/// Take no more; answer when the last order has settled or been given back.
struct stop_now {};

/// Parent of its orders: takes up to N, spawns and watches an order for each, awaits that every one has settled, closes
/// the batch, looks again.
using batch_coordinator_actor = caf::typed_actor<caf::result<void>(look_now), caf::result<void>(order_settled),
                                                 caf::result<void>(calls_lost), caf::result<void>(stop_now)>;

// ---------------------------------------------------------------- supervisor "orders"

struct orders_started {
  std::vector<started_order> orders;
};
/// From a coordinator whose child crashed: what now?
struct order_crashed {
  std::string order_id;
  std::string reason;
};
struct crash_verdict {
  bool escalate = false; ///< else spawn it again from the store
  int recoveries = 0;
};
/// Say `go_again` to this order at `due`.
struct hold_retry {
  order_actor who;
  time_point due;
};
/// Answered when the order has settled, or at `deadline`, with the order as it is then.
struct await_settled {
  std::string order_id;
  time_point deadline;
};
struct settled_result {
  expected<order_ptr> order;
};
/// There is something in this queue.
struct wake_lanes {
  store::queue queue = store::queue::pending;
};

/// Applies the policies; knows which orders are live; sends commands to them or spawns an order for each.
using supervisor_actor = caf::typed_actor<
    caf::result<command_result>(execute_command), caf::result<void>(orders_started), caf::result<void>(order_settled),
    caf::result<crash_verdict>(order_crashed), caf::result<void>(hold_retry),
    caf::result<settled_result>(await_settled), caf::result<void>(wake_lanes), caf::result<void>(calls_lost),
    // Orderly end: no more orders are taken, those under way finish within the grace or are given back.
    caf::result<void>(stop_now)>;

// ---------------------------------------------------------------- store and reader

/// One operation for the next group commit. The operation is filled with its outcome; the answer comes when it is
/// durable. While the store is away, outcomes of orders wait here (bounded) and submissions are refused with
/// `not_ready`.
struct store_write {
  std::shared_ptr<store::operation> operation;
};
/// Commit what has gathered.
struct store_flush {};

/// The blocking writer on a thread of its own: group commit.
using store_actor = caf::typed_actor<caf::result<store_write>(store_write), caf::result<void>(store_flush)>;

struct read_order {
  std::string order_id;
};
struct order_answer {
  expected<store::stored_order> value;
};
struct read_history {
  std::string order_id;
  store::page_request where;
};
struct history_answer {
  expected<store::page<engine::event>> value;
};
struct read_orders {
  store::order_filter filter;
  store::page_request where;
};
struct orders_answer {
  expected<store::page<engine::order>> value;
};
struct read_batches {
  store::page_request where;
};
struct batches_answer {
  expected<store::page<store::batch_record>> value;
};
struct read_batch {
  std::string batch_id;
};
struct batch_answer {
  expected<store::batch_record> value;
};
struct read_operation {
  std::string operation_id;
};
struct operation_answer {
  expected<store::operation_record> value;
};
struct read_operation_results {
  std::string operation_id;
  store::page_request where;
};
struct operation_results_answer {
  expected<store::page<store::operation_result>> value;
};
struct read_running_operations {};
struct running_operations_answer {
  expected<std::vector<store::operation_record>> value;
};
struct read_request {
  std::string caller, route, key;
};
struct request_answer {
  expected<std::optional<store::request_record>> value;
};
struct read_outbox {
  time_point now;
  int limit;
};
struct outbox_answer {
  expected<std::vector<store::outbox_record>> value;
  expected<std::optional<time_point>> earliest;
};
struct read_due {};
struct due_answer {
  expected<std::optional<time_point>> value;
};
struct read_published {};
struct published_answer {
  expected<std::vector<blueprint::published>> value;
};

/// Blocking reads on a thread of its own; several of them stand side by side.
using reader_actor =
    caf::typed_actor<caf::result<order_answer>(read_order), caf::result<history_answer>(read_history),
                     caf::result<orders_answer>(read_orders), caf::result<batches_answer>(read_batches),
                     caf::result<batch_answer>(read_batch), caf::result<operation_answer>(read_operation),
                     caf::result<operation_results_answer>(read_operation_results),
                     caf::result<running_operations_answer>(read_running_operations),
                     caf::result<request_answer>(read_request), caf::result<outbox_answer>(read_outbox),
                     caf::result<due_answer>(read_due), caf::result<published_answer>(read_published)>;

// ---------------------------------------------------------------- services

/// Prepare, make durable, admit: one after the other, so that versions are without gaps.
struct publish_definition {
  blueprint::published_kind kind;
  std::string id;
  json document; ///< of a function: its source as a string
  std::string comment;
  std::string by;
  std::optional<store::request_record> request; ///< of an `Idempotency-Key`; `fill` puts the answer in
  std::function<void(const blueprint::publication&, store::request_record&)> fill = {};
};
struct publish_answer {
  expected<blueprint::publication> value;
};
using registry_actor = caf::typed_actor<caf::result<publish_answer>(publish_definition)>;

/// One try of one action: `call_done` goes to `reply_to` exactly once, within the call's timeout; not if the transport
/// ends before: then `calls_lost` comes.
struct perform_call {
  engine::rendered_call call;
  order_actor reply_to;
  int visit;
  engine::action_kind kind;
  std::string action;
  int attempt;
};
struct notification_done {
  std::int64_t id;
  bool delivered;
  std::string cause;
};
/// Some append left rows in the outbox.
struct outbox_changed {};
/// Callbacks and notifications: in order for each order, at least once, retried, given up after a bound.
using outbox_actor = caf::typed_actor<caf::result<void>(outbox_changed), caf::result<void>(notification_done)>;

/// One notification out of the outbox: `notification_done` goes to `reply_to` exactly once, within the call's timeout.
struct deliver_notification {
  std::int64_t id;
  engine::rendered_call call;
  outbox_actor reply_to;
};
/// Bytes in and out, deadlines: runtime/http's client as an actor.
using webhook_actor = caf::typed_actor<caf::result<void>(perform_call), caf::result<void>(deliver_notification)>;

/// An order is due at this instant: it may be earlier than what the timer waits for.
struct due_changed {
  time_point due;
};
/// The earliest due instants, from the store; puts what is due into its queue and wakes the lanes.
using timer_actor = caf::typed_actor<caf::result<void>(due_changed)>;

/// Parent of all services and of the supervisor of the orders: starts again what dies, within a bound, then gives up
/// loudly. `stop_now` is answered when all have ended in order.
using services_supervisor_actor = caf::typed_actor<caf::result<void>(stop_now)>;

/// Bulk reprocessing.
struct start_operation {
  store::operation_record record;
  std::optional<store::request_record> request;
};
struct operation_step {
  std::string operation_id;
};
/// An operator's word on a bulk operation. Errors: `unknown_operation`, `not_possible`.
struct control_operation {
  std::string operation_id;
  std::string verb; ///< pause, resume, cancel
};
/// Performs bulk operations page by page, at their rate; goes on with those that a restart interrupted.
using operations_actor =
    caf::typed_actor<caf::result<operation_answer>(start_operation), caf::result<operation_answer>(control_operation),
                     caf::result<void>(operation_step)>;

/// One HTTP request and where its answer goes.
struct http_call {
  std::shared_ptr<http::request> request;
  std::shared_ptr<http::responder> answer;
};
/// A bulk submission.
struct http_stream {
  std::shared_ptr<http::request> head;
  std::shared_ptr<http::stream> body;
};
struct stream_chunk {
  expected<std::string> bytes;
};
/// HTTP on one side, messages on the other; knows no rule of the engine. Several stand side by side.
using gateway_actor = caf::typed_actor<caf::result<void>(http_call), caf::result<void>(http_stream)>;
/// One bulk submission under way: reads lines, keeps a window of submissions in flight, writes results in order.
using bulk_actor = caf::typed_actor<caf::result<void>(stream_chunk)>;

} // namespace troupe::actors

#define TROUPE_LOCAL_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::type)
TROUPE_LOCAL_MESSAGE(execute_command)
TROUPE_LOCAL_MESSAGE(command_result)
TROUPE_LOCAL_MESSAGE(call_done)
TROUPE_LOCAL_MESSAGE(go_again)
TROUPE_LOCAL_MESSAGE(orders_started)
TROUPE_LOCAL_MESSAGE(order_settled)
TROUPE_LOCAL_MESSAGE(order_crashed)
TROUPE_LOCAL_MESSAGE(crash_verdict)
TROUPE_LOCAL_MESSAGE(hold_retry)
TROUPE_LOCAL_MESSAGE(await_settled)
TROUPE_LOCAL_MESSAGE(settled_result)
TROUPE_LOCAL_MESSAGE(wake_lanes)
TROUPE_LOCAL_MESSAGE(look_now)
TROUPE_LOCAL_MESSAGE(store_write)
TROUPE_LOCAL_MESSAGE(store_flush)
TROUPE_LOCAL_MESSAGE(read_order)
TROUPE_LOCAL_MESSAGE(read_history)
TROUPE_LOCAL_MESSAGE(read_orders)
TROUPE_LOCAL_MESSAGE(read_batches)
TROUPE_LOCAL_MESSAGE(read_batch)
TROUPE_LOCAL_MESSAGE(read_operation)
TROUPE_LOCAL_MESSAGE(read_operation_results)
TROUPE_LOCAL_MESSAGE(read_request)
TROUPE_LOCAL_MESSAGE(read_outbox)
TROUPE_LOCAL_MESSAGE(read_due)
TROUPE_LOCAL_MESSAGE(read_published)
TROUPE_LOCAL_MESSAGE(read_running_operations)
TROUPE_LOCAL_MESSAGE(order_answer)
TROUPE_LOCAL_MESSAGE(history_answer)
TROUPE_LOCAL_MESSAGE(orders_answer)
TROUPE_LOCAL_MESSAGE(batches_answer)
TROUPE_LOCAL_MESSAGE(batch_answer)
TROUPE_LOCAL_MESSAGE(operation_answer)
TROUPE_LOCAL_MESSAGE(operation_results_answer)
TROUPE_LOCAL_MESSAGE(request_answer)
TROUPE_LOCAL_MESSAGE(outbox_answer)
TROUPE_LOCAL_MESSAGE(due_answer)
TROUPE_LOCAL_MESSAGE(published_answer)
TROUPE_LOCAL_MESSAGE(running_operations_answer)
TROUPE_LOCAL_MESSAGE(publish_definition)
TROUPE_LOCAL_MESSAGE(publish_answer)
TROUPE_LOCAL_MESSAGE(perform_call)
TROUPE_LOCAL_MESSAGE(deliver_notification)
TROUPE_LOCAL_MESSAGE(notification_done)
TROUPE_LOCAL_MESSAGE(outbox_changed)
TROUPE_LOCAL_MESSAGE(due_changed)
TROUPE_LOCAL_MESSAGE(start_operation)
TROUPE_LOCAL_MESSAGE(operation_step)
TROUPE_LOCAL_MESSAGE(http_call)
TROUPE_LOCAL_MESSAGE(http_stream)
TROUPE_LOCAL_MESSAGE(stream_chunk)
TROUPE_LOCAL_MESSAGE(stop_now)
TROUPE_LOCAL_MESSAGE(control_operation)
TROUPE_LOCAL_MESSAGE(calls_lost)
CAF_ERROR_CODE_ENUM(troupe::actors::quit_reason)
