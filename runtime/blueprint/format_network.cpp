#include "runtime/base/utf8.hpp"
#include "runtime/blueprint/format.hpp"

#include <algorithm>

namespace troupe::blueprint {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter_or_digit(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_hexadecimal(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

bool is_octet(std::string_view text) {
  if (text.empty() || text.size() > 3 || !std::all_of(text.begin(), text.end(), is_digit)) return false;
  if (text.size() > 1 && text.front() == '0') return false;
  int value = 0;
  for (auto c : text)
    value = value * 10 + (c - '0');
  return value <= 255;
}

/// Groups of one side of `::`: how many 16-bit parts they make, or -1. Only the last may be an IPv4 address.
int count_groups(std::string_view text, bool is_last_side) {
  if (text.empty()) return 0;
  int count = 0;
  for (;;) {
    auto end = std::min(text.find(':'), text.size());
    auto group = text.substr(0, end);
    bool is_last = end == text.size();
    if (is_last && is_last_side && group.find('.') != std::string_view::npos) return is_ipv4(group) ? count + 2 : -1;
    if (group.empty() || group.size() > 4 || !std::all_of(group.begin(), group.end(), is_hexadecimal)) return -1;
    ++count;
    if (is_last) return count;
    text.remove_prefix(end + 1);
  }
}

constexpr std::string_view atom_marks = "!#$%&'*+-/=?^_`{|}~";

bool is_atom_byte(char c) {
  return is_letter_or_digit(c) || !is_ascii(c) || atom_marks.find(c) != std::string_view::npos;
}

bool is_dot_string(std::string_view text) {
  for (;;) {
    auto end = std::min(text.find('.'), text.size());
    auto atom = text.substr(0, end);
    if (atom.empty() || !std::all_of(atom.begin(), atom.end(), is_atom_byte)) return false;
    if (end == text.size()) return true;
    text.remove_prefix(end + 1);
  }
}

/// The bytes of a quoted string that a text begins with, quotes included; 0 if there is none.
std::size_t quoted_string_length(std::string_view text) {
  if (text.empty() || text.front() != '"') return 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return i + 1;
    if (text[i] == '\\') ++i;
    if (i >= text.size() || (is_ascii(text[i]) && (text[i] < ' ' || text[i] == 0x7f))) return 0;
  }
  return 0;
}

bool is_mail_address_literal(std::string_view text) {
  constexpr std::string_view tag = "ipv6:";
  auto same = [](char c, char lower) { return c == lower || (c >= 'A' && c <= 'Z' && c + ('a' - 'A') == lower); };
  if (text.size() > tag.size() &&
      std::equal(tag.begin(), tag.end(), text.begin(), [&](char l, char c) { return same(c, l); }))
    return is_ipv6(text.substr(tag.size()));
  return is_ipv4(text);
}

/// RFC 5321, `Domain`; where `international`, any label may have characters above ASCII (RFC 6531).
bool is_mail_domain(std::string_view text, bool international) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']')
    return is_mail_address_literal(text.substr(1, text.size() - 2));
  if (!international || std::all_of(text.begin(), text.end(), is_ascii)) return is_hostname(text);
  if (text.size() > 255) return false;
  for (;;) {
    auto end = std::min(text.find('.'), text.size());
    auto label = text.substr(0, end);
    auto fits = [](char c) { return is_letter_or_digit(c) || c == '-' || !is_ascii(c); };
    if (label.empty() || label.front() == '-' || label.back() == '-' || !std::all_of(label.begin(), label.end(), fits))
      return false;
    if (end == text.size()) return true;
    text.remove_prefix(end + 1);
  }
}

constexpr std::size_t local_part_max = 64; // RFC 5321, section 4.5.3.1.1

bool is_mailbox(std::string_view text, bool international) {
  auto length = quoted_string_length(text);
  if (length == 0) {
    length = std::min(text.find('@'), text.size());
    if (!is_dot_string(text.substr(0, length))) return false;
  }
  if (length > local_part_max || length >= text.size() || text[length] != '@') return false;
  return is_mail_domain(text.substr(length + 1), international);
}

} // namespace

bool is_ipv4(std::string_view text) {
  for (int i = 0; i < 3; ++i) {
    auto end = text.find('.');
    if (end == std::string_view::npos || !is_octet(text.substr(0, end))) return false;
    text.remove_prefix(end + 1);
  }
  return is_octet(text);
}

bool is_ipv6(std::string_view text) {
  auto gap = text.find("::");
  if (gap == std::string_view::npos) return count_groups(text, true) == 8;
  auto after = text.substr(gap + 2);
  auto left = count_groups(text.substr(0, gap), false);
  auto right = count_groups(after, true);
  return left >= 0 && right >= 0 && left + right <= 7;
}

bool is_email(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_ascii) && is_mailbox(text, false);
}

bool is_idn_email(std::string_view text) {
  return is_utf8(text) && is_mailbox(text, true);
}

} // namespace troupe::blueprint
