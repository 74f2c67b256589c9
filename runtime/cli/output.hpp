#pragma once

#include "runtime/base/json.hpp"

#include <string>
#include <vector>

namespace troupe::cli {

/// How results are shown: tables and colours on a terminal, tab-separated lines without either when piped, JSON with
/// `--json`.
class output {
public:
  explicit output(bool as_json);

  bool is_json() const { return as_json_; }
  bool is_terminal() const { return is_terminal_; }

  void table(const std::vector<std::string>& titles, const std::vector<std::vector<std::string>>& rows) const;
  /// Name and value, a line each.
  void fields(const std::vector<std::pair<std::string, std::string>>& all) const;
  void value(const json& document) const;
  void line(const std::string& text) const;
  /// A status in its colour.
  std::string status(const std::string& text) const;

  /// To stderr.
  static void complain(const std::string& text);
  /// A problem document, or whatever came instead, to stderr: title, detail and each error on a line of its own.
  void problem(const json& document) const;

private:
  bool as_json_;
  bool is_terminal_;
  bool has_colours_;
};

/// A JSON value as a cell: strings as they are, null as `-`.
std::string cell(const json& value);

} // namespace troupe::cli
