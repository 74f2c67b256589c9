#include "runtime/blueprint/request_body.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace troupe::blueprint {

namespace {

constexpr std::size_t headers_max = 100;
constexpr std::size_t statuses_max = 100;
constexpr auto methods = std::to_array<std::string_view>({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"});
/// Lower case: the transport writes these itself.
constexpr auto own_headers =
    std::to_array<std::string_view>({"host", "content-length", "transfer-encoding", "connection", "te", "trailer",
                                     "upgrade", "expect", "keep-alive", "idempotency-key"});

bool is_token(std::string_view text) {
  auto is_good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= 256 && std::all_of(text.begin(), text.end(), is_good);
}

std::string in_lower_case(std::string text) {
  for (auto& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// What can be said of a url before its templates are filled in.
void check_url(const std::string& url, const object_reader& reader) {
  auto fixed = std::string_view(url).substr(0, url.find("{{"));
  bool is_whole = fixed.size() == url.size();
  auto scheme_end = fixed.find("://");
  bool has_scheme = fixed.starts_with("http://") || fixed.starts_with("https://");
  bool has_host = scheme_end != std::string_view::npos && fixed.size() > scheme_end + 3 && fixed[scheme_end + 3] != '/';
  bool could_begin_so =
      std::string_view("http://").starts_with(fixed) || std::string_view("https://").starts_with(fixed);
  bool is_bad =
      is_whole ? !has_scheme || !has_host || fixed.find(' ') != std::string_view::npos : !has_scheme && !could_begin_so;
  if (is_bad || has_control_character(url))
    reader.invalid("url", "invalid_value", "an address that begins with http:// or https:// and a host", json(url));
}

/// A header's value: text without line breaks.
std::optional<value_template> header_value(const json& value, const std::string& pointer, compilation& work,
                                           place where) {
  if (!value.is_string() || has_control_character(value.get_ref<const std::string&>())) {
    work.findings().error(pointer, "wrong_type", "write a string without line breaks", "a string", describe(value));
    return std::nullopt;
  }
  return work.template_at(value, pointer, where);
}

void read_headers(webhook_body& body, const object_reader& reader, compilation& work, place where) {
  const json* headers = reader.object("headers");
  if (!headers) return;
  if (headers->size() > headers_max)
    reader.invalid("headers", "too_many", fmt::format("at most {} headers", headers_max), *headers);
  for (auto item = headers->begin(); item != headers->end() && headers->size() <= headers_max; ++item) {
    auto pointer = reader.at("headers") + "/" + pointer_token(item.key());
    if (!is_token(item.key()))
      work.findings().error(pointer, "invalid_value", "write a header's name of letters, digits and hyphens",
                            "the name of a header", describe(json(item.key())));
    else if (auto name = in_lower_case(item.key());
             std::find(own_headers.begin(), own_headers.end(), name) != own_headers.end())
      work.findings().error(pointer, "invalid_value", "remove it: this header is written when the request is sent",
                            "a header that is free to choose", describe(json(item.key())));
    else if (auto value = header_value(item.value(), pointer, work, where))
      body.headers.emplace_back(item.key(), std::move(*value));
  }
}

void read_auth(webhook_body& body, const object_reader& reader, compilation& work, place where) {
  static constexpr auto known = std::to_array<std::string_view>({"bearer"});
  const json* auth = reader.find("auth");
  if (!auth) return;
  object_reader inside(*auth, reader.at("auth"), work.findings());
  inside.allow(known);
  auto bearer = inside.required_text("bearer", "the token, for example {{secret.TOKEN}}");
  if (!bearer) return;
  bool is_twice = std::any_of(body.headers.begin(), body.headers.end(),
                              [](const auto& header) { return in_lower_case(header.first) == "authorization"; });
  if (is_twice)
    work.findings().error(reader.at("auth"), "duplicate_field", "leave out either `auth` or the header `Authorization`",
                          "one of the two", "both");
  auto whole = header_value(json("Bearer " + *bearer), inside.at("bearer"), work, where);
  if (whole) body.headers.emplace_back("Authorization", std::move(*whole));
}

expected_response read_expected(const object_reader& reader, compilation& work) {
  static constexpr auto known = std::to_array<std::string_view>({"status", "schema", "condition"});
  expected_response result;
  const json* written = reader.find("expectedResponse");
  if (!written) return result;
  auto normalised = normalised_expected_response(*written);
  if (!normalised.is_object()) {
    reader.invalid("expectedResponse", "wrong_type", "an object, or a string such as \"200 OK\"", *written);
    return result;
  }
  object_reader inside(normalised, reader.at("expectedResponse"), work.findings());
  inside.allow(known);
  const json* statuses = inside.array("status", statuses_max);
  for (std::size_t i = 0; statuses && i < statuses->size(); ++i) {
    const json& one = (*statuses)[i];
    if (one.is_number_integer() && one >= 100 && one <= 599)
      result.status.push_back(one.get<int>());
    else
      work.findings().error(fmt::format("{}/{}", inside.at("status"), i),
                            one.is_number_integer() ? "invalid_value" : "wrong_type",
                            "write an HTTP status, for example 200", "a whole number from 100 to 599", describe(one));
  }
  result.body = work.schema_of(inside, "schema", false);
  result.condition = work.condition_of(inside, "condition");
  return result;
}

} // namespace

std::optional<webhook_body> read_request(const object_reader& reader, compilation& work, place where) {
  auto url = reader.required_text("url", "where the request goes");
  if (url) check_url(*url, reader);
  auto compiled = url ? work.template_at(json(*url), reader.at("url"), where) : std::nullopt;
  if (!compiled) {
    // The rest is still read for its own findings: this template stands in for the one that is missing.
    compiled = *value_template::compile(json("http://localhost"), work.around().functions);
  }
  webhook_body result{*compiled, "POST", {}, std::nullopt, {}};
  if (auto method = reader.word("method", methods)) result.method = *method;
  read_headers(result, reader, work, where);
  read_auth(result, reader, work, where);
  result.expected = read_expected(reader, work);
  return url ? std::optional(std::move(result)) : std::nullopt;
}

json normalised_expected_response(const json& written) {
  if (!written.is_string()) return written;
  const auto& text = written.get_ref<const std::string&>();
  bool is_status = text.size() >= 3 &&
                   std::all_of(text.begin(), text.begin() + 3, [](char c) { return c >= '0' && c <= '9'; }) &&
                   (text.size() == 3 || text[3] == ' ');
  if (!is_status) return written;
  return {{"status", json::array({(text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0')})}};
}

} // namespace troupe::blueprint
