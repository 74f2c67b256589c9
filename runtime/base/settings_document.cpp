#include "runtime/base/settings_options.hpp"

#include <fmt/format.h>

namespace troupe {

namespace {

constexpr std::string_view head =
    R"(// Every option at its default. What is left out here stays so; what is written here, in the environment
// (TROUPE_HTTP_LISTEN is http.listen) or behind --set (http.listen=127.0.0.1:0) replaces it, in this order.
// Durations are ISO 8601, sizes are bytes.
)";

constexpr std::string_view tail =
    R"(  // What templates may read as config: any JSON, for example "bank": "https://bank.example".
  "config": {},
  // What templates may read as secret where something is sent; a secret is { "env": NAME } or { "file": PATH }.
  "secrets": {}
}
)";

} // namespace

std::string settings_document() {
  std::string result{head};
  result += "{\n";
  std::string_view open;
  for (auto& each : all_options()) {
    auto point = each.name.find('.');
    auto section = each.name.substr(0, point);
    if (section == open) {
      result += ",\n";
    } else {
      if (!open.empty()) result += "\n  },\n";
      result += fmt::format("  // {}\n  \"{}\": {{\n", meaning_of_section(section), section);
      open = section;
    }
    result += fmt::format("    // {}\n    \"{}\": {}", each.meaning, each.name.substr(point + 1), each.standard);
  }
  result += "\n  },\n";
  result += tail;
  return result;
}

} // namespace troupe
