#include "runtime/base/utf8.hpp"
#include "runtime/blueprint/format.hpp"

#include <algorithm>

namespace troupe::blueprint {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hexadecimal(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

bool is_percent_encoded(std::string_view text) {
  return text.size() >= 3 && text[0] == '%' && is_hexadecimal(text[1]) && is_hexadecimal(text[2]);
}

/// `varname`: letters, digits, `_` and percent-encoded bytes, with single points between.
bool is_variable_name(std::string_view text) {
  bool may_have_point = false;
  while (!text.empty()) {
    auto c = text.front();
    bool is_word = is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
    std::size_t length = 1;
    if (c == '%') {
      if (!is_percent_encoded(text)) return false;
      length = 3;
    } else if (c == '.') {
      if (!may_have_point) return false;
    } else if (!is_word) {
      return false;
    }
    may_have_point = c != '.';
    text.remove_prefix(length);
  }
  return may_have_point;
}

/// `varspec`: a name, and `*` or `:` with a number from 1 to 9999.
bool is_variable(std::string_view text) {
  if (text.ends_with('*')) return is_variable_name(text.substr(0, text.size() - 1));
  auto colon = text.find(':');
  if (colon == std::string_view::npos) return is_variable_name(text);
  auto length = text.substr(colon + 1);
  return !length.empty() && length.size() <= 4 && length.front() != '0' &&
         std::all_of(length.begin(), length.end(), is_digit) && is_variable_name(text.substr(0, colon));
}

/// What stands between braces.
bool is_expression(std::string_view text) {
  constexpr std::string_view operators = "+#./;?&=,!@|";
  if (!text.empty() && operators.find(text.front()) != std::string_view::npos) text.remove_prefix(1);
  for (;;) {
    auto end = std::min(text.find(','), text.size());
    if (!is_variable(text.substr(0, end))) return false;
    if (end == text.size()) return true;
    text.remove_prefix(end + 1);
  }
}

/// `literals` of RFC 6570 with its erratum 6937 (an apostrophe is one).
bool is_literal(char32_t c) {
  if (c <= 0x20 || (c >= 0x7f && c < 0xa0)) return false;
  constexpr std::u32string_view forbidden = U"\"%<>\\^`{|}";
  if (c < 0x80) return forbidden.find(c) == std::u32string_view::npos;
  if (c >= 0xfdd0 && c <= 0xfdef) return false;
  return (c & 0xfffeu) != 0xfffe && !(c >= 0xfff0 && c <= 0xffff) && !(c >= 0xe0000 && c <= 0xe0fff);
}

} // namespace

bool is_uri_template(std::string_view text) {
  while (!text.empty()) {
    if (text.front() == '{') {
      auto end = text.find('}');
      if (end == std::string_view::npos || !is_expression(text.substr(1, end - 1))) return false;
      text.remove_prefix(end + 1);
    } else if (text.front() == '%') {
      if (!is_percent_encoded(text)) return false;
      text.remove_prefix(3);
    } else {
      auto point = next_code_point(text);
      if (!point || !is_literal(*point)) return false;
    }
  }
  return true;
}

} // namespace troupe::blueprint
