#pragma once

#include "runtime/http/message.hpp"
#include "runtime/http/refusal.hpp"

#include <cstdint>
#include <string_view>

namespace troupe::http {

/// What a request's fields say of how it is to be read and answered.
struct framing {
  bool chunked = false;
  std::uint64_t length = 0; ///< of the body, if it is not chunked
  bool keep_alive = true;
  bool expects_continue = false; ///< never for HTTP/1.0
  bool expects_unknown = false;  ///< some other expectation: 417

  bool has_body() const { return chunked || length > 0; }
};

/// RFC 9112, sections 3.2, 6, 7, 9.3; RFC 9110, sections 7.2, 8.6, 10.1.1: exactly one valid Host (HTTP/1.0 needs
/// none), one plain decimal Content-Length or `Transfer-Encoding: chunked` but not both. Stricter than it must be where
/// readers differ: a repeated Content-Length and one with leading zeros are refused too.
accepted<framing> framing_of(const headers& fields, bool is_1_1);

/// uri-host [":" port], not empty, without user information.
bool is_host(std::string_view value);

} // namespace troupe::http
