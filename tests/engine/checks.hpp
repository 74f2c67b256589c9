#pragma once

#include "tests/support/performance.hpp"

#include "caf/test/dsl.hpp"

#include <string>

/// Compares two JSON values; shows them as text.
#define CHECK_JSON(left, right) CAF_CHECK_EQUAL(::troupe::json(left).dump(), ::troupe::json(right).dump())

namespace troupe::test {

/// The pointers of the violations, separated by blanks.
inline std::string pointers(const error& refusal) {
  std::string result;
  for (const auto& each : refusal.violations)
    result += (result.empty() ? "" : " ") + each.pointer;
  return result;
}

template <class Result> std::string pointers(const expected<Result>& made) {
  return made ? "accepted" : pointers(made.error());
}

/// An order that was submitted and has begun.
inline performance begun(const json& document, const json& data = json::object()) {
  performance one(document);
  CAF_REQUIRE(one.submit(data));
  CAF_REQUIRE(one.step());
  return one;
}

/// The refusal's code, or `accepted`.
template <class Result> std::string code(const expected<Result>& made) {
  return made ? "accepted" : std::string(to_string(made.error().code));
}

} // namespace troupe::test
