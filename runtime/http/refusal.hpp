#pragma once

#include <string>
#include <tl/expected.hpp>

namespace troupe::http {

/// What is wrong with a request by HTTP's own rules: the status and the detail of the answer that it gets.
struct refusal {
  int status = 400;
  std::string detail;
};

template <class T> using accepted = tl::expected<T, refusal>;

inline tl::unexpected<refusal> refuse_with(int status, std::string detail) {
  return tl::unexpected<refusal>(refusal{status, std::move(detail)});
}

} // namespace troupe::http
