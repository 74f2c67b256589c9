#pragma once

#include "runtime/http/refusal.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace troupe::http {

struct head_limits {
  std::size_t head = 16u << 10;  ///< bytes of request line and fields; beyond it 431
  std::size_t target = 8u << 10; ///< bytes of the request's target; beyond it 414
  std::size_t fields = 100;      ///< beyond it 431
};

/// Finds the end of a request's head and looks at every byte of it before a parser does, so that no two readers of the
/// same bytes can take them for different requests (RFC 9112, sections 2.2, 3, 5, 11.2): every line ends with CR LF and
/// has neither inside, the request line has exactly one space between its three parts, no line is folded, names are
/// tokens right before their colon, values have no control characters. Refuses as soon as the offending byte is there.
class head_scanner {
public:
  explicit head_scanner(head_limits limits) : limits_(limits) {}

  /// `bytes` begins with the first byte of the request; each call sees what the one before it saw, and more.
  /// Yields the size of the head with its empty line, or nothing while it is not complete.
  accepted<std::optional<std::size_t>> scan(std::string_view bytes);

  void reset();

private:
  accepted<void> check_line(std::string_view line);
  accepted<void> check_request_line(std::string_view line) const;
  accepted<void> check_field_line(std::string_view line);
  accepted<void> check_unfinished(std::string_view rest) const;

  head_limits limits_;
  std::size_t line_start_ = 0; ///< where the first line that has not been checked begins
  std::size_t seen_ = 0;       ///< bytes in which no line's end is to be found any more
  std::size_t lines_ = 0;
};

/// One field line without its line ending, as above; also for trailers.
accepted<void> check_field_syntax(std::string_view line);

} // namespace troupe::http
