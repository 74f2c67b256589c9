#pragma once

#include "runtime/engine/engine.hpp"
#include "runtime/http/client.hpp"

#include <string>

namespace troupe::transport {

/// A rendered request as the HTTP client takes it.
http::call to_http(engine::rendered_call call);

/// Which try of which action an answer belongs to.
struct webhook_try {
  int visit = 0;
  engine::action_kind kind = engine::action_kind::entry;
  std::string action;
  int attempt = 1;
  time_point started_at{};
};

/// What the engine is told of a try: `response` is `{ status, headers, body }` with header names in lower case (several
/// values of one name are joined by `, `) and the body as JSON if it is JSON (strictly: no duplicate keys, at most 64
/// levels), else as text, null if it is empty; or the client's failure as an error code. Secrets that the other side
/// echoes are `***`.
engine::complete_action outcome_of(webhook_try made, tl::expected<http::answer, http::call_error> answer,
                                   const engine::environment& surroundings, std::string by);

/// For the metrics: `2xx` and so on, or the failure's code.
std::string_view outcome_class(const tl::expected<http::answer, http::call_error>& answer);

} // namespace troupe::transport
