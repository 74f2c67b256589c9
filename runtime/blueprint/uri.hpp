#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace troupe::blueprint {

/// The five components of RFC 3986, cut apart without looking at their characters (appendix B).
struct uri_parts {
  std::optional<std::string_view> scheme;
  std::optional<std::string_view> authority;
  std::string_view path;
  std::optional<std::string_view> query;
  std::optional<std::string_view> fragment;
};

uri_parts split_uri(std::string_view text);

/// RFC 3986, section 5.2. `base` may itself be relative or empty: then as much of it is used as there is.
std::string resolve_uri(std::string_view base, std::string_view reference);

/// `%41` becomes `A`; nothing if a percent sign is not followed by two hexadecimal digits.
std::optional<std::string> percent_decoded(std::string_view text);

/// RFC 3986 and, where `international`, RFC 3987. A reference may be relative.
bool is_uri(std::string_view text, bool international);
bool is_uri_reference(std::string_view text, bool international);

} // namespace troupe::blueprint
