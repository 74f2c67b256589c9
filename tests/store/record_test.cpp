#define CAF_SUITE store_records

#include "tests/store/contract.hpp"

using namespace troupe;
using namespace troupe::testing;

namespace {

blueprint::published version_of(blueprint::published_kind kind, const std::string& id, int version) {
  blueprint::published record;
  record.kind = kind;
  record.id = id;
  record.version = version;
  record.published_at = at(version);
  record.by = "somebody";
  record.comment = "because";
  record.form = "full";
  record.definition = {{"id", id}, {"version", version}, {"float", 1.25}};
  record.pins = {{"charge", 3}};
  return record;
}

store::operation_record operation(const std::string& operation_id) {
  store::operation_record record;
  record.operation_id = operation_id;
  record.kind = "reprocess";
  record.status = "running";
  record.total = 10;
  record.created_at = at(1);
  record.dry_run = true;
  record.by = "somebody";
  record.work = {{"filter", {{"status", "failed"}}}};
  return record;
}

} // namespace

STORE_TEST("what is published is read back whole, in the order of publishing") {
  using enum blueprint::published_kind;
  const std::vector<blueprint::published> wanted = {
      version_of(api_call, "charge", 1), version_of(blueprint, "transfer", 1), version_of(function, "list", 1),
      version_of(blueprint, "transfer", 2), version_of(blueprint, "charge", 1)};
  for (const auto& record : wanted)
    CAF_CHECK_EQUAL(code_of(in.commit(store::publish{record, {}, {}}).outcome), "done");
  in.reopen();
  const auto all = in.reader().published();
  CAF_REQUIRE(all);
  CAF_REQUIRE_EQUAL(all->size(), wanted.size());
  for (std::size_t index = 0; index < wanted.size(); ++index) {
    const auto& record = (*all)[index];
    CAF_CHECK(record.kind == wanted[index].kind);
    CAF_CHECK_EQUAL(record.id, wanted[index].id);
    CAF_CHECK_EQUAL(record.version, wanted[index].version);
    CAF_CHECK(record.published_at == wanted[index].published_at);
    CAF_CHECK_EQUAL(record.by, "somebody");
    CAF_CHECK_EQUAL(record.comment, "because");
    CAF_CHECK_EQUAL(record.form, "full");
    CAF_CHECK(record.definition == wanted[index].definition);
    CAF_CHECK(record.pins == wanted[index].pins);
  }
}

STORE_TEST("a version that exists is not published again") {
  using enum blueprint::published_kind;
  in.commit(store::publish{version_of(blueprint, "transfer", 1), {}, {}});
  auto other = version_of(blueprint, "transfer", 1);
  other.comment = "another";
  CAF_CHECK_EQUAL(code_of(in.commit(store::publish{other, {}, {}}).outcome), "version_conflict");
  const auto all = in.reader().published();
  CAF_REQUIRE_EQUAL(all->size(), 1u);
  CAF_CHECK_EQUAL(all->front().comment, "because");
}

STORE_TEST("publishing under a key that was used is refused, and publishes nothing") {
  using enum blueprint::published_kind;
  const store::request_record key{"somebody", "PUT", "k", "hash", 201, "{}", "", at(1)};
  CAF_CHECK_EQUAL(code_of(in.commit(store::publish{version_of(blueprint, "transfer", 1), key, {}}).outcome), "done");
  CAF_CHECK_EQUAL(code_of(in.commit(store::publish{version_of(blueprint, "transfer", 2), key, {}}).outcome),
                  "idempotency_conflict");
  CAF_CHECK_EQUAL(in.reader().published()->size(), 1u);
  CAF_CHECK_EQUAL((*in.reader().request("somebody", "PUT", "k"))->body_hash, "hash");
}

