#include "runtime/store/sqlite_place.hpp"

#include <fmt/format.h>

namespace troupe::store {

expected<std::unique_ptr<place>> place::at(const std::string& url) {
  constexpr std::string_view sqlite = "sqlite:";
  if (!url.starts_with(sqlite)) {
    const auto scheme = url.substr(0, url.find(':')); // what follows may hold a password
    return refuse(errc::invalid_request, fmt::format("store: expected sqlite:PATH, but found a URL that begins with {}",
                                                     scheme.substr(0, 40)));
  }
  auto path = url.substr(sqlite.size());
  if (path.starts_with("//"))
    return refuse(
        errc::invalid_request,
        "store: expected a path after sqlite:, as in sqlite:troupe.db or sqlite:/folder/troupe.db, but found //");
  if (path.empty() || path.front() == ':' || path.find('\0') != std::string::npos)
    return refuse(errc::invalid_request, fmt::format("store: expected the path of a file after sqlite:, but found {}",
                                                     path.empty() ? "nothing" : path));
  return std::make_unique<sqlite_place>(std::move(path));
}

} // namespace troupe::store
