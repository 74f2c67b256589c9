#include "tests/support/memory_store.hpp"

#include "runtime/base/ids.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::test {

namespace {

using row = stored_content::order_row;

void queue_again(row& order) {
  order.batch_id.clear();
  order.due.reset();
  if (order.place == store::queue::none || order.place == store::queue::pending)
    order.place = order.value->status == engine::status::pending ? store::queue::pending : store::queue::runnable;
}

/// Carries out one operation on the content.
struct performer {
  stored_content& in;

  expected<void> check_request(const std::optional<store::request_record>& request) const {
    if (!request || !in.requests.contains({request->caller, request->route, request->key})) return {};
    return refuse(errc::idempotency_conflict, "the key was used before");
  }
  void keep_request(const std::optional<store::request_record>& request) const {
    if (request) in.requests[{request->caller, request->route, request->key}] = *request;
  }
  void keep_events(row& order, const store::append& wanted) const {
    order.value = wanted.after;
    order.history.insert(order.history.end(), wanted.events.begin(), wanted.events.end());
    for (auto one : wanted.outbox) {
      one.id = ++in.last_outbox;
      in.outbox[one.id] = std::move(one);
    }
    keep_request(wanted.request);
  }

  void operator()(store::append& wanted) const {
    TROUPE_ASSERT(wanted.after && !wanted.events.empty());
    wanted.outcome = wanted.expected_sequence == 0 ? create(wanted) : extend(wanted);
  }

  expected<void> create(store::append& wanted) const {
    if (auto fresh = check_request(wanted.request); !fresh) return fresh;
    if (const auto found = in.orders.find(wanted.after->order_id); found != in.orders.end()) {
      wanted.existing_hash = found->second.value->request_hash;
      return refuse(errc::duplicate_order, "the order exists");
    }
    auto& order = in.orders[wanted.after->order_id];
    order.number = ++in.last_number;
    order.place = wanted.place;
    order.due = wanted.due;
    keep_events(order, wanted);
    return {};
  }

  expected<void> extend(store::append& wanted) const {
    if (wanted.under.epoch < in.epoch) return refuse(errc::stale_epoch, "the lease has moved on");
    if (auto fresh = check_request(wanted.request); !fresh) return fresh;
    const auto found = in.orders.find(wanted.after->order_id);
    if (found == in.orders.end()) return refuse(errc::unknown_order, "no such order");
    auto& order = found->second;
    if (order.value->sequence != wanted.expected_sequence) return refuse(errc::conflict, "another sequence is stored");
    const auto settled = engine::is_settled(*wanted.after);
    const auto is_claimed = !order.batch_id.empty();
    if (is_claimed && !settled && (!wanted.live || wanted.place == store::queue::none)) {
      // its performer goes on
    } else {
      order.batch_id.clear();
      order.place = wanted.place;
      order.due = wanted.due;
    }
    if (wanted.progress) order.recoveries = 0;
    keep_events(order, wanted);
    return {};
  }

  void operator()(store::claim_orders& wanted) const {
    wanted.taken.clear();
    std::vector<row*> found;
    for (auto& [order_id, order] : in.orders)
      if (order.place == wanted.from && order.batch_id.empty()) found.push_back(&order);
    std::ranges::sort(found, [](const row* left, const row* right) {
      return std::tuple(-left->value->priority, left->number) < std::tuple(-right->value->priority, right->number);
    });
    if (std::ssize(found) > wanted.limit) found.resize(static_cast<std::size_t>(wanted.limit));
    for (auto* order : found) {
      order->batch_id = wanted.batch_id;
      wanted.taken.push_back(
          {order->value->order_id, to_text(engine::to_json(*order->value)), wanted.batch_id, order->recoveries});
    }
    if (found.empty()) return;
    auto& batch = in.batches[wanted.batch_id];
    batch = {wanted.batch_id, wanted.node,  wanted.lane, "running", static_cast<int>(found.size()),
             wanted.now,      std::nullopt, {}};
  }

