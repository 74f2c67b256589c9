#pragma once

#include "runtime/base/json.hpp"

#include <memory>
#include <string>
#include <vector>

namespace troupe::blueprint {

/// How a schema is read.
struct schema_options {
  /// The top level that lists `properties` and does not say `additionalProperties` forbids others (blueprint-format.md,
  /// "State data"). Off for the plain draft-07.
  bool closed_by_default = false;
};

/// A JSON Schema of draft-07, compiled once and then immutable, safe to use from several threads.
///
/// Every keyword and format of draft-07 is enforced, and `uuid` and `duration` besides. Nothing a stranger writes, in
/// the schema or in the document, crashes or hangs: depth, steps and violations are bounded, reference loops are
/// refused when compiling.
class schema {
public:
  /// Refuses with `invalid_blueprint`; each violation's pointer is into `document`. Knows the draft-07 metaschema by
  /// its URI; fetches nothing.
  static expected<schema> compile(const json& document, schema_options options = {});

  /// All violations (at most 100), each with its pointer into `value`, what was expected and what was found. Empty:
  /// valid.
  std::vector<violation> validate(const json& value) const;

  bool is_valid(const json& value) const;

  /// True if the top level lists `properties` and allows no others: then state data is cut to them.
  bool is_closed() const;
  /// Names under the top level's `properties`, sorted.
  const std::vector<std::string>& declared() const;
  /// Whether the top level speaks of a field of this name: under `properties`, or by a pattern of `patternProperties`.
  bool declares(const std::string& field) const;
  /// Names under the top level's `required`, sorted.
  const std::vector<std::string>& required() const;
  /// Violations of one field alone against what the top level says of it by name (`properties`); pointers begin with
  /// the field. Empty if it says nothing.
  std::vector<violation> validate_field(const std::string& field, const json& value) const;

  struct compiled;

private:
  explicit schema(std::shared_ptr<const compiled> root) : compiled_(std::move(root)) {}
  std::shared_ptr<const compiled> compiled_;
};

} // namespace troupe::blueprint
