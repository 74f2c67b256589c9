#pragma once

#include "actors/interfaces.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace troupe::actors {

class directory;
class metrics;

/// What the actors obey, out of the configuration.
struct actor_settings {
  std::string node_name = "node";
  int batch_size = 256;
  int batch_lanes = 4;
  duration batch_interval{60'000};
  bool batch_wake = true;
  duration park_after{1'000};
  int recoveries = 5;
  std::int64_t pending_limit = 1'000'000;
  std::int64_t free_min = std::int64_t{8} << 20; ///< bytes; below it submissions are refused
  int readers = 3;                               ///< readers side by side; the first one is the runtime's own
  int group_limit = 1'024;                       ///< operations of one transaction
  int kept_limit = 100'000;                      ///< operations that wait while the store is away
  int commands_per_order = 64;                   ///< that wait for an append under way
  int awaits_limit = 10'000;                     ///< requests that await the settling of an order
  int publish_limit = 256;                       ///< definitions that wait to be published
  int outbox_in_flight = 64;
  int outbox_attempts = 20;
  duration stop_grace{7'000}; ///< for tries that are under way at an orderly end
  int restarts_max = 10;      ///< of all services together within `restarts_within`; beyond it the node gives up
  duration restarts_within{60'000};
  bool threads = true; ///< blocking actors on threads of their own; false under the tests' deterministic scheduler
};

/// What everybody may know of the node's state without asking anybody. Written by the store's actor (`pending`,
/// `is_store_ready`) and the node (`is_stopping`).
struct node_condition {
  std::atomic<std::int64_t> pending{0};    ///< orders in the pending queue
  std::atomic<bool> is_store_ready{false}; ///< the last commit went through and there is room
  std::atomic<bool> is_performing{false};  ///< recovered, and the lanes are at work
  std::atomic<bool> is_stopping{false};    ///< orders begin no try any more, submissions are refused
  std::atomic<bool> was_recovered{false};  ///< this process has counted the recoveries of its predecessor
  /// Batch coordinators and performing orders that still live, those of an ended supervisor too.
  std::atomic<int> performers_alive{0};

  bool is_ready() const { return is_store_ready && !is_stopping; }
};

/// Everything that an actor is given by its constructor. A value, cheap to copy; safe from every thread.
///
/// A service that died is spawned again under a new handle: so nobody keeps one for longer than a conversation,
/// `with.store()` is always the present one. By convention an actor's class `x_state` is constructed from its own
/// pointer and `services`, and nothing that can fail happens before its first message.
struct services {
  std::shared_ptr<blueprint::catalogue> catalogue;        ///< only the registry changes it
  std::shared_ptr<const engine::environment> environment; ///< never null
  std::shared_ptr<const actor_settings> settings;
  std::shared_ptr<node_condition> condition;
  std::shared_ptr<actors::metrics> metrics;
  std::shared_ptr<const std::array<std::uint64_t, shard_count>> epochs; ///< of the leases that this node holds
  std::shared_ptr<directory> where;
  std::function<time_point()> clock; ///< wall time; in tests the deterministic scheduler's

  store_actor store() const;
  supervisor_actor supervisor() const; ///< of the orders
  reader_actor reader() const;         ///< for requests from outside, each in turn
  reader_actor own_reader() const;     ///< for the runtime, not held up by long lists
  registry_actor registry() const;
  webhook_actor webhook() const;
  outbox_actor outbox() const;
  timer_actor timer() const;
  operations_actor operations() const;
  gateway_actor gateway() const; ///< each in turn

  store::lease lease_of(std::string_view order_id) const;
  engine::context around(const blueprint::definition& blueprint) const; ///< at `clock()`
};

/// The definition that an order performs: its own, or the published version. Refuses with `unknown_blueprint`,
/// `invalid_blueprint`.
expected<blueprint::definition_ptr> definition_of(const blueprint::catalogue& from, const engine::order& value);

/// Where the services are. An empty handle until one was entered.
class directory {
public:
  directory();
  ~directory();

  template <class Handle> Handle find() const;
  template <class Handle> void enter(Handle one);
  /// Of the kinds that stand side by side (readers, gateways): `index` from 0.
  template <class Handle> void enter(std::size_t index, Handle one);
  reader_actor first_reader() const;
  /// Gives up every handle: no actor handle may outlive the actor system.
  void clear();

private:
  struct content;
  std::unique_ptr<content> content_;
};

} // namespace troupe::actors
