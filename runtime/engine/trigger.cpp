#include "runtime/engine/trigger.hpp"

#include "runtime/engine/advance.hpp"
#include "runtime/engine/fields.hpp"
#include "runtime/engine/values.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace troupe::engine {

namespace {

std::set<std::string> written_on(const blueprint::state& state, const blueprint::transition& taken) {
  std::set<std::string> written = written_by(state.exit);
  written.merge(written_by(taken.actions));
  return written;
}

error not_possible_here(const order& subject, const context& around, const std::string& name,
                        const std::string& reason) {
  const auto possible = possible_events(subject, around.blueprint);
  const std::string named = possible.empty() ? "there is none" : fmt::format("{}", fmt::join(possible, ", "));
  return {errc::event_not_possible,
          fmt::format("expected an event that is possible in the state {} ({}), but found {}{}", subject.state, named,
                      name, reason),
          {}};
}

/// The transition that the event takes: by priority, then by order of writing, the first whose condition holds.
expected<const blueprint::transition*> chosen_transition(const order& subject, const context& around,
                                                         const blueprint::state& state, const json& event) {
  const std::string name = text_at(event, "name");
  std::string reason;
  visible_values values(subject, around);
  values.with("event", event);
  for (std::size_t index : state.manual) {
    const auto& candidate = around.blueprint.transitions[index];
    if (candidate.event != name) continue;
    if (!candidate.condition) return &candidate;
    auto holds = candidate.condition->holds(values.seen_by(*candidate.condition));
    if (holds && *holds) return &candidate;
    reason = holds ? ": no condition for it holds"
                   : ": its condition cannot be evaluated: " + recorded_text(holds.error().detail, around, "unknown");
  }
  return tl::unexpected(not_possible_here(subject, around, name, reason));
}

void append(std::vector<violation>& target, std::vector<violation> more) {
  for (auto& each : more)
    if (std::find(target.begin(), target.end(), each) == target.end()) target.push_back(std::move(each));
}

} // namespace

event_verdict judge_event(const order& subject, const context& around, const json& event) {
  event_verdict result;
  const blueprint::state* state = around.blueprint.find_state(subject.state);
  TROUPE_ASSERT(state != nullptr);
  auto chosen = chosen_transition(subject, around, *state, event);
  if (!chosen) {
    result.refusal = std::move(chosen.error());
    return result;
  }
  const blueprint::transition& taken = **chosen;
  const blueprint::state* target = around.blueprint.find_state(taken.to);
  TROUPE_ASSERT(target != nullptr);
  const json& data = member(event, "data");
  result.transition = &taken;
  result.entry = prepare_entry(subject, around, *target, data, &event);
  std::vector<violation> violations;
  if (taken.data) append(violations, taken.data->validate(data));
  append(violations, undeclared_violations(*target, data, taken.data ? &*taken.data : nullptr));
  append(violations, incurable(*result.entry, *target, written_on(*state, taken)));
  if (violations.empty()) return result;
  if (taken.fail_on_invalid) {
    result.violations = std::move(violations);
    result.code = result.entry->is_broken ? result.entry->code() : "validation_failed";
    return result;
  }
  result.transition = nullptr;
  result.refusal = error{errc::invalid_data,
                         "expected data that the event " + taken.event + " and the state " + target->id + " take",
                         below("/data", std::move(violations))};
  return result;
}

void take_event(draft& work, event_verdict verdict, const std::string& by) {
  if (!verdict.violations.empty()) {
    fail_state(work, work.failed(verdict.code, recorded_text("the data of the event " + verdict.transition->event +
                                                                 " is invalid: " + summary(verdict.violations),
                                                             work.around, "invalid data")));
    return;
  }
  way chosen;
  chosen.target = verdict.transition->to;
  chosen.transition = verdict.transition;
  chosen.trigger = "manual";
  chosen.by = by;
  chosen.ready = std::move(verdict.entry);
  take(work, std::move(chosen));
}

void take_unasked(draft& work, const blueprint::transition& candidate, const std::string& trigger,
                  const std::string& by) {
  const blueprint::state* target = work.blueprint().find_state(candidate.to);
  TROUPE_ASSERT(target != nullptr);
  prepared_entry entry = prepare_entry(work.after, work.around, *target, json::object());
  if (auto invalid = incurable(entry, *target, written_on(work.state(), candidate)); !invalid.empty()) {
    fail_state(work, entry_refused(work, *target, entry, invalid));
    return;
  }
  way chosen;
  chosen.target = candidate.to;
  chosen.transition = &candidate;
  chosen.trigger = trigger;
  chosen.by = by;
  chosen.ready = std::move(entry);
  take(work, std::move(chosen));
}

bool take_automatic(draft& work, const blueprint::state& state) {
  visible_values values(work.after, work.around);
  for (std::size_t index : state.automatic) {
    const auto& candidate = work.blueprint().transitions[index];
    if (candidate.condition) {
      auto holds = candidate.condition->holds(values.seen_by(*candidate.condition));
      if (!holds) {
        fail_state(work, work.failed("expression_failed",
                                     recorded_text("the condition of " + candidate.id + ": " + holds.error().detail,
                                                   work.around, "a condition that cannot be evaluated")));
        return true;
      }
      if (!*holds) continue;
    }
    take_unasked(work, candidate, "automatic", {});
    return true;
  }
  return false;
}

bool take_deferred(draft& work, const blueprint::state&) {
  while (!work.after.deferred.empty()) {
    const deferred_event& first = work.after.deferred.front();
    const std::string by = first.by;
    json event = {{"name", first.name}, {"data", *first.data}, {"by", by}};
    event_verdict verdict = judge_event(work.after, work.around, event);
    if (!verdict.refusal) {
      work.record_by(by, "event_taken", {{"event", first.name}});
      take_event(work, std::move(verdict), by);
      return true;
    }
    json errors = json::array();
    for (const auto& each : verdict.refusal->violations)
      errors.push_back({{"pointer", each.pointer}, {"expected", each.expected}, {"found", each.found}});
    json refused = json::object();
    refused["event"] = first.name;
    refused["code"] = to_string(verdict.refusal->code);
    refused["message"] = recorded_text(verdict.refusal->detail, work.around, "not possible");
    refused["errors"] = std::move(errors);
    work.record("event_refused", std::move(refused));
  }
  return false;
}

} // namespace troupe::engine
