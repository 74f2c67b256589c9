#include "runtime/http/response_writer.hpp"

#include "runtime/http/characters.hpp"
#include "runtime/http/problem.hpp"

#include <charconv>
#include <cstdint>
#include <ctime>

namespace troupe::http {

namespace {

template <class Number> void append_number(std::string& out, Number value, int base = 10) {
  std::array<char, 24> digits{};
  auto [end, failure] = std::to_chars(digits.data(), digits.data() + digits.size(), value, base);
  out.append(digits.data(), end);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  if (is_field_value(value)) {
    out.append(value);
  } else {
    for (char c : value)
      out += is_field_character(c) ? c : ' ';
  }
  out.append("\r\n");
}

/// What the server itself writes.
bool is_own_field(std::string_view name) {
  for (std::string_view own : {"content-length", "transfer-encoding", "connection", "date", "server", "x-request-id"})
    if (equal_without_case(name, own)) return true;
  return false;
}

void append_framing(std::string& out, int status, const answer_frame& frame) {
  if (frame.framing == body_framing::chunked) {
    out.append("Transfer-Encoding: chunked\r\n");
  } else if (frame.framing == body_framing::length && may_have_body(status)) {
    out.append("Content-Length: ");
    append_number(out, frame.length);
    out.append("\r\n");
  }
  if (!frame.keep_alive)
    out.append("Connection: close\r\n");
  else if (!frame.is_1_1)
    out.append("Connection: keep-alive\r\n");
}

} // namespace

std::string_view date_text::now() {
  std::timespec coarse{};
  clock_gettime(CLOCK_REALTIME_COARSE, &coarse);
  if (coarse.tv_sec != second_) {
    second_ = coarse.tv_sec;
    std::tm parts{};
    gmtime_r(&second_, &parts);
    static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    auto format = std::string{days[static_cast<std::size_t>(parts.tm_wday)]} + ", %d " +
                  months[static_cast<std::size_t>(parts.tm_mon)] + " %Y %H:%M:%S GMT";
    std::strftime(text_.data(), text_.size(), format.c_str(), &parts);
  }
  return {text_.data()};
}

void write_head(std::string& out, const response& value, std::string_view request_id, const answer_frame& frame,
                std::string_view date) {
  out.append("HTTP/1.1 ");
  append_number(out, value.status);
  out.append(" ").append(reason_of(value.status)).append("\r\nServer: troupe\r\nDate: ").append(date).append("\r\n");
  if (!value.content_type.empty() && may_have_body(value.status)) append_field(out, "Content-Type", value.content_type);
  append_field(out, "X-Request-Id", request_id);
  for (const auto& [name, text] : value.fields)
    if (is_token(name) && !is_own_field(name)) append_field(out, name, text);
  append_framing(out, value.status, frame);
  out.append("\r\n");
}

void write_chunk(std::string& out, std::string_view bytes) {
  if (bytes.empty()) return;
  append_number(out, bytes.size(), 16);
  out.append("\r\n").append(bytes).append("\r\n");
}

std::string_view reason_of(int status) {
  static constexpr auto known = std::to_array<std::pair<int, std::string_view>>({
      {100, "Continue"},
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {304, "Not Modified"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {411, "Length Required"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {417, "Expectation Failed"},
      {422, "Unprocessable Content"},
      {426, "Upgrade Required"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
  });
  for (const auto& [code, reason] : known)
    if (code == status) return reason;
  return status < 400 ? "OK" : "Error";
}

} // namespace troupe::http
