#pragma once

#include "runtime/blueprint/expression.hpp"

#include <variant>

namespace troupe::blueprint {

/// A JSON value with `{{expression}}` in its strings, compiled once. `"{{expression}}"` alone keeps the value's type;
/// inside a longer string it is written into it (strings as they are, null as nothing, anything else as JSON); `{{{{`
/// is a literal `{{`. Object keys are not templates. Immutable, usable from every thread.
class value_template {
public:
  /// Refuses with `invalid_blueprint`; each violation's pointer is into `document`.
  static expected<value_template> compile(const json& document, std::shared_ptr<const library> functions);

  expected<json> render(const scope& values) const;
  /// For templates of a string: the rendered text (null as nothing, anything but a string as JSON).
  expected<std::string> render_text(const scope& values) const;

  bool mentions(std::string_view name) const;
  /// No expression inside: `render` always gives the same.
  bool is_constant() const;
  /// Every expression inside, with its pointer: for checks when publishing.
  void for_each_expression(const std::function<void(const std::string& pointer, const expression&)>& visit) const;

  struct node;

private:
  explicit value_template(std::shared_ptr<const node> root) : root_(std::move(root)) {}
  std::shared_ptr<const node> root_;
};

} // namespace troupe::blueprint
