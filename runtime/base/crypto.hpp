#pragma once

#include <string>
#include <string_view>

namespace troupe {

/// 32 bytes.
std::string sha256(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);
/// 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view bytes);
/// From the operating system; ends the process where there is none.
std::string random_bytes(std::size_t count);
std::string to_hex(std::string_view bytes);
/// RFC 4648; `url` is the alphabet of section 5 without padding.
std::string to_base64(std::string_view bytes);
std::string to_base64_url(std::string_view bytes);
/// Takes as long for any difference.
bool equal_in_constant_time(std::string_view left, std::string_view right);

} // namespace troupe
