#include "actors/gateway_context.hpp"
#include "actors/gateway_filter.hpp"
#include "actors/operations.hpp"
#include "actors/reprocessing.hpp"
#include "actors/submission.hpp"

#include "runtime/base/ids.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace troupe::actors {

namespace {

constexpr std::size_t listed_max = 10'000;

void check_listed(body_reader& fields, const json& order_ids) {
  if (order_ids.empty() || order_ids.size() > listed_max)
    fields.fault("order_ids", fmt::format("from 1 to {} order ids", listed_max),
                 fmt::format("{} of them", order_ids.size()));
  for (std::size_t i = 0; i < order_ids.size(); ++i)
    if (!order_ids[i].is_string() || !is_order_id(order_ids[i].get_ref<const std::string&>()))
      return fields.fault("order_ids", "order ids", describe(order_ids[i]));
}

/// The body of `POST /v1/orders/reprocess` as the work of an operation.
expected<store::operation_record> read_reprocessing(const exchange& what, const json& body, time_point now) {
  body_reader fields(body);
  store::operation_record record;
  record.work = json::object();
  const auto* filter = fields.object("filter");
  const auto* order_ids = fields.array("order_ids");
  if ((filter == nullptr) == (order_ids == nullptr))
    fields.fault("filter", "either `filter` or `order_ids`", filter == nullptr ? "neither" : "both");
  if (order_ids != nullptr) check_listed(fields, *order_ids);
  record.work["from"] = fields.text("from", 128).value_or("start");
  if (const auto* version = fields.any("version")) {
    if (!is_version_choice(*version)) fields.fault("version", version_choices, describe(*version));
    record.work["version"] = *version;
  }
  if (const auto* patch = fields.array("data_patch")) record.work["data_patch"] = *patch;
  if (const auto rate = fields.positive("rate")) record.work["rate"] = *rate;
  record.dry_run = fields.truth("dry_run").value_or(false);
  if (auto fine = fields.finish(); !fine) return tl::unexpected<error>(fine.error());
  if (filter != nullptr) {
    if (auto fine = check_filter(*filter); !fine) return tl::unexpected<error>(fine.error());
    record.work["filter"] = *filter;
    // Orders that are submitted while the operation runs are not its business.
    if (!filter->contains("created_before")) record.work["filter"]["created_before"] = to_iso8601(now + duration{1});
  } else {
    record.work["order_ids"] = *order_ids;
    record.total = static_cast<std::int64_t>(order_ids->size());
  }
  record.operation_id = new_uuid_v7();
  record.kind = "reprocess";
  record.status = "running";
  record.created_at = now;
  record.by = what.caller();
  return record;
}

void control(const gateway_context& at, const exchange& what, const char* verb) {
  query_reader query(what.request());
  if (const auto fine = query.finish(); !fine) return what.refuse(fine.error());
  at.ask(what, at.with.operations(), control_operation{what.parameter(0), verb}, [what](const operation_answer& done) {
    if (done.value)
      what.answer(200, operation_view(*done.value));
    else
      what.refuse(done.value.error());
  });
}

} // namespace

void reprocess_many(const gateway_context& at, const exchange& what) {
  query_reader query(what.request());
  if (const auto fine = query.finish(); !fine) return what.refuse(fine.error());
  const auto body = what.body();
  if (!body) return what.refuse(body.error());
  const auto record = read_reprocessing(what, *body, at.with.clock());
  if (!record) return what.refuse(record.error());
  at.once(what, request_hash_of(*body), [at, what, record](std::optional<store::request_record> once) {
    const auto location = "/v1/operations/" + record->operation_id;
    if (once) {
      once->status = 202;
      once->answer = to_text(operation_view(*record));
      once->location = location;
    }
    at.ask(what, at.with.operations(), start_operation{*record, once},
           [at, what, once, location](const operation_answer& done) {
             if (done.value)
               what.answer(202, operation_view(*done.value), {{"Location", location}});
             else if (done.value.error().code == errc::idempotency_conflict && once)
               at.repeat(what, *once);
             else
               what.refuse(done.value.error());
           });
  });
}

void get_operation(const gateway_context& at, const exchange& what) {
  query_reader query(what.request());
  if (const auto fine = query.finish(); !fine) return what.refuse(fine.error());
  at.ask(what, at.with.reader(), read_operation{what.parameter(0)}, [what](const operation_answer& found) {
    if (found.value)
      what.answer(200, operation_view(*found.value));
    else
      what.refuse(found.value.error());
  });
}

void get_operation_results(const gateway_context& at, const exchange& what) {
  query_reader query(what.request());
  auto where = query.page(true);
  if (const auto fine = query.finish(); !fine) return what.refuse(fine.error());
  at.ask(what, at.with.reader(), read_operation_results{what.parameter(0), std::move(where)},
         [what](const operation_results_answer& found) {
           if (!found.value) return what.refuse(found.value.error());
           json items = json::array();
           for (const auto& one : found.value->items)
             items.push_back({{"order_id", one.order_id}, {"result", one.result}, {"problem", one.problem}});
           what.answer(200, {{"items", std::move(items)},
                             {"next", found.value->next.empty() ? json() : json(found.value->next)}});
         });
}

void pause_operation(const gateway_context& at, const exchange& what) {
  control(at, what, "pause");
}
void resume_operation(const gateway_context& at, const exchange& what) {
  control(at, what, "resume");
}
void cancel_operation(const gateway_context& at, const exchange& what) {
  control(at, what, "cancel");
}

} // namespace troupe::actors
