#include "runtime/blueprint/format.hpp"

#include "runtime/base/time.hpp"
#include "runtime/blueprint/pattern.hpp"
#include "runtime/blueprint/uri.hpp"

#include <algorithm>
#include <array>

namespace troupe::blueprint {

namespace {

constexpr std::array<format, 19> formats{{
    {"date-time", "a date and time such as 2024-01-10T14:30:00Z", is_date_time},
    {"date", "a date such as 2024-01-10", is_date},
    {"time", "a time such as 14:30:00Z", is_time},
    {"duration", "an ISO 8601 duration such as PT10S", is_duration},
    {"uuid", "a UUID such as 123e4567-e89b-42d3-a456-426614174000", is_uuid},
    {"email", "an e-mail address", is_email},
    {"idn-email", "an e-mail address", is_idn_email},
    {"hostname", "a host name", is_hostname, true},
    {"idn-hostname", "a host name", is_idn_hostname, true},
    {"ipv4", "an IPv4 address", is_ipv4},
    {"ipv6", "an IPv6 address", is_ipv6},
    {"uri", "a URI", [](std::string_view text) { return is_uri(text, false); }},
    {"uri-reference", "a URI reference", [](std::string_view text) { return is_uri_reference(text, false); }},
    {"iri", "an IRI", [](std::string_view text) { return is_uri(text, true); }},
    {"iri-reference", "an IRI reference", [](std::string_view text) { return is_uri_reference(text, true); }},
    {"uri-template", "a URI template", is_uri_template},
    {"json-pointer", "a JSON pointer such as /a/0", is_json_pointer},
    {"relative-json-pointer", "a relative JSON pointer such as 1/a", is_relative_json_pointer},
    {"regex", "an ECMAScript regular expression",
     [](std::string_view text) { return pattern::compile(text).has_value(); }, true},
}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hexadecimal(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

} // namespace

const format* find_format(std::string_view name) {
  auto found = std::find_if(formats.begin(), formats.end(), [&](const format& known) { return known.name == name; });
  return found == formats.end() ? nullptr : &*found;
}

bool is_date_time(std::string_view text) {
  return parse_iso8601(text).has_value();
}

bool is_date(std::string_view text) {
  return text.size() == 10 && parse_iso8601(std::string{text} + "T00:00:00Z").has_value();
}

bool is_time(std::string_view text) {
  // Away from the ends of the calendar, so that an offset leads to a day that is there.
  return parse_iso8601("2000-06-15T" + std::string{text}).has_value();
}

bool is_duration(std::string_view text) {
  if (text.size() < 3 || text.front() != 'P') return false;
  text.remove_prefix(1);
  std::string_view letters = "YMDHMS"; // what may still come
  bool in_time = false, any = false, week = false, fraction = false;
  while (!text.empty()) {
    if (text.front() == 'T') {
      if (in_time || week) return false;
      in_time = true;
      any = false;
      letters = "HMS";
      text.remove_prefix(1);
      continue;
    }
    auto number = static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
    if (number == 0 || fraction || week) return false;
    if (number < text.size() && (text[number] == '.' || text[number] == ',')) {
      auto digits = std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(number) + 1, text.end(), is_digit);
      auto end = static_cast<std::size_t>(digits - text.begin());
      if (end == number + 1) return false;
      fraction = true;
      number = end;
    }
    if (number == text.size()) return false;
    auto at = letters.substr(0, in_time ? 3 : letters.find('H')).find(text[number]);
    week = text[number] == 'W' && !any && !in_time;
    if (at == std::string_view::npos && !week) return false;
    if (!week) letters.remove_prefix(at + 1);
    any = true;
    text.remove_prefix(number + 1);
  }
  return any;
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool is_hyphen_here = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_hyphen_here ? text[i] != '-' : !is_hexadecimal(text[i])) return false;
  }
  return true;
}

bool is_json_pointer(std::string_view text) {
  if (!text.empty() && text.front() != '/') return false;
  for (auto tilde = text.find('~'); tilde != std::string_view::npos; tilde = text.find('~', tilde + 1)) {
    if (tilde + 1 == text.size() || (text[tilde + 1] != '0' && text[tilde + 1] != '1')) return false;
  }
  return true;
}

bool is_relative_json_pointer(std::string_view text) {
  auto digits = static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
  if (digits == 0 || (digits > 1 && text.front() == '0')) return false;
  auto rest = text.substr(digits);
  return rest == "#" || is_json_pointer(rest);
}

bool is_base64(std::string_view text, std::string* decoded) {
  if (text.size() % 4 != 0) return false;
  auto padding = text.ends_with("==") ? 2u : text.ends_with("=") ? 1u : 0u;
  auto digits = text.substr(0, text.size() - padding);
  unsigned group = 0;
  int bits = 0;
  for (auto c : digits) {
    unsigned value = 0;
    if (c >= 'A' && c <= 'Z') {
      value = static_cast<unsigned>(c - 'A');
    } else if (c >= 'a' && c <= 'z') {
      value = static_cast<unsigned>(c - 'a' + 26);
    } else if (is_digit(c)) {
      value = static_cast<unsigned>(c - '0' + 52);
    } else if (c == '+' || c == '/') {
      value = c == '+' ? 62 : 63;
    } else {
      return false;
    }
    group = (group << 6) | value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    if (decoded != nullptr) *decoded += static_cast<char>((group >> bits) & 0xffu);
  }
  return true;
}

} // namespace troupe::blueprint
