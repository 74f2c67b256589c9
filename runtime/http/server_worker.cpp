#include "runtime/http/server_worker.hpp"

#include "runtime/http/server_connection.hpp"

#include <algorithm>

namespace troupe::http {

namespace {

/// So many connections beyond the limit are told about it at a time; more are just closed.
constexpr std::size_t refused_max = 128;

} // namespace

server_worker::server_worker(server_core& core, const std::shared_ptr<lane>& on) : core_(core), lane_(on) {
  const auto& settings = core.settings;
  auto shortest =
      std::min({settings.header_timeout, settings.body_timeout, settings.idle_timeout, settings.write_timeout});
  tick_length_ = std::clamp(shortest / 10, duration{5}, duration{250});
  on->run([this, &on] {
    thread_ = std::this_thread::get_id();
    alarm_ = std::make_unique<alarm>(*on, [this] { tick(); });
  });
}

server_worker::~server_worker() = default;

bool server_worker::is_here() const {
  return thread_.load(std::memory_order_relaxed) == std::this_thread::get_id();
}

void server_worker::deliver(delivery value, const std::shared_ptr<server_core>& keep) {
  if (is_here() && value.answer) {
    if (auto to = value.to.lock()) {
      to->take_answer(value.sequence, std::move(*value.answer));
      to->process();
    }
    return;
  }
  bool is_first = false;
  {
    std::lock_guard guard{mutex_};
    is_first = incoming_.empty();
    incoming_.push_back(std::move(value));
  }
  if (!is_first) return;
  if (auto on = lane_.lock()) on->post([this, keep] { drain(); });
}

void server_worker::drain() {
  {
    std::lock_guard guard{mutex_};
    std::swap(incoming_, draining_);
  }
  // First all that there is, then one pass over each connection: answers to pipelined requests leave in one write.
  std::vector<std::shared_ptr<server_connection>> touched;
  for (auto& one : draining_) {
    auto to = one.to.lock();
    if (one.stream) {
      one.stream->acknowledge();
      if (to)
        to->take_stream_news(one.sequence, *one.stream);
      else
        one.stream->give(troupe::refuse(errc::unreachable, "the client has gone"));
    } else if (to && one.answer) {
      to->take_answer(one.sequence, std::move(*one.answer));
    } else if (to) {
      to->close();
    }
    if (to && (touched.empty() || touched.back() != to)) touched.push_back(std::move(to));
  }
  draining_.clear();
  for (auto& connection : touched)
    connection->process();
}

void server_worker::take(std::unique_ptr<channel> socket, std::string peer, const std::shared_ptr<server_core>& keep) {
  if (core_.is_stopping || !alarm_) return;
  bool is_busy = core_.open >= core_.settings.connections;
  if (is_busy && refused_ >= refused_max) return;
  auto connection = std::make_shared<server_connection>(*this, keep, std::move(socket), std::move(peer));
  connection->position = connections_.size();
  connections_.push_back(connection);
  if (!is_ticking_) tick();
  if (is_busy) {
    ++refused_;
    connection->refuse_busy();
  } else {
    ++core_.open;
    connection->start();
  }
}

void server_worker::forget(server_connection& which) {
  if (which.is_served())
    --core_.open;
  else
    --refused_;
  auto& place = connections_[which.position];
  std::swap(place, connections_.back());
  place->position = which.position;
  connections_.pop_back();
}

void server_worker::tick() {
  is_ticking_ = !connections_.empty();
  if (!is_ticking_ || !alarm_) return;
  auto now = steady_clock::now();
  // Backwards: whoever is forgotten on the way has its place taken by one that has been looked at.
  for (std::size_t i = connections_.size(); i-- > 0;) {
    if (i >= connections_.size()) continue;
    auto kept = connections_[i];
    kept->check_deadlines(now);
  }
  if (alarm_) alarm_->set(now + tick_length_);
}

void server_worker::begin_stop() {
  auto all = connections_;
  for (auto& connection : all)
    connection->begin_stop();
}

void server_worker::close_all() {
  while (!connections_.empty())
    std::shared_ptr(connections_.back())->close();
  alarm_.reset();
}

} // namespace troupe::http
