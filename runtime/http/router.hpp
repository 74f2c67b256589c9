#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::http {

/// Which handler a method and a path belong to. Patterns are paths whose `{name}` segments match any one segment;
/// literal segments win over them. A few dozen routes: looked up one after the other, segment by segment.
class router {
public:
  struct match {
    int handler = 0;
    std::string_view pattern;                 ///< what the metrics call the route
    std::vector<std::string_view> parameters; ///< views into the path
  };

  void add(std::string method, std::string pattern, int handler);

  std::optional<match> find(std::string_view method, std::string_view path) const;
  /// The methods that this path knows, in the order they were added.
  std::vector<std::string> methods_of(std::string_view path) const;

private:
  struct route {
    std::string method;
    std::string pattern;
    std::vector<std::string> segments;
    int literals;
    int handler;
  };
  std::vector<route> routes_;
};

} // namespace troupe::http
