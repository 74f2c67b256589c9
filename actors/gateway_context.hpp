#pragma once

#include "actors/exchange.hpp"
#include "actors/services.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <optional>
#include <string>

namespace troupe::actors {

/// What a route's handler works with: the gateway that carries it, and everything it can ask.
struct gateway_context {
  gateway_actor::pointer self;
  const services& with;

  /// Asks an actor of this node, which bounds its own work; if it is gone the client is told to try again.
  template <class Handle, class Message, class Then>
  void ask(const exchange& what, const Handle& whom, Message message, Then then) const {
    self->request(whom, caf::infinite, std::move(message)).then(std::move(then), [what](const caf::error&) {
      what.refuse({errc::not_ready, "a service of this node is being started again: try again", {}});
    });
  }

  /// `Idempotency-Key`: a repeat gets the first answer again, another body under the key is refused; otherwise `go` is
  /// called, with the record to be kept with the write's effect (its status and answer still to be filled in), or with
  /// nothing where no key was sent.
  void once(const exchange& what, const std::string& body_hash,
            const std::function<void(std::optional<store::request_record>)>& go) const;

  void answer_again(const exchange& what, const store::request_record& wanted,
                    const store::request_record& first) const;

  /// Answers a write that lost the race for its key: by what the winner was answered.
  void repeat(const exchange& what, const store::request_record& lost) const;
};

using route_handler = void (*)(const gateway_context&, const exchange&);

// Orders (gateway_orders.cpp)
void submit_one(const gateway_context& at, const exchange& what);
void cancel_one(const gateway_context& at, const exchange& what);
void pause_one(const gateway_context& at, const exchange& what);
void resume_one(const gateway_context& at, const exchange& what);
void resolve_one(const gateway_context& at, const exchange& what);
void reprocess_one(const gateway_context& at, const exchange& what);
void send_event(const gateway_context& at, const exchange& what);
// Reading orders (gateway_reads.cpp)
void list_orders(const gateway_context& at, const exchange& what);
void get_order(const gateway_context& at, const exchange& what);
void get_history(const gateway_context& at, const exchange& what);
void list_batches(const gateway_context& at, const exchange& what);
void get_batch(const gateway_context& at, const exchange& what);
// Bulk operations (gateway_operations.cpp)
void reprocess_many(const gateway_context& at, const exchange& what);
void get_operation(const gateway_context& at, const exchange& what);
void get_operation_results(const gateway_context& at, const exchange& what);
void pause_operation(const gateway_context& at, const exchange& what);
void resume_operation(const gateway_context& at, const exchange& what);
void cancel_operation(const gateway_context& at, const exchange& what);
// Blueprints, API calls, functions (gateway_definitions.cpp)
void publish_blueprint(const gateway_context& at, const exchange& what);
void publish_api_call(const gateway_context& at, const exchange& what);
void publish_function(const gateway_context& at, const exchange& what);
void validate_blueprint(const gateway_context& at, const exchange& what);
void list_blueprints(const gateway_context& at, const exchange& what);
void get_blueprint(const gateway_context& at, const exchange& what);
void list_blueprint_versions(const gateway_context& at, const exchange& what);
void get_blueprint_version(const gateway_context& at, const exchange& what);
void list_api_calls(const gateway_context& at, const exchange& what);
void get_api_call(const gateway_context& at, const exchange& what);
void get_function(const gateway_context& at, const exchange& what);
void list_functions(const gateway_context& at, const exchange& what);
// Around them (gateway_node.cpp)
void get_metrics(const gateway_context& at, const exchange& what);
void get_health(const gateway_context& at, const exchange& what);
void get_readiness(const gateway_context& at, const exchange& what);
void get_openapi(const gateway_context& at, const exchange& what);

} // namespace troupe::actors
