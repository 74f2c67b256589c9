#define CAF_SUITE store

#include "tests/actors/actor_fixture.hpp"

using namespace troupe;
using namespace troupe::actors;
using namespace troupe::test;

namespace {

struct fixture : actor_fixture {
  fixture() { world.publish(one_call_blueprint("single")); }

  using operation_ptr = std::shared_ptr<store::operation>;

  operation_ptr new_order(const std::string& order_id) {
    return std::make_shared<store::operation>(world.submission(order_id, "single"));
  }
  operation_ptr release() {
    return std::make_shared<store::operation>(store::release_due{world.with.clock(), 10, {}, 0});
  }

  auto write(const operation_ptr& operation) { return self->request(store, caf::infinite, store_write{operation}); }
  template <class Pending> bool is_answered(Pending& pending) {
    auto answered = true;
    pending.receive([](const store_write&) {}, [&](const caf::error&) { answered = false; });
    return answered;
  }
  static const expected<void>& outcome_of(const operation_ptr& operation) {
    return std::visit([](const auto& one) -> const expected<void>& { return one.outcome; }, *operation);
  }
  static errc code_of(const operation_ptr& operation) {
    return outcome_of(operation) ? errc::internal : outcome_of(operation).error().code;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(store_tests, fixture)

CAF_TEST(what arrives together is committed together and answered when it is durable) {
  const auto before = world.store.inside().commits;
  auto first = new_order("a"), second = new_order("b"), third = new_order("c");
  auto one = write(first), two = write(second), three = write(third);
  handle();
  CAF_CHECK(is_answered(one) && is_answered(two) && is_answered(three));
  CAF_CHECK_EQUAL(world.store.inside().commits, before + 1);
  CAF_CHECK_EQUAL(world.store.content().orders.size(), 3u);
}

CAF_TEST(a refused operation does not touch the others of its group) {
  auto first = new_order("a"), again = new_order("a"), other = new_order("b");
  auto one = write(first), two = write(again), three = write(other);
  handle();
  CAF_CHECK(is_answered(one) && is_answered(two) && is_answered(three));
  CAF_CHECK(outcome_of(first).has_value());
  CAF_CHECK(code_of(again) == errc::duplicate_order);
  CAF_CHECK(outcome_of(other).has_value());
}

CAF_TEST(while the store is away submissions are refused at once and the rest is kept and done later) {
  world.store.inside().fate = [](std::size_t, auto) { return commit_fate::refused; };
  auto order = new_order("a"), kept = release();
  auto one = write(order), two = write(kept);
  handle();
  CAF_CHECK(is_answered(one));
  CAF_CHECK(code_of(order) == errc::not_ready);
  CAF_CHECK(!world.with.condition->is_store_ready);
  auto next = new_order("b"), also_kept = release();
  auto three = write(next), four = write(also_kept);
  handle();
  CAF_CHECK(is_answered(three));
  CAF_CHECK(code_of(next) == errc::not_ready);
  world.store.inside().fate = {};
  pass(duration{2'000});
  CAF_CHECK(is_answered(two) && is_answered(four));
  CAF_CHECK(outcome_of(kept).has_value() && outcome_of(also_kept).has_value());
  CAF_CHECK(world.with.condition->is_store_ready);
}

CAF_TEST(what is kept is bounded) {
  world.settings.kept_limit = 3;
  world.use_settings();
  const auto small = keep(
      sys.spawn<store_actor::stateful_impl<store_state>>(world.with, [this] { return world.store.open_writer(); }));
  handle();
  world.store.inside().fate = [](std::size_t, auto) { return commit_fate::refused; };
  std::vector<operation_ptr> all;
  for (int count = 0; count < 5; ++count) {
    all.push_back(release());
    self->send(small, store_write{all.back()});
    handle();
  }
  CAF_CHECK(code_of(all[3]) == errc::not_ready);
  CAF_CHECK(code_of(all[4]) == errc::not_ready);
  world.store.inside().fate = {};
  pass(duration{2'000});
  CAF_CHECK(outcome_of(all[0]).has_value() && outcome_of(all[2]).has_value());
}

CAF_TEST(when the outcome is unknown all are told so) {
  world.store.inside().fate = [](std::size_t, auto) { return commit_fate::unknown_done; };
  auto order = new_order("a"), other = release();
  auto one = write(order), two = write(other);
  handle();
  CAF_CHECK(is_answered(one) && is_answered(two));
  CAF_CHECK(code_of(order) == errc::outcome_unknown);
  CAF_CHECK(code_of(other) == errc::outcome_unknown);
}

CAF_TEST(below the watermark of free space submissions are refused before anything else is) {
  world.store.inside().free_bytes = world.settings.free_min - 1;
  pass(duration{1'000});
  CAF_CHECK(!world.with.condition->is_store_ready);
  auto order = new_order("a"), other = release();
  auto one = write(order), two = write(other);
  handle();
  CAF_CHECK(is_answered(one) && is_answered(two));
  CAF_CHECK(code_of(order) == errc::not_ready);
  CAF_CHECK(outcome_of(other).has_value());
  world.store.inside().free_bytes = world.settings.free_min;
  pass(duration{1'000});
  CAF_CHECK(world.with.condition->is_store_ready);
  auto next = new_order("b");
  auto three = write(next);
  handle();
  CAF_CHECK(is_answered(three));
  CAF_CHECK(outcome_of(next).has_value());
}

CAF_TEST(no more than the limit may be pending counted within a group too) {
  world.settings.pending_limit = 2;
  world.use_settings();
  const auto small = keep(
      sys.spawn<store_actor::stateful_impl<store_state>>(world.with, [this] { return world.store.open_writer(); }));
  handle();
  std::vector<operation_ptr> all;
  for (int count = 0; count < 4; ++count) {
    all.push_back(new_order("o" + std::to_string(count)));
    self->send(small, store_write{all.back()});
  }
  handle();
  CAF_CHECK(outcome_of(all[1]).has_value());
  CAF_CHECK(code_of(all[2]) == errc::queue_full);
  CAF_CHECK(code_of(all[3]) == errc::queue_full);
  CAF_CHECK_EQUAL(world.with.condition->pending, 2);
}

CAF_TEST(that the store is away is known within two seconds though nobody writes and so is its return ) {
  pass(duration{61'000});
  CAF_REQUIRE(world.with.condition->is_store_ready);
  world.store.inside().fate = [](std::size_t, auto) { return commit_fate::refused; };
  auto order = new_order("a");
  auto one = write(order);
  handle();
  CAF_CHECK(is_answered(one));
  CAF_CHECK(!world.with.condition->is_store_ready);
  world.store.inside().fate = {};
  pass(duration{1'000});
  pass(duration{1'000});
  CAF_CHECK(world.with.condition->is_store_ready);
}

CAF_TEST(a store that cannot be opened is tried again) {
  world.store.inside().is_openable = false;
  const auto late = keep(
      sys.spawn<store_actor::stateful_impl<store_state>>(world.with, [this] { return world.store.open_writer(); }));
  handle();
  auto kept = release();
  self->send(late, store_write{kept});
  handle();
  world.store.inside().is_openable = true;
  pass(duration{2'000});
  self->receive([](const store_write&) {});
  CAF_CHECK(outcome_of(kept).has_value());
}

CAF_TEST(many operations are committed in groups of the limit) {
  world.settings.group_limit = 10;
  world.use_settings();
  const auto small = keep(
      sys.spawn<store_actor::stateful_impl<store_state>>(world.with, [this] { return world.store.open_writer(); }));
  handle();
  std::size_t largest = 0;
  world.store.inside().fate = [&](std::size_t, auto group) {
    largest = std::max(largest, group.size());
    return commit_fate::durable;
  };
  for (int count = 0; count < 95; ++count)
    self->send(small, store_write{new_order("o" + std::to_string(count))});
  handle();
  CAF_CHECK_EQUAL(largest, 10u);
  CAF_CHECK_EQUAL(world.store.content().orders.size(), 95u);
}

CAF_TEST(old requests are forgotten) {
  auto& kept = world.store.content().requests;
  kept[{"a", "b", "c"}] = {"a", "b", "c", "", 200, "", "", world.with.clock()};
  pass(duration{86'400'000 - 120'000});
  CAF_CHECK_EQUAL(kept.size(), 1u);
  for (int count = 0; count < 4; ++count)
    pass(duration{61'000});
  CAF_CHECK_EQUAL(kept.size(), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