  void operator()(store::settle_order& wanted) const {
    const auto found = in.orders.find(wanted.order_id);
    if (found == in.orders.end() || found->second.batch_id != wanted.batch_id) return;
    found->second.batch_id.clear();
    found->second.place = store::queue::none;
    if (found->second.value->status == engine::status::waiting)
      found->second.due = found->second.value->where.retry_due;
  }

  void operator()(store::close_batch& wanted) const {
    const auto found = in.batches.find(wanted.batch_id);
    if (found == in.batches.end() || found->second.status != "running") return;
    found->second.status = wanted.interrupted ? "interrupted" : "settled";
    found->second.ended_at = wanted.now;
    found->second.settled = wanted.settled;
    for (auto& [order_id, order] : in.orders)
      if (order.batch_id == wanted.batch_id) queue_again(order);
  }

  void operator()(store::release_due& wanted) const {
    wanted.released = 0;
    for (auto& [order_id, order] : in.orders) {
      if (!order.due || *order.due > wanted.now || wanted.released == wanted.limit) continue;
      order.due.reset();
      if (order.batch_id.empty() && order.place == store::queue::none) queue_again(order);
      ++wanted.released;
    }
  }

  void operator()(store::return_order& wanted) const {
    const auto found = in.orders.find(wanted.order_id);
    if (found == in.orders.end()) {
      wanted.outcome = refuse(errc::unknown_order, "no such order");
      return;
    }
    if (wanted.crashed) ++found->second.recoveries;
    wanted.recoveries = found->second.recoveries;
    if (wanted.place == store::queue::none) return;
    found->second.place = wanted.place;
    found->second.batch_id.clear();
    found->second.due.reset();
  }

  void operator()(store::recover_orders& wanted) const {
    wanted.interrupted_batches = wanted.recovered = wanted.alone = 0;
    for (auto& [batch_id, batch] : in.batches) {
      if (batch.status != "running") continue;
      batch.status = "interrupted";
      batch.ended_at = wanted.now;
      ++wanted.interrupted_batches;
    }
    for (auto& [order_id, order] : in.orders) {
      if (order.batch_id.empty()) continue;
      queue_again(order);
      if (wanted.count) ++order.recoveries;
      if (order.recoveries > wanted.recoveries_max) order.place = store::queue::alone;
      ++(order.place == store::queue::alone ? wanted.alone : wanted.recovered);
    }
  }

  void operator()(store::finish_outbox& wanted) const {
    for (const auto id : wanted.ids)
      in.outbox.erase(id);
  }

  void operator()(store::retry_outbox& wanted) const {
    const auto found = in.outbox.find(wanted.id);
    if (found == in.outbox.end()) return;
    ++found->second.attempts;
    found->second.due = wanted.due;
    if (!wanted.give_up) return;
    in.dead_letters.push_back(found->second);
    in.outbox.erase(found);
  }

  void operator()(store::publish& wanted) const {
    for (const auto& one : in.published)
      if (one.kind == wanted.record.kind && one.id == wanted.record.id && one.version == wanted.record.version) {
        wanted.outcome = refuse(errc::version_conflict, "that version exists");
        return;
      }
    in.published.push_back(wanted.record);
    keep_request(wanted.request);
  }

  void operator()(store::save_operation& wanted) const {
    in.operations[wanted.record.operation_id] = wanted.record;
    auto& all = in.results[wanted.record.operation_id];
    all.insert(all.end(), wanted.results.begin(), wanted.results.end());
    keep_request(wanted.request);
  }

  void operator()(store::forget_requests& wanted) const {
    std::erase_if(in.requests, [&](const auto& one) { return one.second.at < wanted.before; });
  }
};

class memory_writer : public store::writer {
public:
  explicit memory_writer(std::shared_ptr<memory_store::shared> from) : from_(std::move(from)) {}

