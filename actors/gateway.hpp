#pragma once

#include "actors/services.hpp"
#include "runtime/http/server.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>

namespace troupe::actors {

/// HTTP on one side, messages on the other: finds the handler of a request and lets it ask around; knows no rule of the
/// engine.
class gateway_state {
public:
  static inline const char* name = "gateway";
  gateway_state(gateway_actor::pointer self, services with);
  gateway_actor::behavior_type make_behavior();

private:
  void handle(const http_call& call);
  void handle_stream(const http_stream& stream);

  gateway_actor::pointer self_;
  services with_;
};

/// The application behind the HTTP server: knows the routes and hands each request to one of the gateways in turn.
std::shared_ptr<http::application> make_application(services with);

} // namespace troupe::actors
