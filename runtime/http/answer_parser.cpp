#include "runtime/http/answer_parser.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <optional>

namespace troupe::http {

namespace beast = boost::beast;

namespace {

constexpr std::uint32_t head_max = 64u << 10;
constexpr std::size_t pending_max = 128u << 10;
constexpr std::size_t reserve_max = 64u << 10;
constexpr int interim_max = 16;

class reader final : public beast::http::basic_parser<false> {
public:
  reader(answer& value, std::size_t limit) : value_(value), limit_(limit) {
    header_limit(head_max);
    body_limit(boost::none); // counted here: an answer without a length is bounded too
    eager(true);
  }
  bool is_too_large = false;
  bool has_chunks = false;

private:
  using error_code = beast::error_code;

  std::size_t take(beast::string_view bytes, error_code& failure) {
    if (value_.body.size() + bytes.size() > limit_) {
      is_too_large = true;
      failure = beast::http::error::body_limit;
      return 0;
    }
    value_.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }

  void on_request_impl(beast::http::verb, beast::string_view, beast::string_view, int, error_code&) override {}
  void on_response_impl(int status, beast::string_view, int, error_code&) override { value_.status = status; }
  void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value, error_code&) override {
    if (!is_header_done()) value_.fields.add({name.data(), name.size()}, {value.data(), value.size()}); // no trailers
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& failure) override {
    if (!length) return;
    if (*length > limit_) {
      is_too_large = true;
      failure = beast::http::error::body_limit;
      return;
    }
    value_.body.reserve(std::min<std::size_t>(*length, reserve_max));
  }
  std::size_t on_body_impl(beast::string_view bytes, error_code& failure) override { return take(bytes, failure); }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override { has_chunks = true; }
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes, error_code& failure) override {
    return take(bytes, failure);
  }
  void on_finish_impl(error_code&) override {}

  answer& value_;
  std::size_t limit_;
};

} // namespace

class answer_parser::beast_parser {
public:
  std::optional<reader> current;
};

answer_parser::answer_parser(std::size_t body_limit)
    : body_limit_(body_limit), parser_(std::make_unique<beast_parser>()) {}

answer_parser::~answer_parser() = default;

void answer_parser::begin(bool is_head) {
  is_head_ = is_head;
  interim_ = 0;
  value_ = {};
  parser_->current.emplace(value_, body_limit_);
  parser_->current->skip(is_head);
}

answer_parser::step answer_parser::feed(std::string_view bytes) {
  std::size_t consumed = 0;
  while (consumed < bytes.size()) {
    auto& parser = *parser_->current;
    // Beast asserts that what it looks at again, a first chunk that is the last one, has all of its 5 bytes.
    bool is_chunk_due = parser.is_header_done() && parser.chunked() && !parser.has_chunks;
    if (is_chunk_due && bytes.size() - consumed < 5) return {outcome::need_more, consumed};
    beast::error_code failure;
    consumed += parser.put({bytes.data() + consumed, bytes.size() - consumed}, failure);
    if (parser.is_too_large) {
      why_ = "expected an answer of at most " + std::to_string(body_limit_) + " bytes";
      return {outcome::too_large, consumed};
    }
    if (failure && failure != beast::http::error::need_more) {
      why_ = "expected an HTTP answer, but found: " + failure.message();
      return {outcome::failed, consumed};
    }
    if (!parser.is_done()) {
      if (bytes.size() - consumed > pending_max) {
        why_ = "expected an HTTP answer with a smaller head";
        return {outcome::failed, consumed};
      }
      return {outcome::need_more, consumed};
    }
    if (value_.status / 100 != 1) return {outcome::complete, consumed};
    if (value_.status == 101 || ++interim_ > interim_max) {
      why_ = "expected an answer, but found only " + std::to_string(value_.status);
      return {outcome::failed, consumed};
    }
    value_ = {};
    parser_->current.emplace(value_, body_limit_);
    parser_->current->skip(is_head_);
  }
  return {outcome::need_more, consumed};
}

answer_parser::outcome answer_parser::end() {
  auto& parser = *parser_->current;
  beast::error_code failure;
  why_ =
      "expected a whole answer, but found its end after " + std::to_string(value_.body.size()) + " bytes of its body";
  if (!parser.is_header_done()) {
    why_ = "expected an answer, but found the end of the connection";
    return outcome::failed;
  }
  parser.put_eof(failure);
  return failure ? outcome::failed : outcome::complete;
}

bool answer_parser::keep_alive() const {
  return parser_->current->keep_alive();
}

} // namespace troupe::http
