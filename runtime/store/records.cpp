#include "runtime/store/records.hpp"

#include "runtime/store/folded_text.hpp"

#include <fmt/format.h>
#include <iterator>

namespace troupe::store {

namespace {

const char* target_of(const json& notification) {
  const auto type = notification.value("type", std::string());
  if (type == "order.escalated") return "escalate";
  if (type == "order.notified") return "notify";
  return "callback";
}

std::vector<outbox_record> outbox_rows(const engine::order& order, const std::vector<json>& notifications,
                                       time_point now) {
  std::vector<outbox_record> rows;
  rows.reserve(notifications.size());
  for (const auto& notification : notifications) {
    auto& row = rows.emplace_back();
    row.order_id = order.order_id;
    row.workflow = order.workflow;
    row.version = order.version;
    row.target = target_of(notification);
    row.notification = to_text(notification);
    if (!order.blueprint->is_null()) row.inline_blueprint = to_text(*order.blueprint);
    row.due = now;
  }
  return rows;
}

tl::unexpected<error> unreadable(std::string_view what, std::string_view text) {
  return refuse(errc::internal,
                fmt::format("expected {}, but found {}{}", what, text.substr(0, 100), text.size() > 100 ? "..." : ""));
}

} // namespace

append make_append(lease under, std::uint64_t expected_sequence, engine::decision decided,
                   const std::vector<json>& notifications, bool live) {
  append made;
  made.under = under;
  made.expected_sequence = expected_sequence;
  made.events = std::move(decided.events);
  made.after = std::make_shared<const engine::order>(std::move(decided.after));
  made.folded = engine::folded_text(*made.after);
  made.history = write_history(made.events);
  made.live = live;
  if (!live || engine::is_settled(*made.after)) {
    const auto rest = rest_of(*made.after);
    made.place = rest.place;
    made.due = rest.due;
  }
  if (!made.events.empty()) made.outbox = outbox_rows(*made.after, notifications, made.events.back().time);
  return made;
}

expected<stored_order> read_claimed(const claimed_order& from) {
  auto value = read_folded(from.folded);
  if (!value) return tl::unexpected(value.error());
  return stored_order{std::move(*value), from.recoveries, queue::none, from.batch_id};
}

resting_place rest_of(const engine::order& value) {
  if (value.status == engine::status::pending) {
    if (value.not_before && *value.not_before > value.updated_at) return {queue::none, value.not_before};
    return {value.quarantined ? queue::alone : queue::pending, std::nullopt};
  }
  if (value.status == engine::status::waiting) return {queue::none, engine::earliest_due(value)};
  if (engine::is_settled(value)) return {};
  return {value.quarantined ? queue::alone : queue::runnable, std::nullopt};
}

expected<engine::order> read_folded(std::string_view folded) {
  try {
    auto value = json::parse(folded, nullptr, false);
    if (value.is_object()) return engine::order_from_json(std::move(value));
  } catch (const json::exception&) { // a member of another type than it was written with
  }
  return unreadable("the folded state of an order", folded);
}

std::string write_history(std::span<const engine::event> events) {
  std::string text = "[";
  for (const auto& event : events) {
    if (text.size() > 1) text += ',';
    text += '[';
    text += std::to_string(event.time.time_since_epoch().count());
    text += ",\"";
    text += event.type;
    text += "\",";
    append_quoted(text, event.by);
    text += ',';
    append_text(text, event.data);
    text += ']';
  }
  text += ']';
  return text;
}

expected<void> read_history(std::string_view history, std::uint64_t first_sequence,
                            std::vector<engine::event>& events) {
  try {
    auto all = json::parse(history, nullptr, false);
    if (!all.is_array()) return unreadable("the events of an order", history);
    for (auto& fields : all) {
      auto& event = events.emplace_back();
      event.sequence = first_sequence++;
      event.time = time_point{duration{fields.at(0).get<std::int64_t>()}};
      event.type = fields.at(1).get<std::string>();
      event.by = fields.at(2).get<std::string>();
      event.data = std::move(fields.at(3));
    }
    return {};
  } catch (const json::exception&) {
    return unreadable("the events of an order", history);
  }
}

} // namespace troupe::store
