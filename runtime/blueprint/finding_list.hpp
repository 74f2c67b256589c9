#pragma once

#include "runtime/blueprint/model.hpp"

#include <string>
#include <utility>
#include <vector>

namespace troupe::blueprint {

/// Where the readers and checks put what they find: everything at once, at most 200 errors and 200 warnings; what is
/// beyond is not kept.
class finding_list {
public:
  static constexpr std::size_t count_max = 200;

  void error(std::string pointer, std::string code, std::string message, std::string expected = {},
             std::string found = {});
  void warning(std::string pointer, std::string code, std::string message, std::string expected = {},
               std::string found = {});
  void add(finding one);

  bool has_errors() const { return !errors_.empty(); }
  std::size_t error_count() const { return errors_.size(); }

  /// Errors first, then warnings, each in the order they were found.
  std::vector<finding> all() const;
  const std::vector<finding>& errors() const { return errors_; }
  const std::vector<finding>& warnings() const { return warnings_; }

private:
  std::vector<finding> errors_;
  std::vector<finding> warnings_;
};

/// Pointers into the full form back to the document as it was written: by the longest prefix that is known, then cut to
/// what is there.
class pointer_map {
public:
  void add(std::string full, std::string written) { pairs_.emplace_back(std::move(full), std::move(written)); }
  std::string written(const std::string& full, const json& document) const;
  finding_list written(const finding_list& full, const json& document) const;

private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

/// `invalid_blueprint` with a violation for each error; the text names the first.
tl::unexpected<error> refuse_findings(std::string_view what, const std::vector<finding>& errors);

} // namespace troupe::blueprint
