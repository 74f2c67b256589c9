#define CAF_SUITE store_crash

#include "tests/store/contract.hpp"

#include <csignal>
#include <random>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace troupe;
using namespace troupe::testing;

namespace {

constexpr int group_size = 12;

std::string name_of(int group, int index) {
  return "g" + std::to_string(group) + "-" + std::to_string(index);
}

/// New orders, and an event for each of those of the group before.
std::vector<store::operation> group_number(int number, const std::vector<store::lease>& leases) {
  std::vector<store::operation> group;
  for (int index = 0; index < group_size; ++index) {
    group.emplace_back(submit(name_of(number, index)));
    if (number == 0) continue;
    const auto before = *submit(name_of(number - 1, index)).after;
    engine::decision decided;
    decided.after = before;
    decided.events.push_back({2, at(1), "state_entered", "tester", {{"state", "one"}, {"visit", 1}}});
    engine::apply(decided.after, decided.events.back());
    const auto lease = leases.at(static_cast<std::size_t>(shard_of(before.order_id)));
    group.emplace_back(store::make_append(lease, 1, std::move(decided), {{{"id", before.order_id}}}, false));
  }
  return group;
}

/// In a process of its own: commits group after group until it is killed, and says the number of each that is
/// acknowledged.
[[noreturn]] void commit_until_killed(const std::string& url, int first, int acknowledgements) {
  const auto place = store::place::at(url);
  auto writer = (*place)->open_writer();
  if (!writer) ::_exit(1);
  const auto leases = (*writer)->take_leases("child");
  for (int number = first;; ++number) {
    auto group = group_number(number, *leases);
    if (!(*writer)->commit(group)) ::_exit(2);
    for (auto& each : group)
      if (!std::get<store::append>(each).outcome) ::_exit(3);
    if (::write(acknowledgements, &number, sizeof number) != sizeof number) ::_exit(4);
  }
}

/// Starts that process, kills it after a while, and gives the last number that it said.
int killed(const std::string& url, int first, std::chrono::microseconds after) {
  int ends[2];
  CAF_REQUIRE(::pipe(ends) == 0);
  const auto child = ::fork();
  CAF_REQUIRE(child >= 0);
  if (child == 0) {
    ::close(ends[0]);
    commit_until_killed(url, first, ends[1]);
  }
  ::close(ends[1]);
  int last = first - 1;
  int number = 0;
  while (::read(ends[0], &number, sizeof number) == sizeof number) {
    if (last < first) {
      std::this_thread::sleep_for(after);
      ::kill(child, SIGKILL);
    }
    last = number;
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  CAF_CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  return last;
}

} // namespace

STORE_TEST("what was acknowledged is there after a kill, and a group that was not is there whole or not at all") {
  std::mt19937 random(std::random_device{}());
  const auto seed = random();
  random.seed(seed);
  CAF_MESSAGE("seed " << seed);
  int next = 0;
  for (int round = 0; round < 8; ++round) {
    in.close();
    const auto last = killed(in.url(), next, std::chrono::microseconds(random() % 60'000));
    in.reopen();
    for (int number = 0; number <= last; ++number)
      for (int index = 0; index < group_size; ++index) {
        const auto found = in.reader().order(name_of(number, index));
        if (!found) CAF_FAIL("group " << number << " of " << last << ": " << found.error().detail);
        if (number < last && found->value.sequence != 2)
          CAF_FAIL("group " << number << " of " << last << ": its second event is gone");
      }
    const auto is_there = in.reader().order(name_of(last + 1, 0)).has_value();
    for (int index = 0; index < group_size; ++index) {
      CAF_CHECK_EQUAL(in.reader().order(name_of(last + 1, index)).has_value(), is_there);
      CAF_CHECK_EQUAL(in.stored(name_of(last, index)).value.sequence, is_there ? 2u : 1u);
    }
    CAF_CHECK_EQUAL(in.findings(), std::vector<std::string>{});
    next = last + (is_there ? 2 : 1);
  }
}
