#define CAF_SUITE store_append

#include "tests/store/contract.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

store::request_record keyed(const std::string& key, const std::string& caller = "shop") {
  return {caller, "POST /v1/orders", key, "hash-of-body", 201, R"({"order_id":"a"})", "/v1/orders/a", at(1)};
}

} // namespace

STORE_TEST("a submitted order is read back whole, with its history") {
  submission wanted;
  wanted.group = "spring";
  wanted.labels = {{"region", "eu"}, {"tier", "gold"}};
  wanted.priority = 7;
  const auto order = in.submitted("a", wanted);
  const auto found = in.stored("a");
  CAF_CHECK(found.value == order);
  CAF_CHECK_EQUAL(found.recoveries, 0);
  CAF_CHECK(found.place == store::queue::pending);
  CAF_CHECK_EQUAL(found.batch_id, "");
  CAF_CHECK(in.history("a") == submit("a", wanted).events);
}

STORE_TEST("an append is the events and the state after them") {
  auto order = in.submitted("a");
  order = in.goes_on(order, {entered("one"), waits()});
  order = in.goes_on(order, {entered("two"), entered("three"), ends("completed")});
  CAF_CHECK(in.stored("a").value == order);
  const auto history = in.history("a");
  CAF_REQUIRE_EQUAL(history.size(), 6u);
  for (std::size_t index = 0; index < history.size(); ++index)
    CAF_CHECK_EQUAL(history[index].sequence, index + 1);
  CAF_CHECK(engine::fold(history) == order);
}

