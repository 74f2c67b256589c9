#include "runtime/blueprint/schema_resources.hpp"

#include "runtime/blueprint/uri.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <vector>

namespace troupe::blueprint {

namespace {

constexpr std::array<std::string_view, 9> keywords_with_schema{
    "additionalItems", "additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then"};
constexpr std::array<std::string_view, 4> keywords_with_list{"allOf", "anyOf", "items", "oneOf"};
constexpr std::array<std::string_view, 4> keywords_with_map{"definitions", "dependencies", "patternProperties",
                                                            "properties"};

bool is_among(std::string_view name, const auto& keywords) {
  return std::find(keywords.begin(), keywords.end(), name) != keywords.end();
}

constexpr std::size_t id_length_max = 2048;

/// The `$id` that counts: a string, not beside `$ref`.
const std::string* id_of(const json& schema) {
  if (!schema.is_object() || schema.contains("$ref")) return nullptr;
  auto found = schema.find("$id");
  if (found == schema.end() || !found->is_string()) return nullptr;
  auto& id = found->get_ref<const std::string&>();
  return id.size() <= id_length_max ? &id : nullptr;
}

std::string without_fragment(std::string_view uri) {
  return std::string{uri.substr(0, uri.find('#'))};
}

constexpr std::string_view metaschema_uri = "http://json-schema.org/draft-07/schema";

/// RFC 6901, section 4: `~1` and `~0`.
std::optional<std::string> unescaped(std::string_view token) {
  std::string result;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] != '~') {
      result += token[i];
      continue;
    }
    if (++i == token.size() || (token[i] != '0' && token[i] != '1')) return std::nullopt;
    result += token[i] == '0' ? '~' : '/';
  }
  return result;
}

const json* step(const json& from, const std::string& token) {
  if (from.is_object()) {
    auto found = from.find(token);
    return found == from.end() ? nullptr : &*found;
  }
  if (!from.is_array() || token.empty() || (token.size() > 1 && token.front() == '0')) return nullptr;
  std::size_t index = 0;
  auto [end, wrong] = std::from_chars(token.data(), token.data() + token.size(), index);
  bool is_index = wrong == std::errc{} && end == token.data() + token.size();
  return is_index && index < from.size() ? &from[index] : nullptr;
}

} // namespace

void for_each_subschema(const json& schema, const std::function<void(const json&, const std::string&)>& found) {
  if (!schema.is_object()) return;
  for (auto& [keyword, value] : schema.items()) {
    if (value.is_array() && is_among(keyword, keywords_with_list)) {
      for (std::size_t i = 0; i < value.size(); ++i)
        found(value[i], fmt::format("/{}/{}", keyword, i));
    } else if (value.is_object() && is_among(keyword, keywords_with_map)) {
      for (auto& [name, inner] : value.items()) {
        bool is_list_of_names = inner.is_array() && keyword == "dependencies";
        if (!is_list_of_names) found(inner, fmt::format("/{}/{}", keyword, pointer_token(name)));
      }
    } else if (is_among(keyword, keywords_with_schema)) {
      found(value, "/" + keyword);
    }
  }
}

std::string schema_place::pointer() const {
  std::vector<const schema_place*> way;
  for (auto* at = this; at != nullptr; at = at->outer)
    way.push_back(at);
  std::string result;
  for (auto at = way.rbegin(); at != way.rend(); ++at)
    result += (*at)->step;
  return result;
}

schema_resources::schema_resources(const json& document) : document_(document) {
  places_.push_back({nullptr, ""});
  resources_.emplace("", top());
  add({top(), kept("")}, true);
}

const schema_place* schema_resources::below(const schema_place* outer, std::string step) {
  places_.push_back({outer, std::move(step)});
  return &places_.back();
}

const std::string* schema_resources::take_id(const found_schema& at, const std::string& id, bool with_names) {
  auto uri = resolve_uri(*at.base, id);
  auto mark = uri.find('#');
  auto document = without_fragment(uri);
  if (with_names) {
    if (mark != std::string::npos && mark + 1 < uri.size()) resources_.emplace(uri, at.at);
    if (document != *at.base) resources_.emplace(document, at.at);
  }
  return kept(std::move(document));
}

void schema_resources::add(const found_schema& start, bool with_names) {
  std::vector<found_schema> open{start};
  while (!open.empty()) {
    auto at = open.back();
    open.pop_back();
    if (auto* id = id_of(*at.at.schema)) at.base = take_id(at, *id, with_names);
    if (!bases_.emplace(at.at.schema, at.base).second) continue;
    for_each_subschema(*at.at.schema, [&](const json& inner, const std::string& suffix) {
      open.push_back({{&inner, below(at.at.place, suffix)}, at.base});
    });
  }
}

std::optional<schema_resources::target> schema_resources::resolve(const json& schema, std::string_view reference) {
  auto known_base = bases_.find(&schema);
  TROUPE_ASSERT(known_base != bases_.end());
  auto uri = resolve_uri(*known_base->second, reference);
  auto document = without_fragment(uri);
  auto fragment = std::string_view{uri}.substr(std::min(document.size() + 1, uri.size()));
  if (document == metaschema_uri && !resources_.contains(document)) {
    places_.push_back({nullptr, ""});
    add({{&draft7_metaschema(), &places_.back()}, kept("")}, true);
  }
  if (fragment.empty() || fragment.front() == '/') {
    auto found = resources_.find(document);
    if (found == resources_.end()) return std::nullopt;
    return find_pointer(found->second, kept(document), fragment);
  }
  auto named = resources_.find(uri);
  if (named == resources_.end()) return std::nullopt;
  return named->second;
}

std::optional<schema_resources::target> schema_resources::find_pointer(target from, const std::string* base,
                                                                       std::string_view pointer) {
  auto decoded = percent_decoded(pointer);
  if (!decoded) return std::nullopt;
  std::string_view rest = *decoded;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    auto end = std::min(rest.find('/'), rest.size());
    auto token = unescaped(rest.substr(0, end));
    if (!token) return std::nullopt;
    from.schema = step(*from.schema, *token);
    if (from.schema == nullptr) return std::nullopt;
    from.place = below(from.place, '/' + pointer_token(*token));
    if (auto known = bases_.find(from.schema); known != bases_.end()) base = known->second;
    rest.remove_prefix(end);
  }
  // A reference may lead into keywords that no one knows. Names that are given in there do not count.
  if (!bases_.contains(from.schema)) add({from, base}, false);
  return from;
}

} // namespace troupe::blueprint
