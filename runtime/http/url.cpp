#include "runtime/http/url.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <charconv>

namespace troupe::http {

tl::expected<url_parts, std::string> parse_url(std::string_view text) {
  auto refused = [](std::string what) { return tl::unexpected<std::string>(std::move(what)); };
  auto parsed = boost::urls::parse_uri({text.data(), text.size()});
  if (!parsed) return refused("expected a URL, but found: " + parsed.error().message());
  const auto& url = *parsed;
  url_parts result;
  if (url.scheme_id() == boost::urls::scheme::https) {
    result.is_secure = true;
    result.port = 443;
  } else if (url.scheme_id() != boost::urls::scheme::http) {
    return refused("expected a URL that begins with http:// or https://");
  }
  if (url.has_userinfo()) return refused("expected a URL without user and password");
  if (url.encoded_host().empty()) return refused("expected a URL with a host");
  if (url.has_port() && !url.port().empty()) {
    auto digits = url.port(); // its number is cut to 16 bits
    auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), result.port);
    if (failure != std::errc{} || result.port == 0) return refused("expected a URL with a port from 1 to 65535");
  }
  result.host = url.host_type() == boost::urls::host_type::name ? url.host_name() : url.host_address();
  for (char c : result.host)
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f || c == '%')
      return refused("expected a URL whose host is an address or an ASCII name");
  auto append = [](std::string& to, auto part) { to.append(part.data(), part.size()); };
  append(result.authority, url.encoded_host());
  if (result.port != (result.is_secure ? 443 : 80)) result.authority += ":" + std::to_string(result.port);
  append(result.target, url.encoded_path());
  if (result.target.empty()) result.target = "/";
  if (url.has_query()) {
    result.target += '?';
    append(result.target, url.encoded_query());
  }
  return result;
}

} // namespace troupe::http
