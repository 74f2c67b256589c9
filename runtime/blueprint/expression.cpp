#include "runtime/blueprint/expression.hpp"

#include "runtime/blueprint/plain_path.hpp"
#include "runtime/blueprint/script.hpp"

#include <algorithm>

namespace troupe::blueprint {

/// One of three: a constant, a path, or a script.
struct expression::program {
  std::string source;
  std::optional<json> constant = {};
  std::vector<std::string> path = {};
  std::shared_ptr<const script> real = {};

  const json* root(const scope& values) const {
    for (const auto& [name, value] : values.values) {
      if (name == path.front()) return value;
    }
    return nullptr;
  }
};

namespace {

bool is_exported(const library& functions, std::string_view name) {
  const auto& modules = functions.inside().modules;
  return std::any_of(modules.begin(), modules.end(), [&](const auto& module) {
    return std::find(module.exports.begin(), module.exports.end(), name) != module.exports.end();
  });
}

} // namespace

expected<expression> expression::compile(std::string_view source, std::shared_ptr<const library> functions) {
  auto made = std::make_shared<program>(program{std::string(source)});
  if (auto literal = parse_literal(source)) {
    made->constant = *std::move(literal);
    return expression(std::move(made));
  }
  if (auto path = parse_plain_path(source); path && !is_exported(*functions, path->front())) {
    made->path = *std::move(path);
    return expression(std::move(made));
  }
  auto real = script::compile(made->source, std::move(functions));
  if (!real) return tl::unexpected(std::move(real).error());
  made->real = *std::move(real);
  return expression(std::move(made));
}

expected<json> expression::evaluate(const scope& values) const {
  if (compiled_->real) return compiled_->real->evaluate(values);
  if (compiled_->constant) return *compiled_->constant;
  const json* root = compiled_->root(values);
  if (!root) return json();
  json made;
  const json& found = look_up(*root, compiled_->path, made);
  return &found == &made ? std::move(made) : found;
}

expected<bool> expression::holds(const scope& values) const {
  if (compiled_->real) return compiled_->real->holds(values);
  if (compiled_->constant) return is_truthy(*compiled_->constant);
  const json* root = compiled_->root(values);
  json made;
  return root && is_truthy(look_up(*root, compiled_->path, made));
}

const std::string& expression::source() const {
  return compiled_->source;
}

bool expression::is_plain_path() const {
  return !compiled_->path.empty();
}

const std::vector<std::string>& expression::path() const {
  return compiled_->path;
}

bool expression::mentions(std::string_view name) const {
  if (compiled_->real) return compiled_->real->mentions(name);
  return !compiled_->path.empty() && compiled_->path.front() == name;
}

bool expression::is_constant() const {
  if (compiled_->real) return compiled_->real->is_constant();
  return compiled_->constant.has_value();
}

} // namespace troupe::blueprint
