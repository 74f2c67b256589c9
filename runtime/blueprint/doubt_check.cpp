#include "runtime/blueprint/graph_check.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace troupe::blueprint {

namespace {

constexpr auto built_in_codes = std::to_array<std::string_view>(
    {"validation_failed", "timeout", "state_timeout", "order_timeout", "callback_timeout", "connection_failed",
     "unexpected_response", "condition_failed", "expression_failed", "breaker_open", "address_refused", "kafka_failed",
     "file_failed", "child_failed", "no_transition", "doubt", "compensation_failed", "cancelled", "crashed"});

bool contains(const std::vector<policy>& list, policy wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

/// Every action of the definition with its pointer.
template <class Visit> void for_each_action(const definition& compiled, Visit visit) {
  auto visit_list = [&](const std::vector<action>& list, const std::string& pointer) {
    for (std::size_t i = 0; i < list.size(); ++i)
      visit(list[i], fmt::format("{}/{}", pointer, i));
  };
  for (std::size_t i = 0; i < compiled.states.size(); ++i) {
    visit_list(compiled.states[i].entry, fmt::format("/states/{}/entryActions", i));
    visit_list(compiled.states[i].exit, fmt::format("/states/{}/exitActions", i));
  }
  for (std::size_t i = 0; i < compiled.transitions.size(); ++i)
    visit_list(compiled.transitions[i].actions, fmt::format("/transitions/{}/actions", i));
}

/// A policy that tells somebody, where nobody is named.
void check_told(const definition& compiled, policy wanted, bool has_target, finding_list& findings) {
  if (has_target || compiled.callback) return;
  auto name = to_string(wanted);
  auto warn = [&](const std::string& pointer) {
    findings.warning(pointer, "nobody_told",
                     fmt::format("add `globalErrorHandler.{}` or a `globalCallbackHandler`: without one it goes to the "
                                 "log and the event stream alone",
                                 name),
                     "a handler", fmt::format("the policy `{}` and no handler", name));
  };
  if (contains(compiled.on_error, wanted)) return warn("/globalErrorHandler/onError");
  if (contains(compiled.on_timeout, wanted)) return warn("/globalErrorHandler/onTimeout");
  if (compiled.timeout && contains(compiled.on_order_timeout, wanted)) return warn("/onTimeout");
  for (std::size_t i = 0; i < compiled.states.size(); ++i)
    if (compiled.states[i].timeout && contains(compiled.states[i].on_timeout, wanted))
      return warn(fmt::format("/states/{}/onTimeout", i));
  std::string first;
  for_each_action(compiled, [&](const action& each, const std::string& pointer) {
    bool tells = contains(each.on_error, wanted) || contains(each.on_timeout, wanted) ||
                 (wanted == policy::notify && std::holds_alternative<notify_body>(each.body));
    if (tells && first.empty()) first = pointer;
  });
  if (!first.empty()) warn(first);
}

bool is_built_in(std::string_view code) {
  bool is_http = code.size() == 8 && code.starts_with("http_");
  return code == "*" || is_http ||
         std::find(built_in_codes.begin(), built_in_codes.end(), code) != built_in_codes.end();
}

/// Codes that an error transition waits for and that nothing ever gives.
void check_codes(const definition& compiled, finding_list& findings) {
  std::set<std::string> given;
  for_each_action(compiled, [&](const action& each, const std::string&) {
    for (const auto& rule : each.errors)
      given.insert(rule.code);
  });
  for (std::size_t i = 0; i < compiled.transitions.size(); ++i) {
    const auto& codes = compiled.transitions[i].errors;
    for (std::size_t j = 0; j < codes.size(); ++j)
      if (!is_built_in(codes[j]) && !given.contains(codes[j]))
        findings.warning(fmt::format("/transitions/{}/trigger/errors/{}", i, j), "unknown_error_code",
                         "let the `errors` of an action give this code, or correct it: it never comes about",
                         "a code that is built in or that some action's `errors` give", fmt::format("`{}`", codes[j]));
  }
}

void check_get_payload(const definition& compiled, finding_list& findings) {
  for_each_action(compiled, [&](const action& each, const std::string& pointer) {
    const auto* request = std::get_if<webhook_body>(&each.body);
    if (request && request->payload && (request->method == "GET" || request->method == "HEAD"))
      findings.warning(pointer, "payload_with_get",
                       "put it into the url, or use another method: few services read the body of such a request",
                       "a method with a body", request->method);
  });
}

} // namespace

void check_doubts(const definition& compiled, finding_list& findings) {
  check_told(compiled, policy::notify, compiled.notify_to.has_value(), findings);
  check_told(compiled, policy::escalate, compiled.escalate_to.has_value(), findings);
  check_codes(compiled, findings);
  check_get_payload(compiled, findings);
}

} // namespace troupe::blueprint
