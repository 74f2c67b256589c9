#include "runtime/http/target.hpp"

#include "runtime/base/utf8.hpp"
#include "runtime/http/characters.hpp"
#include "runtime/http/framing.hpp"

namespace troupe::http {

namespace {

accepted<std::string> decoded(std::string_view text, bool is_query) {
  if (text.find_first_of(is_query ? "%+" : "%") == std::string_view::npos) return std::string{text};
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && is_query) {
      result += ' ';
      continue;
    }
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return refuse_with(400, "expected two hexadecimal digits after every % in the target");
    int high = hexadecimal_value(text[i + 1]);
    int low = hexadecimal_value(text[i + 2]);
    if (high < 0 || low < 0) return refuse_with(400, "expected two hexadecimal digits after every % in the target");
    auto byte = static_cast<unsigned char>(high * 16 + low);
    if (byte < 0x20 || byte == 0x7f) return refuse_with(400, "expected no encoded control characters in the target");
    if (!is_query && (byte == '/' || byte == '\\'))
      return refuse_with(400, "expected no encoded slash in the target's path");
    result += static_cast<char>(byte);
    i += 2;
  }
  if (!is_utf8(result)) return refuse_with(400, "expected UTF-8 in the target's percent-encoding");
  return result;
}

bool has_parent_segment(std::string_view path) {
  while (!path.empty()) {
    auto slash = path.find('/');
    if (path.substr(0, slash) == "..") return true;
    if (slash == std::string_view::npos) return false;
    path.remove_prefix(slash + 1);
  }
  return false;
}

accepted<void> parse_query(std::string_view text, std::vector<std::pair<std::string, std::string>>& query) {
  while (!text.empty()) {
    auto end = text.find('&');
    auto pair = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (pair.empty()) continue;
    auto equals = pair.find('=');
    auto name = decoded(pair.substr(0, equals), true);
    if (!name) return tl::unexpected(name.error());
    auto value = decoded(equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1), true);
    if (!value) return tl::unexpected(value.error());
    query.emplace_back(std::move(*name), std::move(*value));
  }
  return {};
}

/// Takes `http://host` off an absolute-form; the Host header that stands beside it is ignored (RFC 9112,
/// section 3.2.2).
accepted<std::string_view> without_authority(std::string_view target) {
  auto scheme_end = target.find("://");
  if (scheme_end == std::string_view::npos) return refuse_with(400, "expected a request target that begins with /");
  auto scheme = target.substr(0, scheme_end);
  if (!equal_without_case(scheme, "http") && !equal_without_case(scheme, "https"))
    return refuse_with(400, "expected a request target with the scheme http");
  auto rest = target.substr(scheme_end + 3);
  auto authority = rest.substr(0, rest.find_first_of("/?"));
  if (!is_host(authority)) return refuse_with(400, "expected a host, and perhaps a port, in the request target");
  return rest.substr(authority.size());
}

} // namespace

accepted<target_parts> parse_target(std::string_view method, std::string_view target) {
  target_parts result;
  if (target == "*") {
    if (method != "OPTIONS") return refuse_with(400, "expected the target * with OPTIONS only");
    result.path = "*";
    return result;
  }
  bool is_absolute = !target.starts_with('/');
  if (is_absolute) {
    auto rest = without_authority(target);
    if (!rest) return tl::unexpected(rest.error());
    target = *rest;
  }
  auto question = target.find('?');
  auto path = decoded(target.substr(0, question), false);
  if (!path) return tl::unexpected(path.error());
  if (path->empty()) *path = method == "OPTIONS" && question == std::string_view::npos ? "*" : "/";
  if (has_parent_segment(*path)) return refuse_with(400, "expected a target without .. in its path");
  result.path = std::move(*path);
  if (question != std::string_view::npos)
    if (auto parsed = parse_query(target.substr(question + 1), result.query); !parsed)
      return tl::unexpected(parsed.error());
  return result;
}

} // namespace troupe::http
