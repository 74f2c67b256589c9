#define CAF_SUITE store_outbox

#include "tests/store/contract.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

json notification(const std::string& id, const std::string& type = "order.state_changed") {
  return {{"id", id}, {"type", type}};
}

/// The ids of the notifications that may go now.
std::vector<std::string> due(workbench& in, time_point now = at(1000), int limit = 100) {
  std::vector<std::string> ids;
  const auto rows = in.reader().outbox_due(now, limit);
  for (const auto& row : *rows)
    ids.push_back(json::parse(row.notification)["id"]);
  return ids;
}

std::vector<std::int64_t> row_ids(workbench& in) {
  std::vector<std::int64_t> ids;
  const auto rows = in.reader().outbox_due(at(100'000), 100);
  for (const auto& row : *rows)
    ids.push_back(row.id);
  return ids;
}

void finish(workbench& in, std::vector<std::int64_t> ids) {
  CAF_CHECK_EQUAL(code_of(in.commit(store::finish_outbox{std::move(ids), at(50), {}}).outcome), "done");
}

void fail(workbench& in, std::int64_t id, time_point due, bool give_up = false) {
  store::retry_outbox wanted;
  wanted.id = id;
  wanted.due = due;
  wanted.cause = "the test says so";
  wanted.give_up = give_up;
  wanted.now = at(50);
  CAF_CHECK_EQUAL(code_of(in.commit(wanted).outcome), "done");
}

} // namespace

STORE_TEST("a message out is recorded with the events that it tells of") {
  const auto order = in.submitted("a");
  in.goes_on(order, {entered("one")}, false,
             {notification("n1"), notification("n2", "order.escalated"), notification("n3", "order.notified")});
  std::vector<std::string> targets;
  for (int round = 0; round < 3; ++round) {
    const auto rows = in.reader().outbox_due(at(1000), 10);
    CAF_REQUIRE(rows);
    CAF_REQUIRE_EQUAL(rows->size(), 1u);
    const auto& row = rows->front();
    CAF_CHECK_EQUAL(row.order_id, "a");
    CAF_CHECK_EQUAL(row.workflow, "transfer");
    CAF_CHECK_EQUAL(row.version, 1);
    CAF_CHECK_EQUAL(row.attempts, 0);
    CAF_CHECK_EQUAL(row.inline_blueprint, "");
    CAF_CHECK(row.due == at(0) + duration{1});
    targets.push_back(row.target);
    finish(in, {row.id});
  }
  CAF_CHECK_EQUAL(targets, (std::vector<std::string>{"callback", "escalate", "notify"}));
  CAF_CHECK_EQUAL(due(in), std::vector<std::string>{});
}

STORE_TEST("a refused append sends nothing") {
  const auto order = in.submitted("a");
  in.goes_on(order, {entered("one")});
  CAF_CHECK_EQUAL(code_of(in.commit(in.follow(order, {entered("two")}, false, {notification("n")})).outcome),
                  "conflict");
  CAF_CHECK_EQUAL(due(in), std::vector<std::string>{});
}

STORE_TEST("an order with its own definition sends it along") {
  auto order = *submit("a").after;
  order.blueprint = json{{"id", "mine"}};
  engine::decision decided{submit("a").events, order, false};
  in.commit(store::make_append({shard_of("a"), 0}, 0, decided, {notification("n")}, false));
  CAF_CHECK_EQUAL(in.reader().outbox_due(at(1000), 1)->front().inline_blueprint, R"({"id":"mine"})");
  // The state is not the fold of the made-up event; say so rather than leave it to be found.
  CAF_CHECK_EQUAL(in.findings().size(), 1u);
  in.close();
}

STORE_TEST("each order's messages go in the order of recording, one at a time; those of others do not wait for them") {
  auto first = in.goes_on(in.submitted("a"), {entered("one")}, false, {notification("a1"), notification("a2")});
  in.goes_on(in.submitted("b"), {entered("one")}, false, {notification("b1")});
  first = in.goes_on(first, {entered("two")}, false, {notification("a3")});
  CAF_CHECK_EQUAL(due(in), (std::vector<std::string>{"a1", "b1"}));
  const auto rows = row_ids(in);
  CAF_REQUIRE_EQUAL(rows.size(), 2u);
  fail(in, rows[0], at(60));
  CAF_CHECK_EQUAL(due(in, at(59)), std::vector<std::string>{"b1"});
  finish(in, {rows[1]});
  CAF_CHECK_EQUAL(due(in, at(59)), std::vector<std::string>{});
  CAF_CHECK(*in.reader().outbox_earliest() == std::optional(at(60)));
  CAF_CHECK_EQUAL(in.reader().outbox_due(at(60), 10)->front().attempts, 1);
  finish(in, {rows[0]});
  CAF_CHECK_EQUAL(due(in, at(59)), std::vector<std::string>{"a2"});
  finish(in, row_ids(in));
  CAF_CHECK_EQUAL(due(in, at(59)), std::vector<std::string>{"a3"});
  finish(in, row_ids(in));
  CAF_CHECK(*in.reader().outbox_earliest() == std::optional<time_point>{});
  in.goes_on(first, {ends("completed")}, false, {notification("a4")});
  CAF_CHECK_EQUAL(due(in), std::vector<std::string>{"a4"});
}

STORE_TEST("what is given up makes way for the next of its order") {
  in.goes_on(in.submitted("a"), {entered("one")}, false, {notification("a1"), notification("a2")});
  fail(in, row_ids(in)[0], at(60), true);
  CAF_CHECK_EQUAL(due(in), std::vector<std::string>{"a2"});
}

STORE_TEST("finishing what is finished changes nothing") {
  in.goes_on(in.submitted("a"), {entered("one")}, false, {notification("a1"), notification("a2"), notification("a3")});
  const auto rows = row_ids(in);
  finish(in, rows);
  finish(in, rows);
  fail(in, rows[0], at(60));
  fail(in, rows[0], at(60), true);
  CAF_CHECK_EQUAL(due(in), std::vector<std::string>{"a2"});
}

STORE_TEST("ids rise with the order of recording, over a restart too, and are not given twice") {
  auto order = in.goes_on(in.submitted("a"), {entered("one")}, false, {notification("a1")});
  const auto first = row_ids(in).front();
  order = in.goes_on(order, {entered("two")}, false, {notification("a2")});
  finish(in, {first});
  const auto second = row_ids(in).front();
  CAF_CHECK(second > first);
  in.reopen();
  in.goes_on(order, {entered("three")}, false, {notification("a3")});
  finish(in, {second});
  CAF_CHECK(row_ids(in).front() > second);
}

STORE_TEST("the earliest due come first, at most so many") {
  for (int index = 0; index < 4; ++index) {
    const auto name = std::to_string(index);
    const auto order = in.submitted("o" + name);
    in.goes_on(order, {entered("one")}, false, {notification("n" + name)}, at(40 - index * 10));
  }
  CAF_CHECK_EQUAL(due(in, at(1000), 2), (std::vector<std::string>{"n3", "n2"}));
  CAF_CHECK_EQUAL(due(in, at(20)), (std::vector<std::string>{"n3", "n2"}));
  CAF_CHECK(*in.reader().outbox_earliest() == std::optional(at(10)));
}
