#define CAF_SUITE blueprint_value_template

#include "runtime/blueprint/value_template.hpp"

#include "caf/test/dsl.hpp"

using namespace troupe;
using namespace troupe::blueprint;

namespace {

const json sample = json::parse(
    R"({"amount": 12, "whole": 12.0, "rate": 1.5, "name": "Ada", "items": [1, {"a": null}], "nothing": null, "big": 9007199254740993, "braces": "{{data.name}}"})");

scope some_scope() {
  scope made;
  made.values = {{"data", &sample}};
  made.order_id = "order-1";
  return made;
}

value_template compiled(const json& document) {
  auto result = value_template::compile(document, library::built_in());
  if (!result) CAF_FAIL(result.error().detail);
  return *std::move(result);
}

json rendered(const json& document) {
  auto result = compiled(document).render(some_scope());
  return result ? *std::move(result) : json("failed: " + result.error().detail);
}

std::string text_of(const json& document) {
  auto result = compiled(document).render_text(some_scope());
  return result ? *std::move(result) : "failed: " + result.error().detail;
}

/// Not CAF_CHECK_EQUAL: it would take JSON for text.
bool same(const json& value, const json& expected) {
  if (value != expected) CAF_MESSAGE(to_text(value) << " is not " << to_text(expected));
  return value == expected;
}

} // namespace

CAF_TEST(an expression alone keeps its type) {
  CAF_CHECK(same(rendered("{{data.amount}}"), 12));
  CAF_CHECK(same(rendered("{{ data.items }}"), sample["items"]));
  CAF_CHECK(same(rendered("{{data.nothing}}"), nullptr));
  CAF_CHECK(same(rendered("{{data.missing.deeper}}"), nullptr));
  CAF_CHECK(same(rendered("{{data.big}}"), 9007199254740993));
  CAF_CHECK(same(rendered("{{data.amount > 10}}"), true));
  CAF_CHECK(same(rendered("{{data.amount + 1}}"), 13));
  CAF_CHECK(same(rendered("{{ {a: {b: data.amount}} }}"), (json{{"a", {{"b", 12}}}})));
  CAF_CHECK(same(rendered("{{({a: {b: data.amount}})}}"), (json{{"a", {{"b", 12}}}})));
}

CAF_TEST(inside a longer string it is written into it) {
  CAF_CHECK(same(rendered("{{data.amount}} "), "12 "));
  CAF_CHECK(same(rendered("to {{data.name}}: {{data.amount}} {{data.rate}} {{data.whole}}!"), "to Ada: 12 1.5 12!"));
  CAF_CHECK(same(rendered("[{{data.nothing}}{{data.missing}}]"), "[]"));
  CAF_CHECK(same(rendered("items={{data.items}}"), "items=[1,{\"a\":null}]"));
  CAF_CHECK(same(rendered("{{data.name}}{{data.name}}"), "AdaAda"));
  CAF_CHECK(same(rendered("{{true}}{{data.amount > 0}}"), "truetrue"));
  CAF_CHECK(same(rendered("big {{data.big}}"), "big 9007199254740993"));
}

CAF_TEST(four braces are two) {
  CAF_CHECK(same(rendered("{{{{"), "{{"));
  CAF_CHECK(same(rendered("a {{{{data.name}} b"), "a {{data.name}} b"));
  CAF_CHECK(same(rendered("{{{{{{data.name}}"), "{{Ada"));
  CAF_CHECK(same(rendered("{{data.name}}{{{{{{data.amount}}"), "Ada{{12"));
  CAF_CHECK(same(rendered("a } b }} c { d"), "a } b }} c { d"));
  CAF_CHECK(same(rendered("{{data.braces}}"), "{{data.name}}")); // what comes out is no template
}

