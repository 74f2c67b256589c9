#include "tests/simulation/process.hpp"

#include "actors/supervisor.hpp"
#include "runtime/base/ids.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace troupe::test {

namespace {

constexpr std::size_t trace_max = 400;

/// The store of one process: with the process it ends.
class mortal_writer : public store::writer {
public:
  mortal_writer(std::unique_ptr<store::writer> inner, std::shared_ptr<bool> is_alive)
      : inner_(std::move(inner)), is_alive_(std::move(is_alive)) {}
  expected<void> commit(std::span<store::operation> group) override {
    if (*is_alive_) return inner_->commit(group);
    return refuse(errc::not_ready, "the process has ended");
  }
  expected<std::vector<store::lease>> take_leases(const std::string& node) override {
    return inner_->take_leases(node);
  }
  std::int64_t free_bytes() const override { return inner_->free_bytes(); }
  std::int64_t pending() const override { return inner_->pending(); }

private:
  std::unique_ptr<store::writer> inner_;
  std::shared_ptr<bool> is_alive_;
};

} // namespace

simulation::simulation(simulation_settings chosen) : settings_(chosen), random_(chosen.seed) {
  process_ = std::make_unique<process>(now_at_start_);
  world_ = std::make_unique<actor_world>(process_->scheduler);
  world_->with.clock = [this] { return process_->now(); };
  world_->transport.inside().clock = world_->with.clock;
  world_->settings.batch_size = 4;
  world_->settings.batch_lanes = 2;
  world_->settings.restarts_max = 1'000'000;
  world_->settings.recoveries = 3;
  world_->use_settings();
  publish();
  world_->store.inside().commits = 0;
  world_->store.inside().reads = 0;
  world_->store.inside().fate = [this](std::size_t number, auto) { return fate_of(number); };
  world_->store.inside().is_read_refused = [this](std::size_t number) {
    return number == settings_.read_to_fail || (!is_ending_ && chance(settings_.read_faults));
  };
}

commit_fate simulation::fate_of(std::size_t commit) {
  if (commit == settings_.commit_to_die_at) *process_->is_alive = false;
  if (is_ending_) return commit_fate::durable;
  if (commit == settings_.commit_to_fail) return settings_.fate;
  if (settings_.acknowledges_early) return commit_fate::acknowledged_early;
  if (!chance(settings_.commit_faults)) return commit_fate::durable;
  return std::array{commit_fate::refused, commit_fate::unknown_done, commit_fate::unknown_lost}.at(pick(3));
}

simulation::~simulation() {
  if (process_) end_process();
  world_.reset();
}

void simulation::publish() {
  world_->publish(chain_blueprint("chain", 3));
  world_->publish(chain_blueprint("retried", 2, {{"retryCount", 5}, {"retryDelay", "PT0.2S"}}));
  world_->publish(chain_blueprint("parked", 2, {{"retryCount", 5}, {"retryDelay", "PT5S"}}));
  auto waiting = waiting_blueprint("waiting");
  waiting["globalCallbackHandler"] = {{"webhook", {{"url", "http://127.0.0.1:1/told"}, {"method", "POST"}}}};
  world_->publish(waiting);
}

bool simulation::chance(double share) {
  return share > 0 && std::uniform_real_distribution<>(0, 1)(random_) < share;
}
std::size_t simulation::pick(std::size_t count) {
  return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
}

void simulation::note(std::string what) {
  if (process_) what = fmt::format("{} {}", to_iso8601(process_->now()), what);
  if (trace_.size() >= trace_max) trace_.erase(trace_.begin(), trace_.begin() + trace_max / 2);
  trace_.push_back(std::move(what));
}

/// With the histories of the orders that it names.
void simulation::violated(const std::string& what) {
  if (violation_) return;
  violation_ = fmt::format("seed {}: {}", settings_.seed, what);
  for (const auto& [order_id, row] : world_->store.content().orders) {
    const auto after = what.substr(0, order_id.size()) == order_id ? what.substr(order_id.size(), 1) : "x";
    if (after.find_first_of(" /:") == std::string::npos) continue;
    for (const auto& event : row.history)
      note(fmt::format("{} {} {} {} {}", order_id, event.sequence, to_iso8601(event.time), event.type,
                       to_text(event.data)));
  }
}

// ---------------------------------------------------------------- the process

void simulation::start_process() {
  actors::tree_parts parts;
  parts.open_writer = [this, is_alive = process_->is_alive]() -> expected<std::unique_ptr<store::writer>> {
    auto inner = world_->store.open_writer();
    if (!inner) return inner;
    return std::make_unique<mortal_writer>(std::move(*inner), is_alive);
  };
  parts.open_reader = [this] { return world_->store.open_reader(); };
  parts.start_webhook = [this](actors::services_supervisor_actor::pointer parent, const actors::services&) {
    return world_->transport.spawn(parent);
  };
  parts.gateways = 0;
  process_->root =
      process_->system.spawn<actors::services_supervisor_actor::stateful_impl<actors::services_supervisor_state>>(
          world_->with, actors::service_tree(std::move(parts), 2));
}

