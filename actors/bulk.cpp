#include "actors/bulk.hpp"

#include "actors/caf_compat.hpp"
#include "actors/submission.hpp"
#include "runtime/http/problem.hpp"

#include <fmt/format.h>

namespace troupe::actors {

namespace {

constexpr std::size_t window = 256;           ///< submissions in flight
constexpr std::size_t slots_max = 4 * window; ///< results not written yet, in flight included
constexpr std::size_t document_limit = 1u << 20;

} // namespace

bulk_state::bulk_state(bulk_actor::pointer self, services with, http_stream what, std::string caller, std::string group)
    : self_(self), with_(std::move(with)), head_(std::move(what.head)), body_(std::move(what.body)),
      caller_(std::move(caller)), group_(std::move(group)), splitter_(document_limit) {}

bulk_actor::behavior_type bulk_state::make_behavior() {
  expect_no_exceptions(self_, name);
  http::response head;
  head.content_type = "application/x-ndjson";
  body_->start(std::move(head));
  read_more();
  return {[this](const stream_chunk& chunk) { take(chunk.bytes); }};
}

void bulk_state::read_more() {
  if (reading_ || ended_ || !waiting_.empty()) return;
  reading_ = true;
  body_->read(
      [me = bulk_actor(self_)](expected<std::string> bytes) { caf::anon_send(me, stream_chunk{std::move(bytes)}); });
}

void bulk_state::take(const expected<std::string>& bytes) {
  reading_ = false;
  if (!bytes) return self_->quit(); // the client is gone: what it sent so far stands
  if (bytes->empty()) ended_ = true;
  // What follows a fault cannot be told apart any more: it is read to its end, so that the client sees the answer, and
  // dropped.
  if (!broken_ && ended_) splitter_.finish(waiting_);
  if (!broken_ && !ended_) splitter_.feed(*bytes, waiting_);
  broken_ = broken_ || (!waiting_.empty() && !waiting_.back().fault.empty());
  go_on();
}

void bulk_state::submit(document_splitter::document document) {
  const auto number = first_slot_ + slots_.size();
  slots_.emplace_back();
  ++in_flight_;
  if (!document.fault.empty())
    return refuse_one(number, document.line, {errc::malformed_json, std::move(document.fault), {}});
  if (document.too_large)
    return refuse_one(
        number, document.line,
        {errc::body_too_large, fmt::format("expected at most {} bytes, but found more", document_limit), {}});
  const auto body = parse_exact_json(document.text);
  if (!body) return refuse_one(number, document.line, body.error());
  append(number, document.line, *body);
}

void bulk_state::append(std::size_t number, std::size_t line, const json& body) {
  const auto* trace = head_->fields.find("traceparent");
  auto ready = prepare_submission(with_, {body, caller_, group_, trace == nullptr ? "" : *trace}, with_.clock());
  if (!ready) {
    if (const auto named = named_order(body))
      find_existing(number, line, *named, request_hash_of(body), ready.error());
    else
      refuse_one(number, line, ready.error());
    return;
  }
  self_->request(with_.store(), caf::infinite, store_write{ready->write})
      .then([this, number, line, ready = *ready](const store_write&) { stored(number, line, ready); },
            [this, number, line](const caf::error&) {
              refuse_one(number, line, {errc::not_ready, "the store is being started again: try again", {}});
              go_on();
            });
}

void bulk_state::stored(std::size_t number, std::size_t line, const prepared_submission& ready) {
  const auto& done = std::get<store::append>(*ready.write);
  switch (verdict_of(done, ready.request_hash)) {
  case submission_verdict::accepted:
    announce(self_, with_, done);
    put(number, line, 201, ready.order->order_id, nullptr);
    break;
  case submission_verdict::look:
    return find_existing(number, line, ready.order->order_id, ready.request_hash, done.outcome.error());
  case submission_verdict::refused: refuse_one(number, line, done.outcome.error()); break;
  }
  go_on();
}

void bulk_state::find_existing(std::size_t number, std::size_t line, const std::string& order_id,
                               const std::string& request_hash, const error& otherwise) {
  self_->request(with_.reader(), caf::infinite, read_order{order_id})
      .then(
          [this, number, line, request_hash, otherwise](const order_answer& found) {
            const auto same = same_order(found.value, request_hash, otherwise);
            if (same)
              put(number, line, 200, (*same)->order_id, nullptr);
            else
              refuse_one(number, line, same.error());
            go_on();
          },
          [this, number, line, otherwise](const caf::error&) {
            refuse_one(number, line, otherwise);
            go_on();
          });
}

void bulk_state::refuse_one(std::size_t number, std::size_t line, const error& reason) {
  put(number, line, http::status_of(reason.code), "", http::problem_document(reason, head_->path));
}

void bulk_state::put(std::size_t number, std::size_t line, int status, const std::string& order_id, json problem) {
  const json result = {{"line", line},
                       {"status", status},
                       {"order_id", order_id.empty() ? json() : json(order_id)},
                       {"problem", std::move(problem)}};
  slots_[number - first_slot_] = to_text(result) + "\n";
  --in_flight_;
}

void bulk_state::write_ready() {
  std::string ready;
  while (!slots_.empty() && !slots_.front().empty()) {
    ready += slots_.front();
    slots_.pop_front();
    ++first_slot_;
  }
  if (!ready.empty()) body_->write(std::move(ready));
}

void bulk_state::go_on() {
  write_ready();
  while (in_flight_ < window && slots_.size() < slots_max && !waiting_.empty()) {
    auto document = std::move(waiting_.front());
    waiting_.pop_front();
    submit(std::move(document));
    write_ready();
  }
  if (ended_ && waiting_.empty() && slots_.empty()) {
    body_->finish();
    self_->quit();
    return;
  }
  read_more();
}

} // namespace troupe::actors
