#include "runtime/store/sqlite_orders.hpp"

#include "runtime/store/folded_text.hpp"

#include <fmt/format.h>

namespace troupe::store {

namespace {

std::optional<std::string_view> error_code(const engine::order& order) {
  if (!order.error || order.error->code.empty()) return std::nullopt;
  return order.error->code;
}

/// An order that can go on always stands somewhere, whatever the sender said: nothing waits for ever because a place
/// was forgotten.
order_place placed(queue place, std::optional<time_point> due, const engine::order& after) {
  order_place result;
  if (place != queue::none) {
    result.place = place;
  } else if (engine::is_settled(after) || due) {
    result.due = due;
  } else {
    const auto rest = rest_of(after);
    result.place = rest.place;
    result.due = rest.due;
  }
  return result;
}

/// Where an order stands after an append (records.hpp, `append::live`).
order_place place_after(const append& wanted, const order_place& before) {
  const auto settled = engine::is_settled(*wanted.after);
  order_place result;
  if (before.is_claimed() && !settled && (!wanted.live || wanted.place == queue::none)) {
    result = before;
  } else if (!before.is_claimed() && !settled && before.place != queue::none &&
             (wanted.place == queue::none || before.place == queue::alone)) {
    result = before; // it stands in a queue already, and what is to be run alone goes on to be
  } else {
    result = placed(wanted.place, wanted.due, *wanted.after);
  }
  result.recoveries = wanted.progress ? 0 : before.recoveries;
  return result;
}

} // namespace

sqlite_places::sqlite_places(sqlite_connection& connection, sqlite_state& state)
    : state_(state), insert_(connection, "INSERT INTO places (number, shard, place, priority, recoveries, batch, due) "
                                         "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
      update_(connection, "UPDATE places SET place = ?2, recoveries = ?3, batch = ?4, due = ?5 WHERE number = ?1"),
      erase_(connection, "DELETE FROM places WHERE number = ?1") {}

void sqlite_places::insert(std::int64_t number, std::string_view order_id, std::int64_t priority,
                           const order_place& place) {
  change(number, order_id, priority, std::nullopt, place);
}

void sqlite_places::change(std::int64_t number, std::string_view order_id, std::int64_t priority,
                           const std::optional<order_place>& before, const order_place& after) {
  if (before.value_or(order_place{}) == after) return;
  const auto place = static_cast<int>(after.place);
  if (after == order_place{})
    erase_.run(number);
  else if (before)
    update_.run(number, place, after.recoveries, after.batch, after.due);
  else
    insert_.run(number, shard_of(order_id), place, priority, after.recoveries, after.batch, after.due);
  state_.count_pending(int{after.is_pending()} - int{before && before->is_pending()});
}

sqlite_requests::sqlite_requests(sqlite_connection& connection)
    : find_(connection, "SELECT 1 FROM requests WHERE caller = ?1 AND route = ?2 AND key = ?3"),
      insert_(connection, "INSERT INTO requests (caller, route, key, body_hash, status, answer, location, at) VALUES "
                          "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"),
      // The oldest rows come first, so only those are looked at, whatever their clock said.
      forget_(
          connection,
          "DELETE FROM requests WHERE number IN (SELECT number FROM requests ORDER BY number LIMIT ?2) AND at < ?1") {}

expected<void> sqlite_requests::check(const std::optional<request_record>& request) {
  if (!request || !find_.query(request->caller, request->route, request->key).next()) return {};
  return refuse(errc::idempotency_conflict,
                fmt::format("expected a new Idempotency-Key, but found that {} was used before", request->key));
}

void sqlite_requests::insert(const std::optional<request_record>& request) {
  if (!request) return;
  insert_.run(request->caller, request->route, request->key, request->body_hash, request->status, request->answer,
              request->location, request->at);
}

void sqlite_requests::perform(forget_requests& wanted) {
  forget_.run(wanted.before, wanted.limit);
  wanted.outcome = {};
}

sqlite_orders::sqlite_orders(sqlite_connection& connection, sqlite_state& state, sqlite_places& places,
                             sqlite_requests& requests)
    : state_(state), places_(places), requests_(requests),
      find_(
          connection,
          "SELECT o.number, o.sequence, o.status, o.error, p.number IS NOT NULL, p.place, p.batch, p.due, p.recoveries "
          "FROM orders o LEFT JOIN places p ON p.number = o.number WHERE o.order_id = ?1"),
      insert_(connection, "INSERT INTO orders VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"),
      update_(
          connection,
          "UPDATE orders SET sequence = ?2, version = ?3, state = ?4, updated_at = ?5, folded = ?6 WHERE number = ?1"),
      update_indexed_(connection, "UPDATE orders SET sequence = ?2, version = ?3, state = ?4, updated_at = ?5, folded "
                                  "= ?6, status = ?7, error = ?8 WHERE number = ?1"),
      insert_label_(connection, "INSERT OR IGNORE INTO order_labels VALUES (?1, ?2, ?3)"),
      insert_events_(connection, "INSERT INTO events (number, sequence, history) VALUES (?1, ?2, ?3)"),
      insert_outbox_(connection, "INSERT INTO outbox VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"),
      find_outbox_(connection, "SELECT 1 FROM outbox WHERE number = ?1 LIMIT 1"),
      find_folded_(connection, "SELECT folded FROM orders WHERE number = ?1") {}

void sqlite_orders::perform(append& wanted) {
  TROUPE_ASSERT(wanted.after && !wanted.events.empty());
  TROUPE_ASSERT(wanted.events.front().sequence == wanted.expected_sequence + 1 &&
                wanted.events.back().sequence == wanted.after->sequence);
  wanted.existing_hash.clear();
  wanted.outcome = wanted.expected_sequence == 0 ? create(wanted) : extend(wanted);
}

expected<void> sqlite_orders::create(append& wanted) {
  const auto& after = *wanted.after;
  if (auto fresh = requests_.check(wanted.request); !fresh) return fresh;
  if (const auto found = find(after.order_id)) {
    wanted.existing_hash = hash_of(found->number);
    return refuse(errc::duplicate_order, fmt::format("expected a new order, but found that {} exists", after.order_id));
  }
  const auto number = state_.next_order();
  const auto group = after.group.empty() ? std::nullopt : std::optional<std::string_view>(after.group);
  insert_.run(number, after.order_id, after.sequence, after.version, engine::to_string(after.status), after.workflow,
              after.state, group, error_code(after), after.created_at, after.updated_at, wanted.folded);
  places_.insert(number, after.order_id, after.priority, placed(wanted.place, wanted.due, after));
  insert_labels(number, *after.labels);
  insert_history(number, wanted);
  requests_.insert(wanted.request);
  state_.count(after.workflow, after.status, 1);
  state_.count_created(after.created_at);
  return {};
}

expected<void> sqlite_orders::extend(append& wanted) {
  const auto& after = *wanted.after;
  if (auto ours = state_.check(wanted.under, after.order_id); !ours) return ours;
  if (auto fresh = requests_.check(wanted.request); !fresh) return fresh;
  const auto found = find(after.order_id);
  if (!found)
    return refuse(errc::unknown_order, fmt::format("expected an order, but found none named {}", after.order_id));
  if (found->sequence != wanted.expected_sequence)
    return refuse(errc::conflict, fmt::format("order {}: expected {} as its last event, but found {}", after.order_id,
                                              wanted.expected_sequence, found->sequence));
  const auto error = error_code(after);
  if (found->status == after.status && found->error == error.value_or("")) {
    update_.run(found->number, after.sequence, after.version, after.state, after.updated_at, wanted.folded);
  } else {
    update_indexed_.run(found->number, after.sequence, after.version, after.state, after.updated_at, wanted.folded,
                        engine::to_string(after.status), error);
    state_.count(after.workflow, found->status, -1);
    state_.count(after.workflow, after.status, 1);
  }
  places_.change(found->number, after.order_id, after.priority, found->place,
                 place_after(wanted, found->place.value_or(order_place{})));
  insert_history(found->number, wanted);
  requests_.insert(wanted.request);
  return {};
}

std::optional<sqlite_orders::found_order> sqlite_orders::find(const std::string& order_id) {
  auto rows = find_.query(order_id);
  if (!rows.next()) return std::nullopt;
  found_order found;
  found.number = rows.integer(0);
  found.sequence = static_cast<std::uint64_t>(rows.integer(1));
  found.status = engine::parse_status(rows.view(2)).value_or(engine::status::pending);
  found.error = rows.view(3);
  if (rows.integer(4) == 0) return found;
  auto& place = found.place.emplace();
  place.place = static_cast<queue>(rows.integer(5));
  if (!rows.is_null(6)) place.batch = rows.integer(6);
  place.due = rows.optional_instant(7);
  place.recoveries = rows.small(8);
  return found;
}

void sqlite_orders::insert_labels(std::int64_t number, const json& labels) {
  if (!labels.is_object()) return;
  for (const auto& [name, value] : labels.items())
    if (const auto* text = value.get_ptr<const std::string*>()) insert_label_.run(name, *text, number);
}

void sqlite_orders::insert_history(std::int64_t number, const append& wanted) {
  insert_events_.run(number, wanted.events.front().sequence, wanted.history);
  if (wanted.outbox.empty()) return;
  auto is_head = !find_outbox_.query(number).next();
  for (const auto& row : wanted.outbox) {
    insert_outbox_.run(state_.next_outbox(), number, row.workflow, row.version, row.target, row.attempts, row.due,
                       int{is_head}, row.notification, row.inline_blueprint);
    is_head = false;
  }
}

/// Only to answer a submission whose id is taken: not worth a column in every row.
std::string sqlite_orders::hash_of(std::int64_t number) {
  auto rows = find_folded_.query(number);
  if (!rows.next()) return {};
  const auto order = read_folded(rows.view(0));
  return order ? order->request_hash : std::string();
}

} // namespace troupe::store
