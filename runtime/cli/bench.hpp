#pragma once

#include "runtime/cli/load.hpp"
#include "runtime/http/client.hpp"
#include "runtime/http/io.hpp"

#include <atomic>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::cli {

/// Submits a load with a number of clients side by side, each sending its next submission when the last was answered,
/// then looks at the lists until every order has settled.
class bench {
public:
  bench(std::string server, std::size_t clients, std::vector<load_order> orders);
  ~bench();

  /// Both block until all are through; they may be watched by `finished()` from another thread.
  void submit();
  void await();

  std::size_t finished() const { return finished_; }
  const std::vector<load_order>& orders() const { return orders_; }
  /// The n-th order as it was seen last; null where it was refused or never answered.
  const std::vector<json>& ended() const { return ended_; }
  /// What went wrong, at most 20 of it.
  const std::vector<std::string>& faults() const { return faults_; }

private:
  void run(std::function<void()> begin);
  void submit_one(std::size_t index);
  void submitted();
  void look();
  void look_at(std::string list, const std::string& cursor, time_point began);
  void take(json order);
  bool is_awaited_further(std::size_t index) const;
  void fault(std::string text);
  void send(std::string method, const std::string& path, std::string body, std::function<void(int, json)> then);

  std::string server_;
  std::size_t clients_;
  std::vector<load_order> orders_;
  std::vector<json> ended_;
  std::vector<std::string> faults_;
  std::size_t next_ = 0;
  std::unordered_map<std::string, std::size_t> awaited_; ///< by id
  std::size_t first_ = 0;                                ///< no earlier one is awaited
  time_point settled_at_{};                              ///< when an order was last seen to have settled
  std::atomic<std::size_t> finished_{0};
  std::function<void()> all_done_;
  http::io loop_;
  http::client client_;
};

} // namespace troupe::cli
