#pragma once

#include "tests/support/actor_world.hpp"

#include <caf/scheduler/test_coordinator.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace troupe::test {

/// What a run is made of; the same settings give the same run.
struct simulation_settings {
  std::uint64_t seed = 1;
  int orders = 20;
  int steps = 4'000;              ///< with faults; then everything is let come to its end
  double commit_faults = 0;       ///< share of commits that fail in some way
  double read_faults = 0;         ///< share of reads that are refused
  double call_faults = 0;         ///< share of calls that fail, time out or are declined
  double crashes = 0;             ///< share of steps in which some actor is killed
  double kills = 0;               ///< share of steps in which the process ends and starts again
  double stops = 0;               ///< share of steps in which the node is ended in order and starts again
  std::size_t commit_to_fail = 0; ///< the number of one commit that fails with `fate`; 0: none
  commit_fate fate = commit_fate::durable;
  std::size_t commit_to_die_at = 0; ///< the process ends when this one is made, before anybody hears of it; 0: none
  std::size_t read_to_fail = 0;     ///< the number of one read that is refused; 0: none
  bool acknowledges_early = false;  ///< plants a bug: the store answers before it is durable

  /// Actors and processes end only as they themselves decide.
  bool nobody_dies() const { return crashes + kills + stops == 0 && commit_to_die_at == 0; }
  bool store_is_sound() const {
    return commit_faults + read_faults == 0 && commit_to_fail == 0 && read_to_fail == 0 && !acknowledges_early;
  }
};

/// A whole node short of HTTP, on one thread: the order of deliveries shuffled by a seed, a clock of its own, a store
/// in memory, transports by script, crashes of actors, ends of the process. Clients submit orders (again, if they do
/// not know what became of it), send events, cancel and reprocess, and remember what they were acknowledged. What must
/// hold is checked after every step; the first violation ends the run.
class simulation {
public:
  explicit simulation(simulation_settings chosen);
  ~simulation();

  /// Nothing, or what is violated, with the seed.
  std::optional<std::string> run();
  std::size_t commits() const { return world_->store.inside().commits; }
  std::size_t reads() const { return world_->store.inside().reads; }
  /// What happened last.
  const std::vector<std::string>& trace() const { return trace_; }

private:
  struct process;
  enum class plan { chain, retried, parked, waiting };
  /// What the client knows about something that it wanted.
  struct knowledge {
    bool is_acknowledged = false;
    bool is_unknown = false; ///< nobody has said, so it may have happened
    int open = 0;            ///< asked and not answered
    bool is_possible() const { return is_acknowledged || is_unknown; }
  };
  struct client_order {
    plan kind = plan::chain;
    knowledge submission, event, cancel, reprocessing;
  };
  enum class wish { event, cancel, reprocessing };

  // the node
  void publish();
  commit_fate fate_of(std::size_t commit);
  void start_process();
  void end_process();
  void end_in_order();
  void restart(bool in_order);

  // the run
  void step();
  void deliver_one();
  void pass_time(duration longest);
  void come_to_an_end();

  // the others
  void answer_call();
  void answer_notification();
  void submit();
  void command();
  void ask(const std::string& order_id, wish what);
  void crash_somebody();
  std::vector<caf::actor> services() const;
  scripted_transport::answer random_answer(const std::string& key);

  // what must hold
  void check_all();
  void check_order(const std::string& order_id, const stored_content::order_row& row);
  void check_outcomes(const std::string& order_id, const std::vector<engine::event>& history);
  void check_performers();
  void check_the_end();
  void check_end_of(const std::string& order_id, const client_order& client);
  void check_calls(const std::string& order_id, const std::vector<engine::event>& history);
  void check_notifications();
  void violated(const std::string& what);

  void note(std::string what);
  bool chance(double share);
  std::size_t pick(std::size_t count);

  simulation_settings settings_;
  std::mt19937_64 random_;
  time_point now_at_start_{duration{1'700'000'000'000}};
  std::unique_ptr<process> process_;
  std::unique_ptr<actor_world> world_;
  std::map<std::string, client_order> clients_;
  std::map<std::string, std::uint64_t> checked_;  ///< order to the sequence that was checked
  std::map<std::string, std::set<int>> answered_; ///< key of a call to the numbers of its good answers
  std::map<std::string, std::int64_t> told_last_; ///< order to the last notification that was delivered first
  std::set<std::int64_t> told_;                   ///< notifications that were delivered
  int answers_ = 0;
  bool is_ending_ = false;
  std::optional<std::string> violation_;
  std::vector<std::string> trace_;
};

} // namespace troupe::test
