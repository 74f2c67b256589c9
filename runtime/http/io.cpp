#include "runtime/http/io.hpp"

#include "runtime/base/error.hpp"
#include "runtime/http/asio.hpp"

#include <boost/asio/steady_timer.hpp>

#include <future>

namespace troupe::http {

lane::lane() : inside_(std::make_unique<inside>()) {}

lane::~lane() {
  TROUPE_ASSERT(!is_here());
  stop();
}

void lane::start() {
  inside_->thread = std::thread([this] {
    inside_->thread_id = std::this_thread::get_id();
    inside_->context.run();
  });
}

void lane::stop() {
  {
    std::lock_guard guard{inside_->mutex};
    inside_->has_ended = true;
  }
  inside_->context.stop();
  if (!inside_->thread.joinable() || is_here()) return;
  inside_->thread.join();
  inside_->thread_id = std::thread::id{};
}

bool lane::post(std::function<void()> work) {
  std::lock_guard guard{inside_->mutex};
  if (inside_->has_ended) return false;
  asio::post(inside_->context, std::move(work));
  return true;
}

bool lane::is_here() const {
  return inside_->thread_id.load(std::memory_order_relaxed) == std::this_thread::get_id();
}

void lane::run(const std::function<void()>& work) {
  if (is_here()) return work();
  // The promise is broken, and the wait over, if the loop ends before it gets to the work.
  auto done = std::make_shared<std::promise<void>>();
  auto waiting = done->get_future();
  bool is_posted = post([&work, done] {
    work();
    done->set_value();
  });
  if (!is_posted) return work();
  done.reset();
  waiting.wait();
}

struct alarm::inside {
  inside(lane& on, std::function<void()> what) : timer(on.asio().context), ring(std::move(what)) {}
  asio::steady_timer timer;
  std::function<void()> ring;
  std::uint64_t setting = 0;
};

alarm::alarm(lane& on, std::function<void()> ring) : inside_(std::make_shared<inside>(on, std::move(ring))) {}

alarm::~alarm() {
  cancel();
}

void alarm::set(steady_clock::time_point when) {
  auto setting = ++inside_->setting;
  inside_->timer.expires_at(when);
  inside_->timer.async_wait([kept = std::weak_ptr(inside_), setting](const boost::system::error_code& failure) {
    auto self = kept.lock();
    if (!failure && self && self->setting == setting) self->ring();
  });
}

void alarm::cancel() {
  ++inside_->setting;
  inside_->timer.cancel();
}

io::io(int threads) : loop_(std::make_unique<loop>()) {
  for (int i = 0; i < std::max(threads, 1); ++i)
    loop_->lanes.push_back(std::make_shared<lane>());
  for (auto& lane : loop_->lanes)
    lane->start();
}

io::~io() {
  stop();
}

void io::post(std::function<void()> work) {
  loop_->lanes.front()->post(std::move(work));
}

void io::after(duration delay, std::function<void()> work) {
  auto& first = *loop_->lanes.front();
  first.post([&first, due = steady_clock::now() + delay, work = std::move(work)]() mutable {
    auto timer = std::make_shared<asio::steady_timer>(first.asio().context, due);
    timer->async_wait([timer, work = std::move(work)](const boost::system::error_code& failure) {
      if (!failure) work();
    });
  });
}

void io::stop() {
  for (auto& lane : loop_->lanes)
    lane->stop();
}

} // namespace troupe::http
