#include "runtime/blueprint/schema_extent.hpp"

#include "runtime/base/json_number.hpp"

#include <algorithm>

namespace troupe::blueprint {

namespace {

constexpr std::size_t bytes_a_step = 64;

struct open_container {
  const json* container;
  json::const_iterator next;
};

} // namespace

value_extent extent_of(const json& value) {
  value_extent result{0, 0};
  std::vector<open_container> open;
  auto visit = [&](const json& item) {
    ++result.steps;
    if (item.is_string()) result.steps += item.get_ref<const std::string&>().size() / bytes_a_step;
    if (!item.is_structured()) return;
    open.push_back({&item, item.begin()});
    result.depth = std::max(result.depth, open.size());
  };
  visit(value);
  while (!open.empty()) {
    auto& top = open.back();
    if (top.next == top.container->end()) {
      open.pop_back();
      continue;
    }
    auto& item = *top.next;
    ++top.next;
    visit(item);
  }
  return result;
}

exact_decimal exact_decimal_of(const json& value) {
  if (value.is_number_unsigned()) return {value.get<std::uint64_t>(), 0};
  if (value.is_number_integer()) {
    auto number = value.get<std::int64_t>();
    return {number < 0 ? ~static_cast<std::uint64_t>(number) + 1 : static_cast<std::uint64_t>(number), 0};
  }
  auto parts = decimal_of(value.get<double>());
  exact_decimal result;
  for (auto c : parts.digits)
    result.digits = result.digits * 10 + static_cast<unsigned>(c - '0');
  result.power = parts.exponent - static_cast<long>(parts.digits.size());
  return result;
}

} // namespace troupe::blueprint
