#define CAF_SUITE store_queues

#include "tests/store/contract.hpp"

using namespace troupe;
using namespace troupe::testing;
using store::queue;

namespace {

using ids = std::vector<std::string>;

submission with_priority(std::int64_t priority) {
  submission wanted;
  wanted.priority = priority;
  return wanted;
}

/// Submitted, claimed, begun.
engine::order performed(workbench& in, const std::string& order_id, const std::string& batch_id) {
  auto order = in.submitted(order_id);
  in.claim(batch_id);
  return in.goes_on(order, {entered("one")}, true);
}

int released(workbench& in, time_point now, int limit = 1000) {
  return in.commit(store::release_due{now, limit, {}, 0}).released;
}

store::return_order returned(workbench& in, const std::string& order_id, queue place, bool crashed) {
  return in.commit(store::return_order{order_id, place, crashed, {}, 0});
}

store::recover_orders recovered(workbench& in, int recoveries_max = 5, bool count = true) {
  store::recover_orders wanted;
  wanted.node = "tester";
  wanted.recoveries_max = recoveries_max;
  wanted.count = count;
  wanted.now = at(500);
  return in.commit(wanted);
}

store::close_batch closed(workbench& in, const std::string& batch_id, std::map<std::string, int> settled = {},
                          bool interrupted = false) {
  return in.commit(store::close_batch{batch_id, std::move(settled), interrupted, at(200), {}});
}

} // namespace

STORE_TEST("pending orders are claimed by priority, then in the order of submission") {
  in.submitted("low", with_priority(-5));
  in.submitted("first");
  in.submitted("high", with_priority(9));
  in.submitted("second");
  in.submitted("highest", with_priority(std::int64_t{1} << 60));
  in.submitted("also high", with_priority(9));
  CAF_CHECK_EQUAL(in.claim("b1", queue::pending, 4), (ids{"highest", "high", "also high", "first"}));
  CAF_CHECK_EQUAL(in.claim("b2"), (ids{"second", "low"}));
  CAF_CHECK_EQUAL(in.claim("b3"), ids{});
}

STORE_TEST("a claimed order is in no queue, names its batch, and can be read from what the claim gives") {
  const auto order = in.submitted("a");
  store::claim_orders wanted;
  wanted.batch_id = "b1";
  wanted.node = "n";
  wanted.lane = "2";
  wanted.limit = 10;
  wanted.now = at(1);
  const auto done = in.commit(wanted);
  CAF_REQUIRE_EQUAL(done.taken.size(), 1u);
  const auto read = store::read_claimed(done.taken[0]);
  CAF_REQUIRE(read);
  CAF_CHECK(read->value == order);
  CAF_CHECK_EQUAL(read->batch_id, "b1");
  const auto found = in.stored("a");
  CAF_CHECK(found.place == queue::none);
  CAF_CHECK_EQUAL(found.batch_id, "b1");
  CAF_CHECK_EQUAL(in.claim("b2"), ids{});
}

STORE_TEST("what cannot be read from a claim is refused") {
  CAF_CHECK_EQUAL(code_of(store::read_claimed({"a", "{\"status\": ", "b", 0})), "internal");
}

STORE_TEST("a claim that finds nothing opens no batch; one that does counts what it took") {
  in.claim("none");
  CAF_CHECK_EQUAL(code_of(in.reader().batch("none")), "unknown_batch");
  in.submitted("a");
  in.submitted("b");
  in.claim("b1");
  const auto batch = in.reader().batch("b1");
  CAF_REQUIRE(batch);
  CAF_CHECK_EQUAL(batch->batch_id, "b1");
  CAF_CHECK_EQUAL(batch->node, "tester");
  CAF_CHECK_EQUAL(batch->lane, "1");
  CAF_CHECK_EQUAL(batch->status, "running");
  CAF_CHECK_EQUAL(batch->size, 2);
  CAF_CHECK(batch->started_at == at(100));
  CAF_CHECK(!batch->ended_at);
  CAF_CHECK(batch->settled.empty());
}

