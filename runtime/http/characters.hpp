#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace troupe::http {

/// The character classes of RFC 9110, section 5.6.2 and 5.5, without a locale.
namespace characters {

inline constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (unsigned char c = '0'; c <= '9'; ++c)
    table[c] = true;
  for (unsigned char c = 'a'; c <= 'z'; ++c)
    table[c] = true;
  for (unsigned char c = 'A'; c <= 'Z'; ++c)
    table[c] = true;
  for (char c : std::string_view{"!#$%&'*+-.^_`|~"})
    table[static_cast<unsigned char>(c)] = true;
  return table;
}

inline constexpr auto token_table = make_token_table();

} // namespace characters

constexpr bool is_token_character(char c) {
  return characters::token_table[static_cast<unsigned char>(c)];
}

/// 1*tchar
constexpr bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

/// What may stand in a field's value: VCHAR, obs-text, space and tab; so no CR, LF, NUL or other control character.
constexpr bool is_field_character(char c) {
  auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

constexpr bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_field_character);
}

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// The value of a hexadecimal digit, or -1.
constexpr int hexadecimal_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool equal_without_case(std::string_view left, std::string_view right) {
  return left.size() == right.size() &&
         std::equal(left.begin(), left.end(), right.begin(), [](char a, char b) { return to_lower(a) == to_lower(b); });
}

/// Without the spaces and tabs around it.
constexpr std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

/// Calls `visit` with each element of a comma-separated list that is not empty, trimmed.
template <class Visitor> constexpr void for_each_element(std::string_view list, Visitor visit) {
  while (!list.empty()) {
    auto comma = list.find(',');
    auto element = trimmed(list.substr(0, comma));
    if (!element.empty()) visit(element);
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

} // namespace troupe::http
