#include "runtime/http/chunk_scanner.hpp"

#include "runtime/http/characters.hpp"
#include "runtime/http/head_scanner.hpp"

namespace troupe::http {

namespace {

accepted<void> check_bytes(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bool is_bare = (bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r')) ||
                   (bytes[i] == '\r' && i + 1 < bytes.size() && bytes[i + 1] != '\n');
    if (is_bare) return refuse_with(400, "expected chunk lines that end with CR LF");
    if (bytes[i] != '\r' && bytes[i] != '\n' && !is_field_character(bytes[i]))
      return refuse_with(400, "expected no control characters in a chunk header");
  }
  return {};
}

} // namespace

accepted<void> check_unfinished_chunk(std::string_view bytes, bool is_first, const chunk_limits& limits) {
  if (auto checked = check_bytes(bytes); !checked) return checked;
  if (!is_first && !bytes.empty() && bytes.front() != '\r')
    return refuse_with(400, "expected a chunk of the size that its header says");
  auto line = is_first ? bytes : bytes.substr(std::min<std::size_t>(2, bytes.size()));
  if (!line.empty() && hexadecimal_value(line.front()) < 0)
    return refuse_with(400, "expected a chunk header that begins with a hexadecimal number");
  auto after_zeros = line.find_first_not_of('0');
  bool is_last =
      after_zeros != 0 && (after_zeros == std::string_view::npos || hexadecimal_value(line[after_zeros]) < 0);
  if (!is_last && bytes.size() > limits.line) return refuse_with(400, "expected a shorter chunk header");
  if (bytes.size() > limits.trailers) return refuse_with(431, "expected smaller trailers");
  return {};
}

accepted<void> check_chunk_header(std::string_view bytes, bool is_last) {
  if (auto checked = check_bytes(bytes); !checked) return checked;
  if (!is_last) return {};
  if (bytes.starts_with("\r\n")) bytes.remove_prefix(2);
  bytes.remove_prefix(bytes.find("\r\n") + 2);
  while (!bytes.starts_with("\r\n")) {
    auto end = bytes.find("\r\n");
    if (end == std::string_view::npos) return refuse_with(400, "expected trailers that end with an empty line");
    if (auto checked = check_field_syntax(bytes.substr(0, end)); !checked) return checked;
    bytes.remove_prefix(end + 2);
  }
  return {};
}

} // namespace troupe::http
