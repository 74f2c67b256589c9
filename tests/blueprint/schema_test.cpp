#define CAF_SUITE blueprint_schema

#include "runtime/blueprint/schema.hpp"

#include "caf/test/dsl.hpp"

#include <chrono>
#include <fmt/format.h>

using namespace troupe;
using blueprint::schema;
using blueprint::schema_options;

namespace {

schema compiled(const json& document, schema_options options = {}) {
  auto result = schema::compile(document, options);
  if (!result) CAF_FAIL(result.error().detail);
  return *result;
}

schema compiled(const char* document, schema_options options = {}) {
  return compiled(json::parse(document), options);
}

/// Violations as `pointer: expected X, but found Y`, a line each.
std::string shown(const std::vector<violation>& violations) {
  std::string result;
  for (auto& each : violations)
    result += fmt::format("{}{}: expected {}, but found {}", result.empty() ? "" : "\n", each.pointer, each.expected,
                          each.found);
  return result;
}

std::string checked(const schema& rules, const json& value) {
  auto violations = rules.validate(value);
  CAF_CHECK_EQUAL(violations.empty(), rules.is_valid(value));
  return shown(violations);
}

std::string checked(const char* document, const char* value) {
  return checked(compiled(document), json::parse(value));
}

std::string refused(const json& document) {
  auto result = schema::compile(document);
  if (result) return "accepted";
  CAF_CHECK(result.error().code == errc::invalid_blueprint);
  return shown(result.error().violations);
}

std::string refused(const char* document) {
  return refused(json::parse(document));
}

json nested_arrays(std::size_t depth) {
  json result = json::array();
  for (std::size_t i = 1; i < depth; ++i) {
    json outer = json::array();
    outer.push_back(std::move(result));
    result = std::move(outer);
  }
  return result;
}

/// `{"key": {"key": ... {} }}`
json nested_objects(std::size_t depth, const char* key) {
  json result = json::object();
  for (std::size_t i = 1; i < depth; ++i) {
    json outer = json::object();
    outer[key] = std::move(result);
    result = std::move(outer);
  }
  return result;
}

template <class Work> auto within(std::chrono::milliseconds most, Work&& work) {
  auto start = std::chrono::steady_clock::now();
  auto result = work();
  auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  if (took > most) CAF_ERROR(fmt::format("took {} ms, more than {}", took.count(), most.count()));
  return result;
}

constexpr std::chrono::seconds soon{4}; // under the sanitizers, on a busy machine

} // namespace

// -- words ------------------------------------------------------------------------------------------------------------

CAF_TEST(every violation is said with its place and in words) {
  auto rules = compiled(R"({"type": "object", "properties": {
      "amount": {"type": "number", "minimum": 0.01, "multipleOf": 0.01}, "currency": {"enum": ["EUR", "USD"]},
      "account": {"type": "string", "minLength": 3, "pattern": "^[A-Z]+$"}, "at": {"format": "date-time"},
      "tags": {"type": "array", "items": {"type": ["string", "null"]}, "uniqueItems": true, "maxItems": 2},
      "a/b": {"const": 1}}, "required": ["amount", "id"], "additionalProperties": false})");
  CAF_CHECK_EQUAL(checked(rules, json::parse(R"({"amount": 0.001, "currency": "USDX", "account": "a", "at": "soon",
                                                 "tags": ["x", 1, "x"], "a/b": 2, "extra": true})")),
                  "/a~1b: expected 1, but found the number 2\n"
                  "/account: expected a string of at least 3 characters, but found the string \"a\"\n"
                  "/account: expected a string that matches ^[A-Z]+$, but found the string \"a\"\n"
                  "/amount: expected a number of at least 0.01, but found the number 0.001\n"
                  "/amount: expected a multiple of 0.01, but found the number 0.001\n"
                  "/at: expected a date and time such as 2024-01-10T14:30:00Z, but found the string \"soon\"\n"
                  "/currency: expected one of \"EUR\", \"USD\", but found the string \"USDX\"\n"
                  "/extra: expected no field of this name, but found true\n"
                  "/id: expected a value, but found nothing\n"
                  "/tags: expected at most 2 items, but found 3\n"
                  "/tags/1: expected a string or null, but found the number 1\n"
                  "/tags/2: expected an item unlike the others, but found the same as item 0");
  CAF_CHECK_EQUAL(checked(rules, json::parse("[]")), ": expected an object, but found an empty array");
  CAF_CHECK_EQUAL(checked(rules, json::parse(R"({"amount": 1, "id": null})")),
                  "/id: expected no field of this name, but found null");
}

