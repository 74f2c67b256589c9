#include "tests/bench/expressions.hpp"

#include "runtime/blueprint/value_template.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

namespace troupe::bench {
namespace {

using blueprint::expression;
using blueprint::library;
using blueprint::value_template;

constexpr int rounds = 5;
constexpr auto round_length = std::chrono::milliseconds(100);

/// Of several rounds the best: what else the machine does only ever takes away. `work` is true as long as it is right.
template <class Work> double calls_per_second(Work work) {
  double best = 0;
  for (int round = 0; round < rounds; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    auto end = begin;
    int calls = 0;
    for (; end - begin < round_length; end = std::chrono::steady_clock::now()) {
      for (int call = 0; call < 100; ++call, ++calls)
        TROUPE_ASSERT(work());
    }
    best = std::max(best, calls / std::chrono::duration<double>(end - begin).count());
  }
  return best;
}

expression compiled(const char* source) {
  auto made = expression::compile(source, library::built_in());
  TROUPE_ASSERT(made.has_value());
  return *std::move(made);
}

void print(const char* name, double per_second, double floor) {
  std::printf("{\"what\":\"%s\",\"per_second\":%.0f,\"ratio\":%.3f}\n", name, per_second, per_second / floor);
}

} // namespace

void measure_expressions() {
  const auto data = json::parse(R"({"amount": 12, "currency": "USD", "from": "ACCT12345678", "to": "ACCT87654321",
    "items": [{"id": "a", "price": 2}, {"id": "b", "price": 3.5}], "customer": {"address": {"city": "Paris"}}})");
  blueprint::scope scope;
  scope.values = {{"data", &data}};

  const auto floor = calls_per_second([&] {
    const auto amount = data.find("amount");
    const auto currency = data.find("currency");
    return amount != data.end() && *amount > 0 && currency != data.end() &&
           currency->get_ref<const std::string&>() == "USD";
  });
  print("the condition in C++", floor, floor);

  const auto path = compiled("data.customer.address.city");
  print("a plain path", calls_per_second([&] { return path.evaluate(scope).has_value(); }), floor);
  const auto made = value_template::compile(
      json{{"amount", "{{data.amount}}"}, {"note", "from {{data.from}} to {{data.to}}"}}, library::built_in());
  TROUPE_ASSERT(made.has_value());
  print("a template of three paths", calls_per_second([&] { return made->render(scope).has_value(); }), floor);
  const auto condition = compiled("data.amount > 0 && data.currency == \"USD\"");
  print("the condition", calls_per_second([&] { return condition.holds(scope).value_or(false); }), floor);
  const auto total = compiled("sum(data.items.map(i => i.price))");
  print("a sum over two items", calls_per_second([&] { return total.evaluate(scope).has_value(); }), floor);
}

} // namespace troupe::bench
