#pragma once

#include "runtime/base/time.hpp"
#include "runtime/engine/engine.hpp"
#include "runtime/store/records.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace caf::telemetry {
class metric_registry;
}

namespace troupe::actors {

/// Everything that `/metrics` shows, as Prometheus families with the prefix `troupe_` in base units (seconds, bytes).
/// Safe from every thread; each call costs a few atomic operations, with labels one locked look-up. Every family is
/// there from the start. Label values come from blueprints and are bounded: beyond `series_max` per family they count
/// as `other`.
class metrics {
public:
  static constexpr std::size_t series_max = 1'000;
  using seconds = std::chrono::duration<double>;

  metrics();
  ~metrics();
  metrics(const metrics&) = delete;
  metrics& operator=(const metrics&) = delete;

  // orders
  /// How many there are, as the store has them at the start.
  void set_orders(const std::vector<store::order_count>& counts);
  /// A new order is durable.
  void order_recorded(const engine::order& after);
  /// Events of an order are durable: its move from one status to another, and what happened with states, actions and
  /// retries.
  void events_recorded(const engine::order& before, const engine::order& after,
                       const std::vector<engine::event>& events);
  void action_tried(std::string_view workflow, std::string_view action, seconds took, std::string_view outcome);

  // actors
  /// Counts one live actor of a kind as long as it exists.
  class alive {
  public:
    alive(std::shared_ptr<metrics> counted, std::string_view kind);
    ~alive();
    alive(const alive&) = delete;
    alive& operator=(const alive&) = delete;

  private:
    std::shared_ptr<metrics> counted_;
    void* gauge_;
  };
  void actor_restarted(std::string_view kind);
  void batch_settled(std::string_view lane, std::size_t size, seconds took);

  // store, outbox
  void group_committed(std::size_t operations, seconds took, bool failed);
  void store_waiting(std::size_t operations);
  void set_pending(std::int64_t orders);
  void notification_delivered(bool delivered, bool given_up);

  // HTTP
  void http_answered(std::string_view method, std::string_view route, int status, seconds took);
  /// Asked when `text` is made; an empty function ends it.
  void watch_http_connections(std::function<std::size_t()> open);
  void webhook_begun();
  void webhook_ended();

  /// Mailbox sizes and processing times of CAF's own registry are read from it when `text` is made, until
  /// `forget_actor_system`.
  void read_actor_system(const caf::telemetry::metric_registry& registry);
  void forget_actor_system();

  /// The whole in Prometheus' text format 0.0.4.
  std::string text() const;

private:
  struct families;
  std::unique_ptr<families> families_;
};

} // namespace troupe::actors
