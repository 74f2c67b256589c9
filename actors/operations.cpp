#include "actors/operations.hpp"

#include "actors/caf_compat.hpp"
#include "actors/gateway_filter.hpp"
#include "actors/reprocessing.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/log.hpp"
#include "runtime/http/problem.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace troupe::actors {

namespace {

constexpr std::size_t running_max = 16;
constexpr std::size_t controls_max = 16;
constexpr duration retry_delay{500};

store::operation_result refused(const std::string& order_id, const error& reason) {
  return {order_id, "refused", http::problem_document(reason, "/v1/orders/" + order_id)};
}

engine::reprocess_order command_of(const store::operation_record& record) {
  engine::reprocess_order wanted;
  wanted.from = record.work.value("from", "start");
  wanted.data_patch = record.work.value("data_patch", json());
  wanted.by = record.by;
  return wanted;
}

bool can_be_reprocessed(const engine::order& order) {
  return engine::is_final(order.status) || order.status == engine::status::escalated;
}

} // namespace

json operation_view(const store::operation_record& value) {
  return {{"operation_id", value.operation_id},
          {"kind", value.kind},
          {"status", value.status},
          {"total", value.total},
          {"done", value.done},
          {"refused", value.refused},
          {"created_at", to_iso8601(value.created_at)},
          {"ended_at", value.ended_at ? json(to_iso8601(*value.ended_at)) : json()},
          {"dry_run", value.dry_run},
          {"by", value.by}};
}

operations_state::operations_state(operations_actor::pointer self, services with)
    : self_(self), with_(std::move(with)) {}

operations_actor::behavior_type operations_state::make_behavior() {
  expect_no_exceptions(self_, name);
  resume_interrupted();
  return {
      [this](const start_operation& wanted) { return start(wanted); },
      [this](const control_operation& wanted) { return control(wanted); },
      [this](const operation_step& wanted) { step(wanted.operation_id); },
  };
}

void operations_state::resume_interrupted() {
  self_->request(with_.reader(), caf::infinite, read_running_operations{})
      .then(
          [this](const running_operations_answer& found) {
            if (!found.value) return;
            for (const auto& record : *found.value) {
              running_[record.operation_id].record = record;
              go_on(record.operation_id);
            }
          },
          [this](const caf::error&) {
            self_->quit(caf::make_error(caf::sec::runtime_error, "a bulk operation lost its store"));
          });
}

caf::result<operation_answer> operations_state::start(const start_operation& wanted) {
  if (running_.size() >= running_max)
    return operation_answer{
        refuse(errc::queue_full, fmt::format("expected fewer than {} bulk operations under way", running_max))};
  auto promise = self_->make_response_promise<operation_answer>();
  auto write = std::make_shared<store::operation>(store::save_operation{wanted.record, {}, wanted.request, {}});
  self_->request(with_.store(), caf::infinite, store_write{write})
      .then(
          [this, promise, write](const store_write&) mutable {
            const auto& done = std::get<store::save_operation>(*write);
            if (!done.outcome) return promise.deliver(operation_answer{tl::unexpected<error>(done.outcome.error())});
            running_[done.record.operation_id].record = done.record;
            go_on(done.record.operation_id);
            promise.deliver(operation_answer{done.record});
          },
          [promise](caf::error& gone) mutable { promise.deliver(std::move(gone)); });
  return promise;
}

/// What is said while a step is under way is done behind it: one change of an operation at a time.
caf::result<operation_answer> operations_state::control(const control_operation& wanted) {
  auto promise = self_->make_response_promise<operation_answer>();
  const auto found = running_.find(wanted.operation_id);
  if (found == running_.end()) {
    refuse_control(wanted.operation_id, promise);
    return promise;
  }
  if (found->second.controls.size() >= controls_max)
    return operation_answer{
        refuse(errc::queue_full, fmt::format("expected fewer than {} words waiting for the operation", controls_max))};
  found->second.controls.push_back({wanted.verb, promise});
  if (!found->second.busy) go_on(wanted.operation_id);
  return promise;
}

/// It is not under way: it has ended, or never was.
void operations_state::refuse_control(const std::string& operation_id, operation_promise promise) {
  self_->request(with_.reader(), caf::infinite, read_operation{operation_id})
      .then(
          [promise](operation_answer& found) mutable {
            if (found.value)
              found.value = refuse(errc::not_possible,
                                   fmt::format("expected an operation that is under way, but found one that is {}",
                                               found.value->status));
            promise.deliver(std::move(found));
          },
          [promise](caf::error& gone) mutable { promise.deliver(std::move(gone)); });
}

