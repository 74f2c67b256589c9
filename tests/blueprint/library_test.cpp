#define CAF_SUITE blueprint_library

#include "runtime/blueprint/expression.hpp"

#include "caf/test/dsl.hpp"

#include <algorithm>

using namespace troupe;
using namespace troupe::blueprint;

namespace {

using source = library::module_source;

const json sample = json::parse(R"({"items": [{"id": "a"}, {"id": "b"}], "amount": 12})");

std::shared_ptr<const library> compiled(std::vector<source> modules) {
  auto result = library::compile(std::move(modules));
  if (!result) CAF_FAIL(result.error().detail);
  return *std::move(result);
}

std::string refusal_of(std::vector<source> modules) {
  auto result = library::compile(std::move(modules));
  if (result) return "none";
  CAF_CHECK(result.error().code == errc::invalid_blueprint);
  return result.error().detail;
}

expected<json> evaluate(std::string_view text, const std::shared_ptr<const library>& functions) {
  auto made = expression::compile(text, functions);
  if (!made) return tl::unexpected(made.error());
  scope values;
  values.values = {{"data", &sample}};
  values.now = time_point{duration{0}};
  values.order_id = "order-1";
  return made->evaluate(values);
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST(what a module exports is callable in every expression) {
  const auto functions = compiled(
      {{"lists",
        "export function firstElement(list) { return list[0] }\nexport const lastOf = list => list[list.length - 1];"},
       {"money", "const rate = 1.19;\nfunction gross(net) { return net * rate }\nexport { gross, gross as withTax "
                 "};\nexport let named = function () { return 'n' }, other = 5"}});
  CAF_CHECK(evaluate("firstElement(data.items).id", functions) == expected<json>("a"));
  CAF_CHECK(evaluate("lastOf(data.items).id + firstElement(data.items).id", functions) == expected<json>("ba"));
  CAF_CHECK(evaluate("gross(100) === withTax(100)", functions) == expected<json>(true));
  CAF_CHECK(evaluate("[named(), sum([1, 2])]", functions) == expected<json>(json{"n", 3}));
  CAF_CHECK(evaluate("data.items.map(firstElement)", functions) == expected<json>(json{nullptr, nullptr}));
  CAF_CHECK(evaluate("firstElement", functions) == expected<json>(nullptr));
  CAF_CHECK((functions->exports_of("lists") == std::vector<std::string>{"firstElement", "lastOf"}));
  CAF_CHECK((functions->exports_of("money") == std::vector<std::string>{"gross", "named", "withTax"}));
  CAF_CHECK(functions->exports_of("none").empty());
  CAF_CHECK(!evaluate("rate", functions)->is_number()); // a module's own names stay its own
  CAF_CHECK(!evaluate("other + 1", functions));
  CAF_CHECK(!evaluate("firstElement([1])", library::built_in()));
}

CAF_TEST(the functions and where they come from are listed) {
  const auto all = compiled({{"lists", "export function firstElement(list) { return list[0] }"}})->functions();
  const auto found = [&](std::string_view name) {
    return std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.name == name; });
  };
  CAF_REQUIRE(found("firstElement") != all.end());
  CAF_CHECK_EQUAL(found("firstElement")->module, "lists");
  CAF_REQUIRE(found("sum") != all.end());
  CAF_CHECK_EQUAL(found("sum")->module, "");
}

