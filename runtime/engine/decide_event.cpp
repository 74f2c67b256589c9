#include "runtime/engine/advance.hpp"
#include "runtime/engine/decide.hpp"
#include "runtime/engine/trigger.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace troupe::engine {

namespace {

void record_received(draft& work, const send_event& wanted, bool deferred) {
  json data = json::object();
  data["event"] = wanted.name;
  data["data"] = wanted.data;
  data["comment"] = wanted.comment.empty() ? json(nullptr) : json(wanted.comment);
  data["metadata"] = wanted.metadata;
  data["deferred"] = deferred;
  work.record("event_received", std::move(data));
}

expected<decision> defer(const order& current, const send_event& wanted, const context& around) {
  if (current.deferred.size() >= deferred_max)
    return refuse(errc::too_many_events,
                  fmt::format("expected at most {} events that wait for the order {}, but found one more", deferred_max,
                              current.order_id));
  draft work(current, around, wanted.by);
  record_received(work, wanted, true);
  decision result = std::move(work).finish();
  result.deferred = true;
  return result;
}

} // namespace

expected<decision> decide_event(const order& current, const send_event& wanted, const context& around) {
  if (!wanted.data.is_object())
    return refuse(errc::invalid_data, "expected an event's data", {{"/data", "an object", describe(wanted.data)}});
  if (is_final(current.status) || current.status == status::escalated || current.where.cancelling)
    return refuse(
        errc::event_not_possible,
        fmt::format("expected an order that takes events, but found {} {}; no event is possible", current.order_id,
                    current.where.cancelling ? std::string_view("being cancelled") : to_string(current.status)));
  if (current.where.at != position::phase::settled || current.status == status::paused)
    return defer(current, wanted, around);
  const std::string by = wanted.by.empty() ? "anonymous" : wanted.by;
  event_verdict verdict = judge_event(current, around, {{"name", wanted.name}, {"data", wanted.data}, {"by", by}});
  if (verdict.refusal) return tl::unexpected(std::move(*verdict.refusal));
  draft work(current, around, by);
  record_received(work, wanted, false);
  take_event(work, std::move(verdict), by);
  advance(work);
  return std::move(work).finish();
}

std::vector<std::string> possible_events(const order& value, const blueprint::definition& blueprint) {
  std::vector<std::string> result;
  const blueprint::state* state = blueprint.find_state(value.state);
  if (!state || is_final(value.status) || value.status == status::escalated) return result;
  for (std::size_t index : state->manual)
    if (const auto& name = blueprint.transitions[index].event;
        std::find(result.begin(), result.end(), name) == result.end())
      result.push_back(name);
  return result;
}

} // namespace troupe::engine