  expected<void> commit(std::span<store::operation> group) override {
    ++from_->commits;
    const auto fate = from_->fate ? from_->fate(from_->commits, group) : commit_fate::durable;
    if (fate == commit_fate::refused) return refuse_all(group, errc::not_ready);
    if (fate == commit_fate::unknown_lost) return refuse_all(group, errc::outcome_unknown);
    from_->durable.reset();
    if (fate == commit_fate::acknowledged_early) from_->durable = from_->content;
    for (auto& one : group) {
      std::visit([](auto& each) { each.outcome = {}; }, one);
      std::visit(performer{from_->content}, one);
    }
    if (fate == commit_fate::unknown_done) return refuse_all(group, errc::outcome_unknown);
    return {};
  }

  expected<std::vector<store::lease>> take_leases(const std::string&) override {
    ++from_->content.epoch;
    std::vector<store::lease> all;
    for (int shard = 0; shard < shard_count; ++shard)
      all.push_back({shard, from_->content.epoch});
    return all;
  }

  std::int64_t free_bytes() const override { return from_->free_bytes; }

  std::int64_t pending() const override {
    return std::ranges::count_if(from_->content.orders, [](const auto& one) {
      return one.second.place == store::queue::pending && one.second.batch_id.empty();
    });
  }

private:
  static expected<void> refuse_all(std::span<store::operation> group, errc code) {
    for (auto& one : group)
      std::visit([&](auto& each) { each.outcome = refuse(code, "the test says so"); }, one);
    return refuse(code, "the test says so");
  }

  std::shared_ptr<memory_store::shared> from_;
};

class memory_reader : public store::reader {
public:
  explicit memory_reader(std::shared_ptr<memory_store::shared> from) : from_(std::move(from)) {}

  expected<store::stored_order> order(const std::string& order_id) override {
    if (is_refused()) return away();
    const auto found = in().orders.find(order_id);
    if (found == in().orders.end()) return refuse(errc::unknown_order, "no such order");
    const auto& one = found->second;
    return store::stored_order{*one.value, one.recoveries, one.batch_id.empty() ? one.place : store::queue::none,
                               one.batch_id};
  }

  expected<store::page<engine::event>> history(const std::string& order_id, const store::page_request& where) override {
    if (is_refused()) return away();
    const auto found = in().orders.find(order_id);
    if (found == in().orders.end()) return refuse(errc::unknown_order, "no such order");
    return page_of(found->second.history, where, true);
  }

  expected<store::page<engine::order>> orders(const store::order_filter& filter,
                                              const store::page_request& where) override {
    if (is_refused()) return away();
    std::vector<const row*> found;
    for (const auto& [order_id, one] : in().orders) {
      const auto status = std::string(to_string(one.value->status));
      if (!filter.status.empty() && std::ranges::find(filter.status, status) == filter.status.end()) continue;
      if (!filter.workflow.empty() && filter.workflow != one.value->workflow) continue;
      found.push_back(&one);
    }
    std::ranges::sort(found, {}, &row::number);
    std::vector<engine::order> values;
    for (const auto* one : found)
      values.push_back(*one->value);
    return page_of(values, where, where.ascending);
  }

  expected<std::vector<store::order_count>> counts() override {
    if (is_refused()) return away();
    std::map<std::pair<std::string, std::string>, std::int64_t> found;
    for (const auto& [order_id, one] : in().orders)
      ++found[{one.value->workflow, std::string(to_string(one.value->status))}];
    std::vector<store::order_count> result;
    for (const auto& [key, count] : found)
      result.push_back({key.first, key.second, count});
    return result;
  }

  expected<store::page<store::batch_record>> batches(const store::page_request& where) override {
    if (is_refused()) return away();
    std::vector<store::batch_record> all;
    for (const auto& [batch_id, one] : in().batches)
      all.push_back(one);
    return page_of(all, where, where.ascending);
  }

  expected<store::batch_record> batch(const std::string& batch_id) override {
    if (is_refused()) return away();
    const auto found = in().batches.find(batch_id);
    if (found == in().batches.end()) return refuse(errc::unknown_batch, "no such batch");
    return found->second;
  }

  expected<std::vector<blueprint::published>> published() override {
    if (is_refused()) return away();
    return in().published;
  }

  expected<std::optional<store::request_record>> request(const std::string& caller, const std::string& route,
                                                         const std::string& key) override {
    if (is_refused()) return away();
    const auto found = in().requests.find({caller, route, key});
    if (found == in().requests.end()) return std::nullopt;
    return found->second;
  }