STORE_TEST("texts of every kind come back as they were") {
  for (const auto& text : {std::string("\xf0\x9f\x8e\xad \"quoted\" \\ \n\t"), std::string("with\0zero", 9),
                           std::string("'; DROP TABLE orders; --"), std::string(200'000, 'y')}) {
    const auto name = "order-" + std::to_string(text.size());
    auto order = in.submitted(name);
    order = in.goes_on(order, {{"event_received", {{"event", text}, {"data", {{text, text}}}}}, entered(text)});
    CAF_CHECK(in.stored(name).value == order);
    CAF_CHECK(in.history(name)[1].data["event"] == text);
  }
}

STORE_TEST("an order that nobody has submitted is unknown") {
  CAF_CHECK_EQUAL(code_of(in.reader().order("a")), "unknown_order");
  CAF_CHECK_EQUAL(code_of(in.reader().history("a", {})), "unknown_order");
  auto order = *submit("a").after;
  CAF_CHECK_EQUAL(code_of(in.commit(in.follow(order, {entered("one")})).outcome), "unknown_order");
  CAF_CHECK_EQUAL(code_of(in.reader().order("a")), "unknown_order");
}

STORE_TEST("a second submission of an id is a duplicate, and says with what request the first came") {
  submission first;
  first.request_hash = "the first";
  const auto order = in.submitted("a", first);
  CAF_CHECK_EQUAL(in.commit(submit("a", first)).existing_hash, "the first");
  submission second;
  second.request_hash = "the second";
  const auto done = in.commit(submit("a", second));
  CAF_CHECK_EQUAL(code_of(done.outcome), "duplicate_order");
  CAF_CHECK_EQUAL(done.existing_hash, "the first");
  CAF_CHECK(in.stored("a").value == order);
  in.goes_on(order, {entered("one")});
  CAF_CHECK_EQUAL(in.commit(submit("a", second)).existing_hash, "the first");
}

STORE_TEST("two submissions of one id in one group: the first is taken") {
  std::vector<store::operation> group;
  group.emplace_back(submit("a"));
  group.emplace_back(submit("a"));
  in.commit_group(group);
  CAF_CHECK_EQUAL(code_of(std::get<store::append>(group[0]).outcome), "done");
  CAF_CHECK_EQUAL(code_of(std::get<store::append>(group[1]).outcome), "duplicate_order");
  CAF_CHECK_EQUAL(std::get<store::append>(group[1]).existing_hash, "0123");
}

STORE_TEST("an append on another sequence than the stored one is a conflict and changes nothing") {
  const auto first = in.submitted("a");
  const auto second = in.goes_on(first, {entered("one"), entered("two")});
  CAF_CHECK_EQUAL(code_of(in.commit(in.follow(first, {ends("completed")})).outcome), "conflict");
  auto ahead = second;
  engine::apply(ahead, {second.sequence + 1, at(2), "state_entered", "tester", {{"state", "three"}}});
  CAF_CHECK_EQUAL(code_of(in.commit(in.follow(ahead, {ends("completed")})).outcome), "conflict");
  CAF_CHECK(in.stored("a").value == second);
  CAF_CHECK_EQUAL(in.history("a").size(), 3u);
}

STORE_TEST("appends of one group see each other, in order") {
  const auto first = *submit("a").after;
  auto second = in.follow(first, {entered("one")});
  const auto middle = *second.after;
  std::vector<store::operation> group;
  group.emplace_back(submit("a"));
  group.emplace_back(std::move(second));
  group.emplace_back(in.follow(middle, {ends("completed")}));
  group.emplace_back(in.follow(middle, {ends("failed")}));
  in.commit_group(group);
  CAF_CHECK_EQUAL(code_of(std::get<store::append>(group[2]).outcome), "done");
  CAF_CHECK_EQUAL(code_of(std::get<store::append>(group[3]).outcome), "conflict");
  CAF_CHECK(in.stored("a").value.status == engine::status::completed);
}

STORE_TEST("an append under an older epoch is refused, each for itself") {
  const auto mine = in.submitted("a");
  const auto other = in.submitted("b");
  auto stale = in.follow(mine, {entered("one")});
  in.reopen();
  std::vector<store::operation> group;
  group.emplace_back(in.follow(other, {entered("one")}));
  group.emplace_back(stale);
  group.emplace_back(submit("c"));
  in.commit_group(group);
  CAF_CHECK_EQUAL(code_of(std::get<store::append>(group[0]).outcome), "done");
  CAF_CHECK_EQUAL(code_of(std::get<store::append>(group[1]).outcome), "stale_epoch");
  CAF_CHECK_EQUAL(code_of(std::get<store::append>(group[2]).outcome), "done");
  CAF_CHECK(in.stored("a").value == mine);
  CAF_CHECK_EQUAL(in.history("b").size(), 2u);
}

STORE_TEST("an append needs the lease of its own shard, and no one's epoch is 0") {
  const auto order = in.submitted("a");
  auto wrong = in.follow(order, {entered("one")});
  wrong.under = in.lease_of("b");
  CAF_CHECK_NOT_EQUAL(shard_of("a"), shard_of("b"));
  CAF_CHECK_EQUAL(code_of(in.commit(wrong).outcome), "stale_epoch");
  wrong.under = {shard_of("a"), 0};
  CAF_CHECK_EQUAL(code_of(in.commit(wrong).outcome), "stale_epoch");
}

STORE_TEST("every taking of the leases gives higher epochs, of all shards") {
  auto earlier = in.writer().take_leases("one");
  auto later = in.writer().take_leases("two");
  CAF_REQUIRE(earlier && later);
  CAF_REQUIRE_EQUAL(later->size(), static_cast<std::size_t>(shard_count));
  for (int shard = 0; shard < shard_count; ++shard) {
    const auto index = static_cast<std::size_t>(shard);
    CAF_CHECK_EQUAL((*later)[index].shard, shard);
    CAF_CHECK((*later)[index].epoch > (*earlier)[index].epoch);
  }
  const auto order = in.submitted("a");
  CAF_CHECK_EQUAL(code_of(in.commit(in.follow(order, {entered("one")})).outcome), "stale_epoch");
}

STORE_TEST("an Idempotency-Key is taken with the write that it came with, or not at all") {
  auto first = submit("a");
  first.request = keyed("k1");
  CAF_CHECK_EQUAL(code_of(in.commit(first).outcome), "done");
  auto second = submit("b");
  second.request = keyed("k1");
  CAF_CHECK_EQUAL(code_of(in.commit(second).outcome), "idempotency_conflict");
  CAF_CHECK_EQUAL(code_of(in.reader().order("b")), "unknown_order");
  auto duplicate = submit("a");
  duplicate.request = keyed("k2");
  CAF_CHECK_EQUAL(code_of(in.commit(duplicate).outcome), "duplicate_order");
  auto stale = in.follow(in.stored("a").value, {entered("one")});
  stale.request = keyed("k3");
  stale.expected_sequence = 1;
  stale.under.epoch += 1;
  CAF_CHECK_EQUAL(code_of(in.commit(stale).outcome), "stale_epoch");
  auto repeated = in.follow(in.stored("a").value, {entered("one")});
  repeated.request = keyed("k1");
  CAF_CHECK_EQUAL(code_of(in.commit(repeated).outcome), "idempotency_conflict");
  auto other = submit("b");
  other.request = keyed("k1", "another caller");
  CAF_CHECK_EQUAL(code_of(in.commit(other).outcome), "done");

  const auto kept = in.reader().request("shop", "POST /v1/orders", "k1");
  CAF_REQUIRE(kept && *kept);
  CAF_CHECK_EQUAL((*kept)->body_hash, "hash-of-body");
  CAF_CHECK_EQUAL((*kept)->status, 201);
  CAF_CHECK_EQUAL((*kept)->answer, R"({"order_id":"a"})");
  CAF_CHECK_EQUAL((*kept)->location, "/v1/orders/a");
  CAF_CHECK((*kept)->at == at(1));
  for (const auto* key : {"k2", "k3"})
    CAF_CHECK(!*in.reader().request("shop", "POST /v1/orders", key));
}

STORE_TEST("old keys are forgotten, at most so many at a time") {
  for (int index = 0; index < 5; ++index) {
    auto order = submit("o" + std::to_string(index));
    order.request = keyed("k" + std::to_string(index));
    order.request->at = at(index);
    in.commit(std::move(order));
  }
  const auto is_kept = [&in](int index) {
    return in.reader().request("shop", "POST /v1/orders", "k" + std::to_string(index))->has_value();
  };
  in.commit(store::forget_requests{at(4), 2, {}});
  CAF_CHECK(!is_kept(0) && !is_kept(1) && is_kept(2) && is_kept(3) && is_kept(4));
  in.commit(store::forget_requests{at(4), 1000, {}});
  CAF_CHECK(!is_kept(2) && !is_kept(3) && is_kept(4));
  auto again = submit("another");
  again.request = keyed("k0");
  CAF_CHECK_EQUAL(code_of(in.commit(again).outcome), "done");
}

STORE_TEST("orders are counted by workflow and status") {
  const auto count = [&in](const std::string& workflow, const std::string& status) {
    std::int64_t found = 0;
    const auto all = in.reader().counts();
    for (const auto& each : *all)
      if (each.workflow == workflow && each.status == status) found += each.count;
    return found;
  };
  submission checkout;
  checkout.workflow = "checkout";
  in.submitted("a", checkout);
  in.submitted("b", checkout);
  auto order = in.submitted("c");
  in.commit(submit("c"));
  CAF_CHECK_EQUAL(count("checkout", "pending"), 2);
  CAF_CHECK_EQUAL(count("transfer", "pending"), 1);
  order = in.goes_on(order, {entered("one")});
  CAF_CHECK_EQUAL(count("transfer", "pending"), 0);
  CAF_CHECK_EQUAL(count("transfer", "active"), 1);
  in.goes_on(order, {ends("cancelled")});
  CAF_CHECK_EQUAL(count("transfer", "cancelled"), 1);
  in.reopen();
  CAF_CHECK_EQUAL(count("transfer", "cancelled"), 1);
  CAF_CHECK_EQUAL(count("checkout", "pending"), 2);
}

STORE_TEST("a reader sees what was acknowledged before it asks, at once") {
  const auto other = in.another_reader();
  for (int index = 0; index < 20; ++index) {
    const auto name = "a" + std::to_string(index);
    in.submitted(name);
    CAF_CHECK(other->order(name).has_value());
  }
}

STORE_TEST("a group of nothing is done") {
  std::vector<store::operation> none;
  CAF_CHECK(in.writer().commit(none).has_value());
}

STORE_TEST("there is something to say about the room that is left") {
  CAF_CHECK(in.writer().free_bytes() == -1 || in.writer().free_bytes() > 0);
}