/// The store could not be read.
void operations_state::try_again(const std::string& operation_id) {
  running_.at(operation_id).not_before = with_.clock() + retry_delay;
  go_on(operation_id);
}

/// Durable before it is answered.
void operations_state::perform_control(work& one) {
  auto asked = std::move(one.controls.front());
  one.controls.pop_front();
  auto record = one.record;
  if (asked.verb == "pause") record.status = "paused";
  if (asked.verb == "resume") record.status = "running";
  if (asked.verb == "cancel") {
    record.status = "cancelled";
    record.ended_at = with_.clock();
  }
  one.busy = true;
  save(record, {}, [this, asked, record](const expected<void>& outcome) mutable {
    if (!outcome) {
      asked.promise.deliver(operation_answer{tl::unexpected<error>(outcome.error())});
    } else {
      running_.at(record.operation_id).record = record;
      asked.promise.deliver(operation_answer{record});
    }
    go_on(record.operation_id);
  });
}

/// Nothing is under way: what operators want comes first, then the next step.
void operations_state::go_on(const std::string& operation_id) {
  auto& one = running_.at(operation_id);
  one.busy = false;
  if (one.record.ended_at) {
    for (auto& asked : one.controls)
      refuse_control(operation_id, asked.promise);
    running_.erase(operation_id);
  } else if (!one.controls.empty()) {
    perform_control(one);
  } else if (one.record.status == "running" && !std::exchange(one.is_step_sent, true)) {
    const auto now = with_.clock();
    self_->delayed_send(self_, std::max(one.not_before, now) - now, operation_step{operation_id});
  }
}

int operations_state::page_size(const store::operation_record& record) {
  const auto rate = record.work.value("rate", 0.0);
  return rate <= 0 ? 100 : static_cast<int>(std::clamp(rate, 1.0, 100.0));
}

