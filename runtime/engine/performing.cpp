#include "runtime/engine/performing.hpp"

#include "runtime/engine/fields.hpp"
#include "runtime/engine/values.hpp"

#include <utility>

namespace troupe::engine {

namespace {

json action_event(const draft& work, const blueprint::action& action) {
  json data = json::object();
  data["action"] = action.id;
  data["kind"] = to_string(work.after.where.kind);
  if (work.after.where.kind == action_kind::compensation) data["visit"] = visit_at_hand(work.after);
  return data;
}

void complete(draft& work, const blueprint::action& action, gathered results, time_point started_at,
              json more = json::object()) {
  json data = action_event(work, action);
  data["attempt"] = work.after.where.attempt + 1;
  data["saved"] = std::move(results.saved);
  data["started_at"] = to_iso8601(started_at);
  if (!results.state_fields.empty()) data["state_fields"] = std::move(results.state_fields);
  if (action.compensate) data["undoable"] = true;
  for (auto& [name, value] : more.items())
    data[name] = std::move(value);
  const bool is_undone = work.after.where.kind == action_kind::compensation;
  work.record(is_undone ? "compensated" : "action_completed", std::move(data));
}

failed_try inside_failure(const draft& work, const error& reason, std::string_view what) {
  return {"expression_failed",
          recorded_text(reason.detail, work.around, what),
          work.around.now,
          std::nullopt,
          false,
          false};
}

void perform_set(draft& work, const blueprint::action& action, const blueprint::set_body& body) {
  gathered results = gather(work, body.fields, null_value(), {});
  if (!results.failure) {
    complete(work, action, std::move(results), work.around.now);
    return;
  }
  results.failure->started_at = work.around.now;
  results.failure->repeatable = false;
  fail_try(work, action, *results.failure);
}

void perform_log(draft& work, const blueprint::action& action, const blueprint::log_body& body) {
  visible_values values(work.after, work.around);
  auto message = body.message.render_text(values.seen_by(body.message));
  if (!message) {
    fail_try(work, action, inside_failure(work, message.error(), "a message that cannot be written"));
    return;
  }
  json line = json::object();
  line["level"] = body.level;
  line["message"] = recorded_text(std::move(*message), work.around, "");
  complete(work, action, {}, work.around.now, {{"log", std::move(line)}});
}

void perform_notify(draft& work, const blueprint::action& action, const blueprint::notify_body& body) {
  visible_values values(work.after, work.around);
  auto message = body.message.render_text(values.seen_by(body.message));
  if (!message) {
    fail_try(work, action, inside_failure(work, message.error(), "a message that cannot be written"));
    return;
  }
  json content = json::object();
  content["message"] = recorded_text(std::move(*message), work.around, "");
  content["data"] = nullptr;
  if (body.data) {
    auto data = body.data->render(values.seen_by(*body.data));
    if (!data) {
      fail_try(work, action, inside_failure(work, data.error(), "data that cannot be written"));
      return;
    }
    hide_secrets(*data, work.around);
    content["data"] = std::move(*data);
  }
  complete(work, action, {}, work.around.now, {{"notify", std::move(content)}});
}

/// Nullopt: it is to be performed.
bool is_passed_over(draft& work, const blueprint::action& action) {
  if (!action.condition) return false;
  visible_values values(work.after, work.around);
  auto holds = action.condition->holds(values.seen_by(*action.condition));
  if (!holds) {
    fail_try(work, action, inside_failure(work, holds.error(), "a condition that cannot be evaluated"));
    return true;
  }
  if (*holds) return false;
  work.record("action_skipped", action_event(work, action));
  return true;
}

} // namespace

bool arrive(draft& work, const blueprint::action& action) {
  if (is_passed_over(work, action)) return true;
  if (const auto* body = std::get_if<blueprint::set_body>(&action.body))
    perform_set(work, action, *body);
  else if (const auto* line = std::get_if<blueprint::log_body>(&action.body))
    perform_log(work, action, *line);
  else if (const auto* message = std::get_if<blueprint::notify_body>(&action.body))
    perform_notify(work, action, *message);
  else
    return false;
  return true;
}

void settle_try(draft& work, const blueprint::action& action, const complete_action& outcome) {
  if (!outcome.error.empty()) {
    fail_try(work, action,
             {outcome.error, recorded_text(outcome.message, work.around, outcome.error), outcome.started_at,
              std::nullopt, outcome.sent, true});
    return;
  }
  gathered results = judge_response(work, action, outcome);
  if (results.failure) {
    results.failure->started_at = outcome.started_at;
    fail_try(work, action, *results.failure);
    return;
  }
  complete(work, action, std::move(results), outcome.started_at, {{"status", member(*outcome.response, "status")}});
}

} // namespace troupe::engine
