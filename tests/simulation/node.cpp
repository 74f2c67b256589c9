#define CAF_SUITE simulation

#include "runtime/base/log.hpp"
#include "tests/simulation/simulation.hpp"

#include <cstdlib>

#include "caf/test/dsl.hpp"

using namespace troupe;
using namespace troupe::test;

/// What the node logs is shown with TROUPE_SIMULATION_LOG=info.
void initialize_types() {
  actors::register_messages();
  const auto* level = std::getenv("TROUPE_SIMULATION_LOG");
  start_log(level == nullptr ? "off" : level, "text");
}

namespace {

void expect_fine(const simulation_settings& chosen) {
  simulation one(chosen);
  const auto violation = one.run();
  if (!violation) return;
  for (const auto& line : one.trace())
    CAF_MESSAGE(line);
  CAF_FAIL(*violation);
}

std::uint64_t number_in(const char* variable, std::uint64_t otherwise) {
  const auto* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// As many seeds as usual, or TROUPE_SIMULATION_SEEDS of them, from TROUPE_SIMULATION_FIRST on; to the first violation.
void expect_fine_for_seeds(std::uint64_t usual, simulation_settings chosen) {
  const auto first = number_in("TROUPE_SIMULATION_FIRST", 1);
  const auto count = number_in("TROUPE_SIMULATION_SEEDS", usual);
  for (chosen.seed = first; chosen.seed < first + count; ++chosen.seed)
    expect_fine(chosen);
}

simulation_settings quiet(std::uint64_t seed) {
  simulation_settings chosen;
  chosen.seed = seed;
  chosen.orders = 6;
  chosen.steps = 600;
  return chosen;
}

} // namespace

CAF_TEST(whatever the order of deliveries every order comes to its end) {
  expect_fine_for_seeds(24, {.call_faults = 0.3});
}

CAF_TEST(with a store that fails now and then nothing is lost) {
  expect_fine_for_seeds(24, {.commit_faults = 0.1, .read_faults = 0.1, .call_faults = 0.2});
}

CAF_TEST(with actors that crash now and then nothing is lost) {
  expect_fine_for_seeds(24, {.call_faults = 0.2, .crashes = 0.01});
}

CAF_TEST(with a process that is killed now and then nothing is lost) {
  expect_fine_for_seeds(24, {.call_faults = 0.2, .kills = 0.003});
}

CAF_TEST(with a node that is ended in order now and then nothing is lost) {
  expect_fine_for_seeds(24, {.call_faults = 0.2, .stops = 0.003});
}

CAF_TEST(with everything at once nothing is lost) {
  expect_fine_for_seeds(40, {.commit_faults = 0.05,
                             .read_faults = 0.05,
                             .call_faults = 0.2,
                             .crashes = 0.005,
                             .kills = 0.002,
                             .stops = 0.001});
}

CAF_TEST(whichever commit fails in whichever way nothing is lost) {
  simulation counted(quiet(7));
  CAF_REQUIRE(!counted.run());
  const auto commits = counted.commits();
  CAF_MESSAGE("commits: " << commits);
  for (std::size_t number = 1; number <= commits; ++number)
    for (const auto fate : {commit_fate::refused, commit_fate::unknown_done, commit_fate::unknown_lost}) {
      auto chosen = quiet(7);
      chosen.commit_to_fail = number;
      chosen.fate = fate;
      expect_fine(chosen);
    }
}

CAF_TEST(whichever commit the process dies at nothing is lost) {
  simulation counted(quiet(8));
  CAF_REQUIRE(!counted.run());
  for (std::size_t number = 1; number <= counted.commits(); ++number) {
    auto chosen = quiet(8);
    chosen.commit_to_die_at = number;
    expect_fine(chosen);
  }
}

CAF_TEST(whichever read fails nothing is lost) {
  simulation counted(quiet(9));
  CAF_REQUIRE(!counted.run());
  for (std::size_t number = 1; number <= counted.reads(); ++number) {
    auto chosen = quiet(9);
    chosen.read_to_fail = number;
    expect_fine(chosen);
  }
}

CAF_TEST(the same seed gives the same run) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const simulation_settings chosen{
        .seed = seed, .commit_faults = 0.05, .call_faults = 0.3, .crashes = 0.005, .kills = 0.002, .stops = 0.001};
    simulation one(chosen), other(chosen);
    CAF_CHECK(one.run() == other.run());
    CAF_CHECK(one.trace() == other.trace());
  }
}

CAF_TEST(a store that answers before it is durable is found) {
  std::size_t found = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const simulation_settings sound{.seed = seed, .kills = 0.003};
    expect_fine(sound);
    auto planted = sound;
    planted.acknowledges_early = true;
    if (const auto violation = simulation(planted).run()) {
      ++found;
      CAF_MESSAGE(*violation);
    }
  }
  CAF_MESSAGE("found with " << found << " of 8 seeds");
  CAF_CHECK(found > 0);
}