STORE_TEST("a sliding claim joins the batch that is open, and no other") {
  in.submitted("a");
  in.claim("b1");
  in.submitted("b");
  CAF_CHECK_EQUAL(in.claim("b1", queue::pending, 10, false), ids{"b"});
  CAF_CHECK_EQUAL(in.reader().batch("b1")->size, 2);
  in.submitted("c");
  store::claim_orders wanted;
  wanted.batch_id = "none";
  wanted.limit = 10;
  wanted.open_batch = false;
  const auto done = in.commit(wanted);
  CAF_CHECK_EQUAL(code_of(done.outcome), "unknown_batch");
  CAF_CHECK(done.taken.empty());
  CAF_CHECK(in.stored("c").place == queue::pending);
}

STORE_TEST("a claim takes only orders of its shards") {
  in.submitted("a");
  in.submitted("b");
  store::claim_orders wanted;
  wanted.batch_id = "b1";
  wanted.limit = 10;
  wanted.shard_first = wanted.shard_last = shard_of("b");
  const auto done = in.commit(wanted);
  CAF_REQUIRE_EQUAL(done.taken.size(), 1u);
  CAF_CHECK_EQUAL(done.taken[0].order_id, "b");
}

STORE_TEST("the writer knows how many are pending") {
  CAF_CHECK_EQUAL(in.writer().pending(), 0);
  for (int index = 0; index < 5; ++index)
    in.submitted("a" + std::to_string(index));
  in.commit(submit("a0"));
  CAF_CHECK_EQUAL(in.writer().pending(), 5);
  in.claim("b1", queue::pending, 2);
  CAF_CHECK_EQUAL(in.writer().pending(), 3);
  in.reopen();
  CAF_CHECK_EQUAL(in.writer().pending(), 3);
  closed(in, "b1");
  CAF_CHECK_EQUAL(in.writer().pending(), 5);
  in.goes_on(in.stored("a4").value, {ends("cancelled")});
  CAF_CHECK_EQUAL(in.writer().pending(), 4);
}

STORE_TEST("the performer's appends keep the claim until the order is settled") {
  auto order = performed(in, "a", "b1");
  CAF_CHECK_EQUAL(in.stored("a").batch_id, "b1");
  order = in.goes_on(order, {entered("two")}, true);
  CAF_CHECK_EQUAL(in.stored("a").batch_id, "b1");
  in.goes_on(order, {waits()}, true);
  CAF_CHECK_EQUAL(in.stored("a").batch_id, "");
  CAF_CHECK(in.stored("a").place == queue::none);
  CAF_CHECK_EQUAL(recovered(in).recovered, 0);
}

STORE_TEST("the performer can give its order to a queue with what it appends") {
  const auto order = performed(in, "a", "b1");
  auto append = in.follow(order, {{"order_quarantined"}}, true);
  append.place = queue::alone;
  append.progress = false;
  CAF_CHECK_EQUAL(code_of(in.commit(append).outcome), "done");
  CAF_CHECK_EQUAL(in.stored("a").batch_id, "");
  CAF_CHECK(in.stored("a").place == queue::alone);
  CAF_CHECK_EQUAL(in.claim("b2", queue::alone), ids{"a"});
}

STORE_TEST("another's append leaves a claimed order to its performer, unless it settles it") {
  auto order = performed(in, "a", "b1");
  order = in.goes_on(order, {{"event_received", {{"event", "e"}, {"deferred", true}}}});
  CAF_CHECK_EQUAL(in.stored("a").batch_id, "b1");
  CAF_CHECK(in.stored("a").place == queue::none);
  in.goes_on(order, {ends("cancelled")});
  CAF_CHECK_EQUAL(in.stored("a").batch_id, "");
  CAF_CHECK(in.stored("a").place == queue::none);
}

