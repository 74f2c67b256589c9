#pragma once

#include "runtime/cli/load.hpp"
#include "runtime/http/client.hpp"
#include "runtime/http/io.hpp"

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

namespace troupe::cli {

/// Submits a load with a number of clients side by side, each sending its next submission when the last was answered,
/// then awaits every order.
class bench {
public:
  bench(std::string server, std::size_t clients, std::vector<load_order> orders);
  ~bench();

  /// Both block until all are through; they may be watched by `finished()` from another thread.
  void submit();
  void await();

  std::size_t finished() const { return finished_; }
  const std::vector<load_order>& orders() const { return orders_; }
  /// The n-th order as it ended; null where it was refused or never answered.
  const std::vector<json>& ended() const { return ended_; }
  /// What went wrong, at most 20 of it.
  const std::vector<std::string>& faults() const { return faults_; }

private:
  void run(void (bench::*begin)(std::size_t));
  void submit_one(std::size_t index);
  void await_one(std::size_t index);
  void await_again(std::size_t index, int tries);
  bool is_awaited_further(std::size_t index) const;
  void next(void (bench::*begin)(std::size_t));
  void fault(std::string text);
  void send(std::string method, std::string path, std::string body, std::function<void(int, json)> then);

  std::string server_;
  std::size_t clients_;
  std::vector<load_order> orders_;
  std::vector<json> ended_;
  std::vector<std::string> faults_;
  std::size_t next_ = 0;
  std::atomic<std::size_t> finished_{0};
  std::function<void()> all_done_;
  http::io loop_;
  http::client client_;
};

} // namespace troupe::cli
