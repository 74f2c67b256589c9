#include "actors/webhook.hpp"

#include "runtime/http/io.hpp"
#include "runtime/transport/webhook.hpp"

#include <fmt/format.h>

#include <utility>

namespace troupe::actors {

webhook_state::webhook_state(webhook_actor::pointer self, services with, std::shared_ptr<http::io> loop,
                             http::client_settings settings)
    : self_(self), with_(std::move(with)), alive_(with_.metrics, name), loop_(std::move(loop)),
      client_(*loop_, std::move(settings)) {}

webhook_state::~webhook_state() {
  *is_over_ = true;
  client_.stop();
}

webhook_actor::behavior_type webhook_state::make_behavior() {
  expect_no_exceptions(self_, name);
  return {
      [this](perform_call& wanted) { perform(wanted); },
      [this](deliver_notification& wanted) { deliver(wanted); },
  };
}

void webhook_state::perform(perform_call& wanted) {
  with_.metrics->webhook_begun();
  client_.send(
      transport::to_http(std::move(wanted.call)),
      [counted = with_.metrics, reply_to = std::move(wanted.reply_to), visit = wanted.visit, kind = wanted.kind,
       action = std::move(wanted.action), attempt = wanted.attempt, started_at = with_.clock(),
       is_over = is_over_](tl::expected<http::answer, http::call_error> answer) mutable {
        counted->webhook_ended();
        // That the transport ended is no failure of the other side's: `calls_lost` has the try made once more.
        if (!answer && *is_over) return;
        tell_from_outside(reply_to, call_done{visit, kind, std::move(action), attempt, started_at, std::move(answer)});
      });
}

void webhook_state::deliver(deliver_notification& wanted) {
  with_.metrics->webhook_begun();
  client_.send(transport::to_http(std::move(wanted.call)),
               [counted = with_.metrics, reply_to = std::move(wanted.reply_to),
                id = wanted.id](tl::expected<http::answer, http::call_error> answer) {
                 counted->webhook_ended();
                 if (!answer) return tell_from_outside(reply_to, notification_done{id, false, answer.error().message});
                 const auto delivered = answer->status >= 200 && answer->status < 300;
                 auto cause = delivered ? std::string() : fmt::format("answered {}", answer->status);
                 tell_from_outside(reply_to, notification_done{id, delivered, std::move(cause)});
               });
}

} // namespace troupe::actors
