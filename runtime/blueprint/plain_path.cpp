#include "runtime/blueprint/plain_path.hpp"

#include "runtime/blueprint/script_globals.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace troupe::blueprint {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}
bool is_name_part(char c) {
  return is_name_start(c) || is_digit(c);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back()))
    text.remove_suffix(1);
  return text;
}

/// Takes a name from the front; empty if there is none.
std::string_view take_name(std::string_view& text) {
  std::size_t size = 0;
  if (!text.empty() && is_name_start(text[0])) {
    while (size < text.size() && is_name_part(text[size]))
      ++size;
  }
  const auto name = text.substr(0, size);
  text.remove_prefix(size);
  return name;
}

/// Takes `"text"` or `'text'` without escapes and line breaks from the front.
std::optional<std::string> take_quoted(std::string_view& text) {
  if (text.empty() || (text[0] != '"' && text[0] != '\'')) return std::nullopt;
  const auto end = text.find(text[0], 1);
  if (end == std::string_view::npos) return std::nullopt;
  const auto inside = text.substr(1, end - 1);
  if (inside.find_first_of("\\\n\r") != std::string_view::npos) return std::nullopt;
  text.remove_prefix(end + 1);
  return std::string(inside);
}

/// The value of an array index written as JavaScript writes it.
std::optional<std::size_t> index_of(std::string_view text) {
  if (text.empty() || text.size() > 10 || !std::all_of(text.begin(), text.end(), is_digit) ||
      (text[0] == '0' && text.size() > 1))
    return std::nullopt;
  std::size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Takes `0]` or `"a b"]` from the front, after the opening bracket.
std::optional<std::string> take_subscript(std::string_view& text) {
  text = trimmed(text);
  std::optional<std::string> part;
  if (!text.empty() && is_digit(text[0])) {
    std::size_t size = 0;
    while (size < text.size() && is_digit(text[size]))
      ++size;
    if (index_of(text.substr(0, size))) part = text.substr(0, size);
    text.remove_prefix(size);
  } else {
    part = take_quoted(text);
  }
  text = trimmed(text);
  if (!part || text.empty() || text[0] != ']') return std::nullopt;
  text.remove_prefix(1);
  return part;
}

std::size_t unit_count(const std::string& text) {
  std::size_t count = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0u) != 0x80u) count += byte >= 0xf0 ? 2 : 1;
  }
  return count;
}

/// The UTF-16 unit at `index` as text: half of a pair is U+FFFD, as it is when a script's value becomes JSON.
json unit_at(const std::string& text, std::size_t index) {
  std::size_t unit = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const std::size_t size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    const std::size_t units = size == 4 ? 2 : 1;
    if (index < unit + units) return units == 2 ? std::string("\xef\xbf\xbd") : text.substr(at, size);
    unit += units;
    at += size;
  }
  return nullptr;
}

/// What an array or a text has besides what JSON has in it.
json property_of(const json& value, const std::string& name) {
  if (value.is_array()) return name == "length" ? json(value.size()) : json();
  if (!value.is_string()) return nullptr;
  const auto& text = value.get_ref<const std::string&>();
  if (name == "length") return unit_count(text);
  const auto index = index_of(name);
  return index ? unit_at(text, *index) : json();
}

} // namespace

std::optional<std::vector<std::string>> parse_plain_path(std::string_view source) {
  auto rest = trimmed(source);
  const auto root = take_name(rest);
  if (root.empty() || is_reserved_word(root) || is_global_name(root)) return std::nullopt;
  std::vector<std::string> parts{std::string(root)};
  while (!rest.empty()) {
    bool bracket = rest[0] == '[';
    if (rest.starts_with("?.")) {
      rest.remove_prefix(2);
      bracket = rest.starts_with('[');
    } else if (rest[0] != '.' && !bracket) {
      return std::nullopt;
    } else if (!bracket) {
      rest.remove_prefix(1);
    }
    if (bracket) {
      rest.remove_prefix(1);
      auto part = take_subscript(rest);
      if (!part) return std::nullopt;
      parts.push_back(*std::move(part));
    } else {
      const auto name = take_name(rest);
      if (name.empty()) return std::nullopt;
      parts.emplace_back(name);
    }
  }
  return parts;
}

std::optional<json> parse_literal(std::string_view source) {
  auto text = trimmed(source);
  if (text == "true") return true;
  if (text == "false") return false;
  if (text == "null" || text == "undefined") return nullptr;
  if (auto quoted = take_quoted(text)) return text.empty() ? std::optional<json>(*std::move(quoted)) : std::nullopt;
  const bool negative = text.starts_with('-');
  const auto digits = negative ? text.substr(1) : text;
  if (digits.size() > 15 || !index_of(digits.substr(0, 1))) return std::nullopt;
  std::int64_t whole = 0;
  const bool canonical = digits == "0" || digits[0] != '0';
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), whole);
  if (failed == std::errc() && end == digits.data() + digits.size() && canonical) return negative ? -whole : whole;
  return std::nullopt;
}

const json& look_up(const json& root, const std::vector<std::string>& parts, json& made) {
  made = nullptr;
  const json* found = &root;
  for (std::size_t at = 1; at < parts.size(); ++at) {
    const auto& part = parts[at];
    const bool last = at + 1 == parts.size();
    if (found->is_object()) {
      const auto member = found->find(part);
      if (member == found->end()) return made;
      found = &*member;
    } else if (found->is_array() && part != "length") {
      const auto index = index_of(part);
      if (!index || *index >= found->size()) return made;
      found = &(*found)[*index];
    } else {
      if (last) made = property_of(*found, part);
      return made;
    }
  }
  return *found;
}

bool is_truthy(const json& value) {
  switch (value.type()) {
  case json::value_t::null:
  case json::value_t::discarded: return false;
  case json::value_t::boolean: return value.get<bool>();
  case json::value_t::number_integer:
  case json::value_t::number_unsigned: return value.get<std::int64_t>() != 0;
  case json::value_t::number_float: return value.get<double>() != 0 && !std::isnan(value.get<double>());
  case json::value_t::string: return !value.get_ref<const std::string&>().empty();
  default: return true;
  }
}

} // namespace troupe::blueprint
