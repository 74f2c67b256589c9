#include "runtime/blueprint/api_call.hpp"

#include "runtime/base/ids.hpp"
#include "runtime/blueprint/request_body.hpp"

#include <fmt/format.h>

namespace troupe::blueprint {

namespace {

constexpr std::size_t document_size_max = 256u << 10;

constexpr auto known_fields = std::to_array<std::string_view>(
    {"$schema",       "api_call_id", "version",     "name",       "description", "metadata",
     "url",           "method",      "headers",     "auth",       "data",        "expectedResponse",
     "errors",        "save",        "timeout",     "retryCount", "retryDelay",  "retryBackoff",
     "retryMaxDelay", "retryJitter", "retryBudget", "retryOn",    "noRetryOn",   "onError",
     "onTimeout",     "effect"});
constexpr auto missing_fields = std::to_array<missing_field>({{"callback", "waiting for a callback"},
                                                              {"compensate", "undoing with `compensate`"},
                                                              {"onDoubt", "settling doubts with `onDoubt`"}});

} // namespace

std::optional<api_call> read_api_call(const json& document, const references& around, finding_list& findings) {
  auto errors_before = findings.error_count();
  compilation work(around, findings);
  object_reader reader(document, "", findings);
  if (!reader) return std::nullopt;
  if (to_text(document).size() > document_size_max) {
    findings.error("", "too_large", "make it smaller", fmt::format("at most {} bytes", document_size_max), "more");
    return std::nullopt;
  }
  reader.allow(known_fields, missing_fields);
  reader.check_descriptive();
  reader.text("$schema");
  auto id = reader.required_text("api_call_id", "what the API call is named by");
  if (id && !is_definition_id(*id))
    reader.invalid("api_call_id", "invalid_id", "a letter, then at most 127 letters, digits, `_` or `-`", json(*id));
  reader.whole("version", 1, 1'000'000'000);
  check_effect(reader);
  auto level = read_action_level(reader, work);
  auto request = read_request(reader, work, place::request);
  const json* data = reader.object("data");
  if (data && request) request->payload = work.template_at(*data, reader.at("data"), place::request);
  if (!request || findings.error_count() > errors_before) return std::nullopt;
  return api_call{0, std::move(level), std::move(*request), data ? *data : json(nullptr), work.used_modules()};
}

json normalised_api_call(json document) {
  if (auto expected = document.find("expectedResponse"); document.is_object() && expected != document.end())
    *expected = normalised_expected_response(*expected);
  return document;
}

} // namespace troupe::blueprint
