#include "runtime/http/client_call.hpp"

#include "runtime/http/characters.hpp"

#include <algorithm>

namespace troupe::http {

namespace {

/// What the client itself writes, or what would contradict that.
bool is_own_field(std::string_view name) {
  for (std::string_view own : {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade",
                               "te", "trailer", "expect", "proxy-connection"})
    if (equal_without_case(name, own)) return true;
  return false;
}

/// The earliest of a time that may overflow.
steady_clock::time_point deadline_after(steady_clock::time_point now, duration timeout) {
  constexpr duration longest = std::chrono::hours{24 * 365};
  return now + std::clamp(timeout, duration{0}, longest);
}

} // namespace

tl::expected<std::unique_ptr<pending_call>, std::string> prepare_call(const call& value, steady_clock::time_point now) {
  auto refused = [](std::string what) { return tl::unexpected<std::string>(std::move(what)); };
  auto result = std::make_unique<pending_call>();
  result->deadline = deadline_after(now, value.timeout);
  auto to = parse_url(value.url);
  if (!to) return refused(to.error());
  result->to = std::move(*to);
  if (!is_token(value.method) || value.method == "CONNECT") return refused("expected an HTTP method");
  result->is_head = value.method == "HEAD";

  auto& out = result->bytes;
  out.reserve(256 + result->to.target.size() + value.body.size());
  out.append(value.method)
      .append(" ")
      .append(result->to.target)
      .append(" HTTP/1.1\r\nHost: ")
      .append(result->to.authority);
  out.append("\r\n");
  bool has_agent = false;
  for (const auto& [name, text] : value.fields) {
    if (!is_token(name))
      return refused("expected a header name, but found other characters than letters, digits and -");
    if (!is_field_value(text)) return refused("expected no control characters in the value of the header " + name);
    if (is_own_field(name)) continue;
    has_agent = has_agent || equal_without_case(name, "user-agent");
    out.append(name).append(": ").append(text).append("\r\n");
  }
  if (!has_agent) out.append("User-Agent: troupe\r\n");
  bool expects_body = value.method == "POST" || value.method == "PUT" || value.method == "PATCH";
  if (expects_body || !value.body.empty())
    out.append("Content-Length: ").append(std::to_string(value.body.size())).append("\r\n");
  out.append("\r\n").append(value.body);
  return result;
}

} // namespace troupe::http
