#include "runtime/http/client_pool.hpp"

#include <algorithm>

namespace troupe::http {

client_pool::client_pool(std::shared_ptr<client_core> core, const url_parts& to)
    : core_(std::move(core)), is_secure_(to.is_secure), host_(to.host), port_(to.port) {}

void client_pool::add(std::shared_ptr<pending_call> what) {
  what->waits_in = this;
  ++live_;
  ++core_->waiting;
  waiting_.push_back(std::move(what));
  pump();
}

void client_pool::forget(pending_call& which) {
  which.waits_in = nullptr;
  --live_;
  --core_->waiting;
}

/// Drops those that had their end while they waited.
bool client_pool::has_waiting() {
  while (!waiting_.empty() && waiting_.front()->waits_in == nullptr)
    waiting_.pop_front();
  return !waiting_.empty();
}

std::shared_ptr<pending_call> client_pool::next_waiting() {
  if (!has_waiting()) return nullptr;
  auto first = std::move(waiting_.front());
  waiting_.pop_front();
  forget(*first);
  return first;
}

std::shared_ptr<client_connection> client_pool::next_free() {
  while (!free_.empty()) {
    auto last = std::move(free_.back());
    free_.pop_back();
    if (steady_clock::now() - last->free_since < core_->settings().idle && last->is_usable()) return last;
    last->close();
  }
  return nullptr;
}

void client_pool::pump() {
  if (is_closed_) return;
  while (has_waiting()) {
    auto free = next_free();
    if (!free) break;
    free->send(next_waiting());
  }
  while (attempts_.size() < live_ && connections_.size() + attempts_.size() < core_->settings().connections_per_host &&
         core_->take_connection(*this))
    begin_attempt();
}

void client_pool::begin_attempt() {
  // For the first call that no attempt is under way for.
  auto passed = attempts_.size();
  auto is_next = [&](const auto& call) { return call->waits_in != nullptr && passed-- == 0; };
  auto deadline = (*std::find_if(waiting_.begin(), waiting_.end(), is_next))->deadline;
  auto attempt = std::make_shared<connecting>();
  attempts_.insert(attempt);
  attempt->pool = weak_from_this();
  attempt->in_deadlines = core_->add_deadline(deadline, {nullptr, attempt});
  connector::target to{host_, port_, nullptr};
  if (is_secure_) {
    auto trusted = core_->trusted();
    if (!trusted) {
      call_error why{call_failure::connection_failed, trusted.error().detail, false};
      core_->on()->post([self = shared_from_this(), attempt, why] { self->end_attempt(attempt, tl::unexpected(why)); });
      return;
    }
    to.trusted = *trusted;
  }
  attempt->under_way = connector::begin(
      core_->on(), core_->names(), std::move(to), core_->filter(),
      [self = shared_from_this(), attempt](auto result) { self->end_attempt(attempt, std::move(result)); });
}

void client_pool::end_attempt(const std::shared_ptr<connecting>& attempt,
                              tl::expected<std::unique_ptr<channel>, call_error> result) {
  if (attempts_.erase(attempt) == 0) return;
  core_->remove_deadline(attempt->in_deadlines);
  if (result) {
    auto made =
        std::make_shared<client_connection>(shared_from_this(), std::move(*result), core_->settings().response_limit);
    made->position = connections_.size();
    connections_.push_back(made);
    made->start();
    // Not asked whether it is quiet: a TLS server sends its tickets right after the handshake.
    auto first = is_secure_ ? next_waiting() : nullptr;
    if (first)
      made->send(std::move(first));
    else
      on_free(made);
  } else {
    core_->connection_gone();
    if (auto failed = next_waiting()) core_->finish(failed, tl::unexpected(result.error()));
    pump();
  }
}

void client_pool::give_up(const std::shared_ptr<connecting>& attempt) {
  if (attempts_.erase(attempt) == 0) return;
  if (attempt->under_way) attempt->under_way->cancel();
  core_->connection_gone();
  pump();
}

void client_pool::on_free(const std::shared_ptr<client_connection>& which) {
  if (has_waiting()) {
    if (!which->is_usable()) return which->close();
    return which->send(next_waiting());
  }
  which->free_since = steady_clock::now();
  free_.push_back(which);
}

void client_pool::on_closed(client_connection& which) {
  auto is_it = [&](const auto& one) { return one.get() == &which; };
  if (auto found = std::find_if(free_.begin(), free_.end(), is_it); found != free_.end()) free_.erase(found);
  auto& place = connections_[which.position];
  std::swap(place, connections_.back());
  place->position = which.position;
  connections_.pop_back();
  core_->connection_gone();
  pump();
}

void client_pool::on_done(std::shared_ptr<pending_call> which, tl::expected<answer, call_error> result) {
  core_->finish(which, std::move(result));
}

bool client_pool::close_one_free() {
  if (free_.empty()) return false;
  auto oldest = free_.front();
  oldest->close();
  return true;
}

void client_pool::close_free(steady_clock::time_point unused_since) {
  while (!free_.empty() && free_.front()->free_since <= unused_since)
    close_one_free();
}

void client_pool::close_all() {
  is_closed_ = true;
  waiting_.clear();
  for (const auto& attempt : attempts_)
    if (attempt->under_way) attempt->under_way->cancel();
  attempts_.clear();
  while (!connections_.empty())
    std::shared_ptr(connections_.back())->abandon();
}

} // namespace troupe::http
