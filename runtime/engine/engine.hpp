#pragma once

#include "runtime/blueprint/model.hpp"
#include "runtime/engine/command.hpp"
#include "runtime/engine/order.hpp"

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The engine: pure functions over values. No clock, no randomness, no I/O, no memory of its own; the time is passed
/// in.
namespace troupe::engine {

/// What templates may read besides the order: the configuration's whitelist and the secrets' values.
struct environment {
  json config = json::object();
  json secrets = json::object(); ///< name -> text; reaches `render_call` only
};

struct context {
  const blueprint::definition& blueprint;
  const environment& surroundings;
  time_point now;
  duration park_after{1000}; ///< retries longer than this park the order
};

struct decision {
  std::vector<event> events; ///< with sequence and time; never empty
  order after;               ///< the fold of them
  bool deferred = false;     ///< a sent event waits for the actions under way
};

/// What the command means for this order now: the events to record and the state after them, as far as it goes without
/// anything from outside (conditions, `set`, `log`, `notify`, automatic transitions are all decided here, however many
/// follow each other). Refuses and changes nothing: `invalid_data` (violations with pointers into the request's body),
/// `event_not_possible` (says what is), `not_possible`, `too_many_events`, `conflict` (an outcome of a try that is not
/// the current one).
expected<decision> decide(const order& current, const command& wanted, const context& around);

/// `submit_order` on nothing. The order's id must have been chosen (`choose_order_id`).
expected<decision> decide_submission(const submit_order& wanted, const context& around);

/// What a submission's body asks for, before anything else is known of it. Refuses with `invalid_data` and every
/// violation of the body's shape.
struct workflow_choice {
  std::string workflow; ///< empty: only `blueprint` says
  int version = 0;      ///< 0: the newest
  bool has_blueprint = false;
};
expected<workflow_choice> choose_workflow(const json& request);

/// The id for a submission: the request's own, else by the blueprint's `orderId`, else a new UUID v7 (`fresh`). Refuses
/// with `invalid_data`.
expected<std::string> choose_order_id(const json& request, const context& around, const std::string& fresh);

/// The one way an order changes.
void apply(order& current, const event& happened);
order fold(const std::vector<event>& events);

/// A try is to be made: `render_call` it and hand it to a transport.
struct perform_action {
  int visit;
  action_kind kind;
  std::string action;
  int attempt; ///< 1 is the first
};
/// Something is due at `due`. A short retry (status active) the supervisor holds: when it is due, carry out `then`, no
/// command is needed. Anything else parks the order (status waiting): when it is due, give it `resume_after_wait`.
struct wait_until {
  time_point due;
  bool parked = false;
  perform_action then;
};
/// It is being cancelled: if a try is under way, give its outcome as ever; else give `finish_cancel`.
struct cancel_when_free {};
/// It is being paused: if a try is under way, give its outcome as ever; else give `finish_pause`.
struct pause_when_free {};
/// There is more to decide than one decision may hold: give it `continue_order`.
struct go_on {};
/// Not begun: give it `begin_order`.
struct begin {};
/// Nothing to do until something comes from outside.
struct park {};
/// Over.
struct rest {};
using effect = std::variant<begin, perform_action, wait_until, park, rest, cancel_when_free, go_on, pause_when_free>;

/// What to do next; derived from the state alone.
effect next(const order& current, const blueprint::definition& blueprint);

/// A request ready to be sent. It may hold secrets: never logged, stored or shown.
struct rendered_call {
  std::string method;
  std::string url;
  std::vector<std::pair<std::string, std::string>> fields; ///< with Idempotency-Key, Content-Type, traceparent
  std::string body;
  duration timeout;
};
/// Refuses with `invalid_data` (give it back as `complete_action` with the error `expression_failed`), or with
/// `not_possible` where the time for it is over (the error `timeout`). A try gets no more time than is left to its
/// state and order.
expected<rendered_call> render_call(const order& current, const perform_action& wanted, const context& around);

/// The notifications (blueprint-format.md, "Notifications") that these events cause: for the outbox, in order, each
/// with an `id` that is the same whenever it is derived again.
std::vector<json> notifications(const order& before, const std::vector<event>& events, const context& around);
/// The request that tells the blueprint's handler of one notification. `now` is the time of this try for
/// `webhook-timestamp`; absent: when it happened.
expected<rendered_call> render_notification(const json& notification, const blueprint::definition& blueprint,
                                            const environment& surroundings, std::optional<time_point> now = {});

/// Lines that `log` actions and `log` policies wrote in these events: level and text.
struct log_line {
  std::string level;
  std::string message;
};
std::vector<log_line> log_lines(const std::vector<event>& events);

/// The order's shape of http-api.md. Lists leave out data and variables.
json order_view(const order& value, bool whole);
/// The instance document, from the whole history. With the blueprint it also has the actions of the current state that
/// have no outcome yet.
json instance_view(const order& value, const std::vector<event>& history,
                   const blueprint::definition* blueprint = nullptr);

/// Which events are possible now, for the 409's text.
std::vector<std::string> possible_events(const order& value, const blueprint::definition& blueprint);

} // namespace troupe::engine
