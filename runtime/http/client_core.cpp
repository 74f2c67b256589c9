#include "runtime/http/client_core.hpp"

#include "runtime/base/log.hpp"
#include "runtime/http/client_pool.hpp"

#include <algorithm>

namespace troupe::http {

namespace {

tl::unexpected<call_error> failed(call_failure why, std::string message, bool is_sent) {
  return tl::unexpected(call_error{why, std::move(message), is_sent});
}

} // namespace

client_core::client_core(const std::shared_ptr<lane>& on, client_settings settings)
    : lane_(on), settings_(std::move(settings)) {
  auto filter = address_filter::parse(settings_.allow);
  if (filter) {
    filter_ = std::move(*filter);
  } else {
    log(log_level::error, "address_block_unreadable", "No address may be called: the allow list cannot be read.",
        {{"reason", filter.error().detail}});
    filter_ = *address_filter::parse({"255.255.255.255/32"});
  }
  on->run([&] {
    expiry_ = std::make_unique<alarm>(*on, [this] { expire_due(); });
    sweeping_ = std::make_unique<alarm>(*on, [this] { sweep(); });
  });
}

client_core::~client_core() = default;

void client_core::send(std::unique_ptr<pending_call> what) {
  std::shared_ptr<pending_call> shared = std::move(what);
  ++in_flight_;
  auto here = lane_.lock();
  if (here && here->is_here()) {
    const char* why = refusal();
    return why ? fail_later(std::move(shared), why) : begin(std::move(shared));
  }
  bool is_first = false;
  {
    std::lock_guard guard{mutex_};
    is_first = incoming_.empty();
    incoming_.push_back(std::move(shared));
  }
  if (is_first && (!here || !here->post([self = shared_from_this()] { self->drain(); }))) drain();
}

void client_core::refuse(pending_call::handler done, call_error why) {
  auto here = lane_.lock();
  auto tell = [done = std::move(done), why = std::move(why)] { done(tl::unexpected(why)); };
  if (!here || !here->post(tell)) tell();
}

void client_core::drain() {
  std::vector<std::shared_ptr<pending_call>> taken;
  {
    std::lock_guard guard{mutex_};
    taken.swap(incoming_);
  }
  for (auto& one : taken)
    begin(std::move(one));
}

/// Why no call is taken now; null if one is.
const char* client_core::refusal() const {
  if (is_stopped_) return "expected a client that is not stopped";
  if (waiting >= settings_.waiting_limit) return "expected fewer calls that wait for a connection";
  return nullptr;
}

/// Not from inside `send`: whoever sends again at once would go round for ever.
void client_core::fail_later(std::shared_ptr<pending_call> which, const char* why) {
  which->in_deadlines = deadlines_.end();
  auto tell = [self = shared_from_this(), which = std::move(which), why] {
    self->finish(which, failed(call_failure::connection_failed, why, false));
  };
  auto here = lane_.lock();
  if (!here || !here->post(tell)) tell();
}

void client_core::begin(std::shared_ptr<pending_call> what) {
  what->in_deadlines = deadlines_.end();
  if (const char* why = refusal()) return finish(what, failed(call_failure::connection_failed, why, false));
  what->in_deadlines = add_deadline(what->deadline, {what, nullptr});
  key_.assign(what->to.is_secure ? "s" : "").append("//").append(what->to.authority);
  auto& pool = pools_[key_];
  if (!pool) pool = std::make_shared<client_pool>(shared_from_this(), what->to);
  auto kept = pool;
  if (!std::exchange(is_sweeping_, true)) sweeping_->set(steady_clock::now() + sweep_length());
  kept->add(std::move(what));
}

void client_core::finish(const std::shared_ptr<pending_call>& which, tl::expected<answer, call_error> result) {
  auto done = std::exchange(which->done, nullptr);
  if (!done) return;
  if (which->in_deadlines != deadlines_.end()) deadlines_.erase(which->in_deadlines);
  which->bytes = {};
  --in_flight_;
  done(std::move(result));
}

deadline_map::iterator client_core::add_deadline(steady_clock::time_point when, timed what) {
  auto added = deadlines_.emplace(when, std::move(what));
  if (!expiry_at_ || when < *expiry_at_) {
    expiry_at_ = when;
    expiry_->set(when);
  }
  return added;
}

void client_core::expire_due() {
  auto kept = shared_from_this();
  auto now = steady_clock::now();
  expiry_at_.reset();
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    auto due = std::move(deadlines_.begin()->second);
    deadlines_.erase(deadlines_.begin());
    if (due.attempt) {
      if (auto pool = due.attempt->pool.lock()) pool->give_up(due.attempt);
      continue;
    }
    due.call->in_deadlines = deadlines_.end();
    if (due.call->waits_in != nullptr) due.call->waits_in->forget(*due.call);
    if (auto on = due.call->on.lock()) on->abandon();
    finish(due.call, failed(call_failure::timeout,
                            due.call->is_sent ? "expected an answer in time" : "expected a connection in time",
                            due.call->is_sent));
  }
  if (deadlines_.empty() || expiry_at_ || !expiry_) return;
  expiry_at_ = deadlines_.begin()->first;
  expiry_->set(*expiry_at_);
}

/// Closes what has been free for too long and forgets hosts that nothing is left of.
void client_core::sweep() {
  auto now = steady_clock::now();
  auto all = pools_;
  for (auto& [key, pool] : all) {
    pool->close_free(now - settings_.idle);
    if (pool->is_unused()) pools_.erase(key);
  }
  is_sweeping_ = !pools_.empty();
  if (is_sweeping_ && sweeping_) sweeping_->set(now + sweep_length());
}

duration client_core::sweep_length() const {
  return std::clamp(settings_.idle / 4, duration{10}, duration{5'000});
}

bool client_core::take_connection(const client_pool& for_whom) {
  if (connections_ >= settings_.connections) {
    is_starved_ = true;
    for (auto& [key, pool] : pools_)
      if (pool.get() != &for_whom && pool->has_free()) {
        auto kept = pool;
        kept->close_one_free();
        break;
      }
    if (connections_ >= settings_.connections) return false;
  }
  ++connections_;
  return true;
}

void client_core::connection_gone() {
  --connections_;
  if (!is_starved_ || is_stopped_) return;
  is_starved_ = false;
  // Not from here: this is the middle of another pool's work.
  on()->post([self = shared_from_this()] {
    auto all = self->pools_;
    for (auto& [key, pool] : all)
      pool->pump();
  });
}

expected<const trust*> client_core::trusted() {
  if (!trust_) {
    auto loaded = trust::load(settings_.certificate_authorities);
    if (!loaded) return tl::unexpected(loaded.error());
    trust_ = std::move(*loaded);
  }
  return trust_.get();
}

void client_core::stop() {
  if (is_stopped_.exchange(true)) return;
  auto stop_here = [this] {
    drain();
    expiry_.reset();
    sweeping_.reset();
    auto pools = std::exchange(pools_, {});
    auto deadlines = std::exchange(deadlines_, {});
    for (auto& [key, pool] : pools)
      pool->close_all();
    for (auto& [when, what] : deadlines) {
      if (!what.call) continue;
      what.call->in_deadlines = deadlines_.end();
      finish(what.call, failed(call_failure::connection_failed, "expected an answer before the client stopped",
                               what.call->is_sent));
    }
  };
  if (auto here = lane_.lock())
    here->run(stop_here);
  else
    stop_here();
}

} // namespace troupe::http
