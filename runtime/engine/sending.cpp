#include "runtime/engine/sending.hpp"

#include "runtime/engine/fields.hpp"

#include <algorithm>
#include <array>

namespace troupe::engine {

namespace {

constexpr std::size_t url_max = 8192;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

bool starts_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

/// The reason why it is none, or nullptr. What is wrong is said without the URL: it may hold a secret.
const char* problem_of_url(std::string_view url) {
  if (url.size() > url_max) return "one of more than 8192 bytes";
  std::size_t host = 0;
  if (starts_ignoring_case(url, "http://")) host = 7;
  if (starts_ignoring_case(url, "https://")) host = 8;
  if (host == 0) return "another scheme";
  if (std::any_of(url.begin(), url.end(),
                  [](char c) { return c <= ' ' || c > '~' || c == '"' || c == '<' || c == '>' || c == '\\'; }))
    return "a character that has to be percent-encoded";
  if (host >= url.size() || url[host] == '/' || url[host] == '?' || url[host] == '#' || url[host] == ':')
    return "no host";
  return nullptr;
}

bool is_token(std::string_view name) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || marks.find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view value) {
  return std::none_of(value.begin(), value.end(),
                      [](char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f'; });
}

/// They say how the bytes travel; only the transport knows.
bool is_of_transport(std::string_view name) {
  constexpr std::array<std::string_view, 6> names = {
      "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer"};
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view each) { return equals_ignoring_case(each, name); });
}

bool is_json_type(std::string_view type) {
  return type.find("json") != std::string_view::npos || type.find("JSON") != std::string_view::npos;
}

const std::string* find_field(const header_fields& fields, std::string_view name) {
  auto found = std::find_if(fields.begin(), fields.end(),
                            [&](const auto& each) { return equals_ignoring_case(each.first, name); });
  return found == fields.end() ? nullptr : &found->second;
}

tl::unexpected<error> cannot(const std::string& what, const std::string& wanted, const std::string& found) {
  return refuse(errc::invalid_data, what + ": expected " + wanted + ", but found " + found);
}

} // namespace

bool has_field(const header_fields& fields, std::string_view name) {
  return find_field(fields, name) != nullptr;
}

void set_field(header_fields& fields, std::string name, std::string value) {
  std::erase_if(fields, [&](const auto& each) { return equals_ignoring_case(each.first, name); });
  fields.emplace_back(std::move(name), std::move(value));
}

expected<rendered_call> render_webhook(const blueprint::webhook_body& body, visible_values& values) {
  rendered_call result;
  result.method = body.method;
  auto url = body.url.render_text(values.seen_by(body.url));
  if (!url) return refuse(errc::invalid_data, "the URL: " + url.error().detail);
  if (const char* problem = problem_of_url(*url)) return cannot("the URL", "an http or https URL", problem);
  result.url = std::move(*url);
  for (const auto& [name, source] : body.headers) {
    if (!is_token(name) || is_of_transport(name))
      return cannot("the headers", "names of fields that a request may set", name);
    auto value = source.render_text(values.seen_by(source));
    if (!value) return refuse(errc::invalid_data, "the header " + name + ": " + value.error().detail);
    if (!is_field_value(*value)) return cannot("the header " + name, "text without control characters", "one");
    result.fields.emplace_back(name, std::move(*value));
  }
  if (!body.payload) return result;
  auto payload = body.payload->render(values.seen_by(*body.payload));
  if (!payload) return refuse(errc::invalid_data, "the payload: " + payload.error().detail);
  const std::string* type = find_field(result.fields, "Content-Type");
  const bool is_text = type && !is_json_type(*type) && payload->is_string();
  result.body = is_text ? payload->get<std::string>() : to_text(*payload);
  drop(*payload);
  if (!type) result.fields.emplace_back("Content-Type", "application/json");
  return result;
}

} // namespace troupe::engine
