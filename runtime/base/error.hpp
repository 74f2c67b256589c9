#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace troupe {

/// Why something did not happen. A code exists only if some caller does something else because of it, or because a
/// client reads it as the
/// `<code>` of a problem's type `urn:troupe:problem:<code>`; everything else is text.
enum class errc {
  // refusals: the caller's fault, or a lost race; nothing has changed
  malformed_json,
  invalid_request, // a parameter or field of the request itself (400)
  invalid_data,
  unknown_workflow,
  unknown_order,
  unknown_blueprint,
  unknown_api_call,
  unknown_function,
  unknown_batch,
  unknown_operation,
  unknown_route,
  method_not_allowed,
  duplicate_order,
  version_conflict,
  event_not_possible,
  not_possible,
  too_many_events, // more than 16 deferred (429)
  invalid_blueprint,
  body_too_large,
  idempotency_conflict,
  forbidden,
  // the environment: may go away
  queue_full,
  not_ready,       // store away, disk full, shutting down (503)
  unreachable,     // the owner did not answer in time (504)
  conflict,        // an append lost the race for its sequence: load again
  stale_epoch,     // the shard's lease has moved on: stop
  outcome_unknown, // a commit may or may not have happened: load again
  newer_schema,    // the store was written by a newer version
  internal,
};

/// The code as it stands in problem types and logs, e.g. `unknown_workflow`.
std::string_view to_string(errc code);

/// One thing that is wrong with some input. `pointer` is an RFC 6901 JSON pointer into that input.
struct violation {
  std::string pointer;
  std::string expected;
  std::string found;
  bool operator==(const violation&) const = default;
};

struct error {
  errc code = errc::internal;
  std::string detail;
  std::vector<violation> violations = {};
  bool operator==(const error&) const = default;
};

template <class T> using expected = tl::expected<T, error>;

/// `return refuse(errc::invalid_data, "expected ..., but found ...");`
tl::unexpected<error> refuse(errc code, std::string detail, std::vector<violation> violations = {});

/// Ends the process with a message: a bug, on in release too.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);
#define TROUPE_ASSERT(condition)                                                                                       \
  ((condition) ? static_cast<void>(0) : ::troupe::assertion_failed(#condition, __FILE__, __LINE__))

} // namespace troupe
