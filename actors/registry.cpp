#include "actors/registry.hpp"

#include <fmt/format.h>

#include <utility>

namespace troupe::actors {

namespace {

constexpr duration retry_delay{500};

} // namespace

void admit_published(blueprint::catalogue& into, const std::vector<blueprint::published>& records) {
  for (const auto& record : records) {
    if (into.read(record.kind, record.id, record.version)) continue;
    if (const auto admitted = into.admit(record); !admitted)
      log(log_level::error, "definition_unreadable", admitted.error().detail,
          {{"kind", std::string(to_string(record.kind))},
           {"id", record.id},
           {"version", std::to_string(record.version)}});
  }
}

registry_state::registry_state(registry_actor::pointer self, services with)
    : self_(self), with_(std::move(with)), alive_(with_.metrics, name) {}

registry_actor::behavior_type registry_state::make_behavior() {
  expect_no_exceptions(self_, name);
  reload();
  return {[this](publish_definition& wanted) { return publish(wanted); }};
}

/// What is durable may be more than what is known here: after a restart, or when nobody knew the outcome of a commit.
void registry_state::reload() {
  const auto again = [this] { self_->run_delayed(retry_delay, [this] { reload(); }); };
  ask(
      self_, with_.own_reader(), read_published{},
      [this, again](const published_answer& found) {
        if (!found.value) return again();
        admit_published(*with_.catalogue, *found.value);
        next();
      },
      [again](const caf::error&) { again(); });
}

caf::result<publish_answer> registry_state::publish(publish_definition& wanted) {
  if (waiting_.size() >= static_cast<std::size_t>(with_.settings->publish_limit))
    return publish_answer{
        refuse(errc::queue_full, fmt::format("expected fewer than {} definitions waiting to be published",
                                             with_.settings->publish_limit))};
  auto asked = self_->make_response_promise<publish_answer>();
  waiting_.push_back({std::move(wanted), asked});
  if (!is_busy_) next();
  return asked;
}

void registry_state::next() {
  is_busy_ = !waiting_.empty();
  if (!is_busy_) return;
  auto one = std::move(waiting_.front());
  waiting_.pop_front();
  prepare(std::move(one));
}

void registry_state::prepare(publishing one) {
  const auto& wanted = one.wanted;
  auto prepared =
      with_.catalogue->prepare(wanted.kind, wanted.id, wanted.document, wanted.by, wanted.comment, with_.clock());
  if (!prepared) return answer(one, {tl::unexpected<error>(prepared.error())});
  if (!prepared->is_new) return answer(one, {std::move(*prepared)});
  auto request = wanted.request;
  if (request && wanted.fill) wanted.fill(*prepared, *request);
  auto operation = std::make_shared<store::operation>(store::publish{prepared->record, std::move(request), {}});
  ask(
      self_, with_.store(), store_write{operation},
      [this, one, prepared = std::move(*prepared), operation](const store_write&) mutable {
        written(one, prepared, std::get<store::publish>(*operation).outcome);
      },
      [this, one](const caf::error&) mutable {
        one.asked.deliver(publish_answer{
            refuse(errc::outcome_unknown, "the store ended before it answered: publish the same again")});
        reload();
      });
}

void registry_state::written(publishing& one, blueprint::publication& prepared, const expected<void>& outcome) {
  if (!outcome) {
    one.asked.deliver(publish_answer{tl::unexpected<error>(outcome.error())});
    return outcome.error().code == errc::not_ready ? next() : reload();
  }
  if (const auto admitted = with_.catalogue->admit(prepared.record); !admitted)
    return answer(one, {tl::unexpected<error>(admitted.error())});
  answer(one, {std::move(prepared)});
}

void registry_state::answer(publishing& one, publish_answer result) {
  one.asked.deliver(std::move(result));
  next();
}

} // namespace troupe::actors