STORE_TEST("a bulk operation is created, then updated, and its results add up") {
  auto record = operation("op1");
  CAF_CHECK_EQUAL(code_of(in.reader().operation("op1")), "unknown_operation");
  CAF_CHECK_EQUAL(code_of(in.reader().operation_results("op1", {})), "unknown_operation");
  in.commit(store::save_operation{record, {}, {}, {}});
  CAF_CHECK_EQUAL(in.reader().operation_results("op1", {})->items.size(), 0u);
  record.done = 2;
  record.refused = 1;
  record.cursor = "c1";
  in.commit(store::save_operation{record, {{"a", "reprocessed", {}}, {"b", "refused", {{"status", 409}}}}, {}, {}});
  record.status = "completed";
  record.ended_at = at(9);
  in.commit(store::save_operation{record, {{"c", "reprocessed", {}}}, {}, {}});

  const auto found = in.reader().operation("op1");
  CAF_REQUIRE(found);
  CAF_CHECK_EQUAL(found->kind, "reprocess");
  CAF_CHECK_EQUAL(found->status, "completed");
  CAF_CHECK_EQUAL(found->total, 10);
  CAF_CHECK_EQUAL(found->done, 2);
  CAF_CHECK_EQUAL(found->refused, 1);
  CAF_CHECK(found->created_at == at(1));
  CAF_CHECK(found->ended_at == std::optional(at(9)));
  CAF_CHECK(found->dry_run);
  CAF_CHECK_EQUAL(found->by, "somebody");
  CAF_CHECK(found->work == record.work);
  CAF_CHECK_EQUAL(found->cursor, "c1");

  const auto first = in.reader().operation_results("op1", {"", 2, true});
  CAF_REQUIRE(first);
  CAF_REQUIRE_EQUAL(first->items.size(), 2u);
  CAF_CHECK_EQUAL(first->items[0].order_id, "a");
  CAF_CHECK(first->items[0].problem.is_null());
  CAF_CHECK_EQUAL(first->items[1].result, "refused");
  CAF_CHECK(first->items[1].problem == json({{"status", 409}}));
  const auto second = in.reader().operation_results("op1", {first->next, 2, true});
  CAF_REQUIRE_EQUAL(second->items.size(), 1u);
  CAF_CHECK_EQUAL(second->items[0].order_id, "c");
  CAF_CHECK_EQUAL(second->next, "");
  CAF_CHECK_EQUAL(in.reader().operation_results("op1", {"", 1, false})->items[0].order_id, "c");
}

STORE_TEST("operations that have not ended are found again") {
  auto first = operation("op1");
  auto second = operation("op2");
  second.status = "paused";
  auto third = operation("op3");
  third.status = "cancelled";
  third.ended_at = at(3);
  for (const auto& record : {first, second, third})
    in.commit(store::save_operation{record, {}, {}, {}});
  in.reopen();
  const auto running = in.reader().running_operations();
  CAF_REQUIRE(running);
  CAF_REQUIRE_EQUAL(running->size(), 2u);
  CAF_CHECK_EQUAL((*running)[0].operation_id, "op1");
  CAF_CHECK_EQUAL((*running)[1].operation_id, "op2");
}

STORE_TEST("an operation under a key that was used is refused") {
  const store::request_record key{"somebody", "POST", "k", "hash", 202, "{}", "", at(1)};
  in.commit(store::save_operation{operation("op1"), {}, key, {}});
  CAF_CHECK_EQUAL(code_of(in.commit(store::save_operation{operation("op2"), {}, key, {}}).outcome),
                  "idempotency_conflict");
  CAF_CHECK_EQUAL(code_of(in.reader().operation("op2")), "unknown_operation");
}

STORE_TEST("an operation of a group that cannot be carried out changes nothing, and the others go through") {
  in.submitted("a");
  in.claim("b1");
  in.submitted("b");
  std::vector<store::operation> group;
  group.emplace_back(submit("c"));
  store::claim_orders again; // a batch of this name is there already: what the store cannot carry out
  again.batch_id = "b1";
  again.limit = 10;
  group.emplace_back(again);
  group.emplace_back(submit("d"));
  in.commit_group(group);
  CAF_CHECK_EQUAL(code_of(std::get<store::append>(group[0]).outcome), "done");
  CAF_CHECK_EQUAL(code_of(std::get<store::claim_orders>(group[1]).outcome), "internal");
  CAF_CHECK(std::get<store::claim_orders>(group[1]).taken.empty());
  CAF_CHECK_EQUAL(code_of(std::get<store::append>(group[2]).outcome), "done");
  CAF_CHECK(in.stored("b").place == store::queue::pending);
  CAF_CHECK_EQUAL(in.writer().pending(), 3);
  CAF_CHECK_EQUAL(in.claim("b2"), (std::vector<std::string>{"b", "c", "d"}));
}