STORE_TEST("a command for an order at rest puts it into the runnable queue") {
  auto order = performed(in, "a", "b1");
  order = in.goes_on(order, {waits()}, true);
  closed(in, "b1");
  in.goes_on(order, {entered("two")});
  CAF_CHECK(in.stored("a").place == queue::runnable);
  CAF_CHECK_EQUAL(in.claim("r1", queue::runnable), ids{"a"});
}

STORE_TEST("a command for an order in a queue leaves it there, and what is to run alone goes on to be") {
  auto order = performed(in, "a", "b1");
  returned(in, "a", queue::alone, true);
  order = in.goes_on(order, {{"event_received", {{"event", "e"}, {"deferred", true}}}});
  CAF_CHECK(in.stored("a").place == queue::alone);
  in.goes_on(order, {ends("cancelled")});
  CAF_CHECK(in.stored("a").place == queue::none);
  CAF_CHECK_EQUAL(in.claim("x", queue::alone), ids{});
}

STORE_TEST("an order that can go on stands somewhere, even if its append forgot to say where") {
  auto order = performed(in, "a", "b1");
  order = in.goes_on(order, {waits()}, true);
  auto append = in.follow(order, {entered("two")});
  append.place = queue::none;
  in.commit(append);
  CAF_CHECK(in.stored("a").place == queue::runnable);
  auto fresh = submit("b");
  fresh.place = queue::none;
  in.commit(fresh);
  CAF_CHECK(in.stored("b").place == queue::pending);
}

STORE_TEST("an order that is not to begin before its time is released when it has come") {
  submission later;
  later.not_before = at(10);
  in.submitted("a", later);
  submission latest;
  latest.not_before = at(20);
  in.submitted("b", latest);
  CAF_CHECK_EQUAL(in.claim("b0"), ids{});
  CAF_CHECK(*in.reader().earliest_due() == std::optional(at(10)));
  CAF_CHECK_EQUAL(released(in, at(9)), 0);
  CAF_CHECK_EQUAL(released(in, at(10)), 1);
  CAF_CHECK(in.stored("a").place == queue::pending);
  CAF_CHECK(*in.reader().earliest_due() == std::optional(at(20)));
  CAF_CHECK_EQUAL(released(in, at(15)), 0);
  CAF_CHECK_EQUAL(in.claim("b1"), ids{"a"});
  in.reopen();
  CAF_CHECK_EQUAL(released(in, at(30)), 1);
  CAF_CHECK(*in.reader().earliest_due() == std::optional<time_point>{});
  CAF_CHECK_EQUAL(in.claim("b2"), ids{"b"});
}

STORE_TEST("a long retry parks an order until it is due, then it is runnable") {
  auto order = performed(in, "a", "b1");
  order = in.goes_on(order, {retries_at(at(60)), waits()}, true);
  CAF_CHECK(in.stored("a").place == queue::none);
  CAF_CHECK(*in.reader().earliest_due() == std::optional(at(60)));
  CAF_CHECK_EQUAL(released(in, at(60)), 1);
  CAF_CHECK(in.stored("a").place == queue::runnable);
  CAF_CHECK_EQUAL(released(in, at(61)), 0);
}

STORE_TEST("at most so many are released at a time, the earliest first") {
  for (int index = 0; index < 5; ++index) {
    submission later;
    later.not_before = at(10 - index);
    in.submitted("a" + std::to_string(index), later);
  }
  CAF_CHECK_EQUAL(released(in, at(100), 2), 2);
  CAF_CHECK_EQUAL(in.claim("b1"), (ids{"a3", "a4"}));
  CAF_CHECK_EQUAL(released(in, at(100), 2), 2);
  CAF_CHECK_EQUAL(released(in, at(100), 2), 1);
}