CAF_TEST(braces inside an expression do not end it) {
  CAF_CHECK(same(rendered("{{ '}}' }}"), "}}"));
  CAF_CHECK(same(rendered("a{{ \"}}\" + data.name }}b"), "a}}Adab"));
  CAF_CHECK(same(rendered("{{(() => { return {a: {}} })()}}"), (json{{"a", json::object()}})));
  CAF_CHECK(same(rendered("{{`${data.items.map(i => `${i}`)}`}}"), "1,[object Object]"));
  CAF_CHECK(same(rendered("{{/}}/.test('}}')}} and {{data.name}}"), "true and Ada"));
}

CAF_TEST(every string of a value is a template and no key is) {
  const json document{{"a", "{{data.amount}}"},
                      {"{{data.name}}", {1, "{{data.name}}", {{"c", "x{{data.amount}}"}}}},
                      {"d", true},
                      {"e", json::array()}};
  const json expected{{"a", 12}, {"{{data.name}}", {1, "Ada", {{"c", "x12"}}}}, {"d", true}, {"e", json::array()}};
  CAF_CHECK(same(rendered(document), expected));
}

CAF_TEST(what does not compile is refused with its place) {
  const json document{
      {"a", "{{data.}}"}, {"b/c", {"fine", "{{"}}, {"d", "{{}}"}, {"e", "{{ }} x"}, {"f", "x {{data.name"}};
  const auto refused = value_template::compile(document, library::built_in());
  CAF_REQUIRE(!refused);
  CAF_CHECK(refused.error().code == errc::invalid_blueprint);
  std::vector<std::string> pointers;
  for (const auto& each : refused.error().violations)
    pointers.push_back(each.pointer);
  CAF_CHECK((pointers == std::vector<std::string>{"/a", "/b~1c/1", "/d", "/e", "/f"}));
  json deep = "x";
  for (int level = 0; level < 100; ++level)
    deep = json::array({deep});
  CAF_CHECK(!value_template::compile(deep, library::built_in()));
}

CAF_TEST(an expression that fails fails the whole and says which it was) {
  const auto result = compiled(json{{"a", "x {{data.big + 1}}"}}).render(some_scope());
  CAF_REQUIRE(!result);
  CAF_CHECK(result.error().code == errc::invalid_data);
  CAF_CHECK(result.error().detail.starts_with("{{data.big + 1}}: "));
  json many = json::array();
  for (int index = 0; index < 10; ++index)
    many.push_back("{{'x'.repeat(2 << 20)}}");
  CAF_CHECK(!compiled(many).render(some_scope()));
}

CAF_TEST(text is rendered as text) {
  CAF_CHECK_EQUAL(text_of("{{data.name}}"), "Ada");
  CAF_CHECK_EQUAL(text_of("{{data.nothing}}"), "");
  CAF_CHECK_EQUAL(text_of("{{data.items}}"), "[1,{\"a\":null}]");
  CAF_CHECK_EQUAL(text_of("http://x/{{data.name}}?n={{data.amount}}"), "http://x/Ada?n=12");
  CAF_CHECK_EQUAL(text_of("plain"), "plain");
  CAF_CHECK_EQUAL(text_of(7), "7");
}

CAF_TEST(what is inside is known) {
  const auto made = compiled(json{{"a", "{{data.amount}} {{state.x + 1}}"}, {"b", {"c", "{{secret.TOKEN}}"}}});
  CAF_CHECK(made.mentions("data"));
  CAF_CHECK(made.mentions("state"));
  CAF_CHECK(made.mentions("secret"));
  CAF_CHECK(!made.mentions("TOKEN"));
  CAF_CHECK(!made.is_constant());
  CAF_CHECK(compiled(json{{"a", "x"}, {"b", {1, "{{{{"}}}).is_constant());
  std::vector<std::string> seen;
  made.for_each_expression(
      [&](const std::string& pointer, const expression& each) { seen.push_back(pointer + " " + each.source()); });
  CAF_CHECK((seen == std::vector<std::string>{"/a data.amount", "/a state.x + 1", "/b/1 secret.TOKEN"}));
}
