#include "runtime/base/utf8.hpp"
#include "runtime/blueprint/format.hpp"

#include <algorithm>
#include <cstdint>
#include <idn2.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe::blueprint {

namespace {

constexpr std::size_t label_max = 63;
constexpr std::size_t name_max = 253;

struct idn2_deleter {
  void operator()(void* text) const { idn2_free(text); }
};

using idn2_text = std::unique_ptr<std::uint8_t, idn2_deleter>;

const std::uint8_t* bytes_of(const std::string& text) {
  return reinterpret_cast<const std::uint8_t*>(text.c_str());
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter_digit_or_hyphen(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
}

/// RFC 1123, section 2.1.
bool is_plain_label(std::string_view label) {
  return !label.empty() && label.size() <= label_max && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), is_letter_digit_or_hyphen);
}

bool has_double_hyphen(std::string_view label) {
  return label.size() >= 4 && label[2] == '-' && label[3] == '-';
}

bool is_encoded(std::string_view label) {
  return has_double_hyphen(label) && (label[0] | 0x20) == 'x' && (label[1] | 0x20) == 'n';
}

struct encoded_label {
  std::string ascii;
  std::u32string decoded;
};

/// An `xn--` label is one only if what it decodes to may be registered and encodes to the same again.
std::optional<encoded_label> decode(std::string_view label) {
  std::string lower{label};
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  std::uint8_t* registered = nullptr;
  auto result = idn2_register_u8(nullptr, bytes_of(lower), &registered, 0);
  idn2_text registered_text{registered};
  if (result != IDN2_OK) return std::nullopt;
  char* unicode = nullptr;
  result = idn2_to_unicode_8z8z(lower.c_str(), &unicode, 0);
  std::unique_ptr<char, idn2_deleter> unicode_text{unicode};
  if (result != IDN2_OK) return std::nullopt;
  auto points = to_code_points(unicode);
  if (!points) return std::nullopt;
  return encoded_label{std::move(lower), std::move(*points)};
}

std::optional<encoded_label> encode(std::string_view label) {
  auto points = to_code_points(label);
  if (!points || points->find(U'\0') != std::u32string::npos) return std::nullopt;
  std::string text{label};
  std::uint8_t* registered = nullptr;
  auto result = idn2_register_u8(bytes_of(text), nullptr, &registered, 0);
  idn2_text registered_text{registered};
  if (result != IDN2_OK) return std::nullopt;
  return encoded_label{reinterpret_cast<const char*>(registered), std::move(*points)};
}

bool is_european_digit(char32_t c) {
  return (c >= U'0' && c <= U'9') || (c >= 0x6f0 && c <= 0x6f9);
}

bool is_arabic_digit(char32_t c) {
  return c >= 0x660 && c <= 0x669;
}

/// The blocks that Unicode keeps for scripts written from right to left.
bool is_right_to_left(char32_t c) {
  if (is_european_digit(c)) return false;
  return (c >= 0x590 && c <= 0x8ff) || (c >= 0xfb1d && c <= 0xfdff) || (c >= 0xfe70 && c <= 0xfeff) ||
         (c >= 0x10800 && c <= 0x10fff) || (c >= 0x1e800 && c <= 0x1efff);
}

bool has_right_to_left(const std::u32string& label) {
  return std::any_of(label.begin(), label.end(), is_right_to_left);
}

/// What libidn2 leaves of RFC 5893: rule 4, and rule 1 for the left-to-right labels of a name that has a right-to-left
/// one.
bool obeys_direction_rules(const std::vector<std::u32string>& labels) {
  if (std::none_of(labels.begin(), labels.end(), has_right_to_left)) return true;
  return std::all_of(labels.begin(), labels.end(), [](const std::u32string& label) {
    if (!has_right_to_left(label)) return !is_european_digit(label.front());
    return std::none_of(label.begin(), label.end(), is_european_digit) ||
           std::none_of(label.begin(), label.end(), is_arabic_digit);
  });
}

/// Cuts at the full stop and, where `international`, at the three other characters that stand for it (RFC 3490,
/// section 3.1).
std::vector<std::string_view> labels_of(std::string_view name, bool international) {
  constexpr std::string_view separators[] = {".", "\u3002", "\uff0e", "\uff61"};
  std::vector<std::string_view> labels;
  for (;;) {
    std::size_t end = std::string_view::npos, length = 0;
    for (auto separator : separators) {
      auto at = name.find(separator);
      if (at < end) {
        end = at;
        length = separator.size();
      }
      if (!international) break;
    }
    labels.push_back(name.substr(0, end));
    if (end == std::string_view::npos) return labels;
    name.remove_prefix(end + length);
  }
}

} // namespace

bool is_hostname(std::string_view text) {
  if (text.empty() || text.size() > name_max || !is_ascii(text)) return false;
  auto labels = labels_of(text, false);
  return std::all_of(labels.begin(), labels.end(), [](std::string_view label) {
    return is_plain_label(label) && (!is_encoded(label) || decode(label).has_value());
  });
}

bool is_idn_hostname(std::string_view text) {
  // Every character takes at least one of the 253 bytes of the encoded name, and at most four here.
  if (text.empty() || text.size() > 4 * name_max) return false;
  std::vector<std::u32string> decoded;
  std::size_t size = 0;
  for (auto label : labels_of(text, true)) {
    std::optional<encoded_label> form;
    if (!is_ascii(label)) {
      form = encode(label);
    } else if (is_plain_label(label) && is_encoded(label)) {
      form = decode(label);
    } else if (is_plain_label(label) && !has_double_hyphen(label)) {
      form = encoded_label{std::string{label}, std::u32string(label.begin(), label.end())};
    }
    if (!form) return false;
    size += form->ascii.size() + 1;
    decoded.push_back(std::move(form->decoded));
  }
  return size - 1 <= name_max && obeys_direction_rules(decoded);
}

} // namespace troupe::blueprint
