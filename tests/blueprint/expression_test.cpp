#define CAF_SUITE blueprint_expression

#include "runtime/base/ids.hpp"
#include "runtime/blueprint/expression.hpp"
#include "tests/support/source_folder.hpp"

#include "caf/test/dsl.hpp"

#include <fstream>
#include <thread>

using namespace troupe;
using namespace troupe::blueprint;

namespace {

const json sample = json::parse(R"({
  "amount": 12, "currency": "USD", "big": 9007199254740993, "negative": -9007199254740993, "huge": 18446744073709551615,
  "rate": 1.5, "name": "Zoë", "emoji": "a😀b", "empty": "", "zero": 0, "yes": true, "no": false, "nothing": null,
  "items": [{"id": "a", "price": 2}, {"id": "b", "price": 3.5}], "numbers": [3, 9007199254740993, 1],
  "customer": {"first name": "Ada", "address": {"city": "Paris"}, "length": 7}, "map": {"10": "ten", "9": "nine"} })");

scope scope_of(const json& data) {
  scope made;
  made.values = {{"data", &data}, {"response", nullptr}};
  made.now = parse_iso8601("2024-01-10T14:30:00.000Z").value();
  made.order_id = "order-1";
  return made;
}

expression compiled(std::string_view source) {
  auto result = expression::compile(source, library::built_in());
  if (!result) CAF_FAIL("does not compile: " << std::string(source) << ": " << result.error().detail);
  return *std::move(result);
}

json value_of(std::string_view source, const json& data = sample) {
  auto result = compiled(source).evaluate(scope_of(data));
  if (!result) return json("failed: " + result.error().detail);
  return *std::move(result);
}

std::string failure_of(std::string_view source, const json& data = sample) {
  auto result = compiled(source).evaluate(scope_of(data));
  if (result) return "none, but the value " + to_text(*result);
  CAF_CHECK(result.error().code == errc::invalid_data);
  return result.error().detail;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// Not CAF_CHECK_EQUAL: it would take JSON for text.
bool same(const json& value, const json& expected) {
  if (value != expected) CAF_MESSAGE(to_text(value) << " is not " << to_text(expected));
  return value == expected;
}

} // namespace

CAF_TEST(expressions give what Node gives) {
  std::ifstream stream(test::source_folder() / "tests/blueprint/expression_values.json");
  const auto document = json::parse(stream);
  scope values;
  for (const auto& [name, value] : document["scope"].items())
    values.values.emplace_back(name, &value);
  const json before = document["scope"];
  int run = 0;
  for (const auto& each : document["cases"]) {
    const auto source = each["source"].get<std::string>();
    const auto made = expression::compile(source, library::built_in());
    ++run;
    if (each.contains("refused")) {
      if (made) CAF_ERROR("compiles: " << source);
      continue;
    }
    if (!made) {
      CAF_ERROR("does not compile: " << source << ": " << made.error().detail);
      continue;
    }
    const auto value = made->evaluate(values);
    const bool right = each.contains("throws")
                           ? !value && value.error().detail.starts_with(each["throws"].get<std::string>())
                           : value && *value == each["value"];
    if (!right) CAF_ERROR(source << ": " << (value ? to_text(*value) : value.error().detail));
  }
  CAF_CHECK(run > 300);
  CAF_CHECK(document["scope"] == before); // no expression has changed what it was given
}