CAF_TEST(no variable of a module lives longer than an evaluation) {
  const auto functions = compiled({{"stateful", R"js(
    let count = 0;
    const seen = [], cache = {}, pattern = /a/g;
    const counter = (() => { let hidden = 0; return () => ++hidden })();
    const numbers = (function* () { let i = 0; for (;;) yield i++ })();
    class Held { static total = 0 }
    function helper() { helper.calls = (helper.calls || 0) + 1; return helper.calls }
    export function next() { return ++count }
    export function remember(x) { seen.push(x); cache[x] = 1; return [seen.length, Object.keys(cache).length] }
    export function test(text) { return pattern.test(text) }
    export function hidden() { return counter() }
    export function generated() { return numbers.next().value }
    export function total() { return ++Held.total }
    export function calls() { return helper() }
    export function own() { own.x = (own.x || 0) + 1; return own.x }
    export function replaced() { const before = typeof own; own = null; return before }
  )js"}});
  for (int round = 0; round < 3; ++round) {
    CAF_CHECK(evaluate("[next(), next()]", functions) == expected<json>(json{1, 2}));
    CAF_CHECK(evaluate("remember('k' + " + std::to_string(round) + ")", functions) == expected<json>(json{1, 1}));
    CAF_CHECK(evaluate("[test('a'), test('a')]", functions) == expected<json>(json{true, false}));
    CAF_CHECK(evaluate("[hidden(), generated(), total(), calls(), own(), replaced()]", functions) ==
              expected<json>(json{1, 0, 1, 1, 1, "function"}));
  }
}

CAF_TEST(a module that is none is refused with the reason) {
  const auto one = [](std::string text) { return refusal_of({{"m", std::move(text)}}); };
  CAF_CHECK(contains(one("export function f( { }"), "SyntaxError"));
  CAF_CHECK(contains(one("function f() {}"), "exported function"));
  CAF_CHECK(contains(one("export const x = 5"), "exported function"));
  CAF_CHECK(contains(one(""), "exported function"));
  CAF_CHECK(contains(one("import { x } from 'y'; export function f() {}"), "import"));
  CAF_CHECK(contains(one("import 'y'; export function f() {}"), "import"));
  CAF_CHECK(contains(one("export function f() { return import('y') }"), "import"));
  CAF_CHECK(contains(one("export function f() { return import.meta }"), "import"));
  CAF_CHECK(contains(one("export * from 'y'"), "export"));
  CAF_CHECK(contains(one("export default function () {}"), "default"));
  CAF_CHECK(contains(one("export async function f() {}"), "async"));
  CAF_CHECK(contains(one("for (;;); export function f() {}"), "longer"));
  CAF_CHECK(contains(one("throw new Error('no'); export function f() {}"), "no"));
  CAF_CHECK(contains(one("globalThis.x = 1; export function f() {}"), "extensible"));
  CAF_CHECK(contains(one("Array.prototype.x = 1; export function f() {}"), "extensible"));
  CAF_CHECK(contains(one("}); export function f() {} ({"), "SyntaxError"));
  CAF_CHECK(contains(one("export function f() {} return 1"), "SyntaxError"));
  CAF_CHECK(contains(one("export function f() {} x <!-- y"), "<!--"));
  CAF_CHECK(contains(one("export function f() {} //" + std::string(300 << 10, 'x')), "256 KiB"));
  CAF_CHECK(refusal_of({{"m", "export function f() { return now() }"}}) == "none");
  for (auto text : {"const a = []; for (;;) a.push(a); export function f() {}", "export { x } from 'y'",
                    "await 1; export function f() {}", "function f() {} export { f as 'a b' }"})
    CAF_CHECK(one(text) != "none");
}

CAF_TEST(a name that is taken is refused) {
  const auto taken = [](const std::string& name) { return refusal_of({{"m", "export function " + name + "() {}"}}); };
  for (auto name : {"sum", "now", "uuid", "data", "secret", "response", "Math", "JSON", "isNaN"})
    CAF_CHECK(contains(taken(name), "taken"));
  const auto both = refusal_of({{"a", "export function f() {}"}, {"b", "export function f() {}"}});
  CAF_CHECK(contains(both, "taken by the module a"));
  const auto all =
      library::compile({{"a", "export function f() {}"}, {"b", "export function f() {}"}, {"c", "nonsense("}});
  CAF_REQUIRE(!all);
  CAF_CHECK_EQUAL(all.error().violations.size(), 2u);
}

CAF_TEST(syntax around exports is not mistaken for them) {
  const auto functions = compiled({{"m", R"js(
    // export function no1() {}
    /* export function no2() {} */
    const text = "export function no3() {}", other = `export ${"export"} {`, pattern = /export "'/;
    const object = { export: 1, import: 2 };
    export function f() { return [text.length, other, object.export, object.import, pattern.test('export "\'')] }
    export
    function g() { return 10 / 2 / 5 }
    export class Shape { static area() { return 4 } }
    export { f as h, /* as */ g as
      i }
  )js"}});
  CAF_CHECK((functions->exports_of("m") == std::vector<std::string>{"Shape", "f", "g", "h", "i"}));
  CAF_CHECK(evaluate("f()", functions) == expected<json>(json{24, "export export {", 1, 2, true}));
  CAF_CHECK(evaluate("[g(), i(), h().length, Shape.area()]", functions) == expected<json>(json{1, 1, 5, 4}));
}

CAF_TEST(a function is bounded like the expression that calls it) {
  const auto functions = compiled({{"m", "export function forever() { for (;;); }\nexport function deep(n) { return "
                                         "deep(n + 1) + 1 }\nexport function fails() { throw new RangeError('why') }\n"
                                         "export function survives() { try { forever() } catch { return 1 } }"}});
  CAF_CHECK(contains(evaluate("forever()", functions).error().detail, "longer"));
  CAF_CHECK(contains(evaluate("survives()", functions).error().detail, "longer"));
  CAF_CHECK(!evaluate("deep(1)", functions));
  CAF_CHECK_EQUAL(evaluate("fails()", functions).error().detail, "RangeError: why");
  CAF_CHECK(evaluate("data.amount + 1", functions) == expected<json>(13));
}
