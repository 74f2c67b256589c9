#pragma once

#include "runtime/engine/engine.hpp"

#include <optional>
#include <string>
#include <vector>

namespace troupe::engine {

/// A submission's body (http-api.md, `POST /v1/orders`), read as far as it is readable. It points into the request.
struct submission {
  std::optional<std::string> order_id;
  std::string workflow;       ///< empty: only the blueprint says
  int version = 0;            ///< 0: the newest
  const json* data = nullptr; ///< these four: null if not given, else an object
  const json* labels = nullptr;
  const json* metadata = nullptr;
  const json* blueprint = nullptr;
  std::int64_t priority = 0;
  std::optional<time_point> not_before;
  std::vector<violation> violations; ///< of the body's shape; pointers into the body
};
submission read_submission(const json& request);

/// What is wrong with `subject.data` as data that it is submitted with, against the blueprint's `data.schema` or what
/// the states declare, and against the initial state with its payload. Pointers begin with the field.
std::vector<violation> submitted_violations(const order& subject, const context& around);

} // namespace troupe::engine
