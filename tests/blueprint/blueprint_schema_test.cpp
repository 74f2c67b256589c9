#define CAF_SUITE blueprint_language_schema
#include "tests/blueprint/generated.hpp"
#include "tests/blueprint/sample.hpp"

#include "runtime/blueprint/schema.hpp"

#include "caf/test/dsl.hpp"

#include <filesystem>
#include <set>

using namespace troupe;
using namespace troupe::blueprint;
using namespace troupe::blueprint::sample;

namespace {

constexpr std::uint64_t documents = 200;

/// What every editor can say too: fields, their types, what must be there. The other codes are about what hangs
/// together, what compiles and what is published, which only the parser knows.
const std::set<std::string> sayable{"unknown_field", "missing_field",    "wrong_type",      "several_bodies",
                                    "no_response",   "invalid_duration", "duplicate_field", "invalid_id"};

struct fixture {
  catalogue all;
  schema language = *schema::compile(read_json("blueprints/blueprint.schema.json"));
  std::size_t published = 0;

  fixture() {
    publish(all, published_kind::function, "lists", "export function firstElement(list) { return list[0] }");
    publish(all, published_kind::api_call, "charge", api_call("charge"));
  }

  bool has_errors(const std::vector<finding>& findings) {
    return std::any_of(findings.begin(), findings.end(),
                       [](const finding& each) { return each.level == finding::severity::error; });
  }

  /// Empty, or in which way the schema and the parser disagree.
  std::string disagreement(const json& document) {
    auto found = all.validate(document);
    auto violations = language.validate(document);
    if (!has_errors(found)) {
      ++published;
      if (violations.empty()) return {};
      const auto& first = violations.front();
      return fmt::format("publishes, and the schema refuses {}: expected {}, but found {}: {}", first.pointer,
                         first.expected, first.found, document.dump());
    }
    if (!violations.empty()) return {};
    for (const auto& each : found)
      if (each.level == finding::severity::error && sayable.contains(each.code))
        return fmt::format("the schema takes what is {}: {}", to_line(each), document.dump());
    return {};
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(blueprint_schema_tests, fixture)

CAF_TEST(the schema of blueprints is a schema) {
  auto written = read_json("blueprints/blueprint.schema.json");
  CAF_CHECK_EQUAL(text(written["$schema"]), text("http://json-schema.org/draft-07/schema#"));
  auto metaschema = schema::compile({{"$ref", "http://json-schema.org/draft-07/schema#"}});
  CAF_CHECK(metaschema->is_valid(written));
}

CAF_TEST(the schema of blueprints takes every example) {
  for (const auto& each : std::filesystem::directory_iterator(test::source_folder() / "blueprints")) {
    auto name = each.path().filename().string();
    if (!name.ends_with(".json") || name.ends_with(".schema.json")) continue;
    CAF_MESSAGE(name);
    auto document = read_json("blueprints/" + name);
    CAF_CHECK_EQUAL(language.validate(document).size(), 0u);
  }
  CAF_CHECK(language.is_valid(sample::blueprint()));
  CAF_CHECK(language.is_valid(read_json("tests/blueprint/checkout_full_form.json")));
}

CAF_TEST(the schema of blueprints refuses nothing that publishes) {
  for (std::uint64_t seed = 0; seed < documents; ++seed) {
    generated::generator random(seed);
    auto document = random.blueprint();
    CAF_CHECK_EQUAL(fmt::format("seed {}: {}", seed, disagreement(document)), fmt::format("seed {}: ", seed));
    auto normalised = all.prepare(published_kind::blueprint, "generated", document, "test", "", noon());
    if (normalised) CAF_CHECK_EQUAL(disagreement(normalised->record.definition), "");
    for (int i = 0; i < 2; ++i)
      CAF_CHECK_EQUAL(fmt::format("seed {}: {}", seed, disagreement(random.changed(document))),
                      fmt::format("seed {}: ", seed));
  }
  CAF_MESSAGE("published: " << published);
  CAF_CHECK(published > documents);
}

CAF_TEST(the normalised form of every generated blueprint is itself) {
  std::set<std::string> forms;
  for (std::uint64_t seed = 0; seed < documents; ++seed) {
    auto document = generated::generator(seed).blueprint();
    auto once = all.prepare(published_kind::blueprint, "generated", document, "test", "", noon());
    if (!once) continue;
    forms.insert(once->record.form);
    auto again = all.prepare(published_kind::blueprint, "generated", once->record.definition, "test", "", noon());
    CAF_REQUIRE(again.has_value());
    CAF_CHECK_EQUAL(text(again->record.definition), text(once->record.definition));
    CAF_CHECK_EQUAL(text(again->record.pins), text(once->record.pins));
    CAF_CHECK_EQUAL(again->record.form, "full");
  }
  CAF_CHECK(forms == (std::set<std::string>{"compact", "full", "recipe"}));
}

CAF_TEST(what compiles as a schema is what draft 07 allows) {
  // So that the schema of blueprints may ask for that where data is described.
  auto metaschema = *schema::compile({{"$ref", "http://json-schema.org/draft-07/schema#"}});
  auto whole = json::parse(R"json({
    "$id": "urn:x", "title": "t", "description": "d", "$comment": "c", "readOnly": true, "writeOnly": false, "examples": [1],
    "type": ["object", "null"], "properties": { "a": { "type": "string", "minLength": 1, "pattern": "^a", "format": "uuid" },
      "b": { "items": [ { "const": 1 }, true ], "additionalItems": false, "minItems": 1, "uniqueItems": true, "contains": { "enum": [1, 1] } },
      "c": { "$ref": "#/definitions/one", "title": "t" }, "d": { "multipleOf": 0.5, "minimum": 1, "exclusiveMaximum": 3 } },
    "patternProperties": { "^x": { "maxLength": 3 } }, "propertyNames": { "maxLength": 9 }, "required": ["a", "b"],
    "dependencies": { "a": ["b"], "b": { "not": { "type": "null" } } }, "additionalProperties": { "if": true, "then": false },
    "allOf": [ { "minProperties": 1 } ], "anyOf": [ true ], "oneOf": [ { "contentEncoding": "base64" } ],
    "definitions": { "one": { "default": 1 } } })json");
  CAF_CHECK(metaschema.is_valid(whole));
  CAF_CHECK(schema::compile(whole).has_value());
  std::size_t compiled = 0;
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    auto document = generated::generator(seed).changed(whole);
    if (!schema::compile(document)) continue;
    ++compiled;
    if (!metaschema.is_valid(document)) CAF_ERROR(seed << ": " << document.dump());
  }
  CAF_MESSAGE("compiled: " << compiled);
  CAF_CHECK(compiled > 100);
}

CAF_TEST_FIXTURE_SCOPE_END()
