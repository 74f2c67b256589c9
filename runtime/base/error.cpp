#include "runtime/base/error.hpp"

#include <cstdio>
#include <cstdlib>

namespace troupe {

std::string_view to_string(errc code) {
  switch (code) {
  case errc::malformed_json: return "malformed_json";
  case errc::invalid_request: return "invalid_request";
  case errc::invalid_data: return "invalid_data";
  case errc::unknown_workflow: return "unknown_workflow";
  case errc::unknown_order: return "unknown_order";
  case errc::unknown_blueprint: return "unknown_blueprint";
  case errc::unknown_api_call: return "unknown_api_call";
  case errc::unknown_function: return "unknown_function";
  case errc::unknown_batch: return "unknown_batch";
  case errc::unknown_operation: return "unknown_operation";
  case errc::unknown_route: return "unknown_route";
  case errc::method_not_allowed: return "method_not_allowed";
  case errc::duplicate_order: return "duplicate_order";
  case errc::version_conflict: return "version_conflict";
  case errc::event_not_possible: return "event_not_possible";
  case errc::not_possible: return "not_possible";
  case errc::too_many_events: return "too_many_events";
  case errc::invalid_blueprint: return "invalid_blueprint";
  case errc::body_too_large: return "body_too_large";
  case errc::idempotency_conflict: return "idempotency_conflict";
  case errc::forbidden: return "forbidden";
  case errc::queue_full: return "queue_full";
  case errc::not_ready: return "not_ready";
  case errc::unreachable: return "unreachable";
  case errc::conflict: return "conflict";
  case errc::stale_epoch: return "stale_epoch";
  case errc::outcome_unknown: return "outcome_unknown";
  case errc::newer_schema: return "newer_schema";
  case errc::internal: return "internal";
  }
  return "internal";
}

tl::unexpected<error> refuse(errc code, std::string detail, std::vector<violation> violations) {
  return tl::unexpected<error>(error{code, std::move(detail), std::move(violations)});
}

void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: this must hold: %s\n", file, line, condition);
  std::abort();
}

} // namespace troupe
