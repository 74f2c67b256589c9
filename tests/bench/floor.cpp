// The floor under the throughput of a transfer: the same webhooks by the same number of workers, and the same bytes
// made durable by group commit, with no engine, no actors and no parsing. What Troupe reaches is told as a share of it.
// With `expressions` alone: how fast those are.

#include "tests/bench/expressions.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

struct options {
  int transfers = 2000;
  int workers = 64;
  int webhooks = 4;
  int bytes = 2000; ///< of one commit of one transfer
  int port = 0;
  std::string file = "floor.log";
};

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

/// One thread that appends what has gathered and syncs it; whoever gave something is told when it is durable.
class group_commit {
public:
  group_commit(const std::string& path, std::size_t bytes) : bytes_(bytes, 'x') {
    file_ = open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0600);
    wake_ = eventfd(0, EFD_NONBLOCK);
    if (file_ < 0 || wake_ < 0) fail(path.c_str());
    writer_ = std::thread([this] { write_groups(); });
  }

  ~group_commit() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    some_.notify_one();
    writer_.join();
    close(file_);
    close(wake_);
  }

  void add(int worker) {
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(worker);
    }
    some_.notify_one();
  }

  /// Becomes readable when some workers' bytes are durable.
  int wake() const { return wake_; }

  std::vector<int> take_durable() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto read_bytes = read(wake_, &count, sizeof count);
    const std::lock_guard lock(mutex_);
    return std::exchange(durable_, {});
  }

private:
  void write_groups() {
    std::string buffer;
    for (;;) {
      std::vector<int> group;
      {
        std::unique_lock lock(mutex_);
        some_.wait(lock, [this] { return over_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        group.swap(waiting_);
      }
      buffer.clear();
      for (std::size_t i = 0; i < group.size(); ++i)
        buffer += bytes_;
      if (write(file_, buffer.data(), buffer.size()) < 0 || fdatasync(file_) != 0) fail("write");
      {
        const std::lock_guard lock(mutex_);
        durable_.insert(durable_.end(), group.begin(), group.end());
      }
      const std::uint64_t one = 1;
      if (write(wake_, &one, sizeof one) < 0) fail("eventfd");
    }
  }

  std::string bytes_;
  int file_;
  int wake_;
  std::mutex mutex_;
  std::condition_variable some_;
  std::vector<int> waiting_;
  std::vector<int> durable_;
  bool over_ = false;
  std::thread writer_;
};

struct worker {
  static constexpr int accepted = -1;
  int socket = -1;
  int step = accepted; ///< webhooks of this transfer that were answered
  std::string received;
};

/// All workers on one epoll: commit (accepted), commit (begun), webhook, commit, webhook, ... commit: as many commits
/// as an order has appends.
class floor_run {
public:
  explicit floor_run(const options& given)
      : given_(given), commit_(given.file, static_cast<std::size_t>(given.bytes)),
        workers_(static_cast<std::size_t>(given.workers)) {
    poll_ = epoll_create1(0);
    request_ =
        "POST /sink HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 120\r\n\r\n" +
        std::string(120, ' ');
    watch(commit_.wake(), -1);
    for (int i = 0; i < given.workers; ++i)
      connect_one(i);
  }

  double run() {
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < given_.workers; ++i)
      begin(i);
    std::vector<epoll_event> events(256);
    while (done_ < given_.transfers) {
      const int count = epoll_wait(poll_, events.data(), static_cast<int>(events.size()), 5000);
      if (count <= 0) fail("epoll_wait: nothing happened for 5 s");
      for (int i = 0; i < count; ++i) {
        const auto who = static_cast<int>(events[static_cast<std::size_t>(i)].data.fd);
        if (who < 0) {
          for (const int durable : commit_.take_durable())
            go_on(durable);
        } else {
          receive(who);
        }
      }
    }
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  }

private:
  void watch(int file, int who) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = who;
    if (epoll_ctl(poll_, EPOLL_CTL_ADD, file, &event) != 0) fail("epoll_ctl");
  }

  void connect_one(int index) {
    auto& one = workers_[static_cast<std::size_t>(index)];
    one.socket = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(given_.port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(one.socket, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) fail("connect");
    const int yes = 1;
    setsockopt(one.socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    watch(one.socket, index);
  }

  void begin(int index) {
    if (begun_ == given_.transfers) return;
    ++begun_;
    workers_[static_cast<std::size_t>(index)].step = worker::accepted;
    commit_.add(index);
  }

  /// Its bytes are durable: the next webhook, or the end.
  void go_on(int index) {
    auto& one = workers_[static_cast<std::size_t>(index)];
    if (one.step == worker::accepted) {
      one.step = 0;
      return commit_.add(index);
    }
    if (one.step == given_.webhooks) {
      ++done_;
      return begin(index);
    }
    if (send(one.socket, request_.data(), request_.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request_.size()))
      fail("send");
  }

  void receive(int index) {
    auto& one = workers_[static_cast<std::size_t>(index)];
    char buffer[4096];
    const auto count = recv(one.socket, buffer, sizeof buffer, 0);
    if (count <= 0) fail("the sink closed a connection");
    one.received.append(buffer, static_cast<std::size_t>(count));
    if (!is_complete(one.received)) return;
    one.received.clear();
    ++one.step;
    commit_.add(index);
  }

  static bool is_complete(std::string_view text) {
    const auto end = text.find("\r\n\r\n");
    if (end == std::string_view::npos) return false;
    const auto length = text.find("Content-Length: ");
    std::size_t body = 0;
    if (length != std::string_view::npos) std::from_chars(text.data() + length + 16, text.data() + end, body);
    return text.size() >= end + 4 + body;
  }

  options given_;
  group_commit commit_;
  std::vector<worker> workers_;
  std::string request_;
  int poll_;
  int begun_ = 0;
  int done_ = 0;
};

int number_of(const char* text) {
  return std::atoi(text);
}

} // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "expressions") return troupe::bench::measure_expressions(), 0;
  options given;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--transfers")
      given.transfers = number_of(argv[i + 1]);
    else if (name == "--workers")
      given.workers = number_of(argv[i + 1]);
    else if (name == "--webhooks")
      given.webhooks = number_of(argv[i + 1]);
    else if (name == "--bytes")
      given.bytes = number_of(argv[i + 1]);
    else if (name == "--port")
      given.port = number_of(argv[i + 1]);
    else if (name == "--file")
      given.file = argv[i + 1];
    else
      return std::fprintf(stderr, "usage: troupe_bench --port N [--transfers N] [--workers N] [--webhooks N] [--bytes "
                                  "N] [--file PATH]\n       troupe_bench expressions\n"),
             2;
  }
  const auto seconds = floor_run(given).run();
  std::printf("{\"transfers\":%d,\"workers\":%d,\"seconds\":%.6f,\"per_second\":%.1f}\n", given.transfers,
              given.workers, seconds, given.transfers / seconds);
}
