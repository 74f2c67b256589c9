#include "runtime/base/error.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>

namespace troupe {

namespace {

struct named {
  errc code;
  std::string_view name;
};

/// In the order of the enumeration.
constexpr std::array names{
    named{errc::malformed_json, "malformed_json"},
    named{errc::invalid_request, "invalid_request"},
    named{errc::invalid_data, "invalid_data"},
    named{errc::unknown_workflow, "unknown_workflow"},
    named{errc::unknown_order, "unknown_order"},
    named{errc::unknown_blueprint, "unknown_blueprint"},
    named{errc::unknown_api_call, "unknown_api_call"},
    named{errc::unknown_function, "unknown_function"},
    named{errc::unknown_batch, "unknown_batch"},
    named{errc::unknown_operation, "unknown_operation"},
    named{errc::unknown_route, "unknown_route"},
    named{errc::method_not_allowed, "method_not_allowed"},
    named{errc::duplicate_order, "duplicate_order"},
    named{errc::version_conflict, "version_conflict"},
    named{errc::event_not_possible, "event_not_possible"},
    named{errc::not_possible, "not_possible"},
    named{errc::too_many_events, "too_many_events"},
    named{errc::invalid_blueprint, "invalid_blueprint"},
    named{errc::body_too_large, "body_too_large"},
    named{errc::idempotency_conflict, "idempotency_conflict"},
    named{errc::forbidden, "forbidden"},
    named{errc::queue_full, "queue_full"},
    named{errc::not_ready, "not_ready"},
    named{errc::unreachable, "unreachable"},
    named{errc::conflict, "conflict"},
    named{errc::stale_epoch, "stale_epoch"},
    named{errc::outcome_unknown, "outcome_unknown"},
    named{errc::newer_schema, "newer_schema"},
    named{errc::internal, "internal"},
};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (static_cast<std::size_t>(names[i].code) != i) return false;
  }
  return true;
}

static_assert(is_in_order() && names.back().code == errc::internal);

} // namespace

std::string_view to_string(errc code) {
  auto index = static_cast<std::size_t>(code);
  TROUPE_ASSERT(index < names.size());
  return names[index].name;
}

tl::unexpected<error> refuse(errc code, std::string detail, std::vector<violation> violations) {
  return tl::unexpected<error>(error{code, std::move(detail), std::move(violations)});
}

void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: this must hold: %s\n", file, line, condition);
  std::abort();
}

} // namespace troupe
