#include "runtime/base/json_comments.hpp"

#include <algorithm>

namespace troupe {

std::string without_comments(std::string_view text) {
  std::string result{text};
  auto blank = [&](std::size_t from, std::size_t to) {
    for (auto i = from; i < to; ++i) {
      if (result[i] != '\n') result[i] = ' ';
    }
  };
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\') ++i;
      }
      ++i;
    } else if (text.substr(i, 2) == "//") {
      auto end = std::min(text.find('\n', i), text.size());
      blank(i, end);
      i = end;
    } else if (text.substr(i, 2) == "/*" && text.find("*/", i + 2) != std::string_view::npos) {
      auto end = text.find("*/", i + 2) + 2;
      blank(i, end);
      i = end;
    } else {
      ++i;
    }
  }
  return result;
}

} // namespace troupe
