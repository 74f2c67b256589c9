#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace troupe::http {

/// Where a call goes and what it asks for there.
struct url_parts {
  bool is_secure = false;
  std::string host; ///< name or address, without brackets
  std::uint16_t port = 80;
  std::string authority; ///< for the Host field
  std::string target;    ///< path and query, encoded
};

/// An absolute http or https URL. User information is refused (it would end up in logs); a fragment, which is never
/// sent, is cut off. The error is a text.
tl::expected<url_parts, std::string> parse_url(std::string_view text);

} // namespace troupe::http
