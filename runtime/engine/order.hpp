#pragma once

#include "runtime/base/json.hpp"
#include "runtime/base/shared_json.hpp"
#include "runtime/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::engine {

/// blueprint-format.md, "The order".
enum class status { pending, active, waiting, paused, escalated, completed, failed, rolled_back, cancelled };
std::string_view to_string(status value);
std::optional<status> parse_status(std::string_view text);
/// Ended: no event but a reprocessing can follow.
bool is_final(status value);

/// One thing that happened to an order: what is recorded, in order, for ever. `data` is as http-api.md's "Shapes" says,
/// and whatever `apply` needs besides.
struct event {
  std::uint64_t sequence = 0; ///< from 1 without gaps
  time_point time{};
  std::string type;
  std::string by;
  json data = json::object();

  event() = default;
  event(std::uint64_t number, time_point at, std::string kind, std::string author, json content)
      : sequence(number), time(at), type(std::move(kind)), by(std::move(author)), data(std::move(content)) {}
  event(const event&) = default;
  event(event&&) = default;
  event& operator=(const event&) = default;
  event& operator=(event&&) = default;
  ~event() { drop(data); }
  bool operator==(const event&) const = default;
};
json to_json(const event& value);
event event_from_json(const json& value);

/// Why an order or an action failed.
struct failure {
  std::string code;
  std::string message;
  std::string state;
  std::string action;
  time_point at{};
  int attempts = 0;
  bool operator==(const failure&) const = default;
};
json to_json(const failure& value);

enum class action_kind { entry, exit, transition, compensation };
std::string_view to_string(action_kind kind);

/// An event that arrived while it could not be taken yet.
struct deferred_event {
  std::string name;
  shared_json data;
  std::string by;
  std::string comment;
  shared_json metadata;
  bool operator==(const deferred_event&) const = default;
};

/// An action with a compensation that completed in this run, or that may have happened: what a rollback undoes.
struct undoable {
  std::string action;
  action_kind kind = action_kind::entry;
  std::string place; ///< the state that it is an entry or exit action of, else the transition
  int visit = 0;
  bool operator==(const undoable&) const = default;
};

/// A time trigger that is waited for.
struct timer {
  std::string transition;
  time_point due{};
  bool operator==(const timer&) const = default;
};

/// Where an order stands inside its state: with the folded data all that `next` needs.
struct position {
  enum class phase {
    none,    ///< pending or ended
    actions, ///< `kind`, `index` is the action that is to be done; of compensations it is the last of `undoable`
    settled, ///< entry actions done, waiting for a trigger
  };
  phase at = phase::none;
  action_kind kind = action_kind::entry;
  std::size_t index = 0;
  int attempt = 0;                     ///< tries of this action that have failed
  std::size_t policy = 0;              ///< entries of the policy list that are used up
  bool extra_tries = false;            ///< the policy `retry` is under way
  bool policy_of_timeout = false;      ///< `policy` counts in the list of `onTimeout`, else of `onError`
  std::optional<time_point> first_try; ///< when the first failed try began; for the budget
  std::optional<time_point> retry_due; ///< the next try is not before this; a try that is made then leaves it standing
  std::string target;                  ///< the state that is gone to (kinds exit and transition); empty: none
  std::string transition;              ///< being taken; empty with a target: the state's `onFailed`
  bool failing = false; ///< that way is taken, or with the kind `entry` the state was entered, because a state failed
  shared_json trigger_data = shared_json::object(); ///< of that transition
  std::string trigger_by;
  bool cancelling = false; ///< ends as soon as the try under way is over
  std::string cancelling_by;
  bool rollback = false;                         ///< with `cancelling`: what was done is undone before it ends
  action_kind undoing_from = action_kind::entry; ///< of a compensation: where the order stood when the rollback began
  bool undoing_to_cancel = false;                ///< of a compensation: the order is cancelled in the end
  bool pausing = false;                          ///< is paused as soon as the try under way is over
  std::optional<time_point> state_due; ///< when the stay times out; none: it has, is not bounded, or is being left
  std::vector<timer> timers;           ///< of a settled order: in the order of the state's transitions
  int reentries = 0;                   ///< how often the state was entered again because a stay had timed out
  bool operator==(const position&) const = default;
};

/// Where a failure arose: what `reprocess` from the failure goes back to.
struct failure_place {
  std::string state; ///< empty: on entering the initial state
  int visit = 0;
  std::optional<time_point> entered_at;
  position where;
  bool operator==(const failure_place&) const = default;
};

/// The folded state of one order: a value. `fold(events) == order` always.
struct order {
  std::string order_id;
  std::string workflow;
  int version = 0;
  enum status status = status::pending;
  std::optional<std::string> outcome; ///< success, partial, error
  std::string state;                  ///< empty before the first
  shared_json data = shared_json::object();
  shared_json state_data = shared_json::object(); ///< the current state's own
  shared_json variables = shared_json::object();
  shared_json submitted = shared_json::object(); ///< data as submitted
  shared_json labels = shared_json::object();    ///< name -> string
  shared_json metadata = shared_json::object();
  shared_json blueprint; ///< inline definition, else null
  std::int64_t priority = 0;
  std::string group;
  std::string trace;            ///< traceparent as received
  std::string request_hash;     ///< SHA-256 of the canonical request
  std::string by;               ///< who submitted
  std::optional<failure> error; ///< stays readable to the end
  time_point created_at{};
  std::optional<time_point> started_at;
  time_point updated_at{};
  std::optional<time_point> ended_at;
  std::optional<time_point> not_before;
  std::optional<time_point> state_entered_at;
  std::optional<time_point> order_due; ///< when the run times out; none: it has, or is not bounded
  int run = 1;
  int visit = 0;              ///< the number of the stay in `state`, as idempotency keys have it
  int visits = 0;             ///< states entered over the order's whole life: the greatest `visit` so far
  int run_visits = 0;         ///< states entered in this run, for `limits.visits`
  std::uint64_t sequence = 0; ///< of the last event
  position where;
  std::optional<failure_place> failed_at; ///< the place of `error`
  std::vector<undoable> undoables;        ///< in the order they happened; what is undone is taken from the end
  std::vector<deferred_event> deferred;   ///< at most 16
  shared_json last_event; ///< `event` for expressions: { name, data, by } of the last event taken, or null
  std::optional<enum status> paused_from; ///< of a paused order: its status before
  bool quarantined = false;               ///< beyond its recoveries: run alone once more, escalated if that crashes too

  bool operator==(const order& other) const; ///< compares folded_text
};

/// The whole state, for the store: JSON. `order_from_json(json::parse(folded_text(x))) == x`.
std::string folded_text(const order& value);
/// For showing where two differ.
json to_json(const order& value);
order order_from_json(json value);

/// The earliest instant at which a waiting order goes on by itself.
std::optional<time_point> earliest_due(const order& value);
/// When what is done now has to be over: the state's time-out or the order's.
std::optional<time_point> deadline(const order& value);

/// Nothing is left to do until something comes from outside, or it is over.
bool is_settled(const order& value);

/// The visit that the action at hand belongs to: of a compensation, that of what it undoes.
int visit_at_hand(const order& value);

/// `<order_id>/<visit>/<action_id>`; exit and transition actions have their kind before the action, compensations
/// `compensation` before that. Of a compensation it must be the one at hand.
std::string idempotency_key(const order& value, action_kind kind, std::string_view action_id);

/// How many events may be deferred.
inline constexpr std::size_t deferred_max = 16;

} // namespace troupe::engine
