#pragma once

#include "runtime/base/json.hpp"
#include "runtime/engine/order.hpp"

#include <optional>
#include <string>
#include <variant>

namespace troupe::engine {

/// What somebody wants of an order. `by` is who: a caller (`anonymous`), `node:<name>`, `timer`, `supervisor`.

/// Submission. The first command of every order.
struct submit_order {
  std::string order_id; ///< as given, or already made
  json request;         ///< the body as received, checked for its own shape
  std::string request_hash;
  std::string group;
  std::string trace;
  std::string by;
};
/// Enter the initial state.
struct begin_order {
  std::string by;
};
/// A transport's answer to one try, or why there is none.
struct complete_action {
  int visit = 0; ///< of the try, with kind, action and attempt: an outcome of another try is a refusal (`conflict`)
  action_kind kind = action_kind::entry;
  std::string action;
  int attempt = 1; ///< the try: 1 is the first
  time_point started_at{};
  shared_json response;             ///< { status, headers, body }; null if failed
  std::vector<std::string> inexact; ///< pointers into response.body of numbers that lost their value
  std::string error;                ///< code, empty if there is a response
  std::string message;
  bool sent = true; ///< of a failure: some of the request may have reached the other side
  std::string by;
};
/// A manual trigger.
struct send_event {
  std::string name;
  json data = json::object();
  std::string comment;
  json metadata;
  std::string by;
};
/// What was waited for is due: a retry that parked the order, a time trigger, a time-out of the state or the order.
struct resume_after_wait {
  std::string by;
};
struct cancel_order {
  bool rollback = false;
  std::string by;
};
/// The answer to the effect `cancel_when_free`: no try is under way (any more), end it.
struct finish_cancel {
  std::string by;
};
/// The answer to the effect `go_on`.
struct continue_order {
  std::string by;
};
/// Nothing is begun any more until it is resumed; a try under way is awaited.
struct pause_order {
  std::string by;
};
/// The answer to the effect `pause_when_free`: no try is under way (any more).
struct finish_pause {
  std::string by;
};
struct resume_order {
  std::string by;
};
/// The operator's answer to an escalation.
struct resolve_order {
  std::string decision; ///< retry, proceed, goto, rollback, abort
  std::string state;    ///< of `goto`
  std::string comment;
  std::string by;
};
struct reprocess_order {
  std::string from = "start";   ///< start, failure, or a state's id
  std::string version = "same"; ///< same, latest, or a number
  int target_version = 0; ///< resolved by the caller, whose `context::blueprint` is then that version; 0: as it is
  json data_patch;        ///< RFC 6902 or null
  std::string by;
};
/// Performing the order has crashed too often: wait for an operator.
struct escalate_crash {
  int recoveries = 0;
  std::string by;
};
/// Crashed often: it is run alone now.
struct quarantine_order {
  int recoveries = 0;
  std::string by;
};

using command = std::variant<submit_order, begin_order, complete_action, send_event, resume_after_wait, cancel_order,
                             reprocess_order, escalate_crash, quarantine_order, finish_cancel, continue_order,
                             pause_order, finish_pause, resume_order, resolve_order>;

} // namespace troupe::engine
