#include "runtime/blueprint/schema.hpp"

#include "runtime/blueprint/schema_check.hpp"
#include "runtime/blueprint/schema_compiler.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace troupe::blueprint {

namespace {

constexpr std::size_t document_depth_max = 512;

} // namespace

expected<schema> schema::compile(const json& document, schema_options options) {
  auto refused = [](std::vector<violation> findings) {
    auto& first = findings.front();
    auto detail = fmt::format("the schema does not compile: at {}: expected {}, but found {}",
                              first.pointer.empty() ? "its top" : first.pointer, first.expected, first.found);
    return refuse(errc::invalid_blueprint, std::move(detail), std::move(findings));
  };
  // Also keeps the copy from recursing without a bound.
  if (depth_of(document) > document_depth_max)
    return refused({{"", fmt::format("at most {} arrays and objects inside each other", document_depth_max), "more"}});
  auto result = std::make_shared<compiled>();
  result->document = document;
  auto findings = schema_compiler{*result}.run(options);
  if (!findings.empty()) return refused(std::move(findings));
  return schema{std::move(result)};
}

std::vector<violation> schema::validate(const json& value) const {
  std::vector<violation> violations;
  schema_check{&violations}.accepts(*compiled_->root, value, {});
  return violations;
}

bool schema::is_valid(const json& value) const {
  return schema_check{nullptr}.accepts(*compiled_->root, value, {});
}

bool schema::is_closed() const {
  return compiled_->closed;
}

const std::vector<std::string>& schema::declared() const {
  return compiled_->declared;
}

bool schema::declares(const std::string& field) const {
  if (std::binary_search(compiled_->declared.begin(), compiled_->declared.end(), field)) return true;
  auto& root = resolved(*compiled_->root);
  if (!root.objects) return false;
  auto& patterns = root.objects->patterns;
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](auto& rule) { return rule.first.search(field) == pattern::outcome::found; });
}

const std::vector<std::string>& schema::required() const {
  return compiled_->required;
}

std::vector<violation> schema::validate_field(const std::string& field, const json& value) const {
  std::vector<violation> violations;
  auto& root = resolved(*compiled_->root);
  if (!root.objects) return violations;
  auto& properties = root.objects->properties;
  auto found = std::find_if(properties.begin(), properties.end(), [&](auto& rule) { return rule.name == field; });
  if (found == properties.end() || found->schema == nullptr) return violations;
  value_place top;
  schema_check{&violations}.accepts(*found->schema, value, {&top, &field});
  return violations;
}

} // namespace troupe::blueprint
