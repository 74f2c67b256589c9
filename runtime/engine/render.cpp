#include "runtime/engine/draft.hpp"
#include "runtime/engine/fields.hpp"
#include "runtime/engine/sending.hpp"
#include "runtime/engine/values.hpp"

#include <algorithm>
#include <utility>

namespace troupe::engine {

expected<rendered_call> render_call(const order& current, const perform_action& wanted, const context& around) {
  const blueprint::action* action = action_at_hand(current, around.blueprint);
  const auto* body =
      action && action->id == wanted.action ? std::get_if<blueprint::webhook_body>(&action->body) : nullptr;
  if (!body) return refuse(errc::invalid_data, "expected an action that calls a service, but found " + wanted.action);
  const auto bound = deadline(current);
  if (bound && *bound <= around.now)
    return refuse(errc::not_possible, "expected time left for the action " + wanted.action +
                                          ", but found that of its state or order over: it was not sent");
  visible_values values(current, around);
  values.with("secret", around.surroundings.secrets);
  auto call = render_webhook(*body, values);
  if (!call) return call;
  set_field(call->fields, "Idempotency-Key", idempotency_key(current, wanted.kind, wanted.action));
  if (!current.trace.empty() && !has_field(call->fields, "traceparent"))
    call->fields.emplace_back("traceparent", current.trace);
  call->timeout = bound ? std::min(action->timeout, *bound - around.now) : action->timeout;
  return call;
}

} // namespace troupe::engine
