#include "runtime/base/ids.hpp"
#include "runtime/engine/engine.hpp"
#include "runtime/engine/fields.hpp"
#include "runtime/engine/sending.hpp"
#include "runtime/engine/values.hpp"

#include <utility>

namespace troupe::engine {

namespace {

/// Which of the blueprint's handlers is told, or null.
const blueprint::webhook_body* handler_of(std::string_view type, const blueprint::definition& blueprint) {
  if (type == "order.notified" && blueprint.notify_to) return &*blueprint.notify_to;
  if (type == "order.escalated" && blueprint.escalate_to) return &*blueprint.escalate_to;
  return blueprint.callback ? &*blueprint.callback : nullptr;
}

/// Reads the events in order and keeps of the order what the notifications say, so that nothing has to be folded again.
class teller {
public:
  teller(const order& before, const context& around)
      : around_(around), order_id_(before.order_id), workflow_(before.workflow), version_(before.version),
        state_(before.state), status_(before.status), error_(before.error ? to_json(*before.error) : json()) {}

  void read(const event& happened) {
    const json& data = happened.data;
    if (happened.type == "order_submitted") {
      order_id_ = text_at(data, "order_id");
      workflow_ = text_at(data, "workflow");
      version_ = static_cast<int>(number_at(data, "version"));
    } else if (happened.type == "reprocessed") {
      on_reprocessed(data);
    } else if (happened.type == "state_failed" ||
               (happened.type == "rollback_begun" && member(data, "error").is_object())) {
      error_ = member(data, "error");
    } else if (happened.type == "state_entered") {
      on_entered(happened);
    } else if (happened.type == "policy_applied") {
      if (text_at(data, "policy") == "notify")
        tell("order.notified", happened, member(data, "error"), text_of(member(data, "error")));
    } else if (happened.type == "action_completed" || happened.type == "compensated") {
      on_completed(happened);
    } else if (happened.type == "escalated") {
      error_ = member(data, "error");
      status_ = status::escalated;
      tell("order.escalated", happened, error_, text_of(error_));
    } else if (happened.type == "order_ended") {
      status_ = parse_status(text_at(data, "status")).value_or(status::failed);
      tell("order.ended", happened, error_, text_of(error_));
    }
  }

  std::vector<json> told() && { return std::move(told_); }

private:
  static std::string text_of(const json& error) { return text_at(error, "message"); }

  void on_reprocessed(const json& data) {
    const std::string from = text_at(data, "from");
    error_ = nullptr;
    status_ = status::active;
    version_ = static_cast<int>(number_at(data, "version", version_));
    if (from == "start") state_.clear();
    if (from == "failure") state_ = text_at(data, "state");
  }

  void on_entered(const event& happened) {
    from_ = std::exchange(state_, text_at(happened.data, "state"));
    status_ = status::active;
    json notification = made("order.state_changed", happened, error_, text_of(error_));
    notification["data"]["from"] = or_null(from_);
    notification["data"]["to"] = state_;
    notification["data"]["transition"] = member(happened.data, "transition");
    keep(std::move(notification));
  }

  void on_completed(const event& happened) {
    const json& content = member(happened.data, "notify");
    if (!content.is_object()) return;
    json notification = made("order.notified", happened, error_, text_at(content, "message"));
    notification["data"]["data"] = member(content, "data");
    keep(std::move(notification));
  }

  void tell(const char* type, const event& happened, const json& error, const std::string& message) {
    keep(made(type, happened, error, message));
  }

  json made(const char* type, const event& happened, const json& error, const std::string& message) const {
    json data = json::object();
    data["order_id"] = order_id_;
    data["workflow"] = workflow_;
    data["version"] = version_;
    data["from"] = or_null(state_);
    data["to"] = nullptr;
    data["transition"] = nullptr;
    data["status"] = to_string(status_);
    data["sequence"] = happened.sequence;
    data["by"] = happened.by;
    data["error"] = error;
    data["message"] = or_null(message);
    json result = json::object();
    result["id"] = uuid_from(order_id_ + "/" + std::to_string(happened.sequence));
    result["type"] = type;
    result["timestamp"] = to_iso8601(happened.time);
    result["data"] = std::move(data);
    return result;
  }

  void keep(json notification) {
    if (handler_of(text_at(notification, "type"), around_.blueprint)) told_.push_back(std::move(notification));
  }

  const context& around_;
  std::string order_id_, workflow_;
  int version_;
  std::string state_, from_;
  status status_;
  json error_;
  std::vector<json> told_;
};

} // namespace

std::vector<json> notifications(const order& before, const std::vector<event>& events, const context& around) {
  const auto& blueprint = around.blueprint;
  if (!blueprint.callback && !blueprint.notify_to && !blueprint.escalate_to) return {};
  teller result(before, around);
  for (const auto& each : events)
    result.read(each);
  return std::move(result).told();
}

expected<rendered_call> render_notification(const json& notification, const blueprint::definition& blueprint,
                                            const environment& surroundings, std::optional<time_point> now) {
  const std::string type = text_at(notification, "type");
  const blueprint::webhook_body* handler = handler_of(type, blueprint);
  if (!handler)
    return refuse(errc::invalid_data,
                  "expected a blueprint with a handler for " + type + ", but found none in " + blueprint.id);
  const time_point happened = time_at(notification, "timestamp").value_or(time_point{});
  const order nobody; // a handler is told of many orders: its templates see none of them
  const context around{blueprint, surroundings, happened};
  visible_values values(nobody, around);
  values.with("secret", surroundings.secrets);
  auto call = render_webhook(*handler, values);
  if (!call) return call;
  call->body = to_text(notification);
  set_field(call->fields, "Content-Type", "application/json");
  const auto stamp = std::chrono::floor<std::chrono::seconds>(now.value_or(happened)).time_since_epoch().count();
  set_field(call->fields, "webhook-id", text_at(notification, "id"));
  set_field(call->fields, "webhook-timestamp", std::to_string(stamp));
  call->timeout = blueprint.callback_timeout;
  return call;
}

std::vector<log_line> log_lines(const std::vector<event>& events) {
  std::vector<log_line> result;
  for (const auto& each : events) {
    if (each.type == "action_completed" || each.type == "compensated") {
      const json& line = member(each.data, "log");
      if (line.is_object()) result.push_back({text_at(line, "level"), text_at(line, "message")});
    } else if (each.type == "policy_applied" && text_at(each.data, "policy") == "log") {
      const json& error = member(each.data, "error");
      result.push_back({"error", "the action " + text_at(each.data, "action") + " failed: " + text_at(error, "code") +
                                     ": " + text_at(error, "message")});
    }
  }
  return result;
}

} // namespace troupe::engine
