#include "runtime/http/request_parser.hpp"

#include "runtime/http/chunk_scanner.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <limits>
#include <optional>

namespace troupe::http {

namespace beast = boost::beast;

namespace {

constexpr std::size_t empty_lines_max = 4;

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}

/// Gives what Beast reads to `request_head` without Beast's own containers between.
class reader final : public beast::http::basic_parser<true> {
public:
  explicit reader(request_head& head) : head_(head) {
    header_limit(std::numeric_limits<std::uint32_t>::max()); // the scanner has checked it
    body_limit(boost::none);                                 // whoever takes the body counts
  }

  /// What the last `put` came upon.
  std::string_view body;
  bool chunk_begun = false;
  bool is_last_chunk = false;
  std::size_t chunks = 0;
  std::size_t extension_bytes = 0;

private:
  using error_code = beast::error_code;

  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target, int version,
                       error_code&) override {
    head_.value.method = view(method);
    head_.value.target = view(target);
    head_.is_1_1 = version == 11;
  }
  void on_response_impl(int, beast::string_view, int, error_code&) override {}
  void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value, error_code&) override {
    if (!is_header_done()) head_.value.fields.add(std::string{view(name)}, std::string{view(value)}); // no trailers
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(beast::string_view bytes, error_code&) override {
    body = view(bytes);
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t size, beast::string_view extensions, error_code&) override {
    chunk_begun = true;
    ++chunks;
    is_last_chunk = size == 0;
    extension_bytes += extensions.size();
  }
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes, error_code&) override {
    body = view(bytes);
    return bytes.size();
  }
  void on_finish_impl(error_code&) override {}

  request_head& head_;
};

} // namespace

class request_parser::beast_parser {
public:
  std::optional<reader> current;
};

request_parser::request_parser(head_limits limits) : scanner_(limits), parser_(std::make_unique<beast_parser>()) {}

request_parser::~request_parser() = default;

void request_parser::begin() {
  scanner_.reset();
  head_ = {};
  empty_lines_ = 0;
  phase_ = phase::head;
}

request_parser::piece request_parser::refuse(refusal why) {
  why_ = std::move(why);
  phase_ = phase::refused;
  return {event::refused};
}

request_parser::piece request_parser::feed(std::string_view bytes) {
  switch (phase_) {
  case phase::head: return feed_head(bytes);
  case phase::body: return feed_body(bytes);
  case phase::finished: begin(); return {event::complete};
  case phase::refused: break;
  }
  return {event::refused};
}

request_parser::piece request_parser::feed_head(std::string_view bytes) {
  if (bytes.starts_with("\r\n")) { // an empty line before the request is to be ignored, but not for ever
    if (++empty_lines_ > empty_lines_max) return refuse({400, "expected a request line"});
    auto rest = feed_head(bytes.substr(2));
    rest.consumed += 2;
    return rest;
  }
  if (bytes.empty()) return {event::need_more};
  auto size = scanner_.scan(bytes);
  if (!size) return refuse(size.error());
  if (!*size) return {event::need_more};

  auto& parser = parser_->current.emplace(head_);
  beast::error_code failure;
  parser.put({bytes.data(), **size}, failure);
  if (failure) return refuse({400, "expected a valid HTTP request, but found: " + failure.message()});
  auto frame = framing_of(head_.value.fields, head_.is_1_1);
  if (!frame) return refuse(frame.error());
  head_.frame = *frame;
  if (parser.is_done() == head_.frame.has_body()) // two readers that differ: the very thing to refuse
    return refuse({400, "expected a request whose body has one meaning"});
  phase_ = parser.is_done() ? phase::finished : phase::body;
  return {event::head, **size};
}

request_parser::piece request_parser::feed_body(std::string_view bytes) {
  static constexpr chunk_limits limits;
  auto& parser = *parser_->current;
  std::size_t consumed = 0;
  while (consumed < bytes.size()) {
    auto rest = bytes.substr(consumed);
    parser.body = {};
    parser.chunk_begun = false;
    beast::error_code failure;
    // Beast asserts that what it looks at again, a first chunk that is the last one, has all of its 5 bytes.
    const auto is_too_short = parser.chunked() && parser.chunks == 0 && rest.size() < 5;
    if (is_too_short) failure = beast::http::error::need_more;
    auto taken = is_too_short ? std::size_t{0} : parser.put({rest.data(), rest.size()}, failure);
    if (failure == beast::http::error::need_more) {
      auto checked = check_unfinished_chunk(rest, parser.chunks == 0, limits);
      if (!checked) return refuse(checked.error());
      return {event::need_more, consumed};
    }
    if (failure) return refuse({400, "expected a valid body, but found: " + failure.message()});
    if (parser.chunk_begun) {
      if (parser.extension_bytes > limits.extensions) return refuse({400, "expected fewer chunk extensions"});
      auto checked = check_chunk_header(rest.substr(0, taken), parser.is_last_chunk);
      if (!checked) return refuse(checked.error());
    }
    consumed += taken;
    if (parser.is_done()) {
      if (parser.body.empty()) {
        begin();
        return {event::complete, consumed};
      }
      phase_ = phase::finished;
    }
    if (!parser.body.empty()) return {event::body, consumed, parser.body};
  }
  return {event::need_more, consumed};
}

} // namespace troupe::http
