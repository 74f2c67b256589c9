#include "actors/gateway_context.hpp"
#include "actors/reprocessing.hpp"
#include "actors/submission.hpp"

#include "runtime/base/ids.hpp"

#include <fmt/format.h>

namespace troupe::actors {

namespace {

constexpr duration wait_max{300'000};

std::string location_of(const std::string& order_id) {
  return "/v1/orders/" + order_id;
}

/// Answers with the order, at once or when it has settled.
void answer_order(const gateway_context& at, const exchange& what, int status, const order_ptr& order,
                  std::optional<duration> wait) {
  std::vector<std::pair<std::string, std::string>> fields{{"Location", location_of(order->order_id)}};
  if (!wait) {
    what.answer(status, engine::order_view(*order, true), std::move(fields));
    return;
  }
  at.ask(what, at.with.supervisor(), await_settled{order->order_id, at.with.clock() + *wait},
         [what, status, fields](const settled_result& settled) {
           if (settled.order)
             what.answer(status, engine::order_view(**settled.order, true), fields);
           else
             what.refuse(settled.order.error());
         });
}

/// A submission on its way: what is needed once the store has answered.
struct submitting {
  exchange what;
  json body;
  std::optional<duration> wait;
};

/// The id may be that of an order which the same request has made before: then that one is the answer.
void answer_existing(const gateway_context& at, const submitting& from, const std::string& order_id,
                     const error& otherwise, int status) {
  at.ask(from.what, at.with.reader(), read_order{order_id}, [at, from, otherwise, status](const order_answer& found) {
    const auto same = same_order(found.value, request_hash_of(from.body), otherwise);
    if (same)
      answer_order(at, from.what, status, *same, from.wait);
    else
      from.what.refuse(same.error());
  });
}

void refuse_submission(const gateway_context& at, const submitting& from, const error& reason) {
  if (const auto order_id = named_order(from.body))
    answer_existing(at, from, *order_id, reason, 200);
  else
    from.what.refuse(reason);
}

void store_submission(const gateway_context& at, const submitting& from, const prepared_submission& ready) {
  at.ask(from.what, at.with.store(), store_write{ready.write}, [at, from, ready](const store_write&) {
    const auto& done = std::get<store::append>(*ready.write);
    switch (verdict_of(done, ready.request_hash)) {
    case submission_verdict::accepted:
      announce(at.self, at.with, done);
      answer_order(at, from.what, 201, ready.order, from.wait);
      return;
    case submission_verdict::look:
      answer_existing(at, from, ready.order->order_id, done.outcome.error(),
                      done.outcome.error().code == errc::duplicate_order ? 200 : 201);
      return;
    case submission_verdict::refused:
      if (done.outcome.error().code == errc::idempotency_conflict)
        at.repeat(from.what, *done.request);
      else
        from.what.refuse(done.outcome.error());
      return;
    }
  });
}

/// Sends a command to an order and answers with the order after it.
void execute(const gateway_context& at, const exchange& what, engine::command wanted,
             const std::optional<store::request_record>& record) {
  at.ask(what, at.with.supervisor(), execute_command{what.parameter(0), std::move(wanted), record},
         [at, what, record](const command_result& done) {
           if (!done.order) {
             if (done.order.error().code == errc::idempotency_conflict && record)
               at.repeat(what, *record);
             else
               what.refuse(done.order.error());
             return;
           }
           auto view = engine::order_view(**done.order, true);
           if (done.deferred) view["deferred"] = true;
           what.answer(200, view);
         });
}

/// The fields of a body are read, its hash guards the `Idempotency-Key`, then the command goes.
void command(const gateway_context& at, const exchange& what,
             expected<engine::command> (*read)(const exchange&, const json&)) {
  query_reader query(what.request());
  if (const auto fine = query.finish(); !fine) return what.refuse(fine.error());
  const auto body = what.body(true);
  if (!body) return what.refuse(body.error());
  auto wanted = read(what, *body);
  if (!wanted) return what.refuse(wanted.error());
  at.once(what, request_hash_of(*body), [at, what, wanted](const std::optional<store::request_record>& record) {
    execute(at, what, *wanted, record);
  });
}

expected<engine::command> read_cancel(const exchange& what, const json& body) {
  body_reader fields(body);
  engine::cancel_order wanted{fields.truth("rollback").value_or(false), what.caller()};
  if (auto fine = fields.finish(); !fine) return tl::unexpected<error>(fine.error());
  return wanted;
}

expected<engine::command> read_pause(const exchange& what, const json& body) {
  if (auto fine = body_reader(body).finish(); !fine) return tl::unexpected<error>(fine.error());
  return engine::pause_order{what.caller()};
}

expected<engine::command> read_resume(const exchange& what, const json& body) {
  if (auto fine = body_reader(body).finish(); !fine) return tl::unexpected<error>(fine.error());
  return engine::resume_order{what.caller()};
}

expected<engine::command> read_resolve(const exchange& what, const json& body) {
  body_reader fields(body);
  engine::resolve_order wanted;
  if (auto decision = fields.text("decision", 16))
    wanted.decision = std::move(*decision);
  else
    fields.fault("decision", "retry, proceed, goto, rollback or abort", "nothing");
  if (auto comment = fields.text("comment"); comment && !comment->empty())
    wanted.comment = std::move(*comment);
  else
    fields.fault("comment", "a word on why, for the history", "nothing");
  wanted.state = fields.text("state", 128).value_or("");
  wanted.by = what.caller();
  if (auto fine = fields.finish(); !fine) return tl::unexpected<error>(fine.error());
  return wanted;
}

expected<engine::command> read_event(const exchange& what, const json& body) {
  body_reader fields(body);
  engine::send_event wanted;
  if (auto name = fields.text("event", 128))
    wanted.name = std::move(*name);
  else
    fields.fault("event", "the event's name", "nothing");
  if (const auto* data = fields.object("data")) wanted.data = *data;
  wanted.comment = fields.text("comment").value_or("");
  if (const auto* metadata = fields.object("metadata")) wanted.metadata = *metadata;
  wanted.by = what.caller();
  if (auto fine = fields.finish(); !fine) return tl::unexpected<error>(fine.error());
  return wanted;
}

} // namespace

void submit_one(const gateway_context& at, const exchange& what) {
  query_reader query(what.request());
  const auto wait = query.length("wait", wait_max);
  if (const auto fine = query.finish(); !fine) return what.refuse(fine.error());
  auto body = what.body();
  if (!body) return what.refuse(body.error());
  const submitting from{what, std::move(*body), wait};
  at.once(what, request_hash_of(from.body), [at, from](std::optional<store::request_record> record) {
    const auto* trace = from.what.request().fields.find("traceparent");
    auto ready = prepare_submission(at.with, {from.body, from.what.caller(), "", trace == nullptr ? "" : *trace},
                                    at.with.clock());
    if (!ready) return refuse_submission(at, from, ready.error());
    if (record) {
      record->status = 201;
      record->answer = to_text(engine::order_view(*ready->order, true));
      record->location = location_of(ready->order->order_id);
      std::get<store::append>(*ready->write).request = std::move(*record);
    }
    store_submission(at, from, *ready);
  });
}

void cancel_one(const gateway_context& at, const exchange& what) {
  command(at, what, read_cancel);
}

void pause_one(const gateway_context& at, const exchange& what) {
  command(at, what, read_pause);
}

void resume_one(const gateway_context& at, const exchange& what) {
  command(at, what, read_resume);
}

void resolve_one(const gateway_context& at, const exchange& what) {
  command(at, what, read_resolve);
}

void send_event(const gateway_context& at, const exchange& what) {
  command(at, what, read_event);
}

void reprocess_one(const gateway_context& at, const exchange& what) {
  query_reader query(what.request());
  if (const auto fine = query.finish(); !fine) return what.refuse(fine.error());
  const auto body = what.body(true);
  if (!body) return what.refuse(body.error());
  body_reader fields(*body);
  engine::reprocess_order wanted;
  wanted.from = fields.text("from", 128).value_or("start");
  const auto* version = fields.any("version");
  const json version_wanted = version == nullptr ? json() : *version;
  if (const auto* patch = fields.array("data_patch")) wanted.data_patch = *patch;
  wanted.by = what.caller();
  if (const auto fine = fields.finish(); !fine) return what.refuse(fine.error());
  at.once(what, request_hash_of(*body),
          [at, what, wanted, version_wanted](const std::optional<store::request_record>& record) {
            at.ask(what, at.with.reader(), read_order{what.parameter(0)},
                   [at, what, wanted, version_wanted, record](const order_answer& found) {
                     if (!found.value) return what.refuse(found.value.error());
                     auto resolved = resolve_reprocess(at.with, found.value->value, wanted, version_wanted);
                     if (!resolved) return what.refuse(resolved.error());
                     execute(at, what, *resolved, record);
                   });
          });
}

} // namespace troupe::actors
