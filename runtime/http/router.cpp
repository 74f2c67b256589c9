#include "runtime/http/router.hpp"

#include <algorithm>

namespace troupe::http {

namespace {

/// The path's segments; a path of more than 16 matches nothing.
std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty() && segments.size() < 17) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    segments.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

bool is_parameter(std::string_view segment) {
  return segment.starts_with('{');
}

bool fits(const std::vector<std::string>& pattern, const std::vector<std::string_view>& path) {
  return std::equal(pattern.begin(), pattern.end(), path.begin(), path.end(), [](const auto& wanted, auto found) {
    return is_parameter(wanted) ? !found.empty() : wanted == found;
  });
}

} // namespace

void router::add(std::string method, std::string pattern, int handler) {
  route added{std::move(method), std::move(pattern), {}, 0, handler};
  for (auto segment : split(added.pattern))
    added.segments.emplace_back(segment);
  added.literals =
      static_cast<int>(std::ranges::count_if(added.segments, [](const auto& s) { return !is_parameter(s); }));
  routes_.push_back(std::move(added));
  std::ranges::stable_sort(routes_, std::greater{}, &route::literals);
}

std::optional<router::match> router::find(std::string_view method, std::string_view path) const {
  const auto segments = split(path);
  for (const auto& candidate : routes_) {
    if (candidate.method != method || !fits(candidate.segments, segments)) continue;
    match found{candidate.handler, candidate.pattern, {}};
    for (std::size_t i = 0; i < segments.size(); ++i)
      if (is_parameter(candidate.segments[i])) found.parameters.push_back(segments[i]);
    return found;
  }
  return std::nullopt;
}

std::vector<std::string> router::methods_of(std::string_view path) const {
  const auto segments = split(path);
  std::vector<std::string> methods;
  for (const auto& candidate : routes_)
    if (fits(candidate.segments, segments) && std::ranges::find(methods, candidate.method) == methods.end())
      methods.push_back(candidate.method);
  return methods;
}

} // namespace troupe::http
