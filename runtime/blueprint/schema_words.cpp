#include "runtime/blueprint/schema_words.hpp"

#include <array>
#include <fmt/format.h>

namespace troupe::blueprint {

namespace {

struct type_words {
  unsigned type;
  std::string_view words;
};

constexpr std::array<type_words, 7> type_names{{{json_type::object, "an object"},
                                                {json_type::array, "an array"},
                                                {json_type::string, "a string"},
                                                {json_type::number, "a number"},
                                                {json_type::integer, "a whole number"},
                                                {json_type::boolean, "true or false"},
                                                {json_type::null, "null"}}};

constexpr std::size_t choices_shown = 10;
constexpr std::size_t choice_length_max = 60;

std::string shown(const json& value) {
  if (value.is_structured()) return describe(value);
  if (value.is_string() && value.get_ref<const std::string&>().size() > choice_length_max) return describe(value);
  return to_text(value);
}

} // namespace

std::string words_for_types(unsigned types) {
  if ((types & json_type::number) != 0) types &= ~json_type::integer;
  std::string result;
  for (auto& [type, words] : type_names) {
    if ((types & type) == 0) continue;
    if (!result.empty()) result += " or ";
    result += words;
  }
  return result;
}

std::string words_for_choices(const std::vector<const json*>& choices) {
  if (choices.empty()) return "one of no values";
  if (choices.size() == 1) return shown(*choices.front());
  std::string result = "one of ";
  for (std::size_t i = 0; i < choices.size() && i < choices_shown; ++i) {
    if (i != 0) result += ", ";
    result += shown(*choices[i]);
  }
  if (choices.size() > choices_shown) result += fmt::format(" and {} more", choices.size() - choices_shown);
  return result;
}

std::string words_for_bound(std::string_view least_or_most, std::size_t count, std::string_view singular) {
  return fmt::format("at {} {} {}{}", least_or_most, count, singular, count == 1 ? "" : "s");
}

std::string words_for(const node& schema) {
  auto& at = resolved(schema);
  if (at.is == node::kind::nothing) return "nothing";
  if (at.constant != nullptr) return shown(*at.constant);
  if (at.choices) return words_for_choices(*at.choices);
  if (at.strings && at.strings->format != nullptr) return std::string{at.strings->format->words};
  if (at.types != 0) return words_for_types(at.types);
  return "a value that its schema allows";
}

} // namespace troupe::blueprint