CAF_TEST(the rest of the keywords have their words too) {
  CAF_CHECK_EQUAL(checked(R"({"maximum": 5, "exclusiveMaximum": 5, "exclusiveMinimum": 6})", "6"),
                  ": expected a number of at most 5, but found the number 6\n"
                  ": expected a number above 6, but found the number 6\n"
                  ": expected a number below 5, but found the number 6");
  CAF_CHECK_EQUAL(checked(R"({"maxLength": 1})", "\"äöü\""),
                  ": expected a string of at most 1 character, but found one of 3");
  CAF_CHECK_EQUAL(checked(R"({"minItems": 1, "contains": {"type": "integer"}})", "[]"),
                  ": expected at least 1 item, but found 0\n"
                  ": expected an item that is a whole number, but found none");
  CAF_CHECK_EQUAL(checked(R"({"minProperties": 2, "dependencies": {"a": ["b"]}, "propertyNames": {"maxLength": 0}})",
                          R"({"a": 1})"),
                  ": expected at least 2 fields, but found 1\n"
                  "/a: expected a field whose name is a value that its schema allows, but found the string \"a\"\n"
                  "/b: expected a value, since \"a\" is there, but found nothing");
  CAF_CHECK_EQUAL(checked(R"({"maxProperties": 0, "not": {"type": "object"}})", R"({"a": 1})"),
                  ": expected at most 0 fields, but found 1\n: expected anything but an object, but found an object");
  CAF_CHECK_EQUAL(checked(R"({"properties": {"a": false}})", R"({"a": 1})"),
                  "/a: expected nothing, but found the number 1");
  CAF_CHECK_EQUAL(checked(R"({"oneOf": [{"minimum": 1}, {"maximum": 5}]})", "3"),
                  ": expected exactly one of 2 forms, but found what fits 2 of them");
  CAF_CHECK_EQUAL(checked(R"({"contentEncoding": "base64", "contentMediaType": "application/json"})", "\"e30\""),
                  ": expected base64, but found the string \"e30\"");
  CAF_CHECK_EQUAL(checked(R"({"if": {"type": "string"}, "then": {"maxLength": 1}, "else": {"minimum": 2}})", "1"),
                  ": expected a number of at least 2, but found the number 1");
}

CAF_TEST(of several forms the one that is meant is explained) {
  auto rules =
      R"({"anyOf": [{"type": "null"}, {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}]})";
  CAF_CHECK_EQUAL(checked(rules, R"({"id": 1})"), "/id: expected a string, but found the number 1");
  CAF_CHECK_EQUAL(checked(rules, "1"), ": expected null or an object, but found the number 1");
  CAF_CHECK_EQUAL(
      checked(R"({"anyOf": [{"minimum": 5}, {"multipleOf": 3, "type": "integer"}]})", "4"),
      ": expected one of 2 forms (a value that its schema allows or a whole number), but found the number 4");
}

