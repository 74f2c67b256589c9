#include "runtime/base/json_compare.hpp"
#include "runtime/blueprint/schema_compiler.hpp"
#include "runtime/blueprint/schema_extent.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <set>

namespace troupe::blueprint {

namespace {

constexpr double size_max = 9007199254740992.0; // 2^53

bool is_size(const json& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>() <= static_cast<std::uint64_t>(size_max);
  if (value.is_number_integer()) return value.get<std::int64_t>() >= 0;
  if (!value.is_number_float()) return false;
  auto number = value.get<double>();
  return number >= 0 && number <= size_max && std::trunc(number) == number;
}

bool is_number(const json& value) {
  return value.is_number() && std::isfinite(value.get<double>());
}

bool is_positive_number(const json& value) {
  return is_number(value) && value.get<double>() > 0;
}

bool is_string(const json& value) {
  return value.is_string();
}

bool is_boolean(const json& value) {
  return value.is_boolean();
}

bool is_array(const json& value) {
  return value.is_array();
}

bool is_object(const json& value) {
  return value.is_object();
}

bool is_list_of_names(const json& value) {
  return value.is_array() && std::all_of(value.begin(), value.end(), is_string);
}

unsigned type_named(const json& name) {
  if (!name.is_string()) return 0;
  auto& text = name.get_ref<const std::string&>();
  if (text == "null") return json_type::null;
  if (text == "boolean") return json_type::boolean;
  if (text == "integer") return json_type::integer;
  if (text == "number") return json_type::number;
  if (text == "string") return json_type::string;
  if (text == "array") return json_type::array;
  return text == "object" ? json_type::object : 0;
}

template <class Rules> Rules& made(std::unique_ptr<Rules>& rules) {
  if (!rules) rules = std::make_unique<Rules>();
  return *rules;
}

} // namespace

const json* schema_compiler::find(const subject& of, const char* keyword, bool (*fits)(const json&),
                                  std::string_view expected) {
  auto found = of.schema.find(keyword);
  if (found == of.schema.end()) return nullptr;
  if (fits(*found)) return &*found;
  wrong(of.place, fmt::format("/{}", keyword), std::string{expected}, describe(*found));
  return nullptr;
}

const node* schema_compiler::find_schema(const subject& of, const char* keyword) {
  auto found = of.schema.find(keyword);
  return found == of.schema.end() ? nullptr : node_at(of, *found, fmt::format("/{}", keyword));
}

std::vector<const node*> schema_compiler::find_schemas(const subject& of, const char* keyword) {
  std::vector<const node*> result;
  auto* list = find(
      of, keyword, [](const json& value) { return value.is_array() && !value.empty(); },
      "a list of one schema or more");
  if (list == nullptr) return result;
  for (std::size_t i = 0; i < list->size(); ++i)
    result.push_back(node_at(of, (*list)[i], fmt::format("/{}/{}", keyword, i)));
  return result;
}

void schema_compiler::find_bounds(const subject& of, const char* least, const char* most, size_bounds& into) {
  constexpr std::string_view words = "a whole number of at least 0";
  if (auto* value = find(of, least, is_size, words)) into.least = value->get<std::size_t>();
  if (auto* value = find(of, most, is_size, words)) into.most = value->get<std::size_t>();
}

std::optional<pattern> schema_compiler::compile_pattern(const subject& of, const std::string& source,
                                                        const std::string& suffix) {
  auto compiled = pattern::compile(source);
  if (compiled) return std::move(*compiled);
  wrong(of.place, suffix, "an ECMAScript regular expression", compiled.error().detail);
  return std::nullopt;
}

void schema_compiler::check_unique(const subject& of, const std::string& suffix, const json& names) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].is_string() && !seen.insert(names[i].get_ref<const std::string&>()).second)
      wrong(of.place, fmt::format("{}/{}", suffix, i), "every name only once", describe(names[i]));
  }
}

