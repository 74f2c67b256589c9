#pragma once

#include "runtime/base/json.hpp"
#include "runtime/http/message.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::http {

/// The HTTP status that a refusal or a fault is answered with.
int status_of(errc code);

/// The reason phrase of a status, e.g. `Not Found`.
std::string_view reason_of(int status);

/// An RFC 9457 problem document as JSON: `type` (`urn:troupe:problem:<code>`), `title`, `status`, `detail`, `instance`,
/// and `errors` where there are violations.
json problem_document(int status, std::string_view code, std::string_view detail, std::string_view instance,
                      const std::vector<violation>& violations = {});
json problem_document(const error& reason, std::string_view instance);

/// The same as an answer: `application/problem+json`, with `Retry-After` on 429 and 503.
response problem_response(json document);
response problem_response(const error& reason, std::string_view instance);

} // namespace troupe::http
