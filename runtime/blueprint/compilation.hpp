#pragma once

#include "runtime/blueprint/object_reader.hpp"
#include "runtime/blueprint/references.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace troupe::blueprint {

/// Where an expression stands: what it may read there.
enum class place {
  ordinary, ///< everything but secrets
  request,  ///< url, headers, payload, auth: secrets too
  handler,  ///< a handler's request: `config` and `secret` alone, for it is told of many orders
  order_id, ///< `data` alone: there is no order yet
};

/// Compiles the expressions, templates and schemas of one document; what does not compile, or reads what it may not, is
/// a finding. Remembers what was used, for the pins.
class compilation {
public:
  compilation(const references& around, finding_list& findings);

  std::optional<expression> expression_at(const json& source, const std::string& pointer,
                                          place where = place::ordinary);
  std::optional<value_template> template_at(const json& source, const std::string& pointer,
                                            place where = place::ordinary);
  std::optional<schema> schema_at(const json& source, const std::string& pointer, bool closed_by_default);
  /// A field that holds one; absent: nothing.
  std::optional<expression> expression_of(const object_reader& reader, std::string_view name,
                                          place where = place::ordinary);
  /// An expression that decides: warns of a constant one.
  std::optional<expression> condition_of(const object_reader& reader, std::string_view name);
  std::optional<schema> schema_of(const object_reader& reader, std::string_view name, bool closed_by_default);

  const references& around() const { return around_; }
  finding_list& findings() const { return findings_; }
  const std::set<std::string>& used_modules() const { return used_modules_; }
  void use_modules(const std::set<std::string>& modules) { used_modules_.insert(modules.begin(), modules.end()); }
  bool names_secrets() const { return names_secrets_; }

private:
  void check_names(const expression& compiled, const std::string& pointer, place where);
  void check_functions(const expression& compiled, const std::string& pointer);

  const references& around_;
  finding_list& findings_;
  std::map<std::string, std::string, std::less<>> modules_of_; ///< function -> module, empty: built in
  std::set<std::string> used_modules_;
  bool names_secrets_ = false;
};

} // namespace troupe::blueprint