void operations_state::step(const std::string& operation_id) {
  const auto found = running_.find(operation_id);
  if (found == running_.end()) return;
  auto& one = found->second;
  one.is_step_sent = false;
  if (one.busy || one.record.status != "running") return;
  one.busy = true;
  one.page = {};
  if (one.record.work.contains("order_ids")) {
    const auto from = static_cast<std::size_t>(whole_number_of(one.record.cursor, 0, 1'000'000'000).value_or(0));
    const auto all = one.record.work["order_ids"].size();
    const auto to = std::min(all, from + static_cast<std::size_t>(page_size(one.record)));
    one.page.cursor = std::to_string(to);
    one.page.last = to == all;
    read_listed(operation_id, from, to);
  } else if (one.record.work.value("counted", false)) {
    read_page(operation_id);
  } else {
    count_page(operation_id);
  }
}

void operations_state::count_page(const std::string& operation_id) {
  auto& one = running_.at(operation_id);
  self_
      ->request(with_.reader(), caf::infinite,
                read_orders{filter_from_json(one.record.work), {one.record.cursor, 1000, true}})
      .then(
          [this, operation_id](const orders_answer& found) {
            auto& counted = running_.at(operation_id);
            if (!found.value) return try_again(operation_id);
            counted.record.total += static_cast<std::int64_t>(found.value->items.size());
            counted.record.cursor = found.value->next;
            if (found.value->next.empty()) counted.record.work["counted"] = true;
            save_step(counted);
          },
          [this, operation_id](const caf::error&) { try_again(operation_id); });
}

void operations_state::read_page(const std::string& operation_id) {
  const auto& one = running_.at(operation_id);
  self_
      ->request(with_.reader(), caf::infinite,
                read_orders{filter_from_json(one.record.work), {one.record.cursor, page_size(one.record), true}})
      .then(
          [this, operation_id](const orders_answer& found) {
            if (!found.value) return try_again(operation_id);
            auto& page = running_.at(operation_id).page;
            page.cursor = found.value->next;
            page.last = found.value->next.empty();
            std::vector<order_ptr> orders;
            for (const auto& order : found.value->items)
              orders.push_back(std::make_shared<const engine::order>(order));
            perform_page(operation_id, orders);
          },
          [this, operation_id](const caf::error&) { try_again(operation_id); });
}

void operations_state::read_listed(const std::string& operation_id, std::size_t from, std::size_t to) {
  auto& one = running_.at(operation_id);
  one.page.awaited = to - from;
  if (from == to) return close_page(one);
  for (auto index = from; index < to; ++index) {
    const auto order_id = one.record.work["order_ids"][index].get<std::string>();
    self_->request(with_.reader(), caf::infinite, read_order{order_id})
        .then(
            [this, operation_id, order_id](const order_answer& found) {
              if (found.value)
                perform(operation_id, std::make_shared<const engine::order>(found.value->value));
              else
                add_result(operation_id, refused(order_id, found.value.error()));
            },
            [this, operation_id, order_id](const caf::error&) {
              add_result(operation_id, refused(order_id, {errc::not_ready, "the store is being started again", {}}));
            });
  }
}

void operations_state::perform_page(const std::string& operation_id, const std::vector<order_ptr>& orders) {
  auto& one = running_.at(operation_id);
  one.page.awaited = orders.size();
  if (orders.empty()) return close_page(one);
  for (const auto& order : orders)
    perform(operation_id, order);
}

void operations_state::perform(const std::string& operation_id, const order_ptr& order) {
  const auto& record = running_.at(operation_id).record;
  auto wanted = resolve_reprocess(with_, *order, command_of(record), record.work.value("version", json()));
  if (!wanted) return add_result(operation_id, refused(order->order_id, wanted.error()));
  if (record.dry_run) {
    if (can_be_reprocessed(*order)) return add_result(operation_id, {order->order_id, "would_reprocess", {}});
    return add_result(
        operation_id,
        refused(order->order_id, {errc::not_possible,
                                  fmt::format("expected an order that has ended or is escalated, but found it {}",
                                              to_string(order->status)),
                                  {}}));
  }
  store::request_record once{"operation:" + operation_id, "reprocess", order->order_id, "", 200, "", "", with_.clock()};
  self_
      ->request(with_.supervisor(), caf::infinite,
                execute_command{order->order_id, std::move(*wanted), std::move(once)})
      .then(
          [this, operation_id, order_id = order->order_id](const command_result& done) {
            const auto repeated = !done.order && done.order.error().code == errc::idempotency_conflict;
            if (done.order || repeated)
              add_result(operation_id, {order_id, "reprocessed", {}});
            else
              add_result(operation_id, refused(order_id, done.order.error()));
          },
          [this, operation_id, order_id = order->order_id](const caf::error&) {
            add_result(operation_id,
                       refused(order_id, {errc::not_ready, "the order's actor ended before it answered", {}}));
          });
}

void operations_state::add_result(const std::string& operation_id, store::operation_result result) {
  auto& one = running_.at(operation_id);
  one.page.results.push_back(std::move(result));
  if (--one.page.awaited == 0) close_page(one);
}

void operations_state::close_page(work& one) {
  auto& record = one.record;
  for (const auto& result : one.page.results)
    ++(result.result == "refused" ? record.refused : record.done);
  record.cursor = one.page.cursor;
  if (one.page.last && record.status == "running") {
    record.status = "completed";
    record.ended_at = with_.clock();
  }
  save_step(one);
}

/// The step is over when its page is durable. If it cannot be, the whole is begun again from what is.
void operations_state::save_step(work& one) {
  const auto rate = one.record.work.value("rate", 0.0);
  const auto shown = static_cast<double>(one.page.results.size());
  const duration delay{rate > 0 ? static_cast<duration::rep>(1000.0 * shown / rate) : 0};
  save(one.record, std::move(one.page.results),
       [this, operation_id = one.record.operation_id, delay](const expected<void>& outcome) {
         running_.at(operation_id).not_before = with_.clock() + delay;
         if (outcome) return go_on(operation_id);
         log(log_level::error, "operation_not_saved", outcome.error().detail, {{"operation_id", operation_id}});
         self_->quit(caf::make_error(quit_reason::load_again, "a bulk operation lost its store"));
       });
}

void operations_state::save(const store::operation_record& record, std::vector<store::operation_result> results,
                            const std::function<void(const expected<void>&)>& then) {
  auto write = std::make_shared<store::operation>(store::save_operation{record, std::move(results), std::nullopt, {}});
  self_->request(with_.store(), caf::infinite, store_write{write})
      .then([write, then](const store_write&) { then(std::get<store::save_operation>(*write).outcome); },
            [then](const caf::error& gone) { then(refuse(errc::not_ready, to_string(gone))); });
}

} // namespace troupe::actors
