#pragma once

#include <caf/type_id.hpp>

#include <cstdint>

/// Every message type that the actors exchange has its number here. Positional and on the wire: append only, never
/// reorder or remove.
namespace troupe::actors {

struct execute_command;
struct command_result;
struct call_done;
struct go_again;
struct orders_started;
struct order_settled;
struct order_crashed;
struct crash_verdict;
struct hold_retry;
struct await_settled;
struct settled_result;
struct wake_lanes;
struct look_now;
struct store_write;
struct store_flush;
struct read_order;
struct read_history;
struct read_orders;
struct read_batches;
struct read_batch;
struct read_operation;
struct read_operation_results;
struct read_request;
struct read_outbox;
struct read_due;
struct read_published;
struct read_running_operations;
struct order_answer;
struct history_answer;
struct orders_answer;
struct batches_answer;
struct batch_answer;
struct operation_answer;
struct operation_results_answer;
struct request_answer;
struct outbox_answer;
struct due_answer;
struct published_answer;
struct running_operations_answer;
struct publish_definition;
struct publish_answer;
struct perform_call;
struct deliver_notification;
struct notification_done;
struct outbox_changed;
struct due_changed;
struct start_operation;
struct operation_step;
struct http_call;
struct http_stream;
struct stream_chunk;
struct stop_now;
struct control_operation;
struct calls_lost;
enum class quit_reason : std::uint8_t;

} // namespace troupe::actors

#define TROUPE_ADD_MESSAGE(type) CAF_ADD_TYPE_ID(troupe, (troupe::actors::type))

CAF_BEGIN_TYPE_ID_BLOCK(troupe, caf::first_custom_type_id)
TROUPE_ADD_MESSAGE(execute_command)
TROUPE_ADD_MESSAGE(command_result)
TROUPE_ADD_MESSAGE(call_done)
TROUPE_ADD_MESSAGE(go_again)
TROUPE_ADD_MESSAGE(orders_started)
TROUPE_ADD_MESSAGE(order_settled)
TROUPE_ADD_MESSAGE(order_crashed)
TROUPE_ADD_MESSAGE(crash_verdict)
TROUPE_ADD_MESSAGE(hold_retry)
TROUPE_ADD_MESSAGE(await_settled)
TROUPE_ADD_MESSAGE(settled_result)
TROUPE_ADD_MESSAGE(wake_lanes)
TROUPE_ADD_MESSAGE(look_now)
TROUPE_ADD_MESSAGE(store_write)
TROUPE_ADD_MESSAGE(store_flush)
TROUPE_ADD_MESSAGE(read_order)
TROUPE_ADD_MESSAGE(read_history)
TROUPE_ADD_MESSAGE(read_orders)
TROUPE_ADD_MESSAGE(read_batches)
TROUPE_ADD_MESSAGE(read_batch)
TROUPE_ADD_MESSAGE(read_operation)
TROUPE_ADD_MESSAGE(read_operation_results)
TROUPE_ADD_MESSAGE(read_request)
TROUPE_ADD_MESSAGE(read_outbox)
TROUPE_ADD_MESSAGE(read_due)
TROUPE_ADD_MESSAGE(read_published)
TROUPE_ADD_MESSAGE(read_running_operations)
TROUPE_ADD_MESSAGE(order_answer)
TROUPE_ADD_MESSAGE(history_answer)
TROUPE_ADD_MESSAGE(orders_answer)
TROUPE_ADD_MESSAGE(batches_answer)
TROUPE_ADD_MESSAGE(batch_answer)
TROUPE_ADD_MESSAGE(operation_answer)
TROUPE_ADD_MESSAGE(operation_results_answer)
TROUPE_ADD_MESSAGE(request_answer)
TROUPE_ADD_MESSAGE(outbox_answer)
TROUPE_ADD_MESSAGE(due_answer)
TROUPE_ADD_MESSAGE(published_answer)
TROUPE_ADD_MESSAGE(running_operations_answer)
TROUPE_ADD_MESSAGE(publish_definition)
TROUPE_ADD_MESSAGE(publish_answer)
TROUPE_ADD_MESSAGE(perform_call)
TROUPE_ADD_MESSAGE(deliver_notification)
TROUPE_ADD_MESSAGE(notification_done)
TROUPE_ADD_MESSAGE(outbox_changed)
TROUPE_ADD_MESSAGE(due_changed)
TROUPE_ADD_MESSAGE(start_operation)
TROUPE_ADD_MESSAGE(operation_step)
TROUPE_ADD_MESSAGE(http_call)
TROUPE_ADD_MESSAGE(http_stream)
TROUPE_ADD_MESSAGE(stream_chunk)
TROUPE_ADD_MESSAGE(stop_now)
TROUPE_ADD_MESSAGE(control_operation)
TROUPE_ADD_MESSAGE(calls_lost)
TROUPE_ADD_MESSAGE(quit_reason)
CAF_END_TYPE_ID_BLOCK(troupe)
