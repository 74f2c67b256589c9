#pragma once

#include "runtime/store/records.hpp"

#include <span>
#include <string_view>

namespace troupe::store {

/// Where an order stands that nobody performs.
struct resting_place {
  queue place = queue::none;
  std::optional<time_point> due;
};

/// Derived from the state alone: an order that can go on is in a queue, one that waits for an instant has it as its due
/// time, the others wait for something from outside or are over.
resting_place rest_of(const engine::order& value);

/// As `stored_order::value`. Refuses with `internal` what no order can be read from.
expected<engine::order> read_folded(std::string_view folded);

/// `append::history` of these events.
std::string write_history(std::span<const engine::event> events);
/// Adds the events of one entry, the first of which has this sequence. Refuses with `internal` what no events can be
/// read from.
expected<void> read_history(std::string_view history, std::uint64_t first_sequence, std::vector<engine::event>& events);

} // namespace troupe::store
