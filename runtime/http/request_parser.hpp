#pragma once

#include "runtime/http/framing.hpp"
#include "runtime/http/head_scanner.hpp"
#include "runtime/http/message.hpp"
#include "runtime/http/refusal.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

namespace troupe::http {

struct request_head {
  request value; ///< method, target and fields; the rest is up to the server
  bool is_1_1 = true;
  framing frame;
};

/// Takes requests off a connection's bytes, one after the other. What is read is read by Beast's parser; a scanner
/// looks at the raw bytes of heads, chunk headers and trailers before it (see head_scanner).
class request_parser {
public:
  explicit request_parser(head_limits limits);
  ~request_parser();

  enum class event {
    need_more, ///< nothing more to be had from these bytes
    head,      ///< `head()` is complete
    body,      ///< `piece.body` is the next part of the body
    complete,  ///< the request has ended; the next bytes are the next one's
    refused,   ///< `why()`: the bytes that follow mean nothing
  };
  struct piece {
    event what;
    std::size_t consumed = 0;
    std::string_view body = {};
  };

  /// `bytes` are all that have come and were not consumed.
  piece feed(std::string_view bytes);

  /// May be moved from.
  request_head& head() { return head_; }
  const refusal& why() const { return why_; }
  /// Nothing of a request has been consumed yet.
  bool is_between_requests() const { return phase_ == phase::head; }

private:
  enum class phase { head, body, finished, refused };
  class beast_parser;

  piece feed_head(std::string_view bytes);
  piece feed_body(std::string_view bytes);
  piece refuse(refusal why);
  void begin();

  head_scanner scanner_;
  request_head head_;
  refusal why_;
  phase phase_ = phase::head;
  std::size_t empty_lines_ = 0;
  std::unique_ptr<beast_parser> parser_;
};

} // namespace troupe::http
