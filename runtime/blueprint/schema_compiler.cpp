#include "runtime/blueprint/schema_compiler.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace troupe::blueprint {

namespace {

constexpr std::size_t findings_max = 100;
constexpr std::size_t nodes_max = 200'000;
constexpr std::string_view schema_words = "a schema: an object, true or false";
constexpr std::string_view draft7_uri = "http://json-schema.org/draft-07/schema";

/// Follows references as far as they lead, or gives up where they go round.
const node* end_of(const node* at, std::size_t steps_max) {
  for (std::size_t i = 0; at->reference != nullptr && i <= steps_max; ++i)
    at = at->reference;
  return at->reference == nullptr ? at : nullptr;
}

} // namespace

std::vector<violation> schema_compiler::run(schema_options options) {
  auto top = resources_.top();
  if (top.schema->is_object()) {
    auto draft = top.schema->find("$schema");
    auto is_draft7 = [](const json& value) {
      if (!value.is_string()) return false;
      std::string_view uri = value.get_ref<const std::string&>();
      if (uri.ends_with('#')) uri.remove_suffix(1);
      return uri == draft7_uri || uri == "https://json-schema.org/draft-07/schema";
    };
    if (draft != top.schema->end() && !is_draft7(*draft))
      wrong(top.place, "/$schema", "\"http://json-schema.org/draft-07/schema#\"", describe(*draft));
  }
  result_.root = node_for(top);
  work();
  if (findings_.empty()) find_loops();
  if (findings_.empty()) read_top(options, top);
  return std::move(findings_);
}

void schema_compiler::wrong(const schema_place* place, const std::string& suffix, std::string expected,
                            std::string found) {
  if (findings_.size() < findings_max)
    findings_.push_back({place->pointer() + suffix, std::move(expected), std::move(found)});
}

const node* schema_compiler::node_for(const target& from) {
  auto [known, fresh] = nodes_.emplace(from.schema, nullptr);
  if (!fresh) return known->second;
  auto& made = result_.nodes.emplace_back();
  known->second = &made;
  places_.emplace(&made, from.place);
  open_.push_back({&made, from});
  return &made;
}

const node* schema_compiler::node_at(const subject& of, const json& inner, const std::string& suffix) {
  if (auto known = nodes_.find(&inner); known != nodes_.end()) return known->second;
  return node_for({&inner, resources_.below(of.place, suffix)});
}

void schema_compiler::work() {
  while (!open_.empty()) {
    auto next = open_.back();
    open_.pop_back();
    if (result_.nodes.size() > nodes_max) {
      wrong(next.from.place, "", fmt::format("at most {} schemas in one document", nodes_max), "more");
      return;
    }
    complete(*next.into, next.from);
  }
}

void schema_compiler::complete(node& into, const target& from) {
  if (from.schema->is_boolean()) {
    into.is = from.schema->get<bool>() ? node::kind::anything : node::kind::nothing;
    return;
  }
  if (!from.schema->is_object()) return wrong(from.place, "", std::string{schema_words}, describe(*from.schema));
  subject of{*from.schema, from.place, into};
  auto reference = from.schema->find("$ref");
  if (reference != from.schema->end()) return read_reference(of, *reference);
  read_keywords(of);
}

void schema_compiler::read_reference(const subject& of, const json& reference) {
  if (!reference.is_string()) return wrong(of.place, "/$ref", "a URI reference", describe(reference));
  auto to = resources_.resolve(of.schema, reference.get_ref<const std::string&>());
  if (!to) return wrong(of.place, "/$ref", "a reference to a schema of this document", describe(reference));
  of.into.reference = node_for(*to);
  // What stands beside a reference applies to nothing. It must be what it says all the same.
  if (of.schema.size() == 1) return;
  static const schema metaschema = *schema::compile({{"$ref", draft7_uri}});
  if (!metaschema.is_valid(of.schema))
    wrong(of.place, "", "a schema that draft-07 allows, also beside `$ref`", describe(of.schema));
}

