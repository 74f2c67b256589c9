#include "actors/services_supervisor.hpp"

#include <utility>

namespace troupe::actors {

namespace {

constexpr duration restart_delay{100};
constexpr duration stop_slack{1'500}; ///< beyond the orders' grace

} // namespace

services_supervisor_state::services_supervisor_state(services_supervisor_actor::pointer self, services with,
                                                     std::vector<service> children)
    : self_(self), with_(std::move(with)), alive_(with_.metrics, name), children_(std::move(children)) {}

services_supervisor_actor::behavior_type services_supervisor_state::make_behavior() {
  expect_no_exceptions(self_, name);
  on_down(self_, [this](caf::actor_id who, const caf::error& reason) { ended(who, reason); });
  for (std::size_t index = 0; index < children_.size(); ++index)
    start(index);
  return {[this](stop_now) { return stop(); }};
}

void services_supervisor_state::start(std::size_t index) {
  if (is_stopping_) return;
  auto handle = children_[index].start(self_, with_);
  running_[handle->id()] = index;
  handles_[index] = std::move(handle);
}

void services_supervisor_state::ended(caf::actor_id who, const caf::error& reason) {
  const auto found = running_.find(who);
  if (found == running_.end()) return;
  const auto index = found->second;
  running_.erase(found);
  handles_.erase(index);
  if (!is_stopping_) return restart(index, reason);
  if (awaited_ > 0 && --awaited_ == 0) std::exchange(when_ended_, nullptr)();
}

void services_supervisor_state::restart(std::size_t index, const caf::error& reason) {
  const auto& name_of_child = children_[index].name;
  const auto now = with_.clock();
  while (!restarts_.empty() && now - restarts_.front() > with_.settings->restarts_within)
    restarts_.pop_front();
  if (restarts_.size() >= static_cast<std::size_t>(with_.settings->restarts_max)) {
    log(log_level::error, "services_given_up", "services were started again too often: the node cannot go on",
        {{"service", name_of_child}, {"reason", to_string(reason)}});
    for (const auto& [other, handle] : handles_)
      end(self_, handle, caf::exit_reason::kill);
    return self_->quit(caf::make_error(quit_reason::gave_up, name_of_child));
  }
  restarts_.push_back(now);
  log(log_level::error, "service_started_again", "a service died and is started again",
      {{"service", name_of_child}, {"reason", to_string(reason)}});
  with_.metrics->actor_restarted(name_of_child);
  self_->run_delayed(restart_delay, [this, index] {
    start(index);
    if (children_[index].name == "webhook") tell(self_, with_.supervisor(), calls_lost{});
  });
}

/// Whatever happens on the way, it is over within the bound.
caf::result<void> services_supervisor_state::stop() {
  stop_promise_ = self_->make_response_promise<void>();
  auto promise = *stop_promise_;
  is_stopping_ = true;
  with_.condition->is_stopping = true;
  bound_.set(self_, with_.settings->stop_grace + stop_slack, [this] {
    log(log_level::error, "stop_forced", "the services did not end in time");
    for (const auto& [index, handle] : handles_)
      end(self_, handle, caf::exit_reason::kill);
    leave();
  });
  stop_orders();
  return promise;
}

void services_supervisor_state::stop_orders() {
  ask(
      self_, with_.supervisor(), stop_now{}, [this] { end_services(); }, [this](const caf::error&) { end_services(); });
}

void services_supervisor_state::end_services() {
  when_ended_ = [this] { flush_store(); };
  awaited_ = 0;
  for (const auto& [index, handle] : handles_) {
    if (children_[index].ends_last) continue;
    ++awaited_;
    end(self_, handle);
  }
  if (awaited_ == 0) std::exchange(when_ended_, nullptr)();
}

/// Behind everything that was sent to it.
void services_supervisor_state::flush_store() {
  ask(
      self_, with_.store(), store_flush{}, [this] { end_store(); }, [this](const caf::error&) { end_store(); });
}

void services_supervisor_state::end_store() {
  when_ended_ = [this] { leave(); };
  awaited_ = handles_.size();
  for (const auto& [index, handle] : handles_)
    end(self_, handle);
  if (awaited_ == 0) std::exchange(when_ended_, nullptr)();
}

void services_supervisor_state::leave() {
  bound_.cancel();
  if (stop_promise_) stop_promise_->deliver();
  stop_promise_.reset();
  self_->quit();
}

} // namespace troupe::actors
