#pragma once

#include <string>
#include <string_view>

namespace troupe {

/// JSON without its `//` and `/* */` comments: blanks stand in their place, so that lines and columns stay.
std::string without_comments(std::string_view text);

} // namespace troupe
