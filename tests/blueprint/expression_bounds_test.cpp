#define CAF_SUITE blueprint_expression_bounds

#include "runtime/blueprint/expression.hpp"
#include "tests/support/source_folder.hpp"

#include "caf/test/dsl.hpp"

#include <ctime>
#include <fstream>
#include <pthread.h>
#include <unistd.h>

using namespace troupe;
using namespace troupe::blueprint;

namespace {

const json sample = json::parse(R"({"amount": 12, "items": [{"id": "a", "price": 2}, {"id": "b", "price": 3.5}]})");

scope scope_of(const json& data) {
  scope made;
  made.values = {{"data", &data}};
  made.now = time_point{duration{1'700'000'000'000}};
  made.order_id = "order-1";
  return made;
}

expected<json> evaluate(const std::string& source) {
  auto made = expression::compile(source, library::built_in());
  if (!made) return tl::unexpected(made.error());
  return made->evaluate(scope_of(sample));
}

/// What a script can find out about its world: every name, what it stands for, whether it can be changed.
const std::string probe = R"js((() => {
  const found = [], lines = [];
  const name_of = key => typeof key === "symbol" ? key.toString() : key;
  const visit = (value, path) => {
    if (value === null || (typeof value !== "object" && typeof value !== "function")) return String(value);
    let index = found.indexOf(value);
    if (index < 0) {
      index = found.length;
      found.push(value);
      if (!Object.isFrozen(value)) lines.push("not frozen: " + path);
      visit(Object.getPrototypeOf(value), path + ".__proto__");
      for (const key of Reflect.ownKeys(value)) {
        const { value: held, get, set } = Object.getOwnPropertyDescriptor(value, key);
        const at = path + "." + name_of(key);
        lines.push(at + " " + typeof held + " " + [held, get, set].map(each => visit(each, at)).join());
      }
    }
    return "#" + index;
  };
  visit(globalThis, "");
  for (const value of [function* () {}, Object.getPrototypeOf((function* () {})()), [][Symbol.iterator](), ""[Symbol.iterator](), "".matchAll(/a/g), /a/, x => x, 1n, Symbol()]) {
    visit(Object.getPrototypeOf(value), "of " + typeof value);
  }
  return lines;
})())js";

struct clocks {
  double processor;
  double wall;
};

clocks milliseconds() {
  const auto read = [](clockid_t clock) {
    timespec value{};
    clock_gettime(clock, &value);
    return static_cast<double>(value.tv_sec) * 1e3 + static_cast<double>(value.tv_nsec) / 1e6;
  };
  return {read(CLOCK_THREAD_CPUTIME_ID), read(CLOCK_MONOTONIC)};
}

std::size_t resident_kibibytes() {
  std::ifstream stream("/proc/self/statm");
  std::size_t size = 0, resident = 0;
  stream >> size >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) / 1024;
}

#ifdef __SANITIZE_ADDRESS__
constexpr bool is_sanitized = true; // keeps freed memory for a while, too
#else
constexpr bool is_sanitized = false;
#endif

struct limits_for_a_while {
  explicit limits_for_a_while(expression_limits limits) { set_expression_limits(limits); }
  ~limits_for_a_while() { set_expression_limits({}); }
};

} // namespace

CAF_TEST(every nasty expression is over soon and leaves nothing behind) {
  constexpr double bound = 20, allowance = is_sanitized ? 1000 : 100; // its allocator is that much slower
  constexpr expression_limits narrow{duration{static_cast<int>(bound)}, 32u << 20}, wide{duration{5000}, 32u << 20};
  const limits_for_a_while limits(wide);
  const auto first = evaluate(probe);
  CAF_REQUIRE(first);
  CAF_REQUIRE(first->size() > 500);
  const json expected_after{2, 3.5};
  std::ifstream stream(test::source_folder() / "tests/blueprint/nasty_expressions.txt");
  int run = 0, refused = 0;
  for (std::string source; std::getline(stream, source); ++run) {
    const auto made = expression::compile(source, library::built_in());
    refused += !made;
    if (made) {
      set_expression_limits(narrow);
      const auto before = milliseconds();
      const auto value = made->evaluate(scope_of(sample));
      const auto after = milliseconds();
      set_expression_limits(wide);
      CAF_MESSAGE(source << ": " << (value ? to_text(*value).substr(0, 60) : value.error().detail) << ", "
                         << after.processor - before.processor << " ms");
      // Of this thread's own time, so that other work on the machine does not count; and never for long by the wall.
      if (after.processor - before.processor > bound + allowance) CAF_ERROR("too long: " << source);
      if (after.wall - before.wall > 20 * (bound + allowance)) CAF_ERROR("far too long: " << source);
    }
    if (evaluate("data.items.map(i => i.price)") != expected<json>(expected_after))
      CAF_ERROR("the next one differs after " << source);
    if (run % 10 == 0 || stream.peek() == EOF) {
      if (evaluate(probe) != first) CAF_ERROR("something was left behind before " << source);
    }
  }
  CAF_CHECK(run > 240);
  CAF_CHECK(refused < 10);
}

CAF_TEST(everything that scripts share is frozen) {
  const auto lines = evaluate(probe);
  CAF_REQUIRE(lines);
  for (const auto& line : *lines) {
    const auto text = line.get<std::string>();
    if (text.starts_with("not frozen")) CAF_ERROR(text);
  }
}

