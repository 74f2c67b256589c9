#define CAF_SUITE blueprint_built_in_functions
#include "tests/blueprint/sample.hpp"

#include "runtime/blueprint/built_in_functions.hpp"
#include "runtime/blueprint/decimal.hpp"

#include "caf/test/dsl.hpp"

using namespace troupe;
using namespace troupe::blueprint;
using namespace troupe::blueprint::sample;

namespace {

/// The value of an expression over `data` as JSON, or why there is none.
std::string value_of(std::string_view source, const json& data = json::object()) {
  auto compiled = expression::compile(source, library::built_in());
  if (!compiled) return "does not compile: " + compiled.error().detail;
  scope values{{{"data", &data}}, noon(), "order-1"};
  auto result = compiled->evaluate(values);
  return result ? result->dump() : result.error().detail;
}

bool refuses(std::string_view source, std::string_view why) {
  auto found = value_of(source);
  if (found.find(why) != std::string::npos) return true;
  fmt::print(stderr, "{} gave {}\n", source, found);
  return false;
}

} // namespace

CAF_TEST(every example of every function gives what is written) {
  for (const auto& function : built_in_functions()) {
    CAF_CHECK(!function.examples.front().expression.empty());
    for (const auto& [source, result] : function.examples)
      if (!source.empty())
        CAF_CHECK_EQUAL(fmt::format("{} is {}", source, value_of(source)),
                        fmt::format("{} is {}", source, json::parse(result).dump()));
  }
}

CAF_TEST(functions are sorted and described and called as their signature says) {
  auto all = built_in_functions();
  CAF_CHECK(all.size() > 70);
  CAF_CHECK(std::is_sorted(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; }));
  for (const auto& each : all) {
    CAF_CHECK(each.signature.starts_with(std::string(each.name) + "("));
    CAF_CHECK(each.description.ends_with("."));
    CAF_CHECK(fmt::format("{}", each.examples[0].expression).find(std::string(each.name) + "(") != std::string::npos);
  }
}

CAF_TEST(functions take values of an order as they are) {
  json data = {
      {"items", {{{"sku", "b"}, {"price", 0.1}}, {{"sku", "a"}, {"price", 0.7}}, {{"sku", "b"}, {"price", 0.2}}}},
      {"name", "Ada"}};
  CAF_CHECK_EQUAL(value_of("sum(data.items.map(i => i.price))", data), "1");
  CAF_CHECK_EQUAL(value_of("sumBy(groupBy(data.items, 'sku').b, 'price')", data), "0.3");
  CAF_CHECK_EQUAL(value_of("pluck(sortBy(data.items, 'price', true), 'price')", data), "[0.7,0.2,0.1]");
  CAF_CHECK_EQUAL(value_of("length(unique(data.items, 'sku'))", data), "2");
  CAF_CHECK_EQUAL(value_of("merge(data, { name: upper(data.name) }).name", data), R"("ADA")");
  CAF_CHECK_EQUAL(value_of("get(data, 'items[1].sku')", data), R"("a")");
  CAF_CHECK_EQUAL(value_of("sha256(toJson(data.items[0])) === sha256(toJson(data.items[0]))", data), "true");
}

CAF_TEST(functions refuse what they are not for and say so) {
  CAF_CHECK(refuses("first('a')", "first: expected a list, but found a text"));
  CAF_CHECK(refuses("sum([1, '2'])", "sum: expected a number"));
  CAF_CHECK(refuses("sum([1, null])", "sum: expected a number"));
  CAF_CHECK(refuses("sum([1e308, 1e308])", "expected a result that a number can hold"));
  CAF_CHECK(refuses("divide(1, 0)", "divisor that is not 0"));
  CAF_CHECK(refuses("upper(null)", "upper: expected a text, but found null"));
  CAF_CHECK(refuses("toNumber('1,5')", "toNumber: expected a number"));
  CAF_CHECK(refuses("toNumber('0x10')", "expected a number"));
  CAF_CHECK(refuses("minorUnits(1.999, 'EUR')", "at most 2 places"));
  CAF_CHECK(refuses("formatMoney(1, 'euro')", "a currency of three letters"));
  CAF_CHECK(refuses("addDays('2024-02-30', 1)", "addDays: expected a date and time"));
  CAF_CHECK(refuses("addDuration('2024-01-01T00:00:00Z', 'P1M')", "addDuration: "));
  CAF_CHECK(refuses("addYears('9999-01-01', 1)", "of the years 0 to 9999"));
  CAF_CHECK(refuses("formatDate('2024-01-01', 'qq')", "expected a pattern"));
  CAF_CHECK(refuses("parseDate('2024-13-01', 'yyyy-MM-dd')", "parseDate: expected a date and time"));
  CAF_CHECK(refuses("parseDate('2024-1', 'yyyy-MM')", "expected MM at 5"));
  CAF_CHECK(refuses("base64Decode('a')", "expected base64"));
  CAF_CHECK(refuses("base64Decode('/w==')", "in UTF-8"));
  CAF_CHECK(refuses("sha256('a', 'octal')", "hex, base64 or base64url"));
  CAF_CHECK(refuses("sha256('a'.repeat(2000000))", "at most 1 MiB"));
  CAF_CHECK(refuses("range(1000000)", "a whole number from 0 to 100000"));
  CAF_CHECK(refuses("padStart('a', 1000000)", "a whole number"));
  CAF_CHECK(refuses("max([1, 'a'])", "max: expected"));
  CAF_CHECK(refuses("groupBy([1], 2)", "the name of a field, or a function"));
  CAF_CHECK(refuses("matches('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab', '^(a+)+$')", "took longer"));
}

