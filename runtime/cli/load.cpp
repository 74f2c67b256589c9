#include "runtime/cli/load.hpp"

#include "runtime/base/time.hpp"
#include "runtime/blueprint/value_template.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <random>

namespace troupe::cli {

namespace {

constexpr std::int64_t orders_max = 1'000'000;

expected<void> expand_case(const json& one, const std::string& workflow, std::int64_t& number,
                           std::vector<load_order>& orders) {
  const auto count = one.value("count", std::int64_t{0});
  if (count < 1 || count > orders_max)
    return refuse(errc::invalid_data,
                  fmt::format("load of {}: expected `count` from 1 to {}, but found {}", workflow, orders_max, count));
  const auto data =
      blueprint::value_template::compile(one.value("data", json::object()), blueprint::library::built_in());
  if (!data) return tl::unexpected<error>(data.error());
  const auto name = one.value("name", "");
  for (std::int64_t i = 0; i < count; ++i) {
    const json load = {{"number", ++number}, {"case", name}};
    auto rendered = data->render({{{"load", &load}}, time_point{}, "load"});
    if (!rendered) return tl::unexpected<error>(rendered.error());
    orders.push_back(
        {workflow, name, {{"workflow", workflow}, {"data", std::move(*rendered)}}, one.value("expect", json())});
  }
  return {};
}

} // namespace

expected<std::vector<load_order>> expand_load(const json& document) {
  if (!document.is_object() || !document.contains("workflows") || !document["workflows"].is_array())
    return refuse(errc::invalid_data, "expected a load with an array `workflows`, but found " + describe(document));
  std::vector<load_order> orders;
  for (const auto& one : document["workflows"]) {
    if (!one.is_object() || !one.contains("cases") || !one["cases"].is_array())
      return refuse(errc::invalid_data,
                    "expected each of a load's `workflows` to have `workflow` and `cases`, but found " + describe(one));
    std::int64_t number = 0;
    for (const auto& each : one["cases"])
      if (const auto expanded = expand_case(each, one.value("workflow", ""), number, orders); !expanded)
        return tl::unexpected<error>(expanded.error());
  }
  std::ranges::shuffle(orders, std::mt19937_64(1));
  return orders;
}

std::vector<load_order> uniform_load(const std::string& workflow, std::size_t count, const json& data) {
  return std::vector<load_order>(count, {workflow, "", {{"workflow", workflow}, {"data", data}}, nullptr});
}

std::string difference(const load_order& wanted, const json& order) {
  if (!wanted.expect.is_object()) return {};
  for (const auto& [name, value] : wanted.expect.items()) {
    const auto found =
        name == "error" ? (order["error"].is_null() ? json() : order["error"]["code"]) : order.value(name, json());
    if (found != value)
      return fmt::format("order {} ({} {}): expected {} to be {}, but found {}", to_text(order["order_id"]),
                         wanted.workflow, wanted.case_name, name, to_text(value), to_text(found));
  }
  return {};
}

} // namespace troupe::cli
