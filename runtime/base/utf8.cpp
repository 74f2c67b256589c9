#include "runtime/base/utf8.hpp"

namespace troupe {

namespace {

unsigned byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

/// Bytes that follow a first byte, and the range that the second lies in (RFC 3629, section 4).
struct form {
  std::size_t length;
  unsigned second_min;
  unsigned second_max;
};

form form_of(unsigned first) {
  if (first < 0x80) return {1, 0, 0};
  if (first >= 0xc2 && first <= 0xdf) return {2, 0x80, 0xbf};
  if (first == 0xe0) return {3, 0xa0, 0xbf};
  if (first == 0xed) return {3, 0x80, 0x9f};
  if (first >= 0xe1 && first <= 0xef) return {3, 0x80, 0xbf};
  if (first == 0xf0) return {4, 0x90, 0xbf};
  if (first >= 0xf1 && first <= 0xf3) return {4, 0x80, 0xbf};
  if (first == 0xf4) return {4, 0x80, 0x8f};
  return {0, 0, 0};
}

} // namespace

std::size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  auto [length, second_min, second_max] = form_of(byte_at(text, 0));
  if (length <= 1) return length;
  if (text.size() < length) return 0;
  if (byte_at(text, 1) < second_min || byte_at(text, 1) > second_max) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte_at(text, i) & 0xc0u) != 0x80u) return 0;
  }
  return length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    auto length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::size_t code_points_in(std::string_view text) {
  std::size_t count = 0;
  for (auto c : text)
    count += (static_cast<unsigned char>(c) & 0xc0u) != 0x80u ? 1u : 0u;
  return count;
}

std::optional<char32_t> next_code_point(std::string_view& text) {
  auto length = utf8_length(text);
  if (length == 0) return std::nullopt;
  auto first = byte_at(text, 0);
  char32_t value = length == 1 ? first : first & (0xffu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i)
    value = (value << 6) | (byte_at(text, i) & 0x3fu);
  text.remove_prefix(length);
  return value;
}

std::optional<std::u32string> to_code_points(std::string_view text) {
  std::u32string result;
  result.reserve(text.size());
  while (!text.empty()) {
    auto point = next_code_point(text);
    if (!point) return std::nullopt;
    result += *point;
  }
  return result;
}

} // namespace troupe
