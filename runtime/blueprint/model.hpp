#pragma once

#include "runtime/base/json.hpp"
#include "runtime/base/time.hpp"
#include "runtime/blueprint/expression.hpp"
#include "runtime/blueprint/schema.hpp"
#include "runtime/blueprint/value_template.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::blueprint {

/// What happens when an action's tries are used up: blueprint-format.md, "What the policies do".
enum class policy { abort, rollback, retry, ignore, proceed, notify, log, escalate };
std::string_view to_string(policy value);

/// Which tries are made again, and when. Delays are those between the end of one try and the begin of the next.
struct retry_rule {
  bool given = false; ///< some retry field stands nearer than the policy `retry`
  int count = 0;      ///< tries after the first
  duration delay{1000};
  double backoff = 1;
  duration delay_max{300'000};
  double jitter = 0; ///< share of spread, 0..1
  std::optional<duration> budget;
  std::vector<std::string> on;     ///< error codes and patterns (`http_5xx`, `*`) worth a retry
  std::vector<std::string> not_on; ///< takes precedence
  bool is_worth(std::string_view code) const;
};

/// Three more tries, `PT1S`, doubling, for the errors worth one: what the policy `retry` means when nothing nearer
/// says.
retry_rule policy_retry(const retry_rule& nearest);

/// True if `pattern` names `code`: equal, `http_5xx` and `http_4xx` for their class, `timeout` for the other time-outs,
/// `*` for anything.
bool names_error(std::string_view pattern, std::string_view code);

struct error_rule {
  std::string code;
  expression when;
  std::optional<value_template> message;
};

/// `field` of the order's data, or of its variables.
struct save_rule {
  std::string field;
  bool variable = false;
  expression value;
};

struct expected_response {
  std::vector<int> status; ///< empty: any 2xx
  std::optional<schema> body;
  std::optional<expression> condition;
};

/// A request in templates. An `apiCall` is compiled into one, with the call's `data` and the action's `data` laid over
/// it as the payload.
struct webhook_body {
  value_template url;
  std::string method = "POST";
  std::vector<std::pair<std::string, value_template>> headers; ///< `auth` has become an Authorization header
  std::optional<value_template> payload;                       ///< absent: no body
  expected_response expected;
};
struct set_body {
  std::vector<save_rule> fields;
};
struct log_body {
  std::string level;
  value_template message;
};
struct notify_body {
  value_template message;
  std::optional<value_template> data;
};
using action_body = std::variant<webhook_body, set_body, log_body, notify_body>;

/// One action with everything that state, API call and blueprint say for it already resolved: the nearest has won.
struct action {
  std::string id;
  std::string type; ///< as written: `webhook`, `apiCall`, `set`, `log`, `notify`
  std::optional<expression> condition;
  std::vector<error_rule> errors; ///< the action's, then the API call's, then the state's
  std::vector<save_rule> save;    ///< the API call's, then the action's
  retry_rule retry;
  duration timeout{30'000};       ///< of one try
  std::vector<policy> on_error;   ///< never empty
  std::vector<policy> on_timeout; ///< never empty
  action_body body;
  std::shared_ptr<const action> compensate = nullptr; ///< undoes it; has the same id
};

enum class state_kind { initial, intermediate, final };

struct state {
  std::string id;
  std::string name;
  state_kind kind = state_kind::intermediate;
  std::string state_type;
  std::optional<schema> data; ///< closed by default
  std::vector<std::pair<std::string, value_template>> payload;
  std::vector<action> entry;
  std::vector<action> exit;
  std::optional<std::string> on_failed;  ///< a state's id
  std::optional<value_template> outcome; ///< of a final state; absent: success
  std::optional<duration> timeout;       ///< of one stay
  std::vector<policy> on_timeout;        ///< never empty
  int reentries_max = 3;                 ///< how often the policy `retry` enters it again when a stay times out
  // Indexes into definition::transitions of those that leave this state, each list highest priority first, then by
  // order of writing.
  std::vector<std::size_t> automatic;
  std::vector<std::size_t> manual;
  std::vector<std::size_t> timed;
  std::vector<std::size_t> on_error; ///< in order of writing
};

enum class trigger_kind { automatic, manual, time, error };

struct transition {
  std::string id;
  std::string name;
  std::vector<std::string> from; ///< states' ids, `*` resolved
  std::string to;
  trigger_kind trigger = trigger_kind::automatic;
  std::optional<expression> condition;
  int priority = 0;
  std::vector<action> actions;
  std::string event;                   ///< manual: what the event is called
  std::optional<schema> data;          ///< manual: what its data must be
  bool fail_on_invalid = false;        ///< `"onInvalid": "fail"`
  std::vector<std::string> errors;     ///< error: codes and patterns
  std::optional<value_template> after; ///< time: a duration since the state was entered; this or `at`
  std::optional<value_template> at;    ///< time: an instant
};

/// A published blueprint version, checked and compiled: immutable, shared by every order that performs it.
struct definition {
  std::string id;
  int version = 1;
  std::string form;           ///< `full`, `compact`, `recipe`: how it was written
  json source;                ///< the full form, normalised: read again it is itself
  json pins = json::object(); ///< `{ "api_calls": { id: version }, "functions": { module: version } }`
  std::optional<schema> data; ///< what an order is submitted with
  std::optional<expression> order_id;
  std::set<std::string> immutable;
  std::optional<webhook_body> callback; ///< globalCallbackHandler
  retry_rule callback_retry;
  duration callback_timeout{30'000};
  std::optional<webhook_body>
      notify_to; ///< globalErrorHandler.notify; absent: the callback handler, else the log and the event stream
  std::optional<webhook_body> escalate_to; ///< globalErrorHandler.escalate, likewise
  std::vector<policy> on_error;
  std::vector<policy> on_timeout;
  std::optional<duration> timeout;      ///< of one run of the order
  std::vector<policy> on_order_timeout; ///< never empty
  int visits_max = 1000;
  std::vector<state> states; ///< in the order they were written
  std::size_t initial = 0;
  std::vector<transition> transitions;
  std::shared_ptr<const library> functions;
  bool names_secrets = false;

  const state* find_state(std::string_view state_id) const;
  const transition* find_transition(std::string_view transition_id) const;
};

using definition_ptr = std::shared_ptr<const definition>;

/// What is wrong, or doubtful, about a blueprint.
struct finding {
  enum class severity { error, warning } level = severity::error;
  std::string pointer; ///< into the document as it was written
  std::string code;    ///< e.g. `unknown_state`
  std::string message; ///< says what to do
  std::string expected;
  std::string found;
};

json to_json(const finding& value);

} // namespace troupe::blueprint