CAF_TEST(what could make code or know the world is not there) {
  for (auto name : {"eval",
                    "Promise",
                    "Proxy",
                    "Map",
                    "Set",
                    "WeakMap",
                    "WeakSet",
                    "WeakRef",
                    "FinalizationRegistry",
                    "SharedArrayBuffer",
                    "Atomics",
                    "Uint8Array",
                    "ArrayBuffer",
                    "setTimeout",
                    "process",
                    "require",
                    "console",
                    "std",
                    "os",
                    "print",
                    "fetch",
                    "queueMicrotask",
                    "AsyncFunction"}) {
    CAF_CHECK(evaluate("typeof " + std::string(name)) == expected<json>("undefined"));
  }
  for (auto source : {"Function('return 1')()", "(() => {}).constructor('return 1')()",
                      "(function* () {}).constructor('yield 1')().next()", "data.constructor.constructor('return 1')()",
                      "[].map.constructor('return 1')()", "new Function('return globalThis')()",
                      "Reflect.construct(Function, ['return 1'])()"}) {
    CAF_CHECK(!evaluate(source));
  }
}

CAF_TEST(nothing can be left for the next evaluation) {
  for (auto source : {"Array.prototype.x = 7",
                      "Object.prototype.x = 7",
                      "({}).__proto__.x = 7",
                      "globalThis.x = 7",
                      "Math.x = 7",
                      "JSON.parse = 7",
                      "(() => {}).__proto__.x = 7",
                      "Object.defineProperty(Object.prototype, 'x', { value: 7 })",
                      "Object.setPrototypeOf(Array.prototype, { x: 7 })",
                      "delete Array.prototype.map",
                      "Symbol.iterator.x = 7",
                      "(function* () {}).__proto__.prototype.x = 7",
                      "[][Symbol.iterator]().__proto__.x = 7",
                      "/a/.__proto__.x = 7",
                      "sum.x = 7",
                      "now.x = 7",
                      "Error.prepareStackTrace = () => 7",
                      "Reflect.set(Number.prototype, 'x', 7) || null.x",
                      "Object.assign(String.prototype, { x: 7 })",
                      "RegExp.prototype.lastIndex = 7",
                      "((s) => s.x = 7)`a`",
                      "''.__proto__.x = 7",
                      "data.__proto__.x = 7",
                      "data.constructor.prototype.x = 7",
                      "Array.prototype.push.call(Array.prototype, 7)",
                      "Array.prototype.length = 7",
                      "undefined = 7"}) {
    CAF_CHECK(!evaluate(source));
    CAF_CHECK(
        evaluate("[[].x, ({}).x, 'a'.x, (() => {}).x, Math.x, /a/.x, sum.x, typeof x, [].length, typeof JSON.parse]") ==
        expected<json>(
            json{nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, "undefined", 0, "function"}));
  }
  const auto counting = expression::compile("(s => s.raw.length + (s.seen || 0))`a${1}b`", library::built_in());
  for (int round = 0; round < 3; ++round)
    CAF_CHECK(counting->evaluate(scope_of(sample)) == expected<json>(2));
}

CAF_TEST(the bounds of the process hold and say so) {
  const limits_for_a_while limits({duration{10}, 4u << 20});
  const auto late = evaluate("(() => { for (;;); })()");
  CAF_REQUIRE(!late);
  CAF_CHECK_EQUAL(late.error().detail, "took longer than 10 ms");
  set_expression_limits({duration{5000}, 4u << 20});
  const auto large = evaluate("(() => { const a = []; for (;;) a.push('x'.repeat(100000) + a.length) })()");
  CAF_REQUIRE(!large);
  CAF_CHECK_EQUAL(large.error().detail, "took more than 4 MiB of memory");
  CAF_CHECK(evaluate("'x'.repeat(1 << 20).length") == expected<json>(1 << 20));
}

CAF_TEST(a thread with a small stack evaluates and refuses to recurse) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  CAF_REQUIRE_EQUAL(pthread_attr_setstacksize(&attributes, 256u << 10), 0);
  struct results {
    expected<json> plain, deep, parsed, after;
  } found;
  pthread_t thread;
  const auto work = [](void* argument) -> void* {
    auto& into = *static_cast<results*>(argument);
    into.plain = evaluate("data.amount + 1");
    into.deep = evaluate("(() => { const f = () => f() + 1; return f() })()");
    into.parsed = evaluate("JSON.parse('['.repeat(100000))");
    into.after = evaluate("data.amount + 1");
    return nullptr;
  };
  CAF_REQUIRE_EQUAL(pthread_create(&thread, &attributes, work, &found), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  CAF_CHECK(found.plain == expected<json>(13));
  CAF_CHECK(!found.deep);
  CAF_CHECK(!found.parsed);
  CAF_CHECK(found.after == expected<json>(13));
}

CAF_TEST(programs that come and go take no memory with them) {
  const auto round = [](int from, int count) {
    for (int index = from; index < from + count; ++index) {
      const auto text = std::to_string(index);
      const auto made =
          expression::compile("data.amount + " + text + " + 'name" + text + "'.length", library::built_in());
      CAF_REQUIRE(made);
      CAF_REQUIRE(made->evaluate(scope_of(sample)));
    }
  };
  round(0, 3000);
  const auto before = resident_kibibytes();
  round(3000, 6000);
  CAF_CHECK(is_sanitized || resident_kibibytes() < before + 8 * 1024);
}

CAF_TEST(cycles are collected) {
  const auto made = expression::compile(
      "(() => { const a = [1, 2, 3]; a.push(a); const f = () => f; return a.length })()", library::built_in());
  const auto round = [&](int count) {
    for (int index = 0; index < count; ++index)
      CAF_REQUIRE(made->evaluate(scope_of(sample)) == expected<json>(4));
  };
  round(20'000);
  const auto before = resident_kibibytes();
  round(40'000);
  CAF_CHECK(is_sanitized || resident_kibibytes() < before + 8 * 1024);
}
