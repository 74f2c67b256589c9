#include "tests/simulation/process.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

/// Those outside the node: clients, the services that are called, and whoever pulls the plug.
namespace troupe::test {

namespace {

constexpr std::array workflows{"chain", "retried", "parked", "waiting"};

} // namespace

// ---------------------------------------------------------------- services that are called

scripted_transport::answer simulation::random_answer(const std::string& key) {
  if (is_ending_ || !chance(settings_.call_faults)) {
    answered_[key].insert(++answers_);
    return scripted_transport::ok({{"number", answers_}});
  }
  switch (pick(4)) {
  case 0: return scripted_transport::failed(http::call_failure::timeout);
  case 1: return scripted_transport::failed(http::call_failure::connection_failed);
  case 2: return scripted_transport::ok("busy", 503);
  default: return scripted_transport::ok({{"why", "declined"}}, 402);
  }
}

void simulation::answer_call() {
  auto& calls = world_->transport.inside().calls;
  if (calls.empty()) return;
  std::swap(calls.front(), calls[pick(calls.size())]);
  auto what = random_answer(calls.front().key);
  note(fmt::format("{} (try {}) is answered with {}", calls.front().key, calls.front().call.attempt,
                   what ? what->status : 0));
  world_->transport.answer_next(std::move(what));
}

void simulation::answer_notification() {
  auto& waiting = world_->transport.inside().notifications;
  if (waiting.empty()) return;
  const auto one = waiting.front();
  waiting.pop_front();
  const auto is_delivered = is_ending_ || !chance(settings_.call_faults);
  const auto& rows = world_->store.content().outbox;
  if (const auto row = rows.find(one.id); is_delivered && row != rows.end() && told_.insert(one.id).second) {
    auto& last = told_last_[row->second.order_id];
    if (one.id < last) violated(fmt::format("{}: notification {} came after {}", row->second.order_id, one.id, last));
    last = std::max(last, one.id);
  }
  caf::anon_send(one.reply_to, actors::notification_done{one.id, is_delivered, is_delivered ? "" : "the seed says so"});
}

// ---------------------------------------------------------------- clients

/// A new order, or one of which the client does not know what became of it. What it hears after the process has ended
/// it does not hear.
void simulation::submit() {
  const auto unsure = std::ranges::find_if(clients_, [](const auto& one) {
    return !one.second.submission.is_acknowledged && one.second.submission.open == 0;
  });
  std::string order_id;
  if (unsure != clients_.end() && chance(0.5)) {
    order_id = unsure->first;
  } else {
    if (static_cast<int>(clients_.size()) >= settings_.orders) return;
    order_id = fmt::format("o{}", clients_.size());
    clients_[order_id].kind = static_cast<plan>(pick(workflows.size()));
  }
  if (!world_->with.store()) return;
  auto& client = clients_[order_id];
  const auto* workflow = workflows.at(static_cast<std::size_t>(client.kind));
  auto operation = std::make_shared<store::operation>(world_->submission(order_id, workflow));
  note("submits " + order_id);
  ++client.submission.open;
  process_->system.spawn([this, operation, order_id, is_alive = process_->is_alive](caf::event_based_actor* self) {
    self->request(world_->with.store(), caf::infinite, actors::store_write{operation})
        .then(
            [this, operation, order_id, is_alive, self](const actors::store_write&) {
              if (!*is_alive) return;
              auto& known = clients_[order_id].submission;
              --known.open;
              const auto& done = std::get<store::append>(*operation);
              const auto is_repeated = !done.outcome && done.outcome.error().code == errc::duplicate_order &&
                                       done.existing_hash == done.after->request_hash;
              if (done.outcome || is_repeated)
                known.is_acknowledged = true;
              else if (done.outcome.error().code == errc::outcome_unknown)
                known.is_unknown = true;
              note(fmt::format("{} is {}", order_id, done.outcome ? "acknowledged" : done.outcome.error().detail));
              if (const auto whom = world_->with.supervisor()) self->send(whom, actors::wake_lanes{});
            },
            [this, order_id, is_alive](const caf::error&) {
              if (!*is_alive) return;
              auto& known = clients_[order_id].submission;
              --known.open;
              known.is_unknown = true;
            });
  });
}

void simulation::command() {
  if (clients_.empty()) return;
  auto one = clients_.begin();
  std::advance(one, static_cast<std::ptrdiff_t>(pick(clients_.size())));
  const auto& [order_id, client] = *one;
  if (!client.submission.is_acknowledged || !world_->with.supervisor()) return;
  if (client.kind == plan::waiting && !chance(0.3)) return ask(order_id, wish::event);
  ask(order_id, chance(0.5) ? wish::cancel : wish::reprocessing);
}

void simulation::ask(const std::string& order_id, wish what) {
  const auto part = [what](client_order& one) -> knowledge& {
    return what == wish::event ? one.event : what == wish::cancel ? one.cancel : one.reprocessing;
  };
  engine::command wanted = engine::cancel_order{false, "client"};
  if (what == wish::event) wanted = engine::send_event{"go", json::object(), "", nullptr, "client"};
  if (what == wish::reprocessing) {
    engine::reprocess_order again;
    again.from = chance(0.5) ? "failure" : "start";
    again.by = "client";
    wanted = again;
  }
  const auto* verb = std::array{"sends an event to", "cancels", "reprocesses"}.at(static_cast<std::size_t>(what));
  note(fmt::format("{} {}", verb, order_id));
  ++part(clients_[order_id]).open;
  process_->system.spawn([this, order_id, wanted, part, is_alive = process_->is_alive](caf::event_based_actor* self) {
    self->request(world_->with.supervisor(), caf::infinite, actors::execute_command{order_id, wanted, {}})
        .then(
            [this, order_id, part, is_alive](const actors::command_result& done) {
              if (!*is_alive) return;
              auto& known = part(clients_[order_id]);
              --known.open;
              if (done.order)
                known.is_acknowledged = true;
              else if (done.order.error().code == errc::outcome_unknown)
                known.is_unknown = true;
              note(fmt::format("{}: the command is {}", order_id,
                               done.order ? "acknowledged" : done.order.error().detail));
            },
            [this, order_id, part, is_alive](const caf::error&) {
              if (!*is_alive) return;
              auto& known = part(clients_[order_id]);
              --known.open;
              known.is_unknown = true;
            });
  });
}

// ---------------------------------------------------------------- crashes

std::vector<caf::actor> simulation::services() const {
  const auto& with = world_->with;
  std::vector<caf::actor> all;
  for (const auto& one : {caf::actor_cast<caf::actor>(with.store()), caf::actor_cast<caf::actor>(with.supervisor()),
                          caf::actor_cast<caf::actor>(with.timer()), caf::actor_cast<caf::actor>(with.outbox()),
                          caf::actor_cast<caf::actor>(with.registry()), caf::actor_cast<caf::actor>(with.webhook()),
                          caf::actor_cast<caf::actor>(with.operations()),
                          caf::actor_cast<caf::actor>(with.own_reader()), caf::actor_cast<caf::actor>(with.reader())})
    if (one) all.push_back(one);
  return all;
}

void simulation::crash_somebody() {
  std::vector<caf::actor> all;
  switch (pick(4)) {
  case 0: all = services(); break;
  case 1: all = busy_actors(process_->scheduler, "order"); break;
  case 2: all = busy_actors(process_->scheduler, "batch_coordinator"); break;
  default:
    for (const auto& one : world_->transport.inside().calls)
      all.push_back(caf::actor_cast<caf::actor>(one.call.reply_to));
  }
  if (all.empty()) return;
  const auto& victim = all[pick(all.size())];
  const auto* inside = dynamic_cast<caf::local_actor*>(caf::actor_cast<caf::abstract_actor*>(victim));
  note(fmt::format("the actor {} ({}) crashes", victim.id(), inside == nullptr ? "unknown" : inside->name()));
  // The transport forgets what it was doing when it dies, but for answers that are on their way.
  if (victim == caf::actor_cast<caf::actor>(world_->with.webhook())) {
    auto& calls = world_->transport.inside().calls;
    std::erase_if(calls, [this](const auto&) { return !chance(0.5); });
    world_->transport.inside().notifications.clear();
  }
  caf::anon_send_exit(victim, caf::exit_reason::kill);
}

} // namespace troupe::test
