#include "runtime/blueprint/schema_check.hpp"
#include "runtime/blueprint/schema_words.hpp"

#include <fmt/format.h>

namespace troupe::blueprint {

bool schema_check::accepts_object(const object_rules& rules, const json& value, const value_place& at) {
  auto& fields = value.get_ref<const json::object_t&>();
  if (!spend(fields.size() + rules.properties.size(), at)) return false;
  bool ok = true;
  if (fields.size() < rules.size.least)
    ok = wrong(at, [&] {
      return words{words_for_bound("least", rules.size.least, "field"), fmt::format("{}", fields.size())};
    });
  if (fields.size() > rules.size.most)
    ok = wrong(at, [&] {
      return words{words_for_bound("most", rules.size.most, "field"), fmt::format("{}", fields.size())};
    });
  if (is_over(ok)) return false;
  ok &= accepts_fields(rules, fields, at);
  if (is_over(ok)) return false;
  if (rules.names != nullptr) ok &= accepts_names(*rules.names, fields, at);
  if (is_over(ok)) return false;
  if (!rules.dependencies.empty()) ok &= accepts_dependencies(rules, value, at);
  return ok;
}

/// Both the rules and the fields are sorted by name, so that one walk along both finds every pair.
bool schema_check::accepts_fields(const object_rules& rules, const json::object_t& fields, const value_place& at) {
  bool ok = true;
  auto field = fields.begin();
  for (auto& property : rules.properties) {
    int order = 1;
    while (field != fields.end() && (order = field->first.compare(property.name)) < 0) {
      ok &= accepts_unlisted(rules, field->first, field->second, at);
      if (is_over(ok)) return false;
      ++field;
    }
    if (field == fields.end() || order > 0) {
      if (property.required)
        ok = wrong({&at, &property.name}, [&] {
          return words{property.schema == nullptr ? "a value" : words_for(*property.schema), "nothing"};
        });
    } else if (property.schema == nullptr) {
      ok &= accepts_unlisted(rules, field->first, field->second, at);
      ++field;
    } else {
      ok &= accepts(*property.schema, field->second, {&at, &field->first});
      bool matched = false;
      if (!is_over(ok) && !rules.patterns.empty())
        ok &= accepts_by_pattern(rules, field->first, field->second, at, matched);
      ++field;
    }
    if (is_over(ok)) return false;
  }
  for (; field != fields.end(); ++field) {
    ok &= accepts_unlisted(rules, field->first, field->second, at);
    if (is_over(ok)) return false;
  }
  return ok;
}

bool schema_check::accepts_unlisted(const object_rules& rules, const std::string& name, const json& value,
                                    const value_place& at) {
  bool matched = false;
  bool ok = rules.patterns.empty() || accepts_by_pattern(rules, name, value, at, matched);
  if (matched || rules.others == nullptr || stopped_) return ok && !stopped_;
  if (resolved(*rules.others).is != node::kind::nothing) return accepts(*rules.others, value, {&at, &name});
  return wrong({&at, &name}, [&] { return words{"no field of this name", describe(value)}; });
}

bool schema_check::accepts_by_pattern(const object_rules& rules, const std::string& name, const json& value,
                                      const value_place& at, bool& matched) {
  bool ok = true;
  for (auto& [source, schema] : rules.patterns) {
    auto outcome = search(source, name, {&at, &name});
    if (outcome == pattern::outcome::too_expensive) return false;
    if (outcome == pattern::outcome::not_found) continue;
    matched = true;
    ok &= accepts(*schema, value, {&at, &name});
    if (is_over(ok)) return false;
  }
  return ok;
}

bool schema_check::accepts_names(const node& schema, const json::object_t& fields, const value_place& at) {
  bool ok = true;
  for (auto& field : fields) {
    json name(field.first);
    value_place here{&at, &field.first};
    if (holds(schema, name, here)) continue;
    ok = wrong(here, [&] { return words{fmt::format("a field whose name is {}", words_for(schema)), describe(name)}; });
    if (is_over(ok)) return false;
  }
  return ok;
}

bool schema_check::accepts_dependencies(const object_rules& rules, const json& value, const value_place& at) {
  bool ok = true;
  for (auto& dependency : rules.dependencies) {
    if (!value.contains(dependency.name)) continue;
    if (dependency.schema != nullptr) ok &= accepts(*dependency.schema, value, at);
    for (auto& name : dependency.required) {
      if (!value.contains(name))
        ok = wrong({&at, &name}, [&] {
          return words{fmt::format("a value, since {} is there", to_text(json(dependency.name))), "nothing"};
        });
    }
    if (is_over(ok)) return false;
  }
  return ok;
}

} // namespace troupe::blueprint
