#include "runtime/http/problem.hpp"

namespace troupe::http {

int status_of(errc code) {
  switch (code) {
  case errc::malformed_json:
  case errc::invalid_request: return 400;
  case errc::forbidden: return 403;
  case errc::unknown_workflow:
  case errc::unknown_order:
  case errc::unknown_blueprint:
  case errc::unknown_api_call:
  case errc::unknown_function:
  case errc::unknown_batch:
  case errc::unknown_operation:
  case errc::unknown_route: return 404;
  case errc::method_not_allowed: return 405;
  case errc::duplicate_order:
  case errc::version_conflict:
  case errc::event_not_possible:
  case errc::not_possible:
  case errc::conflict: return 409;
  case errc::body_too_large: return 413;
  case errc::invalid_data:
  case errc::invalid_blueprint:
  case errc::idempotency_conflict: return 422;
  case errc::too_many_events:
  case errc::queue_full: return 429;
  case errc::not_ready:
  case errc::stale_epoch:
  case errc::outcome_unknown: return 503;
  case errc::unreachable: return 504;
  case errc::newer_schema:
  case errc::internal: return 500;
  }
  return 500;
}

json problem_document(int status, std::string_view code, std::string_view detail, std::string_view instance,
                      const std::vector<violation>& violations) {
  json document = {{"type", "urn:troupe:problem:" + std::string(code)},
                   {"title", std::string(reason_of(status))},
                   {"status", status},
                   {"detail", std::string(detail)},
                   {"instance", std::string(instance)}};
  if (!violations.empty()) {
    auto& errors = document["errors"] = json::array();
    for (const auto& one : violations)
      errors.push_back({{"pointer", one.pointer}, {"expected", one.expected}, {"found", one.found}});
  }
  return document;
}

json problem_document(const error& reason, std::string_view instance) {
  return problem_document(status_of(reason.code), to_string(reason.code), reason.detail, instance, reason.violations);
}

response problem_response(json document) {
  response value;
  value.status = document["status"].get<int>();
  value.content_type = "application/problem+json";
  value.body = to_text(document);
  if (value.status == 429 || value.status == 503) value.fields.emplace_back("Retry-After", "1");
  return value;
}

response problem_response(const error& reason, std::string_view instance) {
  return problem_response(problem_document(reason, instance));
}

} // namespace troupe::http
