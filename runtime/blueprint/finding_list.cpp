#include "runtime/blueprint/finding_list.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace troupe::blueprint {

namespace {

/// RFC 6901: `~1` is `/`, `~0` is `~`.
std::string unescaped(std::string_view raw) {
  std::string result;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '~' && i + 1 < raw.size())
      result += raw[++i] == '1' ? '/' : '~';
    else
      result += raw[i];
  }
  return result;
}

/// What `document` has at the token `raw` (escaped), or null.
const json* child(const json& document, std::string_view raw) {
  if (document.is_array()) {
    std::size_t index = 0;
    auto [end, problem] = std::from_chars(raw.data(), raw.data() + raw.size(), index);
    return problem == std::errc{} && end == raw.data() + raw.size() && index < document.size() ? &document[index]
                                                                                               : nullptr;
  }
  if (!document.is_object()) return nullptr;
  auto item = document.find(unescaped(raw));
  return item == document.end() ? nullptr : &*item;
}

/// The longest part of `pointer` that leads somewhere.
std::string cut_to_existing(const std::string& pointer, const json& document) {
  const json* at = &document;
  std::size_t begin = 0;
  while (begin < pointer.size()) {
    std::size_t end = std::min(pointer.find('/', begin + 1), pointer.size());
    at = child(*at, std::string_view(pointer).substr(begin + 1, end - begin - 1));
    if (!at) return pointer.substr(0, begin);
    begin = end;
  }
  return pointer;
}

bool is_prefix(const std::string& prefix, const std::string& pointer) {
  return pointer.starts_with(prefix) && (pointer.size() == prefix.size() || pointer[prefix.size()] == '/');
}

} // namespace

void finding_list::error(std::string pointer, std::string code, std::string message, std::string expected,
                         std::string found) {
  add({finding::severity::error, std::move(pointer), std::move(code), std::move(message), std::move(expected),
       std::move(found)});
}

void finding_list::warning(std::string pointer, std::string code, std::string message, std::string expected,
                           std::string found) {
  add({finding::severity::warning, std::move(pointer), std::move(code), std::move(message), std::move(expected),
       std::move(found)});
}

void finding_list::add(finding one) {
  auto& list = one.level == finding::severity::error ? errors_ : warnings_;
  auto is_same = [&](const finding& each) {
    return each.pointer == one.pointer && each.code == one.code && each.found == one.found;
  };
  if (list.size() < count_max && std::none_of(list.begin(), list.end(), is_same)) list.push_back(std::move(one));
}

std::vector<finding> finding_list::all() const {
  auto result = errors_;
  result.insert(result.end(), warnings_.begin(), warnings_.end());
  return result;
}

std::string pointer_map::written(const std::string& full, const json& document) const {
  const std::pair<std::string, std::string>* best = nullptr;
  for (const auto& pair : pairs_)
    if (is_prefix(pair.first, full) && (!best || pair.first.size() > best->first.size())) best = &pair;
  return cut_to_existing(best ? best->second + full.substr(best->first.size()) : full, document);
}

finding_list pointer_map::written(const finding_list& full, const json& document) const {
  finding_list result;
  for (auto one : full.all()) {
    one.pointer = written(one.pointer, document);
    result.add(std::move(one));
  }
  return result;
}

tl::unexpected<error> refuse_findings(std::string_view what, const std::vector<finding>& errors) {
  std::vector<violation> violations;
  for (const auto& each : errors)
    violations.push_back({each.pointer, each.expected.empty() ? each.message : each.expected, each.found});
  std::string first =
      errors.empty() ? "" : fmt::format("; the first, at \"{}\": {}", errors.front().pointer, errors.front().message);
  return refuse(
      errc::invalid_blueprint,
      fmt::format("expected {}, but found {} error{}{}", what, errors.size(), errors.size() == 1 ? "" : "s", first),
      std::move(violations));
}

} // namespace troupe::blueprint
