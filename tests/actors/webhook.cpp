#include "actors/webhook.hpp"

#include "runtime/http/io.hpp"
#include "tests/support/actor_world.hpp"

#include <arpa/inet.h>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#define CAF_SUITE webhook

#include "caf/test/dsl.hpp"

using namespace troupe;
using namespace troupe::actors;
using namespace troupe::test;

namespace {

/// A port of this machine on which connections are taken and nothing is ever answered.
class silent_server {
public:
  silent_server() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    CAF_REQUIRE_EQUAL(::bind(socket_, generic, size), 0);
    CAF_REQUIRE_EQUAL(::listen(socket_, 8), 0);
    CAF_REQUIRE_EQUAL(::getsockname(socket_, generic, &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~silent_server() {
    if (taken_ >= 0) ::close(taken_);
    ::close(socket_);
  }
  /// Until somebody has connected.
  void take() { taken_ = ::accept(socket_, nullptr, nullptr); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }

private:
  int socket_;
  int taken_ = -1;
  int port_ = 0;
};

struct heard {
  std::atomic<int> answers{0};
  std::atomic<int> losses{0};
};

/// In the place of an order: counts what it hears.
class listening_order {
public:
  static inline const char* name = "listening_order";
  listening_order(order_actor::pointer, std::shared_ptr<heard> into) : into_(std::move(into)) {}
  order_actor::behavior_type make_behavior() {
    return {
        [](const execute_command&) { return command_result{refuse(errc::not_possible, "a stand-in")}; },
        [this](const call_done&) { ++into_->answers; },
        [](go_again) {},
        [this](calls_lost) { ++into_->losses; },
    };
  }

private:
  std::shared_ptr<heard> into_;
};

/// Threads and a network as they are in a node.
struct fixture {
  fixture() {
    with.settings = std::make_shared<const actor_settings>();
    with.metrics = std::make_shared<metrics>();
    with.clock = [] { return time_point{duration{1'700'000'000'000}}; };
  }

  perform_call call(const order_actor& who, duration timeout) const {
    engine::rendered_call wanted;
    wanted.method = "POST";
    wanted.url = server.url();
    wanted.timeout = timeout;
    return {std::move(wanted), who, 1, engine::action_kind::entry, "call", 1};
  }
  /// Behind everything that was sent to it.
  void wait_for(const order_actor& who) {
    self->request(who, caf::infinite, go_again{}).receive([] {}, [](const caf::error& why) { CAF_FAIL(why); });
  }

  silent_server server;
  services with;
  std::shared_ptr<heard> told = std::make_shared<heard>();
  std::shared_ptr<http::io> loop = std::make_shared<http::io>();
  caf::actor_system_config config;
  caf::actor_system system{config};
  caf::scoped_actor self{system};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(webhook_tests, fixture)

CAF_TEST(who waits for a transport that dies is not told that the call failed) {
  const auto order = system.spawn<order_actor::stateful_impl<listening_order>>(told);
  auto transport = system.spawn<webhook_actor::stateful_impl<webhook_state>>(with, loop, http::client_settings{});
  self->monitor(transport);
  self->send(transport, call(order, duration{60'000}));
  server.take();
  caf::anon_send_exit(transport, caf::exit_reason::kill);
  self->receive([](const caf::down_msg&) {});
  loop->stop();
  wait_for(order);
  CAF_CHECK_EQUAL(told->answers, 0);
}

CAF_TEST(a call that outlasts its time is answered once) {
  const auto order = system.spawn<order_actor::stateful_impl<listening_order>>(told);
  auto transport = system.spawn<webhook_actor::stateful_impl<webhook_state>>(with, loop, http::client_settings{});
  self->send(transport, call(order, duration{50}));
  for (int count = 0; count < 100 && told->answers == 0; ++count)
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  CAF_CHECK_EQUAL(told->answers, 1);
  self->send_exit(transport, caf::exit_reason::user_shutdown);
}

CAF_TEST_FIXTURE_SCOPE_END()
