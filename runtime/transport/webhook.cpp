#include "runtime/transport/webhook.hpp"

#include "runtime/base/json.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/utf8.hpp"

#include <utility>
#include <vector>

namespace troupe::transport {

namespace {

std::string_view code_of(http::call_failure failure) {
  switch (failure) {
  case http::call_failure::timeout: return "timeout";
  case http::call_failure::connection_failed: return "connection_failed";
  case http::call_failure::address_refused: return "address_refused";
  case http::call_failure::unexpected_response: return "unexpected_response";
  }
  return "connection_failed";
}

std::string lower_case(std::string text) {
  for (auto& letter : text)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return text;
}

/// As JSON keeps it: what is not UTF-8 is replaced.
json as_text(std::string text) {
  if (is_utf8(text)) return text;
  return json::parse(to_text(json(std::move(text))));
}

json headers_of(const http::headers& fields) {
  auto result = json::object();
  for (const auto& [name, value] : fields.all()) {
    auto& kept = result[lower_case(name)];
    kept = kept.is_null() ? as_text(value) : as_text(kept.get<std::string>() + ", " + value);
  }
  return result;
}

json body_of(std::string text, std::vector<std::string>& inexact) {
  if (text.empty()) return nullptr;
  auto parsed = parse_json(text);
  if (!parsed) return as_text(std::move(text));
  inexact = std::move(parsed->inexact);
  return std::move(parsed->value);
}

/// Goes through a document of bounded depth (`parse_json`).
void scrub(json& value) {
  if (value.is_string()) {
    auto& text = value.get_ref<std::string&>();
    text = scrubbed(std::move(text));
  } else if (value.is_number()) {
    if (scrubbed(to_text(value)) == "***") value = "***";
  } else if (value.is_array()) {
    for (auto& one : value)
      scrub(one);
  } else if (value.is_object()) {
    auto clean = json::object();
    for (auto& [name, one] : value.items()) {
      scrub(one);
      clean[scrubbed(name)] = std::move(one);
    }
    value = std::move(clean);
  }
}

} // namespace

http::call to_http(engine::rendered_call call) {
  return {std::move(call.method), std::move(call.url), std::move(call.fields), std::move(call.body), call.timeout};
}

engine::complete_action outcome_of(webhook_try made, tl::expected<http::answer, http::call_error> answer,
                                   const engine::environment& surroundings, std::string by) {
  engine::complete_action result;
  result.visit = made.visit;
  result.kind = made.kind;
  result.action = std::move(made.action);
  result.attempt = made.attempt;
  result.started_at = made.started_at;
  result.by = std::move(by);
  if (!answer) {
    result.error = code_of(answer.error().failure);
    result.sent = answer.error().sent;
    result.message = as_text(scrubbed(std::move(answer.error().message))).get<std::string>();
    return result;
  }
  auto response = json::object();
  response["status"] = answer->status;
  response["headers"] = headers_of(answer->fields);
  response["body"] = body_of(std::move(answer->body), result.inexact);
  if (!surroundings.secrets.empty()) scrub(response);
  result.response = std::move(response);
  return result;
}

std::string_view outcome_class(const tl::expected<http::answer, http::call_error>& answer) {
  if (!answer) return code_of(answer.error().failure);
  switch (answer->status / 100) {
  case 1: return "1xx";
  case 2: return "2xx";
  case 3: return "3xx";
  case 4: return "4xx";
  default: return "5xx";
  }
}

} // namespace troupe::transport
