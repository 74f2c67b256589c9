#define CAF_SUITE base_ids

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"

#include "caf/test/dsl.hpp"

#include <set>
#include <thread>
#include <vector>

using namespace troupe;

CAF_TEST(a shard is the FNV hash of the id and stays so for ever) {
  CAF_CHECK_EQUAL(shard_of(""), 0x25);       // offset basis cbf29ce484222325
  CAF_CHECK_EQUAL(shard_of("a"), 0x8c);      // af63dc4c8601ec8c
  CAF_CHECK_EQUAL(shard_of("foobar"), 0xe8); // 85944171f73967e8
}

CAF_TEST(order ids have their alphabet and their length) {
  for (auto text : {"a", "7", "order-1", "A.b_c:d-e", "123e4567-e89b-42d3-a456-426614174000"})
    CAF_CHECK(is_order_id(text));
  for (auto text : {"", "-a", ".a", "_a", ":a", "a b", "a/b", "a\n", "\xc3\xa4"})
    CAF_CHECK(!is_order_id(text));
  CAF_CHECK(is_order_id(std::string(128, 'x')));
  CAF_CHECK(!is_order_id(std::string(129, 'x')));
}

CAF_TEST(definition ids begin with a letter) {
  for (auto text : {"a", "Money_transfer-2"})
    CAF_CHECK(is_definition_id(text));
  for (auto text : {"", "1a", "_a", "-a", "a.b", "a:b"})
    CAF_CHECK(!is_definition_id(text));
  CAF_CHECK(is_definition_id(std::string(128, 'x')));
  CAF_CHECK(!is_definition_id(std::string(129, 'x')));
}

CAF_TEST(new UUIDs are of version 7 and sort by the time of making) {
  auto before = wall_clock_now().time_since_epoch().count();
  std::string last;
  for (int i = 0; i < 20'000; ++i) {
    auto next = new_uuid_v7();
    if (next <= last) CAF_FAIL(next << " after " << last);
    last = next;
  }
  CAF_CHECK_EQUAL(last.size(), 36u);
  CAF_CHECK_EQUAL(last[14], '7');
  CAF_CHECK(std::string_view{"89ab"}.find(last[19]) != std::string_view::npos);
  auto made = std::stoll(last.substr(0, 8) + last.substr(9, 4), nullptr, 16);
  CAF_CHECK(made >= before);
  CAF_CHECK(made <= wall_clock_now().time_since_epoch().count() + 1000);
}

CAF_TEST(threads never make the same UUID) {
  std::vector<std::vector<std::string>> made(4);
  std::vector<std::thread> threads;
  for (auto& mine : made) {
    threads.emplace_back([&mine] {
      for (int i = 0; i < 2'000; ++i)
        mine.push_back(new_uuid_v7());
    });
  }
  for (auto& thread : threads)
    thread.join();
  std::set<std::string> all;
  for (auto& mine : made)
    all.insert(mine.begin(), mine.end());
  CAF_CHECK_EQUAL(all.size(), 8'000u);
}

CAF_TEST(a derived UUID is the same for the same text and shaped like version 4) {
  CAF_CHECK_EQUAL(uuid_from("order-1/refund"), uuid_from("order-1/refund"));
  CAF_CHECK_NOT_EQUAL(uuid_from("order-1/refund"), uuid_from("order-1/refunds"));
  CAF_CHECK_EQUAL(uuid_from(""),
                  "e3b0c442-98fc-4c14-9afb-f4c8996fb924"); // SHA-256 of nothing, version and variant put in
}
