#pragma once

#include "runtime/http/message.hpp"

#include <array>
#include <cstddef>
#include <ctime>
#include <string>
#include <string_view>

namespace troupe::http {

/// The Date field's value, made anew once a second. One a thread.
class date_text {
public:
  std::string_view now();

private:
  std::time_t second_ = -1;
  std::array<char, 30> text_{};
};

/// How an answer's body is delimited.
enum class body_framing {
  length,  ///< Content-Length
  chunked, ///< Transfer-Encoding: chunked
  close,   ///< by the end of the connection: streams to HTTP/1.0
};

struct answer_frame {
  body_framing framing = body_framing::length;
  std::size_t length = 0;
  bool keep_alive = true;
  bool is_1_1 = true;
};

/// Whether an answer with this status has a body at all (RFC 9110, section 6.4.1).
constexpr bool may_have_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

/// Appends status line and fields with their empty line. Fields that would end the head early or contradict its framing
/// are left out, control characters in values become spaces: what an application copies from somewhere cannot split an
/// answer.
void write_head(std::string& out, const response& value, std::string_view request_id, const answer_frame& frame,
                std::string_view date);

/// Appends one chunk; nothing for no bytes.
void write_chunk(std::string& out, std::string_view bytes);
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

} // namespace troupe::http
