#pragma once

#include "runtime/http/io.hpp"
#include "runtime/http/server.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace troupe::http::test {

/// An application whose routes are functions. Without any, `/echo` (GET, POST, PUT) answers `METHOD path|query|body`.
class test_application : public application {
public:
  using handler = std::function<void(request, std::shared_ptr<responder>)>;
  using stream_handler = std::function<void(request, std::shared_ptr<stream>)>;

  test_application() {
    on("/echo", {"GET", "POST", "PUT"}, [](request value, std::shared_ptr<responder> answer) {
      auto text = value.method + " " + value.path + "|";
      for (const auto& [name, content] : value.query)
        text += name + "=" + content + ";";
      answer->answer({200, "text/plain", text + "|" + value.body, {}});
    });
  }

  void on(std::string path, std::vector<std::string> methods, handler what) {
    routes_[std::move(path)] = {std::move(methods), std::move(what), nullptr};
  }
  void on_stream(std::string path, std::vector<std::string> methods, stream_handler what) {
    routes_[std::move(path)] = {std::move(methods), nullptr, std::move(what)};
  }

  bool is_streamed(const request& head) const override {
    auto found = routes_.find(head.path);
    return found != routes_.end() && found->second.streamed;
  }
  std::vector<std::string> methods_of(std::string_view path) const override {
    auto found = routes_.find(std::string{path});
    return found == routes_.end() ? std::vector<std::string>{} : found->second.methods;
  }
  void handle(request value, std::shared_ptr<responder> answer) override {
    auto found = routes_.find(value.path);
    ++handled;
    if (found == routes_.end())
      answer->answer(problem(404, "expected a known path"));
    else
      found->second.whole(std::move(value), std::move(answer));
  }
  void handle_stream(request head, std::shared_ptr<stream> body) override {
    auto& streamed = routes_.at(head.path).streamed;
    ++handled;
    streamed(std::move(head), std::move(body));
  }
  response problem(int status, std::string_view detail) const override {
    return {status, "application/problem+json", R"({"detail":")" + std::string{detail} + "\"}", {}};
  }
  void answered(const request& value, int status, std::chrono::nanoseconds took) override {
    std::lock_guard guard{mutex_};
    log_.push_back(value.method + " " + value.path + " " + std::to_string(status) +
                   (took.count() >= 0 ? "" : " early"));
  }

  std::vector<std::string> answered_log() const {
    std::lock_guard guard{mutex_};
    return log_;
  }

  std::atomic<int> handled = 0;

private:
  struct route {
    std::vector<std::string> methods;
    handler whole;
    stream_handler streamed;
  };
  std::map<std::string, route> routes_;
  mutable std::mutex mutex_;
  std::vector<std::string> log_;
};

/// What a route is given, for the thread of the test.
template <class Given> class handed_over {
public:
  void give(std::shared_ptr<Given> value) {
    {
      std::lock_guard guard{mutex_};
      given_ = std::move(value);
    }
    is_there_.notify_one();
  }

  /// Waits for it; null if it does not come.
  std::shared_ptr<Given> take() {
    std::unique_lock lock{mutex_};
    is_there_.wait_for(lock, std::chrono::seconds{5}, [this] { return given_ != nullptr; });
    return std::exchange(given_, nullptr);
  }

private:
  std::mutex mutex_;
  std::condition_variable is_there_;
  std::shared_ptr<Given> given_;
};

/// A server on a free port with its loop.
struct running_server {
  explicit running_server(server_settings settings = {}, int threads = 1)
      : loop(threads), application(std::make_shared<test_application>()) {
    settings.listen = "127.0.0.1:0";
    auto started = server::start(loop, settings, application);
    if (started) listening = std::move(*started);
  }
  std::string address() const { return listening->address(); }

  io loop;
  std::shared_ptr<test_application> application;
  std::unique_ptr<server> listening;
};

} // namespace troupe::http::test
