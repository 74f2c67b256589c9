#pragma once

#include "runtime/blueprint/catalogue.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace troupe::cli {

/// A file that can be published: what it holds, and under what id.
struct definition_file {
  std::filesystem::path path;
  blueprint::published_kind kind = blueprint::published_kind::blueprint;
  std::string id;
  std::string text;
};

/// One file, by what it holds: `.js` is a function module of that name, a JSON document with `api_call_id` an API call,
/// any other a blueprint. Refuses with `invalid_request`: it cannot be read, does not parse, or names no id.
expected<definition_file> read_definition(const std::filesystem::path& path);

/// What a folder or file holds, in the order in which it can be published: functions, API calls, blueprints. In a
/// folder: `functions/*.js`, `api_calls/*.json` and `*.json` (schemas apart), by name. What cannot be read is left out
/// and said in `faults`.
std::vector<definition_file> read_definitions(const std::vector<std::string>& paths, std::vector<error>& faults);

} // namespace troupe::cli
