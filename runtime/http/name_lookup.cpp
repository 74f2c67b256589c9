#include "runtime/http/name_lookup.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <mutex>
#include <netdb.h>
#include <sys/socket.h>
#include <thread>
#include <unordered_map>

namespace troupe::http {

namespace {

constexpr int threads_max = 4;

name_lookup::result look_up(const std::string& name) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  if (int failure = ::getaddrinfo(name.c_str(), nullptr, &wanted, &found); failure != 0)
    return tl::unexpected<std::string>(::gai_strerror(failure));
  std::vector<std::string> addresses;
  for (auto* one = found; one != nullptr; one = one->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    int failure = ::getnameinfo(one->ai_addr, one->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST);
    if (failure == 0) addresses.emplace_back(text.data());
  }
  ::freeaddrinfo(found);
  return addresses;
}

} // namespace

struct name_lookup::state {
  std::mutex mutex;
  std::deque<std::string> waiting;
  /// Who wants which name; a name stays here until it is found.
  std::unordered_map<std::string, std::vector<std::function<void(const result&)>>> wanted;
  int threads = 0;
  bool has_ended = false;

  void work() {
    std::unique_lock lock{mutex};
    while (!has_ended && !waiting.empty()) {
      auto name = std::move(waiting.front());
      waiting.pop_front();
      lock.unlock();
      auto found = look_up(name);
      lock.lock();
      auto told = wanted.extract(name);
      lock.unlock();
      if (!told.empty())
        for (auto& done : told.mapped())
          done(found);
      lock.lock();
    }
    --threads;
  }
};

name_lookup::name_lookup() : state_(std::make_shared<state>()) {}

name_lookup::~name_lookup() {
  std::lock_guard guard{state_->mutex};
  state_->has_ended = true;
  state_->wanted.clear();
}

void name_lookup::find(const std::string& name, std::function<void(const result&)> done) {
  std::lock_guard guard{state_->mutex};
  auto& wanting = state_->wanted[name];
  wanting.push_back(std::move(done));
  if (wanting.size() > 1) return;
  state_->waiting.push_back(name);
  if (state_->threads >= threads_max) return;
  ++state_->threads;
  // Nobody can end a thread inside the system's resolver: it keeps what it needs and goes by itself.
  std::thread{[kept = state_] { kept->work(); }}.detach();
}

} // namespace troupe::http
