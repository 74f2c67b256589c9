#pragma once

#include "actors/interfaces.hpp"

#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace troupe::actors {

/// Who awaits the settling of which order until when. A value of the supervisor's; no thread, no clock.
class awaits {
public:
  using promise = caf::typed_response_promise<settled_result>;
  struct waiting {
    std::string order_id;
    time_point deadline;
    promise asked;
  };

  /// The number under which it is taken out again.
  std::uint64_t add(waiting one);
  std::optional<waiting> take(std::uint64_t number);
  std::vector<waiting> take_of(const std::string& order_id);
  std::vector<waiting> take_due(time_point now);
  std::vector<waiting> take_all();
  std::optional<time_point> earliest() const;
  std::size_t size() const { return all_.size(); }

private:
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, waiting> all_;
  std::set<std::pair<std::string, std::uint64_t>> by_order_;
  std::set<std::pair<time_point, std::uint64_t>> by_deadline_;
};

} // namespace troupe::actors
