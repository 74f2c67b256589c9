#include "tests/support/actor_world.hpp"

#include "actors/caf_compat.hpp"
#include "runtime/base/crypto.hpp"
#include "runtime/base/ids.hpp"

#include <caf/scheduled_actor.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace troupe::test {

namespace {

/// The stand-in's state: decides nothing, the script does.
class transport_state {
public:
  static inline const char* name = "webhook";
  transport_state(actors::webhook_actor::pointer self, std::shared_ptr<scripted_transport::shared> with)
      : self_(self), with_(std::move(with)) {}

  actors::webhook_actor::behavior_type make_behavior() {
    return {
        [this](const actors::perform_call& wanted) {
          pending_call one{wanted, {}};
          for (const auto& [field, value] : wanted.call.fields)
            if (field == "Idempotency-Key") one.key = value;
          ++with_->seen[one.key];
          ++with_->performed;
          if (with_->script)
            if (auto answer = with_->script(one)) {
              self_->send(one.call.reply_to, actors::call_done{one.call.visit, one.call.kind, one.call.action,
                                                               one.call.attempt, with_->clock(), std::move(*answer)});
              return;
            }
          with_->calls.push_back(std::move(one));
        },
        [this](const actors::deliver_notification& wanted) {
          if (with_->notification_script)
            if (const auto delivered = with_->notification_script(wanted)) {
              self_->send(wanted.reply_to,
                          actors::notification_done{wanted.id, *delivered, *delivered ? "" : "the test says so"});
              return;
            }
          with_->notifications.push_back(wanted);
        },
    };
  }

private:
  actors::webhook_actor::pointer self_;
  std::shared_ptr<scripted_transport::shared> with_;
};

using transport_actor = actors::webhook_actor::stateful_impl<transport_state>;

} // namespace

actors::webhook_actor scripted_transport::spawn(actors::services_supervisor_actor::pointer self) const {
  return self->spawn<transport_actor, caf::monitored>(shared_);
}

actors::webhook_actor scripted_transport::spawn(caf::actor_system& system) const {
  return system.spawn<transport_actor>(shared_);
}

void scripted_transport::answer_next(answer what) {
  TROUPE_ASSERT(!shared_->calls.empty());
  auto one = std::move(shared_->calls.front());
  shared_->calls.pop_front();
  caf::anon_send(one.call.reply_to, actors::call_done{one.call.visit, one.call.kind, one.call.action, one.call.attempt,
                                                      shared_->clock(), std::move(what)});
}

scripted_transport::answer scripted_transport::ok(json body, int status) {
  http::answer result{status, {}, body.is_null() ? std::string() : to_text(body)};
  result.fields.add("Content-Type", "application/json");
  return result;
}

scripted_transport::answer scripted_transport::failed(http::call_failure failure, std::string message) {
  return tl::unexpected(http::call_error{failure, std::move(message), true});
}

actor_world::actor_world(caf::scheduler::test_coordinator& scheduler) {
  settings.threads = false;
  with.catalogue = std::make_shared<blueprint::catalogue>();
  with.environment = std::make_shared<const engine::environment>();
  with.metrics = std::make_shared<actors::metrics>();
  with.where = std::make_shared<actors::directory>();
  with.clock = [&scheduler] {
    return time_point{std::chrono::duration_cast<duration>(scheduler.clock().now().time_since_epoch()) +
                      duration{1'700'000'000'000}};
  };
  transport.inside().clock = with.clock;
  use_settings();
  begin_process();
}

actor_world::~actor_world() {
  with.where->clear();
}

void actor_world::use_settings() {
  with.settings = std::make_shared<const actors::actor_settings>(settings);
}

void actor_world::begin_process() {
  with.condition = std::make_shared<actors::node_condition>();
  writer_ = *store.open_writer();
  auto epochs = std::make_shared<std::array<std::uint64_t, shard_count>>();
  const auto leases = writer_->take_leases("node");
  for (const auto& one : *leases)
    epochs->at(static_cast<std::size_t>(one.shard)) = one.epoch;
  with.epochs = std::move(epochs);
}

