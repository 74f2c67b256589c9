#include "runtime/http/server.hpp"

#include "runtime/http/server_connection.hpp"

#include <sys/resource.h>

namespace troupe::http {

namespace {

/// Besides the server's connections: the store, the client's connections, logs.
constexpr std::size_t other_descriptors = 256;
constexpr duration stop_check{10};

/// Raises this process's limit to what the system lets it have.
expected<void> raise_descriptor_limit(std::size_t connections) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  if (limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
  }
  if (limit.rlim_cur >= connections + other_descriptors) return {};
  return refuse(errc::not_ready, "expected at least " + std::to_string(connections + other_descriptors) +
                                     " file descriptors (ulimit -n) for " + std::to_string(connections) +
                                     " connections (http.connections), but found " + std::to_string(limit.rlim_cur));
}

class listening_server final : public server {
public:
  listening_server(io::loop& loop, std::shared_ptr<server_core> core, std::unique_ptr<listener> door)
      : loop_(loop), core_(std::move(core)), door_(std::move(door)), address_(door_->address()) {
    loop_.lanes.front()->run([this] {
      door_->start([core = core_](std::size_t index, std::unique_ptr<channel> socket, std::string peer) {
        core->workers[index]->take(std::move(socket), std::move(peer), core);
      });
    });
  }

  ~listening_server() override {
    core_->is_stopping = true;
    loop_.lanes.front()->run([this] {
      stopping_.reset();
      door_.reset();
    });
    for (std::size_t i = 0; i < core_->workers.size(); ++i)
      loop_.lanes[i]->run([&] { core_->workers[i]->close_all(); });
  }

  std::string address() const override { return address_; }
  std::size_t open_connections() const override { return core_->open; }

  void stop(duration grace, std::function<void()> done) override {
    loop_.lanes.front()->run([&] {
      if (stopping_) return;
      door_->close();
      core_->is_stopping = true;
      stop_deadline_ = steady_clock::now() + grace;
      stopped_ = std::move(done);
      stopping_ = std::make_unique<alarm>(*loop_.lanes.front(), [this] { check_stopped(); });
      stopping_->set(steady_clock::now());
      each_worker([](server_worker& worker) { worker.begin_stop(); });
    });
  }

private:
  void each_worker(void (*what)(server_worker&)) {
    for (std::size_t i = 0; i < core_->workers.size(); ++i)
      loop_.lanes[i]->post([core = core_, i, what] { what(*core->workers[i]); });
  }

  void check_stopped() {
    auto now = steady_clock::now();
    if (core_->open > 0) {
      if (now >= stop_deadline_) each_worker([](server_worker& worker) { worker.close_all(); });
      return stopping_->set(now + stop_check);
    }
    // The callback may destroy this.
    if (auto done = std::exchange(stopped_, nullptr)) done();
  }

  io::loop& loop_;
  std::shared_ptr<server_core> core_;
  std::unique_ptr<listener> door_;
  std::string address_;
  std::unique_ptr<alarm> stopping_;
  steady_clock::time_point stop_deadline_;
  std::function<void()> stopped_;
};

} // namespace

expected<std::unique_ptr<server>> server::start(io& loop, server_settings settings,
                                                std::shared_ptr<application> handler) {
  if (auto raised = raise_descriptor_limit(settings.connections); !raised) return tl::unexpected(raised.error());
  auto& lanes = loop.inside();
  auto door = listener::open(lanes, settings.listen);
  if (!door) return tl::unexpected(door.error());
  auto core = std::make_shared<server_core>();
  core->settings = std::move(settings);
  core->handler = std::move(handler);
  for (auto& lane : lanes.lanes)
    core->workers.push_back(std::make_unique<server_worker>(*core, lane));
  return std::make_unique<listening_server>(lanes, std::move(core), std::move(*door));
}

} // namespace troupe::http