void schema_compiler::read_keywords(const subject& of) {
  read_type(of);
  read_values(of);
  read_numbers(of);
  read_strings(of);
  read_content(of);
  read_arrays(of);
  read_objects(of);
  read_combined(of);
  read_annotations(of);
  // What nothing applies (definitions, `then` without `if`) must compile too.
  for_each_subschema(of.schema, [&](const json& inner, const std::string& suffix) { node_at(of, inner, suffix); });
  auto& into = of.into;
  bool has_rules = into.types != 0 || into.constant != nullptr || into.choices || into.numbers || into.strings ||
                   into.arrays || into.objects || into.combined;
  into.is = has_rules ? node::kind::rules : node::kind::anything;
}

void schema_compiler::read_top(schema_options options, const target& top) {
  auto* root = end_of(result_.root, result_.nodes.size());
  TROUPE_ASSERT(root != nullptr);
  auto source = std::find_if(nodes_.begin(), nodes_.end(), [&](auto& entry) { return entry.second == root; });
  auto& schema = source == nodes_.end() ? *top.schema : *source->first;
  bool lists_properties = schema.is_object() && schema.contains("properties");
  if (options.closed_by_default && lists_properties && !schema.contains("additionalProperties")) {
    // A node of its own: where the schema refers to itself further down, draft-07 holds as it is.
    auto& closed = result_.nodes.emplace_back();
    auto& nothing = result_.nodes.emplace_back();
    nothing.is = node::kind::nothing;
    complete(closed, {&schema, places_.at(root)});
    closed.is = node::kind::rules;
    closed.objects->others = &nothing;
    result_.root = root = &closed;
  }
  if (!root->objects) return;
  auto& objects = *root->objects;
  result_.closed = lists_properties && objects.others != nullptr && resolved(*objects.others).is == node::kind::nothing;
  for (auto& property : objects.properties) {
    if (property.schema != nullptr) result_.declared.push_back(property.name);
    if (property.required) result_.required.push_back(property.name);
  }
}

void for_each_on_same_value(const node& from, const std::function<void(const node&)>& found) {
  auto visit = [&](const node* to) {
    if (to != nullptr) found(*to);
  };
  visit(from.reference);
  if (from.objects) {
    for (auto& dependency : from.objects->dependencies)
      visit(dependency.schema);
  }
  if (!from.combined) return;
  auto& rules = *from.combined;
  for (auto* list : {&rules.all, &rules.any, &rules.one}) {
    for (auto* to : *list)
      visit(to);
  }
  for (auto* to : {rules.negated, rules.condition, rules.consequence, rules.alternative})
    visit(to);
}

void schema_compiler::find_loops() {
  struct open_node {
    const node* at;
    std::vector<const node*> next;
  };
  enum class mark { open, done };
  std::unordered_map<const node*, mark> marks;
  std::vector<open_node> way;
  auto enter = [&](const node& at) {
    marks[&at] = mark::open;
    auto& opened = way.emplace_back(open_node{&at, {}});
    for_each_on_same_value(at, [&](const node& to) { opened.next.push_back(&to); });
  };
  for (auto& start : result_.nodes) {
    if (marks.contains(&start)) continue;
    enter(start);
    while (!way.empty()) {
      auto& top = way.back();
      if (top.next.empty()) {
        marks[top.at] = mark::done;
        way.pop_back();
        continue;
      }
      auto* to = top.next.back();
      top.next.pop_back();
      auto known = marks.find(to);
      if (known == marks.end()) {
        enter(*to);
      } else if (known->second == mark::open) {
        wrong(places_.at(top.at), top.at->reference == nullptr ? "" : "/$ref",
              "references that get to a part of the value before they come round", "a loop that would never end");
      }
    }
  }
}

} // namespace troupe::blueprint