CAF_TEST(names that objects have by themselves are names like others) {
  CAF_CHECK_EQUAL(value_of("groupBy(['__proto__', 'constructor'], n => n).constructor.length"), "1");
  CAF_CHECK_EQUAL(value_of("keys(countBy(['__proto__'], n => n))"), R"(["__proto__"])");
  CAF_CHECK_EQUAL(value_of("get({}, 'constructor')"), "null");
  CAF_CHECK_EQUAL(value_of("pluck([{}], 'toString')"), "[null]");
  CAF_CHECK_EQUAL(value_of("unique(['toString', 'toString'])"), R"(["toString"])");
}

CAF_TEST(nothing of a function can be changed or reached from an expression) {
  CAF_CHECK(refuses("(() => { 'use strict'; sum.extra = 1; })()", "not extensible"));
  CAF_CHECK_EQUAL(value_of("typeof native"), R"("undefined")");
  CAF_CHECK_EQUAL(value_of("typeof fieldOf"), R"("undefined")");
}

CAF_TEST(decimals add and round as on paper) {
  exact_sum tenths;
  for (int i = 0; i < 1000; ++i)
    tenths.add(0.1);
  CAF_CHECK_EQUAL(tenths.total(), 100.0);
  exact_sum wide;
  for (double each : {1e308, 1.0, 5e-324, -1e308, -1.0})
    wide.add(each);
  CAF_CHECK_EQUAL(wide.total(), 5e-324);
  exact_sum negative;
  for (double each : {-1e16, -0.5, 0.25})
    negative.add(each);
  CAF_CHECK_EQUAL(negative.total(), -1e16 - 0.25);
  CAF_CHECK_EQUAL(decimal::of(-1234.5).text(2, ",", "."), "-1,234.50");
  CAF_CHECK_EQUAL(decimal::of(0).text(2, ",", "."), "0.00");
  CAF_CHECK_EQUAL(decimal::of(1e21).text(0, "", "."), "1000000000000000000000");
  CAF_CHECK_EQUAL(decimal::of(0.0049).rounded(2).text(2, ",", "."), "0.00");
  CAF_CHECK_EQUAL(decimal::of(9.995).rounded(2).text(2, ",", "."), "10.00");
  CAF_CHECK_EQUAL(decimal::of(99).rounded(-3).to_double(), 0.0);
  CAF_CHECK_EQUAL(decimal::of(501).rounded(-3).to_double(), 1000.0);
  CAF_CHECK_EQUAL(product(decimal::of(-0.07), decimal::of(100)).to_double(), -7.0);
  CAF_CHECK_EQUAL(quotient(decimal::of(1), decimal::of(3e-300), 2).places(), 2);
  CAF_CHECK_EQUAL(quotient(decimal::of(2), decimal::of(3e5), 6).to_double(), 0.000007);
  CAF_CHECK_EQUAL(quotient(decimal::of(1e-300), decimal::of(7), 2).to_double(), 0.0);
  for (const char* wrong : {"", "-", "1.", ".5", "1e", "1e999", "+1", " 1", "1 ", "NaN", "0x1"})
    CAF_CHECK(!decimal::parse(wrong).has_value());
  CAF_CHECK_EQUAL(decimal::parse("-00120.50e1")->text(0, "", "."), "-1205");
}
