#include "actors/order.hpp"

#include "runtime/base/ids.hpp"

#include <fmt/format.h>

#include <utility>
#include <variant>

namespace troupe::actors {

namespace {

constexpr int conflicts_max = 10;

bool makes_progress(const engine::command& wanted) {
  return !std::holds_alternative<engine::escalate_crash>(wanted) &&
         !std::holds_alternative<engine::quarantine_order>(wanted);
}

log_level log_level_of(std::string_view written) {
  if (written == "error") return log_level::error;
  if (written == "warning" || written == "warn") return log_level::warning;
  if (written == "debug") return log_level::debug;
  return log_level::info;
}

/// The first answer to a command with an `Idempotency-Key`, as it will be given again.
void fill(store::request_record& request, const engine::order& after, bool deferred) {
  auto view = engine::order_view(after, true);
  if (deferred) view["deferred"] = true;
  request.status = 200;
  request.answer = to_text(view);
}

} // namespace

order_state::order_state(order_actor::pointer self, services with, order_start begun)
    : self_(self), with_(std::move(with)), alive_(with_.metrics, name), by_("node:" + with_.settings->node_name),
      order_id_(begun.claimed.order_id), parent_(begun.parent), begun_(std::move(begun)) {
  ++with_.condition->performers_alive;
}

order_state::order_state(order_actor::pointer self, services with, std::string order_id)
    : self_(self), with_(std::move(with)), alive_(with_.metrics, name), by_("node:" + with_.settings->node_name),
      order_id_(std::move(order_id)) {}

order_state::~order_state() {
  if (is_performer()) --with_.condition->performers_alive;
}

order_actor::behavior_type order_state::make_behavior() {
  expect_no_exceptions(self_, name);
  if (begun_)
    begin(*begun_);
  else
    load();
  begun_.reset();
  return {
      [this](const execute_command& wanted) { return execute(wanted); },
      [this](call_done& done) { take_answer(done); },
      [this](go_again) {
        held_.reset();
        if (order_ && !write_ && !is_leaving_) pursue();
      },
      [this](calls_lost) { repeat_try(); },
  };
}

void order_state::begin(const order_start& begun) {
  batch_id_ = begun.claimed.batch_id;
  is_claimed_ = true;
  const auto stored = store::read_claimed(begun.claimed);
  if (!stored) return quit(quit_reason::crashed, stored.error());
  order_ = std::make_shared<const engine::order>(stored->value);
  auto definition = definition_of(*with_.catalogue, *order_);
  if (!definition) return quit(quit_reason::crashed, definition.error());
  blueprint_ = std::move(*definition);
  if (!begun.alone) return pursue();
  // It has taken the process down before, or was near when something did: written down first, so that the next crash
  // tells.
  if (order_->quarantined)
    execute({engine::escalate_crash{stored->recoveries, by_}, {}, {}});
  else
    execute({engine::quarantine_order{stored->recoveries, by_}, {}, {}});
}

/// Until the answer is there, the state is unknown and commands wait.
void order_state::load() {
  order_.reset();
  ask(
      self_, with_.own_reader(), read_order{order_id_},
      [this](const order_answer& found) {
        if (found.value) return loaded(*found.value);
        if (is_performer()) return quit(quit_reason::load_again, found.value.error());
        for (auto& one : std::exchange(waiting_, {}))
          answer(one, {tl::unexpected<error>(found.value.error())});
        leave();
      },
      [this](const caf::error&) {
        quit(quit_reason::load_again, {errc::not_ready, "the reader is being started again", {}});
      });
}

void order_state::loaded(const store::stored_order& stored) {
  order_ = std::make_shared<const engine::order>(stored.value);
  auto definition = definition_of(*with_.catalogue, *order_);
  if (!definition) return quit(quit_reason::crashed, definition.error());
  blueprint_ = std::move(*definition);
  if (is_performer() && stored.batch_id != batch_id_) {
    is_claimed_ = false;
    return leave();
  }
  proceed();
}

/// A reprocessing is decided with the version that the order is to go on with.
expected<blueprint::definition_ptr> order_state::definition_for(const engine::command& wanted) const {
  const auto* again = std::get_if<engine::reprocess_order>(&wanted);
  if (again == nullptr || again->target_version == 0 || again->target_version == blueprint_->version) return blueprint_;
  if (auto found = with_.catalogue->find(order_->workflow, again->target_version)) return found;
  return refuse(errc::unknown_blueprint, fmt::format("expected `{}` to have a version {}, but found none published",
                                                     order_->workflow, again->target_version));
}

caf::result<command_result> order_state::execute(const execute_command& wanted) {
  auto asked = self_->make_response_promise<command_result>();
  execute({wanted.wanted, wanted.request, asked});
  return asked;
}

/// The next command must see the state that the one under way leaves: it waits.
void order_state::execute(wish wanted) {
  if (order_ && !write_ && !is_leaving_) return start(std::move(wanted));
  if (wanted.asked && waiting_.size() >= static_cast<std::size_t>(with_.settings->commands_per_order))
    return answer(wanted, {refuse(errc::queue_full, fmt::format("expected fewer than {} commands waiting for the order",
                                                                with_.settings->commands_per_order))});
  waiting_.push_back(std::move(wanted));
}

void order_state::start(wish wanted) {
  const auto definition = definition_for(wanted.command);
  if (!definition) {
    answer(wanted, {tl::unexpected<error>(definition.error())});
    return proceed();
  }
  const auto around = with_.around(**definition);
  auto decided = engine::decide(*order_, wanted.command, around);
  if (decided) return write(std::move(wanted), std::move(*decided), around);
  if (wanted.asked) {
    answer(wanted, {tl::unexpected<error>(decided.error())});
    return proceed();
  }
  if (decided.error().code != errc::conflict && wanted.conflicts == 0)
    return quit(quit_reason::crashed, decided.error());
  log(log_level::info, "command_overtaken", decided.error().detail, {{"order_id", order_id_}});
  if (std::holds_alternative<engine::complete_action>(wanted.command)) try_.reset();
  proceed();
}

void order_state::write(wish wanted, engine::decision decided, const engine::context& around) {
  const auto told = engine::notifications(*order_, decided.events, around);
  const auto deferred = decided.deferred;
  // A performer whose claim has ended goes on for commands only: what they make runnable is for who claims it next.
  auto append = store::make_append(with_.lease_of(order_id_), order_->sequence, std::move(decided), told, is_claimed_);
  append.progress = makes_progress(wanted.command);
  if (wanted.request) {
    append.request = wanted.request;
    fill(*append.request, *append.after, deferred);
  }
  write_ = write_under_way{std::make_shared<store::operation>(std::move(append)), std::move(wanted), deferred};
  ask(
      self_, with_.store(), store_write{write_->operation}, [this](const store_write&) { written(); },
      [this](const caf::error&) {
        quit(quit_reason::load_again,
             {errc::outcome_unknown, "the store ended before it answered: whether it was recorded is not known", {}});
      });
}

void order_state::written() {
  const auto& outcome = write_->append().outcome;
  if (outcome)
    recorded();
  else
    not_recorded(outcome.error());
}

/// Durable: from here on it may be acted upon.
void order_state::recorded() {
  auto done = std::move(*write_);
  write_.reset();
  auto& append = done.append();
  with_.metrics->events_recorded(*order_, *append.after, append.events);
  for (const auto& line : engine::log_lines(append.events))
    log(log_level_of(line.level), "order_log", line.message, {{"order_id", order_id_}, {"workflow", order_->workflow}});
  const auto version = order_->version;
  order_ = append.after;
  is_claimed_ = is_claimed_ && append.place == store::queue::none && !engine::is_settled(*order_);
  if (!append.outbox.empty()) tell(self_, with_.outbox(), outbox_changed{});
  if (append.due) tell(self_, with_.timer(), due_changed{*append.due});
  if (append.place != store::queue::none) tell(self_, with_.supervisor(), wake_lanes{append.place});
  if (std::holds_alternative<engine::complete_action>(done.wanted.command)) try_.reset();
  answer(done.wanted, {order_, done.deferred});
  if (order_->version == version) return proceed();
  auto definition = definition_of(*with_.catalogue, *order_);
  if (!definition) return quit(quit_reason::crashed, definition.error());
  blueprint_ = std::move(*definition);
  proceed();
}

void order_state::not_recorded(const error& reason) {
  if (reason.code == errc::conflict && write_->wanted.conflicts < conflicts_max) {
    // Somebody else has recorded something: what was wanted is decided anew on what is there.
    auto wanted = std::move(write_->wanted);
    write_.reset();
    ++wanted.conflicts;
    if (wanted.asked || std::holds_alternative<engine::complete_action>(wanted.command))
      waiting_.push_front(std::move(wanted));
    return load();
  }
  if (reason.code == errc::stale_epoch || reason.code == errc::unknown_order)
    return quit(quit_reason::not_ours, reason);
  const auto is_refusal = reason.code == errc::idempotency_conflict || (!is_claimed_ && reason.code == errc::not_ready);
  if (!write_->wanted.asked || !is_refusal) {
    // What the store cannot record at all would be tried for ever: that counts as a crash.
    const auto is_hopeless = reason.code == errc::internal;
    return quit(is_hopeless ? quit_reason::crashed : quit_reason::load_again, reason);
  }
  auto refused = std::move(write_->wanted);
  write_.reset();
  answer(refused, {tl::unexpected<error>(reason)});
  proceed();
}

void order_state::proceed() {
  if (!waiting_.empty()) {
    auto wanted = std::move(waiting_.front());
    waiting_.pop_front();
    start(std::move(wanted));
  } else if (is_claimed_) {
    pursue();
  } else {
    leave();
  }
}

void order_state::answer(wish& wanted, command_result result) {
  if (wanted.asked) wanted.asked->deliver(std::move(result));
  wanted.asked.reset();
}

/// The order has settled, or somebody else goes on with it, or the node is stopping: the parent hears of it before the
/// actor is gone.
void order_state::leave() {
  const order_settled report{order_id_, order_ ? order_->status : engine::status::active, order_, self_->id()};
  if (is_performer())
    tell(self_, parent_, report);
  else
    tell(self_, with_.supervisor(), report);
  for (auto& one : waiting_)
    if (one.asked) one.asked->deliver(caf::make_error(caf::sec::request_receiver_down));
  self_->quit();
}

void order_state::quit(quit_reason reason, const error& why) {
  const auto level = reason == quit_reason::crashed ? log_level::error : log_level::warning;
  log(level, "order_actor_ended", why.detail, {{"order_id", order_id_}, {"reason", to_string(reason)}});
  if (write_) answer(write_->wanted, {tl::unexpected<error>(why)});
  for (auto& one : waiting_)
    if (one.asked) one.asked->deliver(caf::make_error(caf::sec::request_receiver_down));
  self_->quit(caf::make_error(reason, why.detail));
}

} // namespace troupe::actors
