#include "runtime/base/json.hpp"

#include "runtime/base/utf8.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace troupe {

namespace {

enum class style { canonical, plain };

void append_character(std::string& out, unsigned char c) {
  switch (c) {
  case '"': out += "\\\""; return;
  case '\\': out += "\\\\"; return;
  case '\b': out += "\\b"; return;
  case '\f': out += "\\f"; return;
  case '\n': out += "\\n"; return;
  case '\r': out += "\\r"; return;
  case '\t': out += "\\t"; return;
  default: out += fmt::format("\\u{:04x}", c);
  }
}

/// Bytes that stand for themselves inside a string; the others are escaped or begin a character of several bytes.
constexpr std::array<bool, 256> plain_bytes = [] {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < 0x80; ++byte)
    plain[byte] = byte != '"' && byte != '\\';
  return plain;
}();

void append_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain_from = 0;
  for (std::size_t i = 0; i < text.size();) {
    auto c = static_cast<unsigned char>(text[i]);
    if (plain_bytes[c]) {
      ++i;
    } else if (c >= 0x80) {
      auto length = utf8_length(text.substr(i));
      if (length == 0) {
        out.append(text, plain_from, i - plain_from).append("\xef\xbf\xbd");
        plain_from = i + 1;
      }
      i += std::max<std::size_t>(length, 1);
    } else {
      out.append(text, plain_from, i - plain_from);
      append_character(out, c);
      plain_from = ++i;
    }
  }
  out.append(text, plain_from);
  out += '"';
}

template <class Number> void append_chars(std::string& out, Number value) {
  char text[32];
  auto result = std::to_chars(text, text + sizeof text, value);
  out.append(text, result.ptr);
}

constexpr double exact_integer_max = 9007199254740992.0; // 2^53

void append_float(std::string& out, double value, style how) {
  if (!std::isfinite(value)) {
    out += "null";
  } else if (std::trunc(value) == value && std::abs(value) <= exact_integer_max) {
    if (how == style::plain && std::signbit(value) && value == 0) out += '-';
    append_chars(out, static_cast<std::int64_t>(value));
    if (how == style::plain) out += ".0";
  } else {
    append_chars(out, value);
  }
}

void append_leaf(std::string& out, const json& value, style how) {
  switch (value.type()) {
  case json::value_t::string: append_string(out, value.get_ref<const std::string&>()); break;
  case json::value_t::boolean: out += value.get<bool>() ? "true" : "false"; break;
  case json::value_t::number_integer: append_chars(out, value.get<std::int64_t>()); break;
  case json::value_t::number_unsigned: append_chars(out, value.get<std::uint64_t>()); break;
  case json::value_t::number_float: append_float(out, value.get<double>(), how); break;
  default: out += "null";
  }
}

/// A container that is being written or measured, and how far.
struct open_container {
  const json* container;
  json::const_iterator next;
};

/// Calls itself for nothing: however deep the value is, it costs this stack.
void append(std::string& out, const json& value, style how) {
  std::vector<open_container> open;
  auto begin = [&](const json& item) {
    if (!item.is_structured()) return append_leaf(out, item, how);
    out += item.is_object() ? '{' : '[';
    open.push_back({&item, item.begin()});
  };
  begin(value);
  while (!open.empty()) {
    auto& top = open.back();
    if (top.next == top.container->end()) {
      out += top.container->is_object() ? '}' : ']';
      open.pop_back();
      continue;
    }
    if (top.next != top.container->begin()) out += ',';
    if (top.container->is_object()) {
      append_string(out, top.next.key());
      out += ':';
    }
    auto& item = *top.next;
    ++top.next;
    begin(item);
  }
}

std::string written(const json& value, style how) {
  std::string out;
  append(out, value, how);
  return out;
}

constexpr std::size_t shown_max = 60;

std::string cut(std::string text) {
  if (text.size() <= shown_max) return text;
  auto end = shown_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0u) == 0x80u)
    --end;
  text.resize(end);
  return text + "...";
}

} // namespace

std::string canonical(const json& value) {
  return written(value, style::canonical);
}

std::string to_text(const json& value) {
  return written(value, style::plain);
}

void append_text(std::string& out, const json& value) {
  append(out, value, style::plain);
}

void append_quoted(std::string& out, std::string_view text) {
  append_string(out, text);
}

std::string pointer_token(std::string_view name) {
  std::string result;
  result.reserve(name.size());
  for (auto c : name) {
    if (c == '~') {
      result += "~0";
    } else if (c == '/') {
      result += "~1";
    } else {
      result += c;
    }
  }
  return result;
}

std::string describe(const json& value) {
  switch (value.type()) {
  case json::value_t::object: return value.empty() ? "an empty object" : "an object";
  case json::value_t::array: return value.empty() ? "an empty array" : "an array";
  case json::value_t::string: {
    auto& text = value.get_ref<const std::string&>();
    if (text.empty()) return "an empty string";
    auto shown = cut(text);
    return "the string " + to_text(json(std::move(shown)));
  }
  case json::value_t::number_integer:
  case json::value_t::number_unsigned:
  case json::value_t::number_float: return "the number " + to_text(value);
  case json::value_t::boolean: return value.get<bool>() ? "true" : "false";
  default: return "null";
  }
}

void drop(json& value) {
  constexpr int levels_max = 64; // what is deeper is left to the library, which needs no stack for it
  const auto empty = [](auto&& again, json& one, int level) -> void {
    if (level < levels_max)
      for (auto& member : one)
        if (member.is_structured()) again(again, member, level + 1);
    one.clear();
  };
  if (value.is_structured()) empty(empty, value, 0);
  value = nullptr;
}

std::size_t depth_of(const json& value) {
  if (!value.is_structured()) return 0;
  std::size_t deepest = 0;
  std::vector<open_container> open{{&value, value.begin()}};
  while (!open.empty()) {
    deepest = std::max(deepest, open.size());
    auto& top = open.back();
    if (top.next == top.container->end()) {
      open.pop_back();
      continue;
    }
    auto& item = *top.next;
    ++top.next;
    if (item.is_structured()) open.push_back({&item, item.begin()});
  }
  return deepest;
}

} // namespace troupe
