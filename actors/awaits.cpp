#include "actors/awaits.hpp"

namespace troupe::actors {

std::uint64_t awaits::add(waiting one) {
  const auto number = ++last_;
  by_order_.emplace(one.order_id, number);
  by_deadline_.emplace(one.deadline, number);
  all_.emplace(number, std::move(one));
  return number;
}

std::optional<awaits::waiting> awaits::take(std::uint64_t number) {
  const auto found = all_.find(number);
  if (found == all_.end()) return std::nullopt;
  auto one = std::move(found->second);
  all_.erase(found);
  by_order_.erase({one.order_id, number});
  by_deadline_.erase({one.deadline, number});
  return one;
}

std::vector<awaits::waiting> awaits::take_of(const std::string& order_id) {
  std::vector<waiting> result;
  for (auto found = by_order_.lower_bound({order_id, 0}); found != by_order_.end() && found->first == order_id;
       found = by_order_.lower_bound({order_id, 0}))
    result.push_back(*take(found->second));
  return result;
}

std::vector<awaits::waiting> awaits::take_due(time_point now) {
  std::vector<waiting> result;
  while (!by_deadline_.empty() && by_deadline_.begin()->first <= now)
    result.push_back(*take(by_deadline_.begin()->second));
  return result;
}

std::vector<awaits::waiting> awaits::take_all() {
  std::vector<waiting> result;
  while (!all_.empty())
    result.push_back(*take(all_.begin()->first));
  return result;
}

std::optional<time_point> awaits::earliest() const {
  if (by_deadline_.empty()) return std::nullopt;
  return by_deadline_.begin()->first;
}

} // namespace troupe::actors
