#include "runtime/base/json_compare.hpp"

#include <limits>

namespace troupe {

namespace {

// Holds every 64-bit integer and every double exactly.
using exact_number = long double;
static_assert(std::numeric_limits<exact_number>::digits >= 64);

template <class Number> int order_of(Number left, Number right) {
  return left < right ? -1 : left > right ? 1 : 0;
}

exact_number exact(const json& value) {
  switch (value.type()) {
  case json::value_t::number_integer: return static_cast<exact_number>(value.get<std::int64_t>());
  case json::value_t::number_unsigned: return static_cast<exact_number>(value.get<std::uint64_t>());
  default: return static_cast<exact_number>(value.get<double>());
  }
}

int rank(const json& value) {
  switch (value.type()) {
  case json::value_t::boolean: return 1;
  case json::value_t::number_integer:
  case json::value_t::number_unsigned:
  case json::value_t::number_float: return 2;
  case json::value_t::string: return 3;
  case json::value_t::array: return 4;
  case json::value_t::object: return 5;
  default: return 0;
  }
}

int compare_arrays(const json::array_t& left, const json::array_t& right) {
  if (left.size() != right.size()) return order_of(left.size(), right.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (int order = compare(left[i], right[i]); order != 0) return order;
  }
  return 0;
}

int compare_objects(const json::object_t& left, const json::object_t& right) {
  if (left.size() != right.size()) return order_of(left.size(), right.size());
  auto other = right.begin();
  for (auto& [name, value] : left) {
    if (int order = name.compare(other->first); order != 0) return order;
    if (int order = compare(value, other->second); order != 0) return order;
    ++other;
  }
  return 0;
}

} // namespace

int compare_numbers(const json& left, const json& right) {
  if (left.is_number_unsigned() && right.is_number_unsigned())
    return order_of(left.get<std::uint64_t>(), right.get<std::uint64_t>());
  return order_of(exact(left), exact(right));
}

int compare(const json& left, const json& right) {
  auto left_rank = rank(left);
  auto right_rank = rank(right);
  if (left_rank != right_rank) return order_of(left_rank, right_rank);
  switch (left_rank) {
  case 1: return order_of(left.get<bool>() ? 1 : 0, right.get<bool>() ? 1 : 0);
  case 2: return compare_numbers(left, right);
  case 3: return left.get_ref<const std::string&>().compare(right.get_ref<const std::string&>());
  case 4: return compare_arrays(left.get_ref<const json::array_t&>(), right.get_ref<const json::array_t&>());
  case 5: return compare_objects(left.get_ref<const json::object_t&>(), right.get_ref<const json::object_t&>());
  default: return 0;
  }
}

} // namespace troupe
