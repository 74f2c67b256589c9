#include "runtime/http/server_stream.hpp"

#include "runtime/base/log.hpp"

#include <utility>

namespace troupe::http {

void stream_exchange::notify(std::unique_lock<std::mutex>& lock) {
  bool is_first = !std::exchange(is_notified_, true);
  lock.unlock();
  if (is_first) notify_(shared_from_this());
}

void stream_exchange::acknowledge() {
  std::lock_guard guard{mutex_};
  is_notified_ = false;
}

void stream_exchange::read(chunk_handler on_chunk) {
  std::unique_lock lock{mutex_};
  TROUPE_ASSERT(!reader_);
  reader_ = std::move(on_chunk);
  notify(lock);
}

void stream_exchange::start(response head) {
  std::unique_lock lock{mutex_};
  if (is_started_ || is_closed_) return;
  is_started_ = true;
  add(std::exchange(head.body, {}));
  head_ = std::move(head);
  notify(lock);
}

void stream_exchange::write(std::string bytes) {
  std::unique_lock lock{mutex_};
  if (is_finished_ || is_closed_ || is_broken_) return;
  add(std::move(bytes));
  notify(lock);
}

void stream_exchange::add(std::string bytes) {
  auto size = bytes.size();
  auto added = waiting_.append(std::move(bytes));
  if (added) {
    backlog_ += size;
    return;
  }
  is_broken_ = true;
  waiting_.clear();
  backlog_ = 0;
  log(log_level::warning, "answer_not_kept", "A streamed answer could not be kept for its client.",
      {{"reason", added.error().detail}});
}

void stream_exchange::finish() {
  std::unique_lock lock{mutex_};
  is_finished_ = true;
  is_abandoned_ = !is_started_;
  notify(lock);
}

void stream_exchange::release() {
  std::unique_lock lock{mutex_};
  if (is_finished_) return;
  is_finished_ = true;
  is_abandoned_ = !is_started_;
  is_broken_ = is_broken_ || is_started_;
  notify(lock);
}

stream_exchange::output stream_exchange::take(std::size_t size) {
  output result;
  std::lock_guard guard{mutex_};
  if (is_started_) {
    result.head = std::exchange(head_, std::nullopt);
    while (result.bytes.size() < size && waiting_.size() > 0) {
      auto part = waiting_.take(size - result.bytes.size());
      if (!part || part->empty()) {
        is_broken_ = true;
        break;
      }
      backlog_ -= part->size();
      if (result.bytes.empty())
        result.bytes = std::move(*part);
      else
        result.bytes += *part;
    }
  }
  result.has_ended = is_finished_ && waiting_.size() == 0;
  result.is_abandoned = is_abandoned_;
  result.is_broken = is_broken_;
  return result;
}

bool stream_exchange::has_reader() {
  std::lock_guard guard{mutex_};
  return reader_ != nullptr;
}

bool stream_exchange::is_broken() {
  std::lock_guard guard{mutex_};
  return is_broken_;
}

void stream_exchange::give(expected<std::string> chunk) {
  chunk_handler reader;
  {
    std::lock_guard guard{mutex_};
    reader = std::exchange(reader_, nullptr);
  }
  if (reader) reader(std::move(chunk));
}

void stream_exchange::close() {
  std::lock_guard guard{mutex_};
  is_closed_ = true;
  waiting_.clear();
  backlog_ = 0;
}

} // namespace troupe::http
