#include "actors/gateway_context.hpp"
#include "actors/gateway_filter.hpp"

#include <fmt/format.h>

namespace troupe::actors {

namespace {

constexpr duration wait_max{300'000};
constexpr std::size_t instance_events_max = 200'000;

template <class Item, class Show> json page_view(const store::page<Item>& page, Show show) {
  json items = json::array();
  for (const auto& item : page.items)
    items.push_back(show(item));
  return {{"items", std::move(items)}, {"next", page.next.empty() ? json() : json(page.next)}};
}

json batch_view(const store::batch_record& batch) {
  json settled = json::object();
  for (const auto& [status, count] : batch.settled)
    settled[status] = count;
  return {{"batch_id", batch.batch_id},
          {"node", batch.node},
          {"lane", batch.lane},
          {"size", batch.size},
          {"status", batch.status},
          {"started_at", to_iso8601(batch.started_at)},
          {"ended_at", batch.ended_at ? json(to_iso8601(*batch.ended_at)) : json()},
          {"settled", std::move(settled)}};
}

/// Reads the history page by page, then shows the instance.
void collect_instance(const gateway_context& at, const exchange& what, const order_ptr& order,
                      const std::shared_ptr<std::vector<engine::event>>& events, const std::string& cursor) {
  at.ask(what, at.with.reader(), read_history{order->order_id, {cursor, 1000, true}},
         [at, what, order, events](const history_answer& read) {
           if (!read.value) return what.refuse(read.value.error());
           for (const auto& event : read.value->items)
             if (event.sequence <= order->sequence) events->push_back(event);
           if (read.value->next.empty()) return what.answer(200, engine::instance_view(*order, *events));
           if (events->size() < instance_events_max) return collect_instance(at, what, order, events, read.value->next);
           what.refuse(
               {errc::not_possible,
                fmt::format(
                    "expected at most {} events for the instance view, but found more: read the history page by page",
                    instance_events_max),
                {}});
         });
}

void answer_view(const gateway_context& at, const exchange& what, const order_ptr& order, bool as_instance) {
  if (as_instance)
    collect_instance(at, what, order, std::make_shared<std::vector<engine::event>>(), "");
  else
    what.answer(200, engine::order_view(*order, true));
}

} // namespace

void list_orders(const gateway_context& at, const exchange& what) {
  query_reader query(what.request());
  auto filter = read_filter(query);
  auto where = query.page(false);
  if (const auto fine = query.finish(); !fine) return what.refuse(fine.error());
  at.ask(what, at.with.reader(), read_orders{std::move(filter), std::move(where)}, [what](const orders_answer& found) {
    if (!found.value) return what.refuse(found.value.error());
    what.answer(200, page_view(*found.value, [](const auto& order) { return engine::order_view(order, false); }));
  });
}

void get_order(const gateway_context& at, const exchange& what) {
  query_reader query(what.request());
  const auto wait = query.length("wait", wait_max);
  const auto as_instance = query.word("view", {"instance"}).has_value();
  if (const auto fine = query.finish(); !fine) return what.refuse(fine.error());
  if (wait) {
    at.ask(what, at.with.supervisor(), await_settled{what.parameter(0), at.with.clock() + *wait},
           [at, what, as_instance](const settled_result& settled) {
             if (!settled.order) return what.refuse(settled.order.error());
             answer_view(at, what, *settled.order, as_instance);
           });
    return;
  }
  at.ask(what, at.with.reader(), read_order{what.parameter(0)}, [at, what, as_instance](const order_answer& found) {
    if (!found.value) return what.refuse(found.value.error());
    answer_view(at, what, std::make_shared<const engine::order>(found.value->value), as_instance);
  });
}

void get_history(const gateway_context& at, const exchange& what) {
  query_reader query(what.request());
  auto where = query.page(true);
  if (const auto fine = query.finish(); !fine) return what.refuse(fine.error());
  at.ask(what, at.with.reader(), read_history{what.parameter(0), std::move(where)},
         [what](const history_answer& found) {
           if (!found.value) return what.refuse(found.value.error());
           what.answer(200, page_view(*found.value, [](const auto& event) { return engine::to_json(event); }));
         });
}

void list_batches(const gateway_context& at, const exchange& what) {
  query_reader query(what.request());
  auto where = query.page(false);
  if (const auto fine = query.finish(); !fine) return what.refuse(fine.error());
  at.ask(what, at.with.reader(), read_batches{std::move(where)}, [what](const batches_answer& found) {
    if (!found.value) return what.refuse(found.value.error());
    what.answer(200, page_view(*found.value, batch_view));
  });
}

void get_batch(const gateway_context& at, const exchange& what) {
  query_reader query(what.request());
  if (const auto fine = query.finish(); !fine) return what.refuse(fine.error());
  at.ask(what, at.with.reader(), read_batch{what.parameter(0)}, [what](const batch_answer& found) {
    if (!found.value) return what.refuse(found.value.error());
    what.answer(200, batch_view(*found.value));
  });
}

} // namespace troupe::actors
