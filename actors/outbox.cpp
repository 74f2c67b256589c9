#include "actors/outbox.hpp"

#include <algorithm>
#include <utility>

namespace troupe::actors {

namespace {

constexpr duration look_interval{60'000};
constexpr duration retry_delay{500};
constexpr duration first_delay{1'000};
constexpr duration delay_max{300'000};
constexpr duration answer_slack{10'000}; ///< beyond its time-out, until the transport counts as silent

duration delay_before(int attempt) {
  auto delay = first_delay;
  for (int count = 1; count < attempt && delay < delay_max; ++count)
    delay *= 2;
  return std::min(delay, delay_max);
}

expected<engine::rendered_call> call_of(const services& with, const store::outbox_record& row) {
  blueprint::definition_ptr definition;
  if (row.inline_blueprint.empty()) {
    definition = with.catalogue->find(row.workflow, row.version);
    if (!definition)
      return refuse(errc::unknown_blueprint,
                    "expected the blueprint " + row.workflow + " of the notification, but found none published");
  } else {
    auto document = parse_json(row.inline_blueprint);
    if (!document) return tl::unexpected<error>(document.error());
    auto compiled = with.catalogue->compile_inline(document->value, true);
    if (!compiled) return tl::unexpected<error>(compiled.error());
    definition = std::move(*compiled);
  }
  const auto notification = parse_json(row.notification);
  if (!notification) return tl::unexpected<error>(notification.error());
  return engine::render_notification(notification->value, *definition, *with.environment, with.clock());
}

} // namespace

outbox_state::outbox_state(outbox_actor::pointer self, services with)
    : self_(self), with_(std::move(with)), alive_(with_.metrics, name) {}

outbox_actor::behavior_type outbox_state::make_behavior() {
  expect_no_exceptions(self_, name);
  look();
  return {
      [this](outbox_changed) { look(); },
      [this](const notification_done& report) { done(report); },
  };
}

void outbox_state::look() {
  if (std::exchange(is_looking_, true)) {
    looks_again_ = true;
    return;
  }
  const auto limit = with_.settings->outbox_in_flight + static_cast<int>(under_way_.size());
  ask(
      self_, with_.own_reader(), read_outbox{with_.clock(), limit},
      [this](const outbox_answer& found) { looked(found); },
      [this](const caf::error&) {
        is_looking_ = false;
        look_after(retry_delay);
      });
}

void outbox_state::looked(const outbox_answer& found) {
  is_looking_ = false;
  if (!found.value || !found.earliest) return look_after(retry_delay);
  for (const auto& row : *found.value) {
    if (under_way_.size() >= static_cast<std::size_t>(with_.settings->outbox_in_flight)) break;
    if (!under_way_.contains(row.id)) deliver(row);
  }
  if (std::exchange(looks_again_, false)) return look();
  // The heads under way are the earliest: while there are some, what else is due is looked for every second.
  const auto now = with_.clock();
  const auto longest = under_way_.empty() ? look_interval : first_delay;
  const auto earliest = found.earliest->value_or(now + longest);
  look_after(earliest > now ? std::min(earliest - now, longest) : first_delay);
}

void outbox_state::look_after(duration delay) {
  alarm_.set(self_, delay, [this] {
    give_up_silent();
    look();
  });
}

void outbox_state::deliver(store::outbox_record row) {
  auto call = call_of(with_, row);
  auto& one = under_way_[row.id];
  one.row = std::move(row);
  if (!call) return failed(one, call.error().detail, true);
  one.deadline = with_.clock() + call->timeout + answer_slack;
  tell(self_, with_.webhook(),
       deliver_notification{one.row.id, std::move(*call), caf::actor_cast<outbox_actor>(self_)});
}

void outbox_state::done(const notification_done& report) {
  const auto found = under_way_.find(report.id);
  if (found == under_way_.end() || found->second.is_answered) return;
  if (!report.delivered) return failed(found->second, scrubbed(report.cause), false);
  found->second.is_answered = true;
  with_.metrics->notification_delivered(true, false);
  finished_.push_back(report.id);
  write_finished();
}

void outbox_state::failed(delivery& one, const std::string& cause, bool is_hopeless) {
  one.is_answered = true;
  const auto attempt = one.row.attempts + 1;
  const auto gives_up = is_hopeless || attempt >= with_.settings->outbox_attempts;
  with_.metrics->notification_delivered(false, gives_up);
  log(gives_up ? log_level::error : log_level::info, gives_up ? "notification_given_up" : "notification_failed", cause,
      {{"order_id", one.row.order_id}, {"workflow", one.row.workflow}, {"attempt", std::to_string(attempt)}});
  const auto now = with_.clock();
  write_failed(one.row.id, std::make_shared<store::operation>(store::retry_outbox{
                               one.row.id, now + delay_before(attempt), cause.substr(0, 500), gives_up, now, {}}));
}

void outbox_state::write_failed(std::int64_t id, const std::shared_ptr<store::operation>& operation) {
  const auto again = [this, id, operation] {
    self_->run_delayed(retry_delay, [this, id, operation] { write_failed(id, operation); });
  };
  ask(
      self_, with_.store(), store_write{operation},
      [this, id, operation, again](const store_write&) {
        if (!std::get<store::retry_outbox>(*operation).outcome) return again();
        under_way_.erase(id);
        look();
      },
      [again](const caf::error&) { again(); });
}

/// One write at a time; what is delivered meanwhile goes into the next.
void outbox_state::write_finished() {
  if (is_writing_ || finished_.empty()) return;
  is_writing_ = true;
  auto operation =
      std::make_shared<store::operation>(store::finish_outbox{std::exchange(finished_, {}), with_.clock(), {}});
  const auto again = [this, operation] {
    is_writing_ = false;
    const auto& ids = std::get<store::finish_outbox>(*operation).ids;
    finished_.insert(finished_.end(), ids.begin(), ids.end());
    self_->run_delayed(retry_delay, [this] { write_finished(); });
  };
  ask(
      self_, with_.store(), store_write{operation},
      [this, operation, again](const store_write&) {
        const auto& written = std::get<store::finish_outbox>(*operation);
        if (!written.outcome) return again();
        is_writing_ = false;
        for (const auto id : written.ids)
          under_way_.erase(id);
        write_finished();
        look();
      },
      [again](const caf::error&) { again(); });
}

/// The transport answers within a call's time-out; if it does not, it has died with the call.
void outbox_state::give_up_silent() {
  const auto now = with_.clock();
  for (auto& [id, one] : under_way_)
    if (!one.is_answered && one.deadline < now) failed(one, "the transport did not answer", false);
}

} // namespace troupe::actors
