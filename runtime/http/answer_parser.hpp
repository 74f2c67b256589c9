#pragma once

#include "runtime/http/client.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace troupe::http {

/// Takes answers off a connection's bytes. Interim answers (1xx) are skipped.
class answer_parser {
public:
  explicit answer_parser(std::size_t body_limit);
  ~answer_parser();

  /// Before each answer. `is_head`: it has no body whatever it says.
  void begin(bool is_head);

  enum class outcome { need_more, complete, failed, too_large };
  struct step {
    outcome what;
    std::size_t consumed = 0;
  };
  /// `bytes` are all that have come and were not consumed.
  step feed(std::string_view bytes);
  /// The other side has ended: some answers end so.
  outcome end();

  /// Of a complete answer; may be moved from.
  answer& value() { return value_; }
  /// Of a complete answer: whether the connection goes on after it.
  bool keep_alive() const;
  /// Why it failed.
  const std::string& why() const { return why_; }

private:
  class beast_parser;

  std::size_t body_limit_;
  bool is_head_ = false;
  int interim_ = 0;
  answer value_;
  std::string why_;
  std::unique_ptr<beast_parser> parser_;
};

} // namespace troupe::http
