#pragma once

#include "runtime/base/error.hpp"

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

using json = nlohmann::json;

struct json_limits {
  std::size_t depth = 64; ///< arrays and objects inside each other
};

/// What strict parsing yields. `inexact` are the pointers of numbers that would not come out with the value they were
/// written with (an integer beyond 64 bits, a decimal of more digits than a double keeps): for a submission a refusal,
/// for an answer only if it is saved.
struct parsed_json {
  json value;
  std::vector<std::string> inexact; ///< at most 100
};

/// RFC 8259 in strict UTF-8: refuses with `malformed_json` (with line and column, and a pointer where there is one)
/// what does not parse, duplicate keys, broken UTF-8, nesting beyond the limit. Never recurses deeper than the limit.
expected<parsed_json> parse_json(std::string_view text, json_limits limits = {});

/// As `parse_json`, and inexact numbers are `invalid_data` with a violation for each.
expected<json> parse_exact_json(std::string_view text, json_limits limits = {});

/// One text for one value: sorted keys, no blanks, a whole float within 2^53 written like the integer. For hashes and
/// comparison.
std::string canonical(const json& value);

/// The value as text, invalid UTF-8 replaced, never throws.
std::string to_text(const json& value);
void append_text(std::string& out, const json& value);
/// As a JSON string, in quotes.
void append_quoted(std::string& out, std::string_view text);

/// Empties the value. Left to itself, the library drops what has members by way of a list on the heap, which takes
/// three times as long: worth it where many are dropped.
void drop(json& value);

/// RFC 6901: one reference token, `~` and `/` escaped.
std::string pointer_token(std::string_view name);

/// `a string`, `the number 7`, `an object`, `null`: for "but found ..."; long values are cut.
std::string describe(const json& value);

/// Levels of arrays and objects inside each other, counted without recursion.
std::size_t depth_of(const json& value);

} // namespace troupe