void schema_compiler::read_annotations(const subject& of) {
  for (auto* name : {"title", "description", "$comment"})
    find(of, name, is_string, "a string");
  for (auto* name : {"readOnly", "writeOnly"})
    find(of, name, is_boolean, "true or false");
  find(of, "examples", is_array, "a list");
  find(of, "definitions", is_object, "an object of schemas");
  find(
      of, "$id",
      [](const json& value) {
        return value.is_string() && find_format("uri-reference")->accepts(value.get_ref<const std::string&>());
      },
      "a URI reference");
}

void schema_compiler::read_type(const subject& of) {
  auto found = of.schema.find("type");
  if (found == of.schema.end()) return;
  constexpr std::string_view words = "one or more of null, boolean, integer, number, string, array and object";
  if (found->is_array() && !found->empty()) {
    check_unique(of, "/type", *found);
    for (auto& name : *found) {
      auto type = type_named(name);
      if (type == 0) wrong(of.place, "/type", std::string{words}, describe(name));
      of.into.types |= type;
    }
    return;
  }
  of.into.types = type_named(*found);
  if (of.into.types == 0) wrong(of.place, "/type", std::string{words}, describe(*found));
}

void schema_compiler::read_values(const subject& of) {
  auto constant = of.schema.find("const");
  if (constant != of.schema.end()) {
    of.into.constant = &*constant;
    of.into.comparing += extent_of(*constant).steps;
  }
  auto* list = find(of, "enum", is_array, "a list of values");
  if (list == nullptr) return;
  auto& choices = of.into.choices.emplace();
  for (auto& value : *list)
    choices.push_back(&value);
  std::sort(choices.begin(), choices.end(), [](auto* left, auto* right) { return compare(*left, *right) < 0; });
}

void schema_compiler::read_numbers(const subject& of) {
  number_rules rules;
  rules.minimum = find(of, "minimum", is_number, "a number");
  rules.maximum = find(of, "maximum", is_number, "a number");
  rules.exclusive_minimum = find(of, "exclusiveMinimum", is_number, "a number");
  rules.exclusive_maximum = find(of, "exclusiveMaximum", is_number, "a number");
  rules.multiple_of = find(of, "multipleOf", is_positive_number, "a number above 0");
  if (rules.multiple_of != nullptr) rules.divisor = exact_decimal_of(*rules.multiple_of);
  if (rules.minimum != nullptr || rules.maximum != nullptr || rules.exclusive_minimum != nullptr ||
      rules.exclusive_maximum != nullptr || rules.multiple_of != nullptr)
    of.into.numbers = std::make_unique<number_rules>(rules);
}

void schema_compiler::read_strings(const subject& of) {
  if (of.schema.contains("minLength") || of.schema.contains("maxLength"))
    find_bounds(of, "minLength", "maxLength", made(of.into.strings).length);
  if (auto* source = find(of, "pattern", is_string, "a regular expression"))
    made(of.into.strings).matches = compile_pattern(of, source->get_ref<const std::string&>(), "/pattern");
  if (auto* name = find(of, "format", is_string, "the name of a format")) {
    auto* known = find_format(name->get_ref<const std::string&>());
    if (known != nullptr) made(of.into.strings).format = known;
  }
}

void schema_compiler::read_content(const subject& of) {
  if (auto* encoding = find(of, "contentEncoding", is_string, "the name of an encoding"); encoding != nullptr) {
    if (*encoding == "base64") made(of.into.strings).is_base64 = true;
  }
  if (auto* type = find(of, "contentMediaType", is_string, "a media type"); type != nullptr) {
    if (*type == "application/json") made(of.into.strings).is_json = true;
  }
}

void schema_compiler::read_arrays(const subject& of) {
  array_rules rules;
  find_bounds(of, "minItems", "maxItems", rules.size);
  if (auto* unique = find(of, "uniqueItems", is_boolean, "true or false")) rules.unique = unique->get<bool>();
  auto items = of.schema.find("items");
  if (items != of.schema.end() && items->is_array()) {
    rules.positions = find_schemas(of, "items");
    rules.others = find_schema(of, "additionalItems");
  } else {
    rules.others = find_schema(of, "items");
  }
  rules.contains = find_schema(of, "contains");
  bool has_rules = rules.size.least != 0 || rules.size.most != unbounded || rules.unique || !rules.positions.empty() ||
                   rules.others != nullptr || rules.contains != nullptr;
  if (has_rules) of.into.arrays = std::make_unique<array_rules>(std::move(rules));
}

