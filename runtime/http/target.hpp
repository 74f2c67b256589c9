#pragma once

#include "runtime/http/refusal.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::http {

struct target_parts {
  std::string path; ///< decoded; `*` for OPTIONS of the whole server
  std::vector<std::pair<std::string, std::string>> query;
};

/// Takes a request's target apart (RFC 9112, section 3.2): origin-form, absolute-form, and asterisk-form for OPTIONS.
/// Percent-encoding is decoded once (and `+` in the query to a space). Refuses what could mean something else further
/// on: broken percent-encoding, encoded slashes, control characters, broken UTF-8, `..` segments.
accepted<target_parts> parse_target(std::string_view method, std::string_view target);

} // namespace troupe::http
