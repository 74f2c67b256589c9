#pragma once

#include "actors/caf_compat.hpp"
#include "actors/metrics.hpp"
#include "actors/services.hpp"

#include <atomic>
#include <memory>

namespace troupe::http {
class io;
}

namespace troupe::actors {

/// Carries requests out: the HTTP client, which has the connections, the deadlines and the bounds, as an actor. Answers
/// come from the event loop's thread straight to who asked; one message a try, no promise kept here. When it ends, what
/// is under way is lost: nobody knows what became of it, so no order hears that it failed; it is made again, with the
/// same key, when `calls_lost` comes. Notifications are answered as not delivered.
class webhook_state {
public:
  static inline const char* name = "webhook";
  webhook_state(webhook_actor::pointer self, services with, std::shared_ptr<http::io> loop,
                http::client_settings settings);
  ~webhook_state();
  webhook_actor::behavior_type make_behavior();

private:
  void perform(perform_call& wanted);
  void deliver(deliver_notification& wanted);

  webhook_actor::pointer self_;
  services with_;
  metrics::alive alive_;
  std::shared_ptr<http::io> loop_;
  http::client client_;
  std::shared_ptr<std::atomic<bool>> is_over_ = std::make_shared<std::atomic<bool>>(false);
};

} // namespace troupe::actors