void actor_world::publish(const json& document) {
  const auto id = document.contains("stateMachineId") ? document["stateMachineId"].get<std::string>()
                  : document.contains("id")           ? document["id"].get<std::string>()
                                                      : document["workflow"].get<std::string>();
  auto prepared = with.catalogue->prepare(blueprint::published_kind::blueprint, id, document, "test", "", with.clock());
  if (!prepared) {
    std::string text = prepared.error().detail;
    for (const auto& one : prepared.error().violations)
      text += "\n" + one.pointer + ": " + one.expected + " / " + one.found;
    log(log_level::error, "test_blueprint", text);
  }
  TROUPE_ASSERT(prepared);
  perform(store::publish{prepared->record, {}, {}});
  TROUPE_ASSERT(with.catalogue->admit(prepared->record));
}

store::append actor_world::submission(const std::string& order_id, const std::string& workflow, json data) {
  const auto definition = with.catalogue->find(workflow);
  TROUPE_ASSERT(definition);
  const json request = {{"order_id", order_id}, {"workflow", workflow}, {"data", std::move(data)}};
  const auto around = with.around(*definition);
  auto decided =
      engine::decide_submission({order_id, request, sha256_hex(canonical(request)), "", "", "anonymous"}, around);
  if (!decided) log(log_level::error, "test_submission", decided.error().detail);
  TROUPE_ASSERT(decided);
  const auto told = engine::notifications(engine::order{}, decided->events, around);
  return store::make_append({shard_of(order_id), 0}, 0, std::move(*decided), told, false);
}

void actor_world::store_order(const std::string& order_id, const std::string& workflow, json data) {
  TROUPE_ASSERT(perform(submission(order_id, workflow, std::move(data))).outcome);
}

std::vector<store::claimed_order> actor_world::claim(const std::string& batch_id, store::queue from) {
  store::claim_orders wanted;
  wanted.batch_id = batch_id;
  wanted.from = from;
  wanted.limit = 1'000;
  wanted.now = with.clock();
  return perform(std::move(wanted)).taken;
}

const stored_content::order_row& actor_world::row(const std::string& order_id) {
  return store.content().orders.at(order_id);
}
std::string actor_world::status_of(const std::string& order_id) {
  return std::string(to_string(row(order_id).value->status));
}

std::vector<caf::actor> busy_actors(caf::scheduler::test_coordinator& scheduler, const std::string& kind) {
  std::vector<caf::actor> found;
  for (auto* job : scheduler.jobs)
    if (auto* one = dynamic_cast<caf::scheduled_actor*>(job); one != nullptr && one->name() == kind)
      found.push_back(caf::actor_cast<caf::actor>(one->address()));
  return found;
}

json chain_blueprint(const std::string& id, int count, json action_fields) {
  auto states = json::array();
  auto transitions = json::array();
  for (int number = 1; number <= count; ++number) {
    const auto name = fmt::format("s{}", number);
    json action = {{"actionId", "call"},
                   {"webhook",
                    {{"url", fmt::format("http://127.0.0.1:1/{}", name)},
                     {"method", "POST"},
                     {"payload", {{"order", "{{order.order_id}}"}}}}},
                   {"save", {{fmt::format("r{}", number), "response.body"}}}};
    action.update(action_fields);
    states.push_back({{"stateId", name},
                      {"baseStateType", number == 1 ? "initial" : "intermediate"},
                      {"entryActions", json::array({action})}});
    transitions.push_back({{"transitionId", fmt::format("t{}", number)},
                           {"from", name},
                           {"to", number == count ? "done" : fmt::format("s{}", number + 1)}});
  }
  states.push_back({{"stateId", "done"}, {"baseStateType", "final"}});
  states.push_back({{"stateId", "error"}, {"baseStateType", "final"}, {"outcome", "error"}});
  auto from = json::array();
  for (int number = 1; number <= count; ++number)
    from.push_back(fmt::format("s{}", number));
  transitions.push_back(
      {{"transitionId", "fail"}, {"from", from}, {"to", "error"}, {"trigger", {{"type", "error"}, {"errors", {"*"}}}}});
  return {{"stateMachineId", id},
          {"states", states},
          {"transitions", transitions},
          {"data", {{"schema", {{"type", "object"}, {"additionalProperties", true}}}}}};
}

json one_call_blueprint(const std::string& id, json action_fields) {
  return chain_blueprint(id, 1, std::move(action_fields));
}

json waiting_blueprint(const std::string& id) {
  return {{"stateMachineId", id},
          {"states", json::array({{{"stateId", "asked"}, {"baseStateType", "initial"}},
                                  {{"stateId", "done"}, {"baseStateType", "final"}}})},
          {"transitions",
           json::array({{{"transitionId", "go"}, {"from", "asked"}, {"to", "done"}, {"trigger", "manual"}}})}};
}

} // namespace troupe::test
