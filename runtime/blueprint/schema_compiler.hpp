#pragma once

#include "runtime/blueprint/schema_node.hpp"
#include "runtime/blueprint/schema_resources.hpp"

#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe::blueprint {

/// Turns the document of a `schema::compiled` into nodes. Works through a list, not by calling itself, and makes one
/// node of one schema however often it is referred to.
class schema_compiler {
public:
  explicit schema_compiler(schema::compiled& result) : result_(result), resources_(result.document) {}

  /// Everything that is wrong with the document (at most 100); if nothing is, `result` is complete.
  std::vector<violation> run(schema_options options);

private:
  using target = schema_resources::target;

  struct pending {
    node* into;
    target from;
  };

  /// One schema while its keywords are read.
  struct subject {
    const json& schema;
    const schema_place* place;
    node& into;
  };

  const node* node_for(const target& from);
  const node* node_at(const subject& of, const json& inner, const std::string& suffix);
  void complete(node& into, const target& from);
  void work();

  void read_reference(const subject& of, const json& reference);
  void read_keywords(const subject& of);
  void read_annotations(const subject& of);
  void check_unique(const subject& of, const std::string& suffix, const json& names);
  void read_type(const subject& of);
  void read_values(const subject& of);
  void read_numbers(const subject& of);
  void read_strings(const subject& of);
  void read_arrays(const subject& of);
  void read_objects(const subject& of);
  void read_properties(const subject& of, object_rules& rules);
  void read_patterns(const subject& of, object_rules& rules);
  void read_dependencies(const subject& of, object_rules& rules);
  void read_combined(const subject& of);
  void read_content(const subject& of);

  /// The keyword's value if it is there and as it must be; what it must be goes into the finding otherwise.
  const json* find(const subject& of, const char* keyword, bool (*fits)(const json&), std::string_view expected);
  const node* find_schema(const subject& of, const char* keyword);
  std::vector<const node*> find_schemas(const subject& of, const char* keyword);
  void find_bounds(const subject& of, const char* least, const char* most, size_bounds& into);
  std::optional<pattern> compile_pattern(const subject& of, const std::string& source, const std::string& suffix);

  void read_top(schema_options options, const target& top);
  void find_loops();
  void wrong(const schema_place* place, const std::string& suffix, std::string expected, std::string found);

  schema::compiled& result_;
  schema_resources resources_;
  std::unordered_map<const json*, node*> nodes_;
  std::unordered_map<const node*, const schema_place*> places_;
  std::vector<pending> open_;
  std::vector<violation> findings_;
};

/// Calls back with every schema that a schema lays on the same value as itself: those through which a loop would never
/// end.
void for_each_on_same_value(const node& from, const std::function<void(const node&)>& found);

} // namespace troupe::blueprint
