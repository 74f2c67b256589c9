#define CAF_SUITE store_lists

#include "tests/store/contract.hpp"

#include <algorithm>
#include <random>
#include <set>

using namespace troupe;
using namespace troupe::testing;

namespace {

template <class Item> bool contains(const std::vector<Item>& all, const Item& one) {
  return std::ranges::find(all, one) != all.end();
}

/// What `GET /v1/orders` says of its filters, read word by word.
bool passes(const engine::order& order, const store::order_filter& filter) {
  if (!filter.status.empty() && !contains(filter.status, std::string(engine::to_string(order.status)))) return false;
  if (!filter.workflow.empty() && order.workflow != filter.workflow) return false;
  if (filter.version && order.version != *filter.version) return false;
  if (!filter.state.empty() && order.state != filter.state) return false;
  for (const auto& [name, value] : filter.labels)
    if (!order.labels->contains(name) || order.labels->at(name) != value) return false;
  if (!filter.group.empty() && order.group != filter.group) return false;
  if (!filter.error.empty() && (!order.error || order.error->code != filter.error)) return false;
  if (filter.created_after && order.created_at <= *filter.created_after) return false;
  if (filter.created_before && order.created_at >= *filter.created_before) return false;
  if (filter.updated_after && order.updated_at <= *filter.updated_after) return false;
  return !filter.updated_before || order.updated_at < *filter.updated_before;
}

std::vector<std::string> ids_of(const std::vector<engine::order>& orders) {
  std::vector<std::string> ids;
  for (const auto& order : orders)
    ids.push_back(order.order_id);
  return ids;
}

/// All pages of a list, one after the other.
std::vector<std::string> listed(workbench& in, const store::order_filter& filter, int limit, bool ascending) {
  std::vector<std::string> ids;
  store::page_request where{"", limit, ascending};
  do {
    const auto page = in.reader().orders(filter, where);
    if (!page) CAF_FAIL(page.error().detail);
    CAF_CHECK(std::ssize(page->items) <= limit);
    CAF_CHECK(page->next.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
              std::string::npos);
    for (const auto& id : ids_of(page->items))
      ids.push_back(id);
    where.cursor = page->next;
  } while (!where.cursor.empty());
  return ids;
}

class dice {
public:
  explicit dice(unsigned seed) : random_(seed) {}
  int below(int bound) { return static_cast<int>(random_() % static_cast<unsigned>(bound)); }
  bool one_in(int bound) { return below(bound) == 0; }
  template <class Item> Item one_of(std::initializer_list<Item> items) {
    return *(items.begin() + below(static_cast<int>(items.size())));
  }

private:
  std::mt19937 random_;
};

/// Orders of every kind, created nearly in order, as clocks are.
std::vector<engine::order> crowd(workbench& in, dice& random, int count) {
  std::vector<engine::order> orders;
  std::vector<store::operation> group;
  for (int index = 0; index < count; ++index) {
    submission wanted;
    wanted.workflow = random.one_of({"transfer", "checkout", "refund"});
    if (random.one_in(3)) wanted.group = random.one_of({"spring", "autumn"});
    if (random.one_in(2)) wanted.labels.emplace_back("region", random.one_of({"eu", "us"}));
    if (random.one_in(2)) wanted.labels.emplace_back("tier", random.one_of({"gold", "eu"}));
    wanted.now = at(index * 10 - (random.one_in(10) ? random.below(300) : 0));
    const auto name = "o" + std::to_string(index);
    group.emplace_back(submit(name, wanted));
    auto order = *std::get<store::append>(group.back()).after;
    const auto state = random.one_of({"one", "two"});
    const auto now = order.created_at + duration{random.below(100'000)};
    auto next = random.one_of<std::vector<happening>>({{},
                                                       {entered(state)},
                                                       {entered(state), waits()},
                                                       {entered(state), fails("http_503"), ends("failed")},
                                                       {entered(state), fails("timeout"), waits()},
                                                       {entered(state), ends("completed")},
                                                       {entered(state), ends("completed")},
                                                       {ends("cancelled")},
                                                       {{"escalated", {{"error", {{"code", "timeout"}}}}}}});
    if (!next.empty()) {
      group.emplace_back(in.follow(order, next, false, {}, now));
      order = *std::get<store::append>(group.back()).after;
    }
    orders.push_back(std::move(order));
  }
  in.commit_group(group);
  return orders;
}

store::order_filter any_filter(dice& random, int count) {
  store::order_filter filter;
  if (random.one_in(3))
    for (int index = random.below(3); index >= 0; --index)
      filter.status.push_back(
          random.one_of({"pending", "active", "waiting", "escalated", "completed", "failed", "cancelled", "paused"}));
  if (random.one_in(3)) filter.workflow = random.one_of({"transfer", "checkout", "nothing"});
  if (random.one_in(8)) filter.version = random.one_of({1, 2});
  if (random.one_in(4)) filter.state = random.one_of({"one", "two", "three"});
  if (random.one_in(3)) filter.labels.emplace_back("region", random.one_of({"eu", "us", "cn"}));
  if (random.one_in(4)) filter.labels.emplace_back("tier", random.one_of({"gold", "eu"}));
  if (random.one_in(4)) filter.group = random.one_of({"spring", "autumn", "winter"});
  if (random.one_in(5)) filter.error = random.one_of({"http_503", "timeout"});
  const auto instant = [&] { return at(random.below(count * 12) - count); };
  if (random.one_in(4)) filter.created_after = instant();
  if (random.one_in(4)) filter.created_before = instant();
  if (random.one_in(6)) filter.updated_after = instant();
  if (random.one_in(6)) filter.updated_before = instant();
  return filter;
}

} // namespace

STORE_TEST("every filter, page size and order lists what reading all orders would") {
  dice random(20261123);
  auto orders = crowd(in, random, 300);
  for (int round = 0; round < 400; ++round) {
    const auto filter = any_filter(random, 300);
    const auto ascending = random.one_in(2);
    std::vector<engine::order> expected_orders;
    for (const auto& order : orders)
      if (passes(order, filter)) expected_orders.push_back(order);
    auto ids = ids_of(expected_orders);
    if (!ascending) std::ranges::reverse(ids);
    CAF_CHECK_EQUAL(listed(in, filter, random.one_of({1, 2, 7, 100, 1000}), ascending), ids);
  }
}

STORE_TEST("a list gives orders whole") {
  const auto order = in.goes_on(in.submitted("a"), {entered("one"), waits()});
  const auto page = in.reader().orders({}, {});
  CAF_REQUIRE(page);
  CAF_REQUIRE_EQUAL(page->items.size(), 1u);
  CAF_CHECK(page->items[0] == order);
  CAF_CHECK_EQUAL(page->next, "");
}

STORE_TEST("pages go on where they were, whatever comes in meanwhile") {
  for (int index = 0; index < 6; ++index)
    in.submitted("a" + std::to_string(index));
  const auto first = in.reader().orders({}, {"", 2, false});
  CAF_CHECK_EQUAL(ids_of(first->items), (std::vector<std::string>{"a5", "a4"}));
  in.submitted("b");
  in.goes_on(in.stored("a3").value, {ends("cancelled")});
  const auto second = in.reader().orders({}, {first->next, 3, false});
  CAF_CHECK_EQUAL(ids_of(second->items), (std::vector<std::string>{"a3", "a2", "a1"}));
  const auto third = in.reader().orders({}, {second->next, 3, false});
  CAF_CHECK_EQUAL(ids_of(third->items), std::vector<std::string>{"a0"});
  CAF_CHECK_EQUAL(third->next, "");
  const auto upwards = in.reader().orders({}, {"", 6, true});
  in.submitted("c");
  CAF_CHECK_EQUAL(ids_of(in.reader().orders({}, {upwards->next, 6, true})->items),
                  (std::vector<std::string>{"b", "c"}));
}

STORE_TEST("a cursor of another list, filter or order, or none at all, is refused") {
  for (int index = 0; index < 6; ++index)
    in.goes_on(in.submitted("a" + std::to_string(index)), {entered("one"), entered("two")});
  const auto cursor = in.reader().orders({}, {"", 2, false})->next;
  store::order_filter other;
  other.workflow = "transfer";
  CAF_CHECK_EQUAL(code_of(in.reader().orders(other, {cursor, 2, false})), "invalid_request");
  CAF_CHECK_EQUAL(code_of(in.reader().orders({}, {cursor, 2, true})), "invalid_request");
  CAF_CHECK_EQUAL(code_of(in.reader().batches({cursor, 2, false})), "invalid_request");
  const auto history = in.reader().history("a0", {"", 1, true})->next;
  CAF_CHECK_EQUAL(code_of(in.reader().history("a1", {history, 1, true})), "invalid_request");
  for (const std::string& text :
       {std::string("x"), std::string("0"), cursor + "0000000000000000000000",
        cursor.substr(0, cursor.size() - 1) + "!", std::string(5000, 'a'), "-" + cursor, std::string("' OR 1=1 --")}) {
    CAF_CHECK_EQUAL(code_of(in.reader().orders({}, {text, 2, false})), "invalid_request");
    CAF_CHECK_EQUAL(code_of(in.reader().history("a1", {text, 2, true})), "invalid_request");
  }
}

STORE_TEST("a page has at least one item and at most a thousand, whatever is asked for") {
  std::vector<store::operation> group;
  for (int index = 0; index < 1005; ++index)
    group.emplace_back(submit("a" + std::to_string(index)));
  in.commit_group(group);
  CAF_CHECK_EQUAL(in.reader().orders({}, {"", 0, false})->items.size(), 1u);
  CAF_CHECK_EQUAL(in.reader().orders({}, {"", -5, false})->items.size(), 1u);
  CAF_CHECK_EQUAL(in.reader().orders({}, {"", 1'000'000, false})->items.size(), 1000u);
}

STORE_TEST("pages of big orders are short, and go on") {
  submission big;
  big.bytes = 600'000;
  for (int index = 0; index < 20; ++index)
    in.submitted("a" + std::to_string(index), big);
  const auto page = in.reader().orders({}, {"", 1000, false});
  CAF_REQUIRE(page);
  CAF_CHECK(page->items.size() >= 5 && page->items.size() < 15);
  CAF_CHECK_EQUAL(listed(in, {}, 1000, true).size(), 20u);
}

STORE_TEST("the history comes in pages, in either order, across the appends that it was recorded in") {
  auto order = in.submitted("a");
  in.submitted("b");
  dice random(7);
  while (order.sequence < 60) {
    std::vector<happening> next;
    for (int index = random.below(6); index >= 0; --index)
      next.push_back(entered("s" + std::to_string(random.below(100))));
    order = in.goes_on(order, next);
  }
  const auto all = in.history("a");
  CAF_CHECK_EQUAL(all.size(), order.sequence);
  for (const auto ascending : {true, false})
    for (const auto limit : {1, 2, 3, 5, 8, 100}) {
      std::vector<engine::event> read;
      store::page_request where{"", limit, ascending};
      do {
        const auto page = in.reader().history("a", where);
        CAF_REQUIRE(page);
        CAF_CHECK(std::ssize(page->items) <= limit);
        read.insert(read.end(), page->items.begin(), page->items.end());
        where.cursor = page->next;
      } while (!where.cursor.empty());
      if (!ascending) std::ranges::reverse(read);
      CAF_CHECK(read == all);
    }
}

STORE_TEST("batches are listed newest first") {
  for (int index = 0; index < 5; ++index) {
    in.submitted("a" + std::to_string(index));
    in.claim("b" + std::to_string(index));
  }
  const auto names = [](const store::page<store::batch_record>& page) {
    std::vector<std::string> all;
    for (const auto& batch : page.items)
      all.push_back(batch.batch_id);
    return all;
  };
  const auto first = in.reader().batches({"", 3, false});
  CAF_CHECK_EQUAL(names(*first), (std::vector<std::string>{"b4", "b3", "b2"}));
  const auto second = in.reader().batches({first->next, 3, false});
  CAF_CHECK_EQUAL(names(*second), (std::vector<std::string>{"b1", "b0"}));
  CAF_CHECK_EQUAL(second->next, "");
  CAF_CHECK_EQUAL(names(*in.reader().batches({"", 2, true})), (std::vector<std::string>{"b0", "b1"}));
}