STORE_TEST("an order found settled gives up its claim, and is due again when it was") {
  auto order = performed(in, "a", "b1");
  order = in.goes_on(order, {retries_at(at(60)), waits()}, true);
  released(in, at(60));
  in.claim("r1", queue::runnable);
  in.commit(store::settle_order{"another batch", "a", "waiting", at(61), {}});
  CAF_CHECK_EQUAL(in.stored("a").batch_id, "r1");
  in.commit(store::settle_order{"r1", "a", "waiting", at(61), {}});
  CAF_CHECK_EQUAL(in.stored("a").batch_id, "");
  CAF_CHECK(*in.reader().earliest_due() == std::optional(at(60)));
  CAF_CHECK_EQUAL(code_of(in.commit(store::settle_order{"r1", "a", "waiting", at(61), {}}).outcome), "done");
  CAF_CHECK_EQUAL(code_of(in.commit(store::settle_order{"r1", "none", "waiting", at(61), {}}).outcome),
                  "unknown_order");
}

STORE_TEST("closing a batch writes down how it ended, once") {
  auto order = performed(in, "a", "b1");
  in.goes_on(order, {ends("completed")}, true);
  closed(in, "b1", {{"completed", 1}});
  const auto batch = in.reader().batch("b1");
  CAF_REQUIRE(batch);
  CAF_CHECK_EQUAL(batch->status, "settled");
  CAF_CHECK(batch->ended_at == std::optional(at(200)));
  CAF_CHECK(batch->settled == (std::map<std::string, int>{{"completed", 1}}));
  closed(in, "b1", {{"failed", 7}}, true);
  CAF_CHECK_EQUAL(in.reader().batch("b1")->status, "settled");
  CAF_CHECK_EQUAL(code_of(closed(in, "none").outcome), "done");
  CAF_CHECK_EQUAL(code_of(in.reader().batch("none")), "unknown_batch");
}

STORE_TEST("a batch that is given up gives its orders back, each to where it belongs, and nobody is to blame") {
  in.submitted("not begun");
  auto begun = in.submitted("begun");
  auto ended = in.submitted("ended");
  in.submitted("alone");
  returned(in, "alone", queue::alone, false);
  in.claim("b1");
  in.claim("b1", queue::alone, 10, false);
  in.goes_on(begun, {entered("one")}, true);
  in.goes_on(ended, {ends("completed")}, true);
  closed(in, "b1", {}, true);
  CAF_CHECK_EQUAL(in.reader().batch("b1")->status, "interrupted");
  CAF_CHECK(in.stored("not begun").place == queue::pending);
  CAF_CHECK(in.stored("begun").place == queue::runnable);
  CAF_CHECK(in.stored("ended").place == queue::none);
  CAF_CHECK(in.stored("alone").place == queue::alone);
  for (const auto* name : {"not begun", "begun", "ended", "alone"}) {
    CAF_CHECK_EQUAL(in.stored(name).batch_id, "");
    CAF_CHECK_EQUAL(in.stored(name).recoveries, 0);
  }
}

STORE_TEST("an order given back into a queue can be claimed again; crashes are counted until it gets somewhere") {
  auto order = performed(in, "a", "b1");
  CAF_CHECK_EQUAL(returned(in, "a", queue::runnable, true).recoveries, 1);
  CAF_CHECK_EQUAL(in.claim("r1", queue::runnable), ids{"a"});
  CAF_CHECK_EQUAL(returned(in, "a", queue::runnable, true).recoveries, 2);
  in.claim("r2", queue::runnable);
  CAF_CHECK_EQUAL(in.stored("a").recoveries, 2);
  auto quarantine = in.follow(order, {{"order_quarantined"}}, true);
  quarantine.progress = false;
  order = *in.commit(quarantine).after;
  CAF_CHECK_EQUAL(in.stored("a").recoveries, 2);
  in.goes_on(order, {entered("two")}, true);
  CAF_CHECK_EQUAL(in.stored("a").recoveries, 0);
  CAF_CHECK_EQUAL(returned(in, "a", queue::runnable, false).recoveries, 0);
  CAF_CHECK_EQUAL(code_of(returned(in, "none", queue::runnable, true).outcome), "unknown_order");
}

