#pragma once

#include "runtime/base/json.hpp"

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace troupe::blueprint {

/// Where in a document a schema stands: kept as steps, since a deep document has many long pointers.
struct schema_place {
  const schema_place* outer; ///< nullptr at the top
  std::string step;          ///< the end of the pointer, with its `/`
  std::string pointer() const;
};

/// Calls back with every schema that stands directly inside of a schema where draft-07 expects one, and its pointer
/// from there.
void for_each_subschema(const json& schema, const std::function<void(const json&, const std::string&)>& found);

/// Where the schemas of a document are, by URI: `$id` gives a schema a base that the references below it are resolved
/// against, or a name (`#name`). Only those count that stand where a schema is expected, and not beside `$ref`
/// (draft-07, section 8).
class schema_resources {
public:
  /// `document` outlives this.
  explicit schema_resources(const json& document);

  struct target {
    const json* schema;
    const schema_place* place; ///< in the document; of the metaschema: in that
  };

  target top() const { return {&document_, &places_.front()}; }

  /// What `reference`, standing in `schema`, refers to. Knows draft-07's metaschema besides.
  std::optional<target> resolve(const json& schema, std::string_view reference);

  /// A place for what stands inside of another.
  const schema_place* below(const schema_place* outer, std::string step);

private:
  struct found_schema {
    target at;
    const std::string* base;
  };

  void add(const found_schema& start, bool with_names);
  const std::string* take_id(const found_schema& at, const std::string& id, bool with_names);
  std::optional<target> find_pointer(target from, const std::string* base, std::string_view pointer);
  const std::string* kept(std::string uri) { return &*uris_.insert(std::move(uri)).first; }

  const json& document_;
  std::deque<schema_place> places_;
  std::unordered_set<std::string> uris_;
  std::unordered_map<std::string, target> resources_; ///< by URI without fragment, and by URI with a name as fragment
  std::unordered_map<const json*, const std::string*> bases_;
};

/// `http://json-schema.org/draft-07/schema#`
const json& draft7_metaschema();

} // namespace troupe::blueprint