CAF_TEST(a plain path is looked up as it is and is null where nothing is there) {
  struct row {
    std::string_view source;
    json value;
  };
  const std::vector<row> rows{{"data.amount", 12},
                              {" data . amount ", nullptr}, // blanks inside: the engine's
                              {"data.customer.address.city", "Paris"},
                              {"data[\"customer\"]['first name']", "Ada"},
                              {"data.items[1].id", "b"},
                              {"data.items[ 1 ].id", "b"},
                              {"data.items[\"1\"].id", "b"},
                              {"data.items[2].id", nullptr},
                              {"data.items[1000000000000]", nullptr},
                              {"data.missing.deeper.still", nullptr},
                              {"data.amount.x", nullptr},
                              {"data.nothing.x", nullptr},
                              {"data?.missing?.x", nullptr},
                              {"data?.items?.[0]?.id", "a"},
                              {"data.map[10]", "ten"},
                              {"data.map.10", nullptr},
                              {"response.status", nullptr},
                              {"unheard.of", nullptr},
                              {"data.big", 9007199254740993},
                              {"data.negative", -9007199254740993},
                              {"data.huge", 18446744073709551615u},
                              {"data.rate", 1.5},
                              {"data.items.length", 2},
                              {"data.items.length.x", nullptr},
                              {"data.customer.length", 7},
                              {"data.name.length", 3},
                              {"data.emoji.length", 4},
                              {"data.name[2]", "ë"},
                              {"data.name[3]", nullptr},
                              {"data.emoji[1]", "\xef\xbf\xbd"},
                              {"data.emoji[3]", "b"},
                              {"data.constructor", nullptr},
                              {"data.items.map", nullptr}};
  for (const auto& [source, value] : rows) {
    const auto made = expression::compile(source, library::built_in());
    if (!made) continue;
    const auto found = made->evaluate(scope_of(sample));
    if (!made->is_plain_path()) continue;
    if (!found || *found != value) CAF_ERROR(source << ": " << (found ? to_text(*found) : found.error().detail));
  }
  CAF_CHECK(compiled("data.items[1].id").is_plain_path());
  CAF_CHECK((compiled("response.body['a b'][0]").path() == std::vector<std::string>{"response", "body", "a b", "0"}));
  for (auto source : {"data.amount + 1", "Math.PI", "now()", "data[data.name]", "data[-1]", "data[01]", "this.x", "sum",
                      "'text'", "(data)"}) {
    const auto made = expression::compile(source, library::built_in());
    CAF_CHECK(!made || !made->is_plain_path());
    CAF_CHECK(!made || made->path().empty());
  }
}

