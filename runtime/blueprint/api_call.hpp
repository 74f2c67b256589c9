#pragma once

#include "runtime/blueprint/action_level.hpp"

namespace troupe::blueprint {

/// An API call read and compiled: a request, the fields that it sends, and what it says about tries and answers.
struct api_call {
  int version = 0;
  action_level level;
  webhook_body request;          ///< with its own data as the payload
  json data;                     ///< the templates it sends, an object, or null
  std::set<std::string> modules; ///< custom modules that its expressions use
};

/// Nothing if there are findings that are errors.
std::optional<api_call> read_api_call(const json& document, const references& around, finding_list& findings);

/// The document with its short forms written out.
json normalised_api_call(json document);

} // namespace troupe::blueprint