void schema_compiler::read_objects(const subject& of) {
  object_rules rules;
  find_bounds(of, "minProperties", "maxProperties", rules.size);
  read_properties(of, rules);
  read_patterns(of, rules);
  rules.others = find_schema(of, "additionalProperties");
  rules.names = find_schema(of, "propertyNames");
  read_dependencies(of, rules);
  bool has_rules = rules.size.least != 0 || rules.size.most != unbounded || !rules.properties.empty() ||
                   !rules.patterns.empty() || rules.others != nullptr || rules.names != nullptr ||
                   !rules.dependencies.empty() || of.schema.contains("properties");
  if (has_rules) of.into.objects = std::make_unique<object_rules>(std::move(rules));
}

void schema_compiler::read_properties(const subject& of, object_rules& rules) {
  std::map<std::string, property_rule> sorted;
  auto rule_for = [&](const std::string& name) -> property_rule& {
    return sorted.try_emplace(name, property_rule{name, nullptr, false}).first->second;
  };
  if (auto* properties = find(of, "properties", is_object, "an object of schemas")) {
    for (auto& [name, schema] : properties->items())
      rule_for(name).schema = node_at(of, schema, "/properties/" + pointer_token(name));
  }
  if (auto* required = find(of, "required", is_list_of_names, "a list of names")) {
    check_unique(of, "/required", *required);
    for (auto& name : *required)
      rule_for(name.get_ref<const std::string&>()).required = true;
  }
  for (auto& [name, rule] : sorted)
    rules.properties.push_back(std::move(rule));
}

void schema_compiler::read_patterns(const subject& of, object_rules& rules) {
  auto* patterns = find(of, "patternProperties", is_object, "an object of schemas");
  if (patterns == nullptr) return;
  for (auto& [source, schema] : patterns->items()) {
    auto suffix = "/patternProperties/" + pointer_token(source);
    auto compiled = compile_pattern(of, source, suffix);
    if (compiled) rules.patterns.emplace_back(std::move(*compiled), node_at(of, schema, suffix));
  }
}

void schema_compiler::read_dependencies(const subject& of, object_rules& rules) {
  auto* dependencies = find(of, "dependencies", is_object, "an object of schemas or lists of names");
  if (dependencies == nullptr) return;
  for (auto& [name, value] : dependencies->items()) {
    auto suffix = "/dependencies/" + pointer_token(name);
    if (is_list_of_names(value)) {
      check_unique(of, suffix, value);
      rules.dependencies.push_back({name, nullptr, value.get<std::vector<std::string>>()});
    } else if (value.is_object() || value.is_boolean()) {
      rules.dependencies.push_back({name, node_at(of, value, suffix), {}});
    } else {
      wrong(of.place, suffix, "a schema or a list of names", describe(value));
    }
  }
}

void schema_compiler::read_combined(const subject& of) {
  combined_rules rules;
  rules.all = find_schemas(of, "allOf");
  rules.any = find_schemas(of, "anyOf");
  rules.one = find_schemas(of, "oneOf");
  rules.negated = find_schema(of, "not");
  if (of.schema.contains("if") && (of.schema.contains("then") || of.schema.contains("else"))) {
    rules.condition = find_schema(of, "if");
    rules.consequence = find_schema(of, "then");
    rules.alternative = find_schema(of, "else");
  }
  bool has_rules = !rules.all.empty() || !rules.any.empty() || !rules.one.empty() || rules.negated != nullptr ||
                   rules.condition != nullptr;
  if (has_rules) of.into.combined = std::make_unique<combined_rules>(std::move(rules));
}

} // namespace troupe::blueprint
