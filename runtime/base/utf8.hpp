#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// Bytes of the well-formed code point (RFC 3629: shortest form, no surrogates, at most U+10FFFF) that a text begins
/// with; 0 if there is none.
std::size_t utf8_length(std::string_view text);

bool is_utf8(std::string_view text);

/// Code points of a well-formed text, counted by their first bytes.
std::size_t code_points_in(std::string_view text);

/// Takes the first code point off the text; nothing (and the text as it was) if it is ill-formed or empty.
std::optional<char32_t> next_code_point(std::string_view& text);

/// Nothing if ill-formed.
std::optional<std::u32string> to_code_points(std::string_view text);

} // namespace troupe
