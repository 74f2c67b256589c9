#pragma once

#include "runtime/blueprint/schema_node.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace troupe::blueprint {

/// Where in the document a value stands; lives on the stack of the check, and becomes a pointer only when something is
/// wrong.
struct value_place {
  const value_place* outer = nullptr; ///< nullptr at the top
  const std::string* name = nullptr;  ///< of a field; nullptr: the item at `index`
  std::size_t index = 0;
  std::string pointer() const;
};

/// One validation of one document. Bounded in depth, steps, time spent on patterns and violations: where a bound is
/// met, the document is refused whatever `not` or `anyOf` might have made of it.
class schema_check {
public:
  static constexpr std::size_t violations_max = 100;

  /// With `violations` all of them are gathered there; with nullptr the first ends the check.
  explicit schema_check(std::vector<violation>* violations) : violations_(violations) {}

  bool accepts(const node& schema, const json& value, const value_place& at);

private:
  bool accepts_rules(const node& schema, const json& value, const value_place& at);
  bool accepts_value(const node& schema, const json& value, const value_place& at);
  bool accepts_number(const number_rules& rules, const json& value, const value_place& at);
  bool accepts_string(const string_rules& rules, const json& value, const value_place& at);
  bool accepts_format(const format& format, const std::string& text, const value_place& at);
  bool accepts_content(const string_rules& rules, const json& value, const value_place& at);
  bool accepts_array(const array_rules& rules, const json& value, const value_place& at);
  bool accepts_items(const array_rules& rules, const json& value, const value_place& at);
  bool has_unique_items(const json& value, const value_place& at);
  bool accepts_object(const object_rules& rules, const json& value, const value_place& at);
  bool accepts_fields(const object_rules& rules, const json::object_t& fields, const value_place& at);
  bool accepts_unlisted(const object_rules& rules, const std::string& name, const json& value, const value_place& at);
  bool accepts_by_pattern(const object_rules& rules, const std::string& name, const json& value, const value_place& at,
                          bool& matched);
  bool accepts_names(const node& schema, const json::object_t& fields, const value_place& at);
  bool accepts_dependencies(const object_rules& rules, const json& value, const value_place& at);
  bool accepts_combined(const combined_rules& rules, const json& value, const value_place& at);
  bool accepts_any(const std::vector<const node*>& schemas, const json& value, const value_place& at);
  bool accepts_one(const std::vector<const node*>& schemas, const json& value, const value_place& at);

  /// Whether the schema holds, with nothing noted.
  bool holds(const node& schema, const json& value, const value_place& at);
  bool report_closest(const std::vector<const node*>& schemas, const json& value, const value_place& at);

  using clock = std::chrono::steady_clock;

  pattern::outcome search(const pattern& what, const std::string& text, const value_place& at);
  bool ends_in_time(clock::time_point start, bool gave_up, std::string_view what, const value_place& at);

  struct words {
    std::string expected;
    std::string found;
  };

  /// Notes a violation if they are gathered, and only then asks for its words; always false.
  template <class Words> bool wrong(const value_place& at, Words&& said) {
    if (is_quiet()) return false;
    words what = said();
    violations_->push_back({at.pointer(), std::move(what.expected), std::move(what.found)});
    return false;
  }

  /// A violation that nothing can turn into acceptance; always false.
  bool stop(const value_place& at, std::string expected, std::string found);
  bool spend(std::size_t steps, const value_place& at);
  /// Nothing more is to be learned: the first violation is enough, or there are too many.
  bool is_over(bool ok) const { return stopped_ || (!ok && is_quiet()); }
  bool is_quiet() const { return violations_ == nullptr || violations_->size() >= violations_max; }

  std::vector<violation>* violations_;
  std::vector<violation>* everything_ = violations_; ///< also while a check is quiet
  std::size_t depth_ = 0;
  std::size_t steps_ = 0;
  clock::duration searching_{}; ///< so far, by patterns and slow formats
  bool stopped_ = false;
};

} // namespace troupe::blueprint
