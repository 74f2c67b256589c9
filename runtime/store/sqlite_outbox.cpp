#include "runtime/store/sqlite_outbox.hpp"

namespace troupe::store {

sqlite_outbox::sqlite_outbox(sqlite_connection& connection)
    : erase_(connection, "DELETE FROM outbox WHERE id = ?1 RETURNING number, head"),
      advance_(connection, "UPDATE outbox SET head = 1 WHERE id = (SELECT min(id) FROM outbox WHERE number = ?1)"),
      retry_(connection, "UPDATE outbox SET attempts = attempts + 1, due = ?2 WHERE id = ?1"),
      bury_(connection, "INSERT INTO dead_letters (source, source_id, order_id, workflow, version, target, attempts, "
                        "cause, content, inline_blueprint, recorded_at) "
                        "SELECT 'outbox', b.id, o.order_id, b.workflow, b.version, b.target, b.attempts + 1, ?2, "
                        "b.notification, b.inline_blueprint, ?3 "
                        "FROM outbox b JOIN orders o ON o.number = b.number WHERE b.id = ?1") {}

void sqlite_outbox::perform(finish_outbox& wanted) {
  wanted.outcome = {};
  for (const auto id : wanted.ids)
    erase(id);
}

void sqlite_outbox::perform(retry_outbox& wanted) {
  wanted.outcome = {};
  if (!wanted.give_up) return retry_.run(wanted.id, wanted.due);
  bury_.run(wanted.id, wanted.cause, wanted.now);
  erase(wanted.id);
}

void sqlite_outbox::erase(std::int64_t id) {
  std::optional<std::int64_t> number;
  if (auto rows = erase_.query(id); rows.next() && rows.integer(1) != 0) number = rows.integer(0);
  if (number) advance_.run(*number);
}

} // namespace troupe::store
