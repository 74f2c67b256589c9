#pragma once

#include "actors/metrics.hpp"
#include "actors/order.hpp"
#include "actors/services.hpp"
#include "actors/services_supervisor.hpp"
#include "actors/tree.hpp"
#include "tests/support/memory_store.hpp"

#include <caf/actor_system.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace troupe::test {

/// A request that an order's actor has handed to the transport, waiting for the test to answer it.
struct pending_call {
  actors::perform_call call;
  std::string key; ///< its Idempotency-Key
};

/// Stands in for the transport: keeps what it is asked, answers when the test says so, or at once by a script.
class scripted_transport {
public:
  using answer = tl::expected<http::answer, http::call_error>;
  struct shared {
    std::deque<pending_call> calls;
    std::deque<actors::deliver_notification> notifications;
    std::function<std::optional<answer>(const pending_call&)> script; ///< nothing: it stays silent
    std::function<std::optional<bool>(const actors::deliver_notification&)> notification_script;
    std::map<std::string, int> seen; ///< how often a key came
    std::size_t performed = 0;
    std::function<time_point()> clock;
  };

  scripted_transport() : shared_(std::make_shared<shared>()) {}
  shared& inside() { return *shared_; }
  /// The actor that stands in; watched by `self`.
  actors::webhook_actor spawn(actors::services_supervisor_actor::pointer self) const;
  actors::webhook_actor spawn(caf::actor_system& system) const;
  /// Answers the oldest call that waits.
  void answer_next(answer what);
  static answer ok(json body = json::object(), int status = 200);
  static answer failed(http::call_failure failure, std::string message = "the test says so");

private:
  std::shared_ptr<shared> shared_;
};

/// Everything that actors are given, made for tests: a store in memory, a scripted transport, the scheduler's clock,
/// blueprints published at will.
class actor_world {
public:
  explicit actor_world(caf::scheduler::test_coordinator& scheduler);
  ~actor_world();

  /// Publishes a blueprint (full, compact or recipe form).
  void publish(const json& document);
  /// A submission as the gateway would append it; not yet stored.
  store::append submission(const std::string& order_id, const std::string& workflow, json data = json::object());
  /// Submitted and stored: pending.
  void store_order(const std::string& order_id, const std::string& workflow, json data = json::object());
  /// Carries an operation out on the store, as an earlier process would have.
  template <class Operation> Operation perform(Operation wanted);
  /// Claims the pending ones for a batch, as a coordinator would.
  std::vector<store::claimed_order> claim(const std::string& batch_id, store::queue from = store::queue::pending);
  const stored_content::order_row& row(const std::string& order_id);
  std::string status_of(const std::string& order_id);

  memory_store store;
  scripted_transport transport;
  actors::actor_settings settings;
  actors::services
      with; ///< `with.settings` points to a copy of `settings` as it was when `use_settings` was called last
  void use_settings();
  /// As a process that starts: new leases, new condition, nothing remembered.
  void begin_process();

private:
  std::unique_ptr<store::writer> writer_;
};

/// The actors of this kind that have something to do.
std::vector<caf::actor> busy_actors(caf::scheduler::test_coordinator& scheduler, const std::string& kind);

/// `GET`s and `POST`s to places that no one listens on: a blueprint with a single action.
json one_call_blueprint(const std::string& id, json action_fields = json::object());
/// Waits for the event `go`, then ends.
json waiting_blueprint(const std::string& id);
/// One call after another, `count` states, saving what each answers.
json chain_blueprint(const std::string& id, int count, json action_fields = json::object());

template <class Operation> Operation actor_world::perform(Operation wanted) {
  std::vector<store::operation> group;
  group.emplace_back(std::move(wanted));
  TROUPE_ASSERT(writer_->commit(group));
  return std::get<Operation>(std::move(group.front()));
}

} // namespace troupe::test