CAF_TEST(there are at most a hundred violations) {
  json many = json::array();
  for (int i = 0; i < 10'000; ++i)
    many.push_back("x");
  CAF_CHECK_EQUAL(compiled(R"({"items": {"type": "integer", "enum": [1]}})").validate(many).size(), 100u);
}

// -- what the top level says ------------------------------------------------------------------------------------------

CAF_TEST(the top level that lists properties is closed by default) {
  auto document =
      R"({"properties": {"b": {"type": "object", "properties": {"c": {}}}, "a": {}}, "required": ["z", "a"]})";
  auto closed = compiled(document, {.closed_by_default = true});
  CAF_CHECK(closed.is_closed());
  CAF_CHECK_EQUAL(closed.declared(), (std::vector<std::string>{"a", "b"}));
  CAF_CHECK_EQUAL(closed.required(), (std::vector<std::string>{"a", "z"}));
  CAF_CHECK_EQUAL(
      checked(closed, json::parse(R"({"a": 1, "b": {"c": 1, "d": 2}, "x": 1})")),
      "/x: expected no field of this name, but found the number 1\n/z: expected a value, but found nothing");
  auto open = compiled(document);
  CAF_CHECK(!open.is_closed());
  CAF_CHECK(open.is_valid(json::parse(R"({"a": 1, "x": 1, "z": 1})")));
}

CAF_TEST(closing leaves alone what says for itself or lists nothing) {
  for (auto document : {R"({"properties": {}, "additionalProperties": true})",
                        R"({"properties": {}, "additionalProperties": {"type": "integer"}})", R"({"type": "object"})",
                        R"({"required": ["x"]})", "true", R"({"allOf": [{"properties": {"a": {}}}]})"}) {
    auto rules = compiled(document, {.closed_by_default = true});
    CAF_CHECK(!rules.is_closed());
    CAF_CHECK(rules.is_valid(json::parse(R"({"x": 1})")));
  }
  auto written = compiled(R"({"properties": {"a": {}}, "additionalProperties": false})");
  CAF_CHECK(written.is_closed());
  auto empty = compiled(R"({"properties": {}})", {.closed_by_default = true});
  CAF_CHECK(empty.is_closed());
  CAF_CHECK(!empty.is_valid(json::parse(R"({"x": 1})")));
  CAF_CHECK(empty.is_valid(json::parse("{}")));
}

CAF_TEST(a field is declared by its name or by a pattern) {
  auto rules = compiled(R"({"properties": {"a": {}}, "patternProperties": {"^x-": {}}, "required": ["r"]})",
                        {.closed_by_default = true});
  CAF_CHECK(rules.is_closed());
  for (auto name : {"a", "x-anything"})
    CAF_CHECK(rules.declares(name));
  for (auto name : {"r", "ax-", ""})
    CAF_CHECK(!rules.declares(name));
  CAF_CHECK(rules.is_valid(json::parse(R"({"x-1": 1, "r": 1})")) == false);
  CAF_CHECK(!compiled("true").declares("a"));
}

CAF_TEST(closing does not reach a schema that refers to itself further down) {
  auto rules = compiled(R"({"properties": {"child": {"$ref": "#"}}})", {.closed_by_default = true});
  CAF_CHECK(rules.is_valid(json::parse(R"({"child": {"x": 1}})")));
  CAF_CHECK(!rules.is_valid(json::parse(R"({"x": 1})")));
}

CAF_TEST(a top level that is a reference says what its target says) {
  auto rules = compiled(
      R"({"$ref": "#/definitions/payment", "definitions": {"payment": {"properties": {"a": {"type": "string"}}, "required": ["a"]}}})",
      {.closed_by_default = true});
  CAF_CHECK(rules.is_closed());
  CAF_CHECK_EQUAL(rules.declared(), std::vector<std::string>{"a"});
  CAF_CHECK_EQUAL(shown(rules.validate_field("a", json(1))), "/a: expected a string, but found the number 1");
}

CAF_TEST(one field is validated against what the top level says of it) {
  auto rules = compiled(R"({"properties": {"a/b": {"type": "array", "items": {"minimum": 1}}}, "required": ["c"]})");
  CAF_CHECK_EQUAL(shown(rules.validate_field("a/b", json::parse("[1, 0]"))),
                  "/a~1b/1: expected a number of at least 1, but found the number 0");
  CAF_CHECK_EQUAL(shown(rules.validate_field("a/b", json::parse("[1]"))), "");
  CAF_CHECK_EQUAL(shown(rules.validate_field("c", json(1))), "");
  CAF_CHECK_EQUAL(shown(rules.validate_field("unknown", json(1))), "");
  CAF_CHECK_EQUAL(shown(compiled("false").validate_field("a", json(1))), "");
}

// -- refused on compiling ---------------------------------------------------------------------------------------------

CAF_TEST(keywords that are not as they must be are all found with their places) {
  CAF_CHECK_EQUAL(refused(R"({"type": "strin", "properties": {"a": {"minimum": "5"}, "b": 7}})"),
                  "/type: expected one or more of null, boolean, integer, number, string, array and object, but found "
                  "the string \"strin\"\n"
                  "/properties/b: expected a schema: an object, true or false, but found the number 7\n"
                  "/properties/a/minimum: expected a number, but found the string \"5\"");
  for (auto document : {"7",
                        "null",
                        "[]",
                        "\"x\"",
                        R"({"type": []})",
                        R"({"type": ["string", "x"]})",
                        R"({"type": 1})",
                        R"({"enum": 1})",
                        R"({"multipleOf": 0})",
                        R"({"multipleOf": -1})",
                        R"({"multipleOf": "1"})",
                        R"({"maximum": null})",
                        R"({"minLength": -1})",
                        R"({"maxLength": 1.5})",
                        R"({"maxItems": "1"})",
                        R"({"pattern": 1})",
                        R"({"pattern": "("})",
                        R"({"patternProperties": {"[": {}}})",
                        R"({"format": 1})",
                        R"({"items": 1})",
                        R"({"items": [1]})",
                        R"({"items": []})",
                        R"({"additionalItems": 1})",
                        R"({"uniqueItems": "yes"})",
                        R"({"contains": []})",
                        R"({"properties": []})",
                        R"({"required": "a"})",
                        R"({"required": [1]})",
                        R"({"additionalProperties": []})",
                        R"({"propertyNames": 1})",
                        R"({"dependencies": {"a": 1}})",
                        R"({"dependencies": {"a": [1]}})",
                        R"({"allOf": []})",
                        R"({"anyOf": {}})",
                        R"({"oneOf": [1]})",
                        R"({"not": 1})",
                        R"({"if": 1})",
                        R"({"then": 1})",
                        R"({"definitions": []})",
                        R"({"definitions": {"a": {"type": "x"}}})",
                        R"({"$ref": 1})",
                        R"({"contentEncoding": 1})",
                        R"({"$schema": "https://json-schema.org/draft/2020-12/schema"})"})
    if (refused(document) == "accepted") CAF_ERROR("accepted " << document);
}

CAF_TEST(references that lead nowhere are refused) {
  CAF_CHECK_EQUAL(refused(R"({"properties": {"a": {"$ref": "#/definitions/b"}}})"),
                  "/properties/a/$ref: expected a reference to a schema of this document, but found the string "
                  "\"#/definitions/b\"");
  for (auto reference : {"http://example.com/other.json", "other.json", "#name", "#/definitions/~2", "#/%zz",
                         "#/items/00", "http://json-schema.org/draft-06/schema", "#/x/0/"})
    CAF_CHECK_NOT_EQUAL(refused(json{{"items", {{"$ref", reference}}}, {"x", {json::object()}}}), "accepted");
}

CAF_TEST(what a reference leads to must be a schema) {
  CAF_CHECK_EQUAL(refused(R"({"items": {"$ref": "#/x"}, "x": 5})"),
                  "/x: expected a schema: an object, true or false, but found the number 5");
}

CAF_TEST(reference loops that get nowhere are refused) {
  for (
      auto document :
      {R"({"$ref": "#"})", R"({"allOf": [{"$ref": "#"}]})", R"({"anyOf": [{"type": "null"}, {"$ref": "#"}]})",
       R"({"not": {"$ref": "#"}})", R"({"if": {"$ref": "#"}, "then": true})",
       R"({"dependencies": {"a": {"$ref": "#"}}})",
       R"({"properties": {"a": {"$ref": "#/properties/b"}, "b": {"$ref": "#/properties/a"}}})",
       R"({"definitions": {"a": {"oneOf": [{"$ref": "#/definitions/b"}]}, "b": {"allOf": [{"$ref": "#/definitions/a"}]}}})"})
    if (refused(document).find("a loop that would never end") == std::string::npos) CAF_ERROR("accepted " << document);
}

CAF_TEST(recursion that consumes is welcome) {
  auto tree = compiled(R"({"type": "object", "properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}},
                           "additionalProperties": false})");
  CAF_CHECK(tree.is_valid(json::parse(R"({"left": {"right": {}}, "right": {}})")));
  CAF_CHECK_EQUAL(checked(tree, json::parse(R"({"left": {"right": {"x": 1}}})")),
                  "/left/right/x: expected no field of this name, but found the number 1");
  compiled(R"({"propertyNames": {"$ref": "#"}})");
  CAF_CHECK(
      compiled(R"({"$ref": "http://json-schema.org/draft-07/schema#"})").is_valid(json::parse(R"({"minLength": 1})")));
  CAF_CHECK(!compiled(R"({"$ref": "http://json-schema.org/draft-07/schema#"})")
                 .is_valid(json::parse(R"({"minLength": -1})")));
}

CAF_TEST(identifiers and names are found however they are written) {
  CAF_CHECK_EQUAL(checked(R"({"$id": "urn:example:root?=q", "items": {"$ref": "urn:example:root?=q#item"},
                              "definitions": {"i": {"$id": "#item", "type": "null"}}})",
                          "[1]"),
                  "/0: expected null, but found the number 1");
  CAF_CHECK_EQUAL(checked(R"({"$id": "http://x/a/b.json", "items": {"$ref": "../c.json#/definitions/d%25~1~0"},
                              "definitions": {"i": {"$id": "/c.json", "definitions": {"d%/~": {"type": "null"}}}}})",
                          "[1]"),
                  "/0: expected null, but found the number 1");
  CAF_CHECK_EQUAL(
      checked(R"({"items": {"$ref": "#/unknown/1/deep"}, "unknown": [0, {"deep": {"type": "null"}}]})", "[1]"),
      "/0: expected null, but found the number 1");
}

CAF_TEST(names of the language are only names) {
  auto rules = compiled(
      R"({"properties": {"__proto__": {"type": "number"}, "toString": {"properties": {"length": {"type": "string"}}},
                            "constructor": {"type": "number"}}, "required": ["__proto__", "hasOwnProperty"]})");
  CAF_CHECK(rules.is_valid(json::parse(R"({"__proto__": 1, "hasOwnProperty": 1, "constructor": 37})")));
  CAF_CHECK(!rules.is_valid(json::parse("{}")));
  CAF_CHECK(!rules.is_valid(json::parse(R"({"__proto__": "x", "hasOwnProperty": 1})")));
}

// -- numbers ----------------------------------------------------------------------------------------------------------

CAF_TEST(numbers are compared by their exact value) {
  CAF_CHECK(compiled(R"({"maximum": 9007199254740992.0})").is_valid(json(9007199254740992)));
  CAF_CHECK(!compiled(R"({"maximum": 9007199254740992.0})").is_valid(json(9007199254740993)));
  CAF_CHECK(!compiled(R"({"maximum": 18446744073709551614})").is_valid(json(18446744073709551615u)));
  CAF_CHECK(compiled(R"({"minimum": -1})").is_valid(json(18446744073709551615u)));
  CAF_CHECK(!compiled(R"({"const": 9007199254740993})").is_valid(json(9007199254740992.0)));
  CAF_CHECK(compiled(R"({"const": [1, {"a": 2.0}]})").is_valid(json::parse(R"([1.0, {"a": 2}])")));
  CAF_CHECK(!compiled(R"({"enum": [1, 0]})").is_valid(json(true)));
  CAF_CHECK(compiled(R"({"type": "integer"})").is_valid(json(1e300)));
  CAF_CHECK(!compiled(R"({"type": "integer"})").is_valid(json(1.5)));
}

CAF_TEST(multiples are those of the decimals that are written) {
  auto is_multiple = [](double divisor, json value) { return compiled(json{{"multipleOf", divisor}}).is_valid(value); };
  CAF_CHECK(is_multiple(0.01, 4.35));
  CAF_CHECK(is_multiple(0.01, 19.99));
  CAF_CHECK(is_multiple(0.1, 1e300));
  CAF_CHECK(is_multiple(0.0001, 0.0075));
  CAF_CHECK(!is_multiple(0.0001, 0.00751));
  CAF_CHECK(is_multiple(1e-8, 12391239123));
  CAF_CHECK(is_multiple(0.5, 1e308));
  CAF_CHECK(!is_multiple(0.123456789, 1e308));
  CAF_CHECK(is_multiple(3, -9));
  CAF_CHECK(!is_multiple(3, -10));
  CAF_CHECK(is_multiple(1e20, 0));
  CAF_CHECK(!is_multiple(1e20, 1));
  CAF_CHECK(is_multiple(2, 18446744073709551614u));
  CAF_CHECK(!is_multiple(7, std::numeric_limits<std::int64_t>::min()));
  CAF_CHECK(is_multiple(1e300, 3e300));
  CAF_CHECK(!is_multiple(5e-324, 1.5e-323) == false);
}

// -- what strangers send ----------------------------------------------------------------------------------------------

CAF_TEST(patterns on which a backtracking engine hangs or crashes are answered) {
  std::string text(20'000, 'a');
  for (auto source : {"^(a|b)*$", "^(a+)+$", "(a*)*c", "^(a|a)*c$"}) {
    auto rules = compiled(json{{"pattern", source}});
    within(soon, [&] { return rules.validate(json(text + "!")).size(); });
  }
  auto violations = compiled(R"({"items": {"pattern": "^(a+)+$"}})").validate(json::array({"aaa", text + "!"}));
  CAF_REQUIRE_EQUAL(violations.size(), 1u);
  CAF_CHECK_EQUAL(violations[0].pointer, "/1");
}

CAF_TEST(an expensive pattern refuses even where failing would be welcome) {
  auto rules = compiled(R"({"not": {"pattern": "^(a+)+$"}})");
  auto text = json(std::string(5'000, 'a') + "!");
  auto violations = within(soon, [&] { return rules.validate(text); });
  CAF_REQUIRE_EQUAL(violations.size(), 1u);
  CAF_CHECK(violations[0].expected.find("comes to an end in time") != std::string::npos);
  CAF_CHECK(!rules.is_valid(text));
}

CAF_TEST(many expensive patterns together end too) {
  json document = json::object();
  for (int i = 0; i < 1'000; ++i)
    document["k" + std::to_string(i)] = std::string(26, 'a') + "!";
  auto rules = compiled(R"({"additionalProperties": {"pattern": "^(a+)+$"}})");
  CAF_CHECK(!within(soon, [&] { return rules.is_valid(document); }));
}

CAF_TEST(a deep document is refused and not followed to its end) {
  auto deep = nested_arrays(20'000);
  auto rules = compiled(R"({"items": {"$ref": "#"}, "type": "array"})");
  auto violations = rules.validate(deep);
  CAF_REQUIRE_EQUAL(violations.size(), 1u);
  CAF_CHECK_EQUAL(violations[0].found, "more: nested too deeply");
  CAF_CHECK(!compiled(R"({"not": {"items": {"not": {"$ref": "#"}}}})").is_valid(deep));
  json two = json::array();
  for (int i = 0; i < 2; ++i)
    two.push_back(nested_arrays(20'000)); // copying one would recurse
  CAF_CHECK(!compiled(R"({"uniqueItems": true})").is_valid(two));
  CAF_CHECK(compiled("{}").is_valid(deep));
  CAF_CHECK(!compiled(R"({"const": [[]]})").is_valid(deep));
  CAF_CHECK(!compiled(R"({"enum": [[[]], [1]]})").is_valid(deep));
  CAF_CHECK(compiled(R"({"contains": {"type": "array"}})").is_valid(deep));
  CAF_CHECK(!compiled(R"({"additionalProperties": {"$ref": "#"}})").is_valid(nested_objects(20'000, "a")));
}

CAF_TEST(a deep schema is refused) {
  for (auto key : {"not", "items", "additionalProperties", "if", "const", "unknown", "default"})
    CAF_CHECK_EQUAL(refused(nested_objects(20'000, key)),
                    ": expected at most 512 arrays and objects inside each other, but found more");
  CAF_CHECK(schema::compile(nested_objects(500, "not")).has_value());
}

CAF_TEST(references that double forty times are given up) {
  json definitions = json::object();
  for (int i = 0; i < 40; ++i) {
    auto next = json{{"$ref", fmt::format("#/definitions/d{}", i + 1)}};
    definitions[fmt::format("d{}", i)] = {{"allOf", {next, next}}};
  }
  definitions["d40"] = {{"type", "integer"}};
  auto rules = compiled(json{{"$ref", "#/definitions/d0"}, {"definitions", definitions}});
  auto violations = within(soon, [&] { return rules.validate(json(1)); });
  CAF_REQUIRE_EQUAL(violations.size(), 1u);
  CAF_CHECK_EQUAL(violations[0].found, "one that takes more");
}

CAF_TEST(a long chain of references costs no stack) {
  json definitions = json::object();
  for (int i = 0; i < 20'000; ++i)
    definitions[fmt::format("d{}", i)] = {{"$ref", fmt::format("#/definitions/d{}", i + 1)}};
  definitions["d20000"] = {{"type", "integer"}};
  auto rules = within(soon, [&] {
    return compiled(json{{"items", {{"$ref", "#/definitions/d0"}}}, {"definitions", definitions}});
  });
  CAF_CHECK(rules.is_valid(json::array({1})));
  CAF_CHECK(!rules.is_valid(json::array({"x"})));
}

CAF_TEST(a chain of schemas on the same value is bounded) {
  json definitions = json::object();
  for (int i = 0; i < 2'000; ++i)
    definitions[fmt::format("d{}", i)] = {{"allOf", {{{"$ref", fmt::format("#/definitions/d{}", i + 1)}}}}};
  definitions["d2000"] = {{"type", "integer"}};
  auto rules = compiled(json{{"allOf", {{{"$ref", "#/definitions/d0"}}}}, {"definitions", definitions}});
  CAF_CHECK_EQUAL(rules.validate(json(1)).size(), 1u);
}

CAF_TEST(unique items of a long list are found quickly) {
  json items = json::array();
  for (int i = 0; i < 100'000; ++i)
    items.push_back(fmt::format("item {}", i));
  auto rules = compiled(R"({"uniqueItems": true})");
  CAF_CHECK(within(soon, [&] { return rules.is_valid(items); }));
  items.push_back("item 500");
  CAF_CHECK_EQUAL(shown(within(soon, [&] { return rules.validate(items); })),
                  "/100000: expected an item unlike the others, but found the same as item 500");
  CAF_CHECK(!rules.is_valid(json::parse(R"([{"a": 1, "b": [2]}, 1, 2, 3, 4, 5, 6, 7, 8, 9, {"b": [2.0], "a": 1.0}])")));
  CAF_CHECK(rules.is_valid(json::parse(R"([[1], [true], [[1]], "1", 1, true, 0, false, null, {}, [], ""])")));
}

CAF_TEST(a huge enumeration is searched and not walked) {
  json choices = json::array();
  for (int i = 0; i < 100'000; ++i)
    choices.push_back(fmt::format("choice {}", i));
  auto rules = within(soon, [&] { return compiled(json{{"items", {{"enum", choices}}}}); });
  json many = json::array();
  for (int i = 0; i < 20'000; ++i)
    many.push_back(fmt::format("choice {}", i * 5));
  CAF_CHECK(within(soon, [&] { return rules.is_valid(many); }));
  many.push_back("another");
  auto violations = rules.validate(many);
  CAF_REQUIRE_EQUAL(violations.size(), 1u);
  CAF_CHECK(violations[0].expected.size() < 400);
}

CAF_TEST(comparing a large constant again and again is given up) {
  json ones = json::array();
  for (int i = 0; i < 50'000; ++i)
    ones.push_back(1);
  json all = json::array();
  for (int i = 0; i < 20'000; ++i)
    all.push_back({{"$ref", "#/definitions/c"}});
  auto rules = compiled(json{{"allOf", all}, {"definitions", {{"c", {{"const", ones}}}}}});
  CAF_CHECK(!within(soon, [&] { return rules.is_valid(ones); }));
}

CAF_TEST(a deep and wide schema compiles in little room) {
  json leaves = json::object();
  for (int i = 0; i < 20'000; ++i)
    leaves[std::to_string(i)] = json::object();
  json document = {{"properties", std::move(leaves)}};
  for (int i = 0; i < 250; ++i) {
    json outer = json::object();
    outer["not"] = std::move(document);
    document = std::move(outer);
  }
  CAF_CHECK(within(soon, [&] { return schema::compile(document).has_value(); }));
}