CAF_TEST(a path that is none for the engine either is refused) {
  for (auto source : {"", " ", "data.", "data..x", "data[", "data[]", "data.items[1", "data.1x", "for", "1); (2",
                      "1; 2", "data.x = 1; 3", "a b"}) {
    const auto made = expression::compile(source, library::built_in());
    CAF_CHECK(!made);
    if (made)
      CAF_MESSAGE(source);
    else
      CAF_CHECK(made.error().code == errc::invalid_blueprint);
  }
  CAF_CHECK(!expression::compile(std::string(20'000, '1'), library::built_in()));
  CAF_CHECK(!expression::compile("data.x + " + std::string(5000, '('), library::built_in()));
}

CAF_TEST(literals need no engine and are constant) {
  CAF_CHECK(same(value_of("true"), true));
  CAF_CHECK(same(value_of(" false "), false));
  CAF_CHECK(same(value_of("null"), nullptr));
  CAF_CHECK(same(value_of("undefined"), nullptr));
  CAF_CHECK(same(value_of("42"), 42));
  CAF_CHECK(same(value_of("-7"), -7));
  CAF_CHECK(same(value_of("1.25"), 1.25));
  CAF_CHECK(same(value_of("'a b'"), "a b"));
  CAF_CHECK(same(value_of("\"x\" + 'y'"), "xy"));
  for (auto source : {"true", "42", "'x'", "1 + 1", "[1, 2].length", "Math.PI * 2", "sum([1, 2])"})
    CAF_CHECK(compiled(source).is_constant());
  for (auto source : {"data.x", "data.x + 1", "now()", "uuid('x')", "state"})
    CAF_CHECK(!compiled(source).is_constant());
}

CAF_TEST(an integer beyond 2 ^ 53 fails a real expression that reads it and no other) {
  for (auto source :
       {"data.big + 1", "data.big > 0", "data.huge == 1", "[data.big]", "JSON.stringify(data)", "({ ...data })",
        "Object.values(data)", "data.numbers[1] > 0", "data.numbers.map(n => n)", "[...data.numbers]",
        "(() => { try { return data.big } catch { return 1 } })()", "data.numbers.includes(9007199254740992)"}) {
    CAF_CHECK(contains(failure_of(source), "2^53"));
  }
  CAF_CHECK(same(value_of("data.amount + 1"), 13));
  CAF_CHECK(same(value_of("data.numbers.length > 2"), true));
  CAF_CHECK(same(value_of("data.numbers[0] + data.numbers[2]"), 4));
  CAF_CHECK(same(value_of("[data][0]"), sample)); // only handed on
  CAF_CHECK(same(value_of("data.yes ? data : null"), sample));
  CAF_CHECK(same(value_of("data.x > 0", json{{"x", 9007199254740992}}), true));
}

CAF_TEST(values come out as JSON) {
  CAF_CHECK(same(value_of("(() => {})()"), nullptr));
  CAF_CHECK(same(value_of("x => x"), nullptr));
  CAF_CHECK(same(value_of("0 / 0"), nullptr));
  CAF_CHECK(same(value_of("1 / 0"), nullptr));
  CAF_CHECK(
      same(value_of("({ a: undefined, b: () => 1, c: NaN })"), (json{{"a", nullptr}, {"b", nullptr}, {"c", nullptr}})));
  CAF_CHECK(same(value_of("[undefined, , Symbol()]"), (json{nullptr, nullptr, nullptr})));
  CAF_CHECK(value_of("2 + 3").is_number_integer());
  CAF_CHECK(value_of("data.amount / 2").is_number_integer());
  CAF_CHECK(value_of("data.amount / 8").is_number_float());
  CAF_CHECK(same(value_of("2 ** 53"), 9007199254740992));
  CAF_CHECK(value_of("2 ** 60").is_number_float());
  CAF_CHECK(same(value_of("'\\ud83d' + 'x'"), "\xef\xbf\xbdx"));
  CAF_CHECK(same(value_of("'\\ud83d' + '\\ude00'"), "😀"));
  CAF_CHECK(same(value_of("({ ['\\ud83d']: 1 })"), (json{{"\xef\xbf\xbd", 1}})));
  CAF_CHECK(same(value_of("'a\\u0000b'"), std::string("a\0b", 3)));
  CAF_CHECK(same(value_of("new Date(0)"), "1970-01-01T00:00:00.000Z"));
  CAF_CHECK(same(value_of("({ toJSON: () => 5 })"), 5));
  CAF_CHECK(contains(failure_of("10n"), "BigInt"));
  CAF_CHECK(
      contains(failure_of("(() => { let a = 1; for (let i = 0; i < 65; i++) a = [a]; return a })()"), "64 levels"));
  CAF_CHECK(
      !contains(failure_of("(() => { let a = 1; for (let i = 0; i < 64; i++) a = [a]; return a })()"), "64 levels"));
  CAF_CHECK(contains(failure_of("new Array(6).fill('x'.repeat(3 << 20))"), "16 MiB"));
}

CAF_TEST(truth is as in JavaScript) {
  const auto holds = [](std::string_view source) {
    const auto result = compiled(source).holds(scope_of(sample));
    CAF_REQUIRE(result);
    return *result;
  };
  for (auto source : {"data.yes", "data.amount", "data.currency", "data.items", "data.customer", "data.big", "'0'",
                      "data.amount > 0", "[]", "({})", "-1", "x => x"})
    CAF_CHECK(holds(source));
  for (auto source : {"data.no", "data.zero", "data.empty", "data.nothing", "data.missing", "response.status", "0",
                      "''", "null", "data.amount < 0", "0 / 0", "undefined"}) {
    CAF_CHECK(!holds(source));
  }
  CAF_CHECK(!compiled("response.status == 200").holds(scope_of(sample)));
}

CAF_TEST(a name that is not there is not defined in a real expression) {
  CAF_CHECK(contains(failure_of("response.status == 200"), "ReferenceError"));
  CAF_CHECK(same(value_of("typeof response"), "undefined"));
  CAF_CHECK(same(value_of("typeof response === 'undefined' || response.status == 200"), true));
  const auto made = compiled("typeof response === 'undefined' ? 'none' : response.status");
  auto values = scope_of(sample);
  const json response{{"status", 200}};
  for (int round = 0; round < 3; ++round) {
    values.values[1].second = nullptr;
    CAF_CHECK(same(made.evaluate(values).value(), "none"));
    values.values[1].second = &response;
    CAF_CHECK(same(made.evaluate(values).value(), 200));
  }
  values.values.emplace_back("parcel", &response); // whatever the names of a scope are
  CAF_CHECK(same(compiled("parcel.status + 1").evaluate(values).value(), 201));
}

CAF_TEST(the names that are mentioned are known) {
  const auto made = compiled("data.secret + order['secret'] + `${state.x} secret` + 'secret' /* secret */ + f({ "
                             "secret: 1 }).secret // secret");
  for (auto name : {"data", "order", "state", "f"})
    CAF_CHECK(made.mentions(name));
  for (auto name : {"secret", "x", "response"})
    CAF_CHECK(!made.mentions(name));
  CAF_CHECK(compiled("data.x ? secret.TOKEN : ''").mentions("secret"));
  CAF_CHECK(compiled("({ secret })").mentions("secret"));
  CAF_CHECK(compiled("({ a: 1, b: secret })").mentions("secret"));
  CAF_CHECK(compiled("data.x / 2 + secret.y / 3").mentions("secret"));
  CAF_CHECK(compiled("/['\"]/.test(secret.x)").mentions("secret"));
  CAF_CHECK(compiled("(data.a + data.b) / secret.c / 2").mentions("secret"));
  CAF_CHECK(compiled("(() => { if (data.x) /'/.test(secret.y) })()").mentions("secret"));
  CAF_CHECK(compiled("`${`${secret.x}`}`").mentions("secret"));
  CAF_CHECK(compiled("secret.TOKEN").mentions("secret"));
  CAF_CHECK(compiled("s\\u0065cret.TOKEN + 1").mentions("s\\u0065cret"));
  CAF_CHECK(!compiled("data.secret").mentions("secret"));
}

CAF_TEST(time and chance come from the scope alone) {
  CAF_CHECK(same(value_of("now()"), "2024-01-10T14:30:00.000Z"));
  CAF_CHECK(same(value_of("uuid('refund')"), uuid_from("order-1/refund")));
  CAF_CHECK(same(value_of("uuid('ü')"), uuid_from("order-1/ü")));
  for (auto source : {"uuid()", "uuid(1)", "new Date()", "Date()", "Date.now()", "Math.random()", "new Date(...[])",
                      "Reflect.construct(Date, [])", "performance.now()"}) {
    CAF_CHECK(!compiled(source).evaluate(scope_of(sample)));
  }
  CAF_CHECK(same(value_of("new Date(2024, 0, 1).toISOString()"), "2024-01-01T00:00:00.000Z"));
  CAF_CHECK(same(value_of("new Date(0).getHours() + new Date(0).getTimezoneOffset()"), 0));
}

CAF_TEST(values that are changed belong to the expression alone) {
  json data = sample;
  for (auto source :
       {"(data.amount = 1, data.amount)", "(data.items.push(1), data.items.length)",
        "(data.items.sort().reverse(), data.items[0].id = 'z')", "delete data.customer",
        "(data.customer.address.city = 'Rome', data.customer)", "Object.assign(data.map, { x: 1 })",
        "Object.freeze(data.customer)", "(data.items.length = 0, 1)", "Object.setPrototypeOf(data.map, null)",
        "Object.defineProperty(data, 'amount', { get: () => 1 }).amount", "data.items.splice(0, 1)"}) {
    const auto result = compiled(source).evaluate(scope_of(data));
    if (!result) CAF_ERROR(source << ": " << result.error().detail);
    CAF_CHECK(data == sample);
  }
  CAF_CHECK(same(value_of("(data.map.x = 1, data.map)"), (json{{"10", "ten"}, {"9", "nine"}, {"x", 1}})));
  CAF_CHECK(same(value_of("(data.customer.address.city = 'Rome', data).customer.address.city"), "Rome"));
  CAF_CHECK(same(value_of("(data.customer.address.city = 'Rome', data.customer)")["address"]["city"], "Rome"));
  CAF_CHECK(same(value_of("Object.keys((delete data.map[10], data.map))"), json::array({"9"})));
  CAF_CHECK(same(value_of("Object.isFrozen(Object.freeze(data.customer))"), true));
  CAF_CHECK(contains(failure_of("Object.freeze(data.customer).x = 1"), "extensible"));
  CAF_CHECK(same(value_of("data.customer === data.customer && data.items[0] === data.items[0]"), true));
}

CAF_TEST(an object with many members behaves like one with few) {
  json data = json::object();
  for (int index = 0; index < 2000; ++index)
    data["k" + std::to_string(index)] = {{"n", index}};
  CAF_CHECK(same(value_of("Object.values(data).reduce((sum, each) => sum + each.n, 0)", data), 1999000));
  CAF_CHECK(same(value_of("Object.keys(data).length", data), 2000));
  CAF_CHECK(same(value_of("Object.keys(data).every(k => data[k] === data[k])", data), true));
  CAF_CHECK(same(value_of("[data][0]", data), data));
}

CAF_TEST(several threads evaluate one expression) {
  const auto made = compiled("data.items.map(i => i.price).reduce((a, b) => a + b, data.amount)");
  std::vector<std::thread> threads;
  std::vector<int> wrong(4);
  for (auto& count : wrong) {
    threads.emplace_back([&] {
      for (int round = 0; round < 500; ++round)
        count += made.evaluate(scope_of(sample)) != expected<json>(17.5);
    });
  }
  for (auto& thread : threads)
    thread.join();
  for (auto count : wrong)
    CAF_CHECK_EQUAL(count, 0);
}
