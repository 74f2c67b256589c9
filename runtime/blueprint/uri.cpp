#include "runtime/blueprint/uri.hpp"

#include "runtime/base/utf8.hpp"
#include "runtime/blueprint/format.hpp"

#include <algorithm>

namespace troupe::blueprint {

namespace {

bool is_letter(char32_t c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_digit(char32_t c) {
  return c >= '0' && c <= '9';
}

bool is_hexadecimal(char32_t c) {
  return is_digit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

bool is_one_of(char32_t c, std::string_view set) {
  return c < 0x80 && set.find(static_cast<char>(c)) != std::string_view::npos;
}

bool is_unreserved(char32_t c) {
  return is_letter(c) || is_digit(c) || is_one_of(c, "-._~");
}

constexpr std::string_view sub_delimiters = "!$&'()*+,;=";

/// RFC 3987, `ucschar`: above ASCII, but no controls, private use or noncharacters.
bool is_international(char32_t c) {
  if (c < 0xa0) return false;
  if (c <= 0xd7ff) return true;
  if (c >= 0xf900 && c <= 0xfdcf) return true;
  if (c >= 0xfdf0 && c <= 0xffef) return true;
  return c >= 0x10000 && c <= 0xefffd && (c & 0xffffu) <= 0xfffd && !(c >= 0xe0000 && c <= 0xe0fff);
}

bool is_private_use(char32_t c) {
  return (c >= 0xe000 && c <= 0xf8ff) || (c >= 0xf0000 && c <= 0xffffd) || (c >= 0x100000 && c <= 0x10fffd);
}

/// What one component may consist of, besides unreserved characters, sub-delimiters and percent-encoded bytes.
struct alphabet {
  std::string_view more;
  bool international;
  bool private_use = false;
};

bool consists_of(std::string_view text, alphabet allowed) {
  while (!text.empty()) {
    auto point = next_code_point(text);
    if (!point) return false;
    auto c = *point;
    if (c == '%') {
      if (text.size() < 2 || !is_hexadecimal(static_cast<unsigned char>(text[0])) ||
          !is_hexadecimal(static_cast<unsigned char>(text[1])))
        return false;
      text.remove_prefix(2);
      continue;
    }
    bool fits = is_unreserved(c) || is_one_of(c, sub_delimiters) || is_one_of(c, allowed.more) ||
                (allowed.international && is_international(c)) || (allowed.private_use && is_private_use(c));
    if (!fits) return false;
  }
  return true;
}

bool is_scheme(std::string_view text) {
  if (text.empty() || !is_letter(static_cast<unsigned char>(text.front()))) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return is_letter(byte) || is_digit(byte) || is_one_of(byte, "+-.");
  });
}

/// What stands between the brackets: an IPv6 address, or `v` and a number, a point and anything.
bool is_address_literal(std::string_view text) {
  if (text.empty() || (text.front() != 'v' && text.front() != 'V')) return is_ipv6(text);
  auto point = text.find('.');
  if (point == std::string_view::npos || point < 2 || point + 1 == text.size()) return false;
  auto version = text.substr(1, point - 1);
  auto rest = text.substr(point + 1);
  return std::all_of(version.begin(), version.end(),
                     [](char c) { return is_hexadecimal(static_cast<unsigned char>(c)); }) &&
         rest.find('%') == std::string_view::npos && consists_of(rest, {":", false});
}

bool is_authority(std::string_view text, bool international) {
  if (auto at = text.find('@'); at != std::string_view::npos) {
    if (!consists_of(text.substr(0, at), {":", international})) return false;
    text.remove_prefix(at + 1);
  }
  std::string_view port;
  if (!text.empty() && text.front() == '[') {
    auto end = text.find(']');
    if (end == std::string_view::npos || !is_address_literal(text.substr(1, end - 1))) return false;
    port = text.substr(end + 1);
  } else {
    auto end = std::min(text.find(':'), text.size());
    if (!consists_of(text.substr(0, end), {"", international})) return false;
    port = text.substr(end);
  }
  if (port.empty()) return true;
  return port.front() == ':' &&
         std::all_of(port.begin() + 1, port.end(), [](char c) { return is_digit(static_cast<unsigned char>(c)); });
}

bool is_well_formed(const uri_parts& parts, bool international) {
  if (parts.scheme && !is_scheme(*parts.scheme)) return false;
  if (parts.authority && !is_authority(*parts.authority, international)) return false;
  return consists_of(parts.path, {":@/", international}) &&
         (!parts.query || consists_of(*parts.query, {":@/?", international, international})) &&
         (!parts.fragment || consists_of(*parts.fragment, {":@/?", international}));
}

std::string without_dot_segments(std::string_view path) {
  std::string result;
  auto drop_last = [&] { result.erase(std::min(result.rfind('/'), result.size())); };
  while (!path.empty()) {
    if (path.starts_with("../")) {
      path.remove_prefix(3);
    } else if (path.starts_with("./") || path.starts_with("/./")) {
      path.remove_prefix(2);
    } else if (path == "/.") {
      path = "/";
    } else if (path.starts_with("/../")) {
      path.remove_prefix(3);
      drop_last();
    } else if (path == "/..") {
      path = "/";
      drop_last();
    } else if (path == "." || path == "..") {
      path = {};
    } else {
      auto end = std::min(path.find('/', 1), path.size());
      result.append(path.substr(0, end));
      path.remove_prefix(end);
    }
  }
  return result;
}

std::string merged_path(const uri_parts& base, std::string_view path) {
  if (base.authority && base.path.empty()) return "/" + std::string{path};
  auto slash = base.path.rfind('/');
  auto folder = slash == std::string_view::npos ? std::string_view{} : base.path.substr(0, slash + 1);
  return std::string{folder} + std::string{path};
}

} // namespace

uri_parts split_uri(std::string_view text) {
  uri_parts parts;
  if (auto end = text.find_first_of(":/?#"); end != std::string_view::npos && text[end] == ':') {
    parts.scheme = text.substr(0, end);
    text.remove_prefix(end + 1);
  }
  if (auto mark = text.find('#'); mark != std::string_view::npos) {
    parts.fragment = text.substr(mark + 1);
    text = text.substr(0, mark);
  }
  if (auto mark = text.find('?'); mark != std::string_view::npos) {
    parts.query = text.substr(mark + 1);
    text = text.substr(0, mark);
  }
  if (text.starts_with("//")) {
    auto end = std::min(text.find('/', 2), text.size());
    parts.authority = text.substr(2, end - 2);
    text.remove_prefix(end);
  }
  parts.path = text;
  return parts;
}

std::string resolve_uri(std::string_view base, std::string_view reference) {
  auto from = split_uri(base);
  auto to = split_uri(reference);
  std::string path;
  bool keeps_query = false;
  if (to.scheme || to.authority) {
    path = without_dot_segments(to.path);
  } else if (to.path.empty()) {
    path = from.path;
    keeps_query = !to.query;
  } else if (to.path.starts_with('/')) {
    path = without_dot_segments(to.path);
  } else {
    path = without_dot_segments(merged_path(from, to.path));
  }
  auto scheme = to.scheme ? to.scheme : from.scheme;
  auto authority = to.scheme || to.authority ? to.authority : from.authority;
  auto query = keeps_query ? from.query : to.query;
  std::string result;
  if (scheme) result.append(*scheme).append(":");
  if (authority) result.append("//").append(*authority);
  result += path;
  if (query) result.append("?").append(*query);
  if (to.fragment) result.append("#").append(*to.fragment);
  return result;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  auto value_of = [](char c) { return is_digit(static_cast<unsigned char>(c)) ? c - '0' : (c | 0x20) - 'a' + 10; };
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    if (i + 2 >= text.size() || !is_hexadecimal(static_cast<unsigned char>(text[i + 1])) ||
        !is_hexadecimal(static_cast<unsigned char>(text[i + 2])))
      return std::nullopt;
    result += static_cast<char>(value_of(text[i + 1]) * 16 + value_of(text[i + 2]));
    i += 2;
  }
  return result;
}

bool is_uri(std::string_view text, bool international) {
  auto parts = split_uri(text);
  return parts.scheme && is_well_formed(parts, international);
}

bool is_uri_reference(std::string_view text, bool international) {
  return is_well_formed(split_uri(text), international);
}

} // namespace troupe::blueprint