STORE_TEST("a crash can be counted without the claim being given up") {
  performed(in, "a", "b1");
  CAF_CHECK_EQUAL(returned(in, "a", queue::none, true).recoveries, 1);
  CAF_CHECK_EQUAL(in.stored("a").batch_id, "b1");
  CAF_CHECK_EQUAL(in.stored("a").recoveries, 1);
}

STORE_TEST("crashes over an order at rest are counted too, and forgotten when it goes on") {
  auto order = performed(in, "a", "b1");
  order = in.goes_on(order, {waits()}, true);
  CAF_CHECK_EQUAL(returned(in, "a", queue::none, true).recoveries, 1);
  CAF_CHECK_EQUAL(returned(in, "a", queue::none, true).recoveries, 2);
  CAF_CHECK(in.stored("a").place == queue::none);
  in.goes_on(order, {entered("two")});
  CAF_CHECK_EQUAL(in.stored("a").recoveries, 0);
}

STORE_TEST("what was being performed when the process ended is found again") {
  in.submitted("not begun");
  auto begun = in.submitted("begun");
  auto parked = in.submitted("parked");
  auto ended = in.submitted("ended");
  in.claim("b1");
  in.submitted("untouched");
  submission later;
  later.not_before = at(1000);
  in.submitted("later", later);
  in.goes_on(begun, {entered("one")}, true);
  in.goes_on(parked, {entered("one"), waits()}, true);
  in.goes_on(ended, {entered("one"), ends("completed")}, true);
  in.reopen();
  const auto done = recovered(in);
  CAF_CHECK_EQUAL(done.interrupted_batches, 1);
  CAF_CHECK_EQUAL(done.recovered, 2);
  CAF_CHECK_EQUAL(done.alone, 0);
  CAF_CHECK_EQUAL(in.reader().batch("b1")->status, "interrupted");
  CAF_CHECK(in.reader().batch("b1")->ended_at == std::optional(at(500)));
  CAF_CHECK(in.stored("not begun").place == queue::pending);
  CAF_CHECK(in.stored("begun").place == queue::runnable);
  for (const auto* name : {"parked", "ended", "later"})
    CAF_CHECK(in.stored(name).place == queue::none);
  CAF_CHECK_EQUAL(in.stored("begun").recoveries, 1);
  CAF_CHECK_EQUAL(in.stored("untouched").recoveries, 0);
  CAF_CHECK_EQUAL(in.claim("b2"), (ids{"not begun", "untouched"}));
  CAF_CHECK_EQUAL(recovered(in).recovered, 2);
  CAF_CHECK_EQUAL(recovered(in).recovered, 0);
}

STORE_TEST("what takes the process down again and again is put apart; an orderly end blames nobody") {
  performed(in, "bad", "b0");
  for (int round = 1; round <= 2; ++round) {
    const auto done = recovered(in, 2);
    CAF_CHECK_EQUAL(done.recovered, 1);
    CAF_CHECK_EQUAL(in.claim("r" + std::to_string(round), queue::runnable), ids{"bad"});
  }
  CAF_CHECK_EQUAL(recovered(in, 2, false).recovered, 1);
  CAF_CHECK_EQUAL(in.stored("bad").recoveries, 2);
  in.claim("r3", queue::runnable);
  const auto last = recovered(in, 2);
  CAF_CHECK_EQUAL(last.recovered, 0);
  CAF_CHECK_EQUAL(last.alone, 1);
  CAF_CHECK(in.stored("bad").place == queue::alone);
  CAF_CHECK_EQUAL(in.claim("r4", queue::runnable), ids{});
  CAF_CHECK_EQUAL(in.claim("x", queue::alone), ids{"bad"});
}

STORE_TEST("what is to run alone is still to run alone when the process has ended") {
  performed(in, "a", "b1");
  returned(in, "a", queue::alone, true);
  in.claim("x", queue::alone);
  recovered(in, 5);
  CAF_CHECK(in.stored("a").place == queue::alone);
}
