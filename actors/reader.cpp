#include "actors/reader.hpp"

#include <utility>

namespace troupe::actors {

reader_state::reader_state(reader_actor::pointer self, services with, open_reader open)
    : self_(self), with_(std::move(with)), alive_(with_.metrics, name), open_(std::move(open)) {}

template <class Answer, class Read> Answer reader_state::answer(Read read) {
  if (!reader_) {
    auto opened = open_();
    if (!opened) return Answer{tl::unexpected<error>(opened.error())};
    reader_ = std::move(*opened);
  }
  return Answer{read(*reader_)};
}

reader_actor::behavior_type reader_state::make_behavior() {
  expect_no_exceptions(self_, name);
  return {
      [this](const read_order& wanted) {
        return answer<order_answer>([&](auto& from) { return from.order(wanted.order_id); });
      },
      [this](const read_history& wanted) {
        return answer<history_answer>([&](auto& from) { return from.history(wanted.order_id, wanted.where); });
      },
      [this](const read_orders& wanted) {
        return answer<orders_answer>([&](auto& from) { return from.orders(wanted.filter, wanted.where); });
      },
      [this](const read_batches& wanted) {
        return answer<batches_answer>([&](auto& from) { return from.batches(wanted.where); });
      },
      [this](const read_batch& wanted) {
        return answer<batch_answer>([&](auto& from) { return from.batch(wanted.batch_id); });
      },
      [this](const read_operation& wanted) {
        return answer<operation_answer>([&](auto& from) { return from.operation(wanted.operation_id); });
      },
      [this](const read_operation_results& wanted) {
        return answer<operation_results_answer>(
            [&](auto& from) { return from.operation_results(wanted.operation_id, wanted.where); });
      },
      [this](read_running_operations) {
        return answer<running_operations_answer>([](auto& from) { return from.running_operations(); });
      },
      [this](const read_request& wanted) {
        return answer<request_answer>(
            [&](auto& from) { return from.request(wanted.caller, wanted.route, wanted.key); });
      },
      [this](const read_outbox& wanted) { return read_outbox_rows(wanted); },
      [this](read_due) { return answer<due_answer>([](auto& from) { return from.earliest_due(); }); },
      [this](read_published) { return answer<published_answer>([](auto& from) { return from.published(); }); },
  };
}

outbox_answer reader_state::read_outbox_rows(const read_outbox& wanted) {
  auto rows = answer<expected<std::vector<store::outbox_record>>>(
      [&](auto& from) { return from.outbox_due(wanted.now, wanted.limit); });
  if (!rows) return {std::move(rows), std::nullopt};
  return {std::move(rows), reader_->outbox_earliest()};
}

} // namespace troupe::actors
