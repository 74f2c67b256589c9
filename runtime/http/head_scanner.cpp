#include "runtime/http/head_scanner.hpp"

#include "runtime/http/characters.hpp"

#include <cstring>

namespace troupe::http {

namespace {

constexpr std::size_t method_length_max = 32;

accepted<void> check_method(std::string_view method) {
  if (!is_token(method)) return refuse_with(400, "expected a request line that begins with a method");
  return {};
}

/// Before anything else is looked at: what comes behind must not decide how an overlong method is refused, for it may
/// have come or not.
accepted<void> check_method_length(std::string_view bytes) {
  auto beginning = bytes.substr(0, method_length_max + 1);
  if (beginning.size() > method_length_max && is_token(beginning))
    return refuse_with(501, "expected a method that this server knows");
  return {};
}

accepted<void> check_target(std::string_view target, std::size_t limit) {
  if (target.size() > limit) return refuse_with(414, "expected a shorter request target");
  if (target.empty()) return refuse_with(400, "expected exactly one space between the parts of the request line");
  for (char c : target) {
    auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || c == '#' || c == '\\')
      return refuse_with(400, "expected a request target of visible ASCII characters without a fragment");
  }
  return {};
}

accepted<void> check_version(std::string_view version) {
  bool is_version = version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) && version[6] == '.' &&
                    is_digit(version[7]);
  if (!is_version) return refuse_with(400, "expected the request line to end with an HTTP version");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return refuse_with(505, "expected HTTP/1.1 or HTTP/1.0");
  return {};
}

} // namespace

accepted<void> check_field_syntax(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') return refuse_with(400, "expected no folded header lines");
  auto colon = line.find(':');
  if (colon == std::string_view::npos) return refuse_with(400, "expected a colon in every header line");
  auto name = line.substr(0, colon);
  if (!is_token(name)) return refuse_with(400, "expected a header name directly before its colon");
  if (!is_field_value(line.substr(colon + 1)))
    return refuse_with(400, "expected no control characters in a header value");
  // Some programs read an underscore as the hyphen: then these would frame the message there and not here.
  if (equal_without_case(name, "content_length") || equal_without_case(name, "transfer_encoding"))
    return refuse_with(400, "expected Content-Length or Transfer-Encoding, but found it with an underscore");
  return {};
}

void head_scanner::reset() {
  line_start_ = 0;
  seen_ = 0;
  lines_ = 0;
}

accepted<std::optional<std::size_t>> head_scanner::scan(std::string_view bytes) {
  if (lines_ == 0)
    if (auto checked = check_method_length(bytes); !checked) return tl::unexpected(checked.error());
  while (seen_ < bytes.size()) {
    auto* found = static_cast<const char*>(std::memchr(bytes.data() + seen_, '\n', bytes.size() - seen_));
    if (found == nullptr) {
      seen_ = bytes.size();
      break;
    }
    auto end = static_cast<std::size_t>(found - bytes.data());
    if (end == line_start_ || bytes[end - 1] != '\r') return refuse_with(400, "expected lines that end with CR LF");
    auto line = bytes.substr(line_start_, end - 1 - line_start_);
    seen_ = end + 1;
    if (seen_ > limits_.head && lines_ > 0) return refuse_with(431, "expected a smaller header");
    if (line.empty() && lines_ > 0) return std::optional{seen_};
    if (auto checked = check_line(line); !checked) return tl::unexpected(checked.error());
    line_start_ = seen_;
    ++lines_;
  }
  if (auto checked = check_unfinished(bytes.substr(line_start_)); !checked) return tl::unexpected(checked.error());
  if (bytes.size() >= limits_.head) return refuse_with(431, "expected a smaller header");
  return std::optional<std::size_t>{};
}

accepted<void> head_scanner::check_line(std::string_view line) {
  if (line.find('\r') != std::string_view::npos) return refuse_with(400, "expected lines that end with CR LF");
  return lines_ == 0 ? check_request_line(line) : check_field_line(line);
}

accepted<void> head_scanner::check_request_line(std::string_view line) const {
  auto first = line.find(' ');
  if (auto checked = check_method(line.substr(0, first)); !checked) return checked;
  if (first == std::string_view::npos)
    return refuse_with(400, "expected a method, a target and a version in the request line");
  auto rest = line.substr(first + 1);
  auto second = rest.find(' ');
  if (auto checked = check_target(rest.substr(0, second), limits_.target); !checked) return checked;
  return check_version(second == std::string_view::npos ? std::string_view{} : rest.substr(second + 1));
}

accepted<void> head_scanner::check_field_line(std::string_view line) {
  if (lines_ > limits_.fields) return refuse_with(431, "expected fewer header fields");
  return check_field_syntax(line);
}

/// A line whose end has not come: is it worth waiting for?
accepted<void> head_scanner::check_unfinished(std::string_view rest) const {
  if (rest.empty()) return {};
  auto carriage_return = rest.find('\r');
  if (carriage_return != std::string_view::npos && carriage_return + 1 < rest.size())
    return refuse_with(400, "expected lines that end with CR LF");
  if (rest.find('\0') != std::string_view::npos) return refuse_with(400, "expected no NUL in a header");
  if (lines_ > 0) return {};
  auto space = rest.find(' ');
  auto method = rest.substr(0, space);
  if (carriage_return == std::string_view::npos)
    if (auto checked = check_method(method); !checked) return checked;
  if (space != std::string_view::npos && rest.size() - space > limits_.target + 12)
    return refuse_with(414, "expected a shorter request target");
  return {};
}

} // namespace troupe::http