  expected<std::vector<store::outbox_record>> outbox_due(time_point now, int limit) override {
    if (is_refused()) return away();
    auto heads = outbox_heads();
    std::erase_if(heads, [&](const auto& one) { return one.due > now; });
    std::ranges::stable_sort(heads, {}, &store::outbox_record::due);
    if (std::ssize(heads) > limit) heads.resize(static_cast<std::size_t>(limit));
    return heads;
  }

  expected<std::optional<time_point>> outbox_earliest() override {
    if (is_refused()) return away();
    std::optional<time_point> earliest;
    for (const auto& one : outbox_heads())
      earliest = earliest ? std::min(*earliest, one.due) : one.due;
    return earliest;
  }

  expected<std::optional<time_point>> earliest_due() override {
    if (is_refused()) return away();
    std::optional<time_point> earliest;
    for (const auto& [order_id, one] : in().orders)
      if (one.due) earliest = earliest ? std::min(*earliest, *one.due) : *one.due;
    return earliest;
  }

  expected<store::operation_record> operation(const std::string& operation_id) override {
    if (is_refused()) return away();
    const auto found = in().operations.find(operation_id);
    if (found == in().operations.end()) return refuse(errc::unknown_operation, "no such operation");
    return found->second;
  }

  expected<std::vector<store::operation_record>> running_operations() override {
    if (is_refused()) return away();
    std::vector<store::operation_record> result;
    for (const auto& [operation_id, one] : in().operations)
      if (!one.ended_at) result.push_back(one);
    return result;
  }

  expected<store::page<store::operation_result>> operation_results(const std::string& operation_id,
                                                                   const store::page_request& where) override {
    if (is_refused()) return away();
    const auto found = in().results.find(operation_id);
    if (found == in().results.end()) return refuse(errc::unknown_operation, "no such operation");
    return page_of(found->second, where, true);
  }

  expected<void>
  each_order(const std::function<void(const engine::order&, const std::vector<engine::event>&)>& visit) override {
    for (const auto& [order_id, one] : in().orders)
      visit(*one.value, one.history);
    return {};
  }

  expected<std::vector<std::string>> inconsistencies() override { return std::vector<std::string>{}; }

private:
  const stored_content& in() const { return from_->content; }
  bool is_refused() const { return from_->is_read_refused && from_->is_read_refused(++from_->reads); }
  static tl::unexpected<error> away() { return refuse(errc::not_ready, "the test says so"); }

  std::vector<store::outbox_record> outbox_heads() const {
    std::map<std::string, store::outbox_record> first;
    for (const auto& [id, one] : in().outbox)
      first.emplace(one.order_id, one);
    std::vector<store::outbox_record> heads;
    for (auto& [order_id, one] : first)
      heads.push_back(std::move(one));
    std::ranges::sort(heads, {}, &store::outbox_record::id);
    return heads;
  }

  template <class Item>
  static expected<store::page<Item>> page_of(std::vector<Item> all, const store::page_request& where, bool ascending) {
    if (!ascending) std::ranges::reverse(all);
    std::size_t from = 0;
    std::from_chars(where.cursor.data(), where.cursor.data() + where.cursor.size(), from);
    store::page<Item> result;
    const auto to = std::min(all.size(), from + static_cast<std::size_t>(where.limit));
    for (auto index = from; index < to; ++index)
      result.items.push_back(all[index]);
    if (to < all.size()) result.next = std::to_string(to);
    return result;
  }

  std::shared_ptr<memory_store::shared> from_;
};

} // namespace

expected<std::unique_ptr<store::writer>> memory_store::open_writer() {
  if (!shared_->is_openable) return refuse(errc::not_ready, "the test says so");
  return std::make_unique<memory_writer>(shared_);
}

expected<std::unique_ptr<store::reader>> memory_store::open_reader() {
  if (!shared_->is_openable) return refuse(errc::not_ready, "the test says so");
  return std::make_unique<memory_reader>(shared_);
}

} // namespace troupe::test
