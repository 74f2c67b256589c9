#pragma once

#include "runtime/base/settings.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <variant>

namespace troupe {

using text_option = std::string& (*)(settings&);
using number_option = std::int64_t& (*)(settings&);
using switch_option = bool& (*)(settings&);
using duration_option = duration& (*)(settings&);
using list_option = std::vector<std::string>& (*)(settings&);

/// One option: what it is called, where it goes (which is also its type), its default, its bounds, and what it is for.
struct option {
  std::string_view name;
  std::variant<text_option, number_option, switch_option, duration_option, list_option> place;
  std::string_view standard; ///< the default as JSON
  std::string_view meaning;
  std::int64_t least = 0; ///< of numbers, and of durations in milliseconds
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
  std::span<const std::string_view> choices = {}; ///< of texts, if only some will do
};

std::span<const option> all_options();

/// What sections are for, in the order of the table.
std::string_view meaning_of_section(std::string_view name);

const option* find_option(std::string_view name);
/// The option whose name takes the fewest changes to get to.
std::string_view nearest_option(std::string_view name);

/// `a whole number from 1 to 64`
std::string words_for(const option& which);

/// Sets the option; false if the value is not what `words_for` says.
bool assign(settings& into, const option& which, const json& value);
/// The value that a variable or an assignment gives as text; nothing if it cannot be one of this option.
std::optional<json> value_from_text(const option& which, std::string_view text);

} // namespace troupe