/// As by SIGKILL: what is not durable is gone, nobody hears of anything any more. The actors are then let run down,
/// unable to change anything.
void simulation::end_process() {
  *process_->is_alive = false;
  world_->transport.inside().calls.clear();
  world_->transport.inside().notifications.clear();
  if (process_->root) caf::anon_send_exit(process_->root, caf::exit_reason::kill);
  for (int round = 0; round < 4; ++round) {
    for (const auto& one : services())
      caf::anon_send_exit(one, caf::exit_reason::kill);
    process_->scheduler.run();
  }
  world_->transport.inside().calls.clear();
  world_->transport.inside().notifications.clear();
  world_->with.where->clear();
  process_->root = actors::services_supervisor_actor{};
  process_->scheduler.run();
  if (world_->with.condition->performers_alive != 0) violated("performers outlive their process");
  const auto now = process_->now();
  process_.reset();
  now_at_start_ = now + duration{1};
  world_->store.lose_what_is_not_durable();
  for (auto& [order_id, client] : clients_)
    for (auto* one : {&client.submission, &client.event, &client.cancel, &client.reprocessing})
      if (std::exchange(one->open, 0) > 0) one->is_unknown = true;
}

/// Tries under way are finished or interrupted; then nothing is claimed, no batch is open, and nobody is to blame.
void simulation::end_in_order() {
  const auto is_over = std::make_shared<bool>(false);
  process_->system.spawn([root = process_->root, is_over](caf::event_based_actor* self) {
    self->request(root, caf::infinite, actors::stop_now{})
        .then([is_over] { *is_over = true; }, [is_over](const caf::error&) { *is_over = true; });
  });
  const auto bound = process_->now() + duration{10'000};
  while (!*is_over && *process_->is_alive && !violation_) {
    if (chance(0.05))
      answer_call();
    else if (process_->scheduler.has_job())
      deliver_one();
    else
      pass_time(duration{500});
    check_all();
    if (process_->now() > bound) return violated("the node did not come to an orderly end within ten seconds");
  }
  if (!*process_->is_alive || !settings_.store_is_sound() || settings_.crashes > 0) return;
  for (const auto& [order_id, row] : world_->store.content().orders) {
    if (!row.batch_id.empty()) violated(order_id + " is claimed after an orderly end");
    if (row.recoveries > 0 && settings_.kills == 0) violated(order_id + " is blamed for an orderly end");
  }
  for (const auto& [batch_id, batch] : world_->store.content().batches)
    if (batch.status == "running") violated("a batch is open after an orderly end");
}

void simulation::restart(bool in_order) {
  note(in_order ? "the node is ended in order" : "the process ends");
  if (in_order) end_in_order();
  end_process();
  process_ = std::make_unique<process>(now_at_start_);
  world_->begin_process();
  start_process();
}

// ---------------------------------------------------------------- the run

std::optional<std::string> simulation::run() {
  start_process();
  for (int count = 0; count < settings_.steps && !violation_; ++count) {
    step();
    check_all();
  }
  if (!violation_) come_to_an_end();
  return violation_;
}

void simulation::step() {
  if (!*process_->is_alive || chance(settings_.kills)) return restart(false);
  if (chance(settings_.stops)) return restart(true);
  if (chance(settings_.crashes)) return crash_somebody();
  if (chance(0.01)) return pass_time(duration{3'000});
  if (chance(0.05)) return answer_call();
  if (chance(0.03)) return answer_notification();
  if (chance(0.03)) return submit();
  if (chance(0.01)) return command();
  if (process_->scheduler.has_job()) return deliver_one();
  switch (pick(4)) {
  case 0: return answer_call();
  case 1: return submit();
  case 2: return answer_notification();
  default: return pass_time(duration{500});
  }
}

/// One message of one actor, whichever the seed says: between two actors messages stay in order.
void simulation::deliver_one() {
  auto& jobs = process_->scheduler.jobs;
  std::swap(jobs.front(), jobs[pick(jobs.size())]);
  process_->scheduler.try_run_once();
}

void simulation::pass_time(duration longest) {
  process_->scheduler.advance_time(
      duration{static_cast<duration::rep>(1 + pick(static_cast<std::size_t>(longest.count())))});
}

/// No more faults: everything that was acknowledged comes to its end.
void simulation::come_to_an_end() {
  is_ending_ = true;
  if (!*process_->is_alive) step();
  for (int round = 0; round < 400 && !violation_; ++round) {
    while (process_->scheduler.has_job() && !violation_) {
      deliver_one();
      check_all();
    }
    while (!world_->transport.inside().calls.empty())
      answer_call();
    while (!world_->transport.inside().notifications.empty())
      answer_notification();
    if (!process_->scheduler.has_job()) pass_time(duration{2'000});
  }
  if (!violation_) check_the_end();
}

} // namespace troupe::test
