#include "runtime/blueprint/model.hpp"

#include <algorithm>
#include <array>

namespace troupe::blueprint {

namespace {

constexpr std::array<std::string_view, 3> other_timeouts = {"state_timeout", "order_timeout", "callback_timeout"};

/// `http_5xx` names every `http_5..`.
bool is_http_class(std::string_view pattern) {
  return pattern.size() == 8 && pattern.starts_with("http_") && pattern[5] >= '1' && pattern[5] <= '5' &&
         pattern.ends_with("xx");
}

bool is_http_status(std::string_view code) {
  return code.size() == 8 && code.starts_with("http_") &&
         std::all_of(code.begin() + 5, code.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool any_names(const std::vector<std::string>& patterns, std::string_view code) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return names_error(pattern, code); });
}

} // namespace

std::string_view to_string(policy value) {
  switch (value) {
  case policy::abort: return "abort";
  case policy::rollback: return "rollback";
  case policy::retry: return "retry";
  case policy::ignore: return "ignore";
  case policy::proceed: return "proceed";
  case policy::notify: return "notify";
  case policy::log: return "log";
  case policy::escalate: return "escalate";
  }
  return "abort";
}

bool retry_rule::is_worth(std::string_view code) const {
  return !any_names(not_on, code) && any_names(on, code);
}

retry_rule policy_retry(const retry_rule& nearest) {
  retry_rule result;
  result.given = true;
  result.count = 3;
  result.delay = duration{1000};
  result.backoff = 2;
  result.on = nearest.on;
  result.not_on = nearest.not_on;
  return result;
}

bool names_error(std::string_view pattern, std::string_view code) {
  if (pattern == code || pattern == "*") return true;
  if (pattern == "timeout")
    return std::find(other_timeouts.begin(), other_timeouts.end(), code) != other_timeouts.end();
  return is_http_class(pattern) && is_http_status(code) && code[5] == pattern[5];
}

const state* definition::find_state(std::string_view state_id) const {
  auto found = std::find_if(states.begin(), states.end(), [&](const state& each) { return each.id == state_id; });
  return found == states.end() ? nullptr : &*found;
}

const transition* definition::find_transition(std::string_view transition_id) const {
  auto found = std::find_if(transitions.begin(), transitions.end(),
                            [&](const transition& each) { return each.id == transition_id; });
  return found == transitions.end() ? nullptr : &*found;
}

json to_json(const finding& value) {
  return {{"severity", value.level == finding::severity::error ? "error" : "warning"},
          {"pointer", value.pointer},
          {"code", value.code},
          {"message", value.message},
          {"expected", value.expected},
          {"found", value.found}};
}

} // namespace troupe::blueprint
