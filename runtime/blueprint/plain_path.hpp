#pragma once

#include "runtime/base/json.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::blueprint {

/// The parts of `data.items[0]["a b"]` (also with `?.`), or nothing if the source is anything else. The first part is a
/// name that JavaScript has no meaning for.
std::optional<std::vector<std::string>> parse_plain_path(std::string_view source);

/// A literal: `true`, `null`, `undefined`, a decimal number, or quoted text without escapes.
std::optional<json> parse_literal(std::string_view source);

/// What stands at `parts` (from the second on) inside `root`, as JavaScript finds it: own members, elements, `length`
/// and characters; null where nothing is there. Refers to `root`, or to `made` for what is not in it.
const json& look_up(const json& root, const std::vector<std::string>& parts, json& made);

/// JavaScript's idea of truth.
bool is_truthy(const json& value);

} // namespace troupe::blueprint
