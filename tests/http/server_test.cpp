#include "tests/http/raw_client.hpp"
#include "tests/http/test_application.hpp"

#include <condition_variable>
#include <deque>
#include <random>
#include <sys/resource.h>

#define CAF_SUITE http_server
#include "caf/test/bdd_dsl.hpp"

using namespace troupe;
using namespace troupe::http;
using namespace troupe::http::test;
using namespace std::literals;

namespace {

const std::string get = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n";

std::string post(std::string_view body, std::string_view fields = "") {
  return "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string{fields} + "\r\n" + std::string{body};
}

/// Short deadlines, small limits.
server_settings impatient() {
  server_settings settings;
  settings.body_limit = 1000;
  settings.header_timeout = 100ms;
  settings.body_timeout = 150ms;
  settings.idle_timeout = 200ms;
  settings.write_timeout = 200ms;
  return settings;
}

/// Answers on threads of its own, in whatever order.
class answering_threads {
public:
  explicit answering_threads(int count) {
    for (int i = 0; i < count; ++i)
      threads_.emplace_back([this, i] { run(static_cast<unsigned>(i)); });
  }
  ~answering_threads() {
    {
      std::lock_guard guard{mutex_};
      has_ended_ = true;
    }
    news_.notify_all();
    for (auto& thread : threads_)
      thread.join();
  }
  void add(std::function<void()> work) {
    std::lock_guard guard{mutex_};
    waiting_.push_back(std::move(work));
    news_.notify_one();
  }

private:
  void run(unsigned seed) {
    std::mt19937 chance{seed};
    std::unique_lock lock{mutex_};
    for (;;) {
      news_.wait(lock, [this] { return has_ended_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      auto which = static_cast<std::ptrdiff_t>(chance() % waiting_.size());
      auto work = std::move(waiting_[static_cast<std::size_t>(which)]);
      waiting_.erase(waiting_.begin() + which);
      lock.unlock();
      work();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable news_;
  std::deque<std::function<void()>> waiting_;
  bool has_ended_ = false;
  std::vector<std::thread> threads_;
};

template <class Condition> bool becomes_true(Condition condition, std::chrono::milliseconds patience = 3s) {
  auto end = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

} // namespace

CAF_TEST(HEAD is GET without its body) {
  running_server with;
  raw_client client{with.address()};
  client.send("HEAD /echo HTTP/1.1\r\nHost: a\r\n\r\n" + get);
  auto head = client.read_answer(true);
  auto whole = client.read_answer();
  CAF_REQUIRE(head && whole);
  CAF_CHECK_EQUAL(head->status, 200);
  CAF_CHECK_EQUAL(head->fields["content-length"], whole->fields["content-length"]);
  CAF_CHECK_EQUAL(head->fields["content-type"], "text/plain");
  CAF_CHECK_EQUAL(whole->body, "GET /echo||");
  CAF_CHECK_EQUAL(with.application->answered_log(), (std::vector<std::string>{"HEAD /echo 200", "GET /echo 200"}));
}

CAF_TEST(405 and OPTIONS say what is allowed) {
  running_server with;
  raw_client client{with.address()};
  client.send("DELETE /echo HTTP/1.1\r\nHost: a\r\n\r\nOPTIONS /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  auto refused = client.read_answer();
  auto options = client.read_answer();
  CAF_REQUIRE(refused && options);
  CAF_CHECK_EQUAL(refused->status, 405);
  CAF_CHECK_EQUAL(refused->fields["allow"], "GET, POST, PUT, HEAD, OPTIONS");
  CAF_CHECK_EQUAL(options->status, 204);
  CAF_CHECK_EQUAL(options->fields["allow"], refused->fields["allow"]);
  CAF_CHECK(!options->fields.contains("content-length"));
}

CAF_TEST(the target comes decoded) {
  running_server with;
  raw_client client{with.address()};
  client.send("GET /%65cho?label=a%3Db%20c&x&wide=%C3%A9+1 HTTP/1.1\r\nHost: a\r\n\r\n");
  auto answer = client.read_answer();
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->body, "GET /echo|label=a=b c;x=;wide=\xc3\xa9 1;|");
}

CAF_TEST(a sane request id is kept and another is replaced) {
  running_server with;
  raw_client client{with.address()};
  auto ask = [&](const std::string& id) {
    client.send("GET /echo HTTP/1.1\r\nHost: a\r\nX-Request-Id: " + id + "\r\n\r\n");
    auto answer = client.read_answer();
    return answer ? answer->fields["x-request-id"] : "";
  };
  CAF_CHECK_EQUAL(ask("abc-123"), "abc-123");
  CAF_CHECK_EQUAL(ask("a b").size(), 36u);
  CAF_CHECK_EQUAL(ask(std::string(200, 'a')).size(), 36u);
  CAF_CHECK_NOT_EQUAL(ask("<x>"), ask("<x>"));
}

CAF_TEST(an answer cannot be split by what it carries) {
  running_server with;
  with.application->on("/split", {"GET"}, [](request, std::shared_ptr<responder> answer) {
    answer->answer(
        {200, "text/plain", "x", {{"Location", "/a\r\nX-Evil: 1"}, {"X\r\nY", "z"}, {"Content-Length", "7"}}});
  });
  raw_client client{with.address()};
  client.send("GET /split HTTP/1.1\r\nHost: a\r\n\r\n" + get);
  auto answer = client.read_answer();
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->fields["location"], "/a  X-Evil: 1");
  CAF_CHECK(!answer->fields.contains("x-evil"));
  CAF_CHECK_EQUAL(answer->body, "x");
  CAF_CHECK(client.read_answer());
}

CAF_TEST(a client that asks first is told to go on) {
  running_server with;
  raw_client client{with.address()};
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  auto go_on = client.read_answer();
  CAF_REQUIRE(go_on);
  CAF_CHECK_EQUAL(go_on->status, 100);
  client.send("hello");
  auto answer = client.read_answer();
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->body, "POST /echo||hello");
}

CAF_TEST(a client that asks first and would send too much is told no) {
  running_server with{impatient()};
  raw_client client{with.address()};
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n");
  auto answer = client.read_answer();
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->status, 413);
  CAF_CHECK(client.is_closed_within(1s));
}

CAF_TEST(100 comes after the answers before it) {
  running_server with;
  handed_over<responder> waiting;
  with.application->on("/wait", {"GET"},
                       [&](request, std::shared_ptr<responder> answer) { waiting.give(std::move(answer)); });
  raw_client client{with.address()};
  client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"
              "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  CAF_CHECK(becomes_true([&] { return with.application->handled == 1; }));
  std::this_thread::sleep_for(20ms);
  auto held = waiting.take();
  CAF_REQUIRE(held);
  held->answer({200, "text/plain", "first", {}});
  auto first = client.read_answer();
  auto second = client.read_answer();
  CAF_REQUIRE(first && second);
  CAF_CHECK_EQUAL(first->body, "first");
  CAF_CHECK_EQUAL(second->status, 100);
  held.reset();
}

CAF_TEST(a body beyond the limit is read to its end and refused) {
  running_server with;
  raw_client client{with.address()};
  CAF_CHECK(client.send(post(std::string(3u << 20, 'a'))));
  auto answer = client.read_answer();
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->status, 413);
  CAF_CHECK_EQUAL(answer->fields["content-type"], "application/problem+json");
  CAF_CHECK(client.send(get));
  CAF_CHECK(client.read_answer());
}

CAF_TEST(a body far beyond the limit is refused before its end) {
  auto settings = server_settings{};
  settings.drain_limit = 4u << 20;
  running_server with{settings};
  raw_client client{with.address()};
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 80000000\r\n\r\n" + std::string(2u << 20, 'a'));
  auto answer = client.read_answer();
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->status, 413);
  CAF_CHECK(!client.send(std::string(64u << 20, 'a')));
}

CAF_TEST(slow clients are answered 408 or just closed) {
  running_server with{impatient()};
  auto status_of = [&](const std::string& sent) {
    raw_client client{with.address()};
    client.send(sent);
    auto answer = client.read_answer();
    auto status = answer ? answer->status : 0;
    CAF_CHECK(client.is_closed_within(1s));
    return status;
  };
  CAF_CHECK_EQUAL(status_of(""), 0);
  CAF_CHECK_EQUAL(status_of("GET"), 408);
  CAF_CHECK_EQUAL(status_of("GET /echo HTTP/1.1\r\nHo"), 408);
  CAF_CHECK_EQUAL(status_of("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"), 408);
  CAF_CHECK_EQUAL(status_of("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe"), 408);
  CAF_CHECK_EQUAL(status_of("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\nhe"), 413);
}

CAF_TEST(a header that drips in is cut off in time) {
  running_server with{impatient()};
  raw_client client{with.address()};
  client.send("GET /echo HTTP/1.1\r\nX: ");
  for (int i = 0; i < 30; ++i) {
    client.send("a");
    std::this_thread::sleep_for(10ms);
  }
  auto answer = client.read_answer();
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->status, 408);
  CAF_CHECK(client.is_closed_within(1s));
}

CAF_TEST(an idle connection is closed silently after its time) {
  running_server with{impatient()};
  raw_client client{with.address()};
  client.send(get);
  CAF_CHECK(client.read_answer());
  CAF_CHECK(!client.is_closed_within(120ms));
  CAF_CHECK(client.is_closed_within(1s));
}

CAF_TEST(a client that does not read is closed) {
  running_server with{impatient()};
  with.application->on("/large", {"GET"}, [](request, std::shared_ptr<responder> answer) {
    answer->answer({200, "text/plain", std::string(32u << 20, 'a'), {}});
  });
  raw_client client{with.address()};
  client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  CAF_CHECK(becomes_true([&] { return with.listening->open_connections() == 1; }));
  CAF_CHECK(becomes_true([&] { return with.listening->open_connections() == 0; }));
}

CAF_TEST(pipelined requests answered in any order from any thread leave in theirs) {
  for (int threads : {1, 2}) {
    running_server with{{}, threads};
    answering_threads answering{4};
    with.application->on("/later", {"GET"}, [&](request value, std::shared_ptr<responder> answer) {
      answering.add([number = value.query[0].second, answer = std::move(answer)] {
        answer->answer({200, "text/plain", number, {}});
      });
    });
    raw_client client{with.address()};
    std::string sent;
    for (int i = 0; i < 1000; ++i)
      sent += "GET /later?n=" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    std::thread sending{[&] { client.send(sent); }};
    int in_order = 0;
    for (int i = 0; i < 1000; ++i) {
      auto answer = client.read_answer();
      if (answer && answer->body == std::to_string(i)) ++in_order;
    }
    sending.join();
    CAF_CHECK_EQUAL(in_order, 1000);
  }
}

CAF_TEST(no more requests are taken than may be under way) {
  auto settings = server_settings{};
  settings.pipeline = 8;
  running_server with{settings};
  std::mutex mutex;
  std::vector<std::shared_ptr<responder>> waiting;
  with.application->on("/wait", {"GET"}, [&](request, std::shared_ptr<responder> answer) {
    std::lock_guard guard{mutex};
    waiting.push_back(std::move(answer));
  });
  raw_client client{with.address()};
  std::string sent;
  for (int i = 0; i < 100; ++i)
    sent += "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n";
  client.send(sent);
  std::this_thread::sleep_for(50ms);
  CAF_CHECK_EQUAL(with.application->handled.load(), 8);
  int answered = 0;
  while (answered < 100) {
    std::vector<std::shared_ptr<responder>> taken;
    {
      std::lock_guard guard{mutex};
      taken.swap(waiting);
    }
    for (auto it = taken.rbegin(); it != taken.rend(); ++it)
      (*it)->answer({200, "text/plain", "x", {}});
    for (std::size_t i = 0; i < taken.size() && client.read_answer(); ++i)
      ++answered;
    if (taken.empty() && !becomes_true([&] {
          std::lock_guard guard{mutex};
          return !waiting.empty();
        }))
      break;
  }
  CAF_CHECK_EQUAL(answered, 100);
}

CAF_TEST(a responder that is let go of answers 500 and one that drops closes) {
  running_server with;
  with.application->on("/forget", {"GET"}, [](request, std::shared_ptr<responder>) {});
  with.application->on("/drop", {"GET"}, [](request, std::shared_ptr<responder> answer) { answer->drop(); });
  raw_client client{with.address()};
  client.send("GET /forget HTTP/1.1\r\nHost: a\r\n\r\nGET /drop HTTP/1.1\r\nHost: a\r\n\r\n");
  raw_client other{with.address()};
  other.send("GET /forget HTTP/1.1\r\nHost: a\r\n\r\n");
  auto answer = other.read_answer();
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->status, 500);
  raw_client dropped{with.address()};
  dropped.send("GET /drop HTTP/1.1\r\nHost: a\r\n\r\n");
  CAF_CHECK(dropped.is_closed_within(1s));
}

CAF_TEST(HTTP 1.0 is served with and without keep - alive) {
  running_server with;
  raw_client kept{with.address()};
  for (int i = 0; i < 3; ++i) {
    kept.send("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    auto answer = kept.read_answer();
    CAF_REQUIRE(answer);
    CAF_CHECK_EQUAL(answer->fields["connection"], "keep-alive");
  }
  raw_client closed{with.address()};
  closed.send("GET /echo HTTP/1.0\r\n\r\n");
  CAF_CHECK(closed.read_answer());
  CAF_CHECK(closed.is_closed_within(1s));
}

CAF_TEST(a client that has ended its side still gets its answers) {
  running_server with;
  handed_over<responder> waiting;
  with.application->on("/wait", {"GET"},
                       [&](request, std::shared_ptr<responder> answer) { waiting.give(std::move(answer)); });
  raw_client client{with.address()};
  client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n" + get);
  client.end_sending();
  CAF_CHECK(becomes_true([&] { return with.application->handled == 2; }));
  auto held = waiting.take();
  CAF_REQUIRE(held);
  held->answer({200, "text/plain", "first", {}});
  auto first = client.read_answer();
  auto second = client.read_answer();
  CAF_REQUIRE(first && second);
  CAF_CHECK_EQUAL(first->body, "first");
  CAF_CHECK(client.is_closed_within(1s));
  held.reset();
}

CAF_TEST(a client that goes away while it is waited for costs nothing) {
  running_server with;
  handed_over<responder> waiting;
  with.application->on("/wait", {"GET"},
                       [&](request, std::shared_ptr<responder> answer) { waiting.give(std::move(answer)); });
  raw_client client{with.address()};
  client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  CAF_CHECK(becomes_true([&] { return with.application->handled == 1; }));
  client.reset();
  CAF_CHECK(becomes_true([&] { return with.listening->open_connections() == 0; }));
  auto held = waiting.take();
  CAF_REQUIRE(held);
  held->answer({200, "text/plain", "late", {}});
  held.reset();
  raw_client other{with.address()};
  other.send(get);
  CAF_CHECK(other.read_answer());
}

CAF_TEST(connections beyond the limit are told so) {
  auto settings = server_settings{};
  settings.connections = 10;
  running_server with{settings};
  std::vector<raw_client> clients;
  for (int i = 0; i < 10; ++i)
    clients.emplace_back(with.address()).send(get);
  for (auto& client : clients)
    CAF_CHECK(client.read_answer());
  raw_client beyond{with.address()};
  beyond.send(get);
  auto answer = beyond.read_answer();
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->status, 503);
  CAF_CHECK(beyond.is_closed_within(1s));
  clients.pop_back();
  CAF_CHECK(becomes_true([&] { return with.listening->open_connections() == 9; }));
  raw_client again{with.address()};
  again.send(get);
  answer = again.read_answer();
  CAF_CHECK(answer && answer->status == 200);
}

CAF_TEST(four thousand connections are served at once) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  running_server with;
  std::vector<raw_client> clients;
  for (int i = 0; i < 4096; ++i) {
    auto& client = clients.emplace_back(with.address());
    if (!client.is_connected()) break;
    client.send(post(std::to_string(i)));
  }
  std::size_t answered = 0;
  for (int round = 0; round < 2; ++round)
    for (std::size_t i = 0; i < clients.size(); ++i) {
      auto answer = clients[i].read_answer();
      if (answer && answer->body == "POST /echo||" + std::to_string(i)) ++answered;
      if (round == 0) clients[i].send(post(std::to_string(i)));
    }
  CAF_CHECK_EQUAL(answered, 8192u);
  CAF_CHECK_EQUAL(with.listening->open_connections(), 4096u);
}

CAF_TEST(a stop lets what is under way finish and closes the rest) {
  running_server with;
  handed_over<responder> waiting;
  with.application->on("/wait", {"GET"},
                       [&](request, std::shared_ptr<responder> answer) { waiting.give(std::move(answer)); });
  raw_client idle{with.address()};
  raw_client busy{with.address()};
  idle.send(get);
  CAF_CHECK(idle.read_answer());
  busy.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  auto held = waiting.take();
  CAF_REQUIRE(held);
  std::atomic<bool> stopped = false;
  with.listening->stop(5s, [&] { stopped = true; });
  CAF_CHECK(idle.is_closed_within(1s));
  CAF_CHECK(!raw_client{with.address()}.is_connected());
  CAF_CHECK(!stopped);
  held->answer({200, "text/plain", "last", {}});
  auto answer = busy.read_answer();
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->fields["connection"], "close");
  CAF_CHECK(busy.is_closed_within(1s));
  { raw_client gone{std::move(busy)}; }
  CAF_CHECK(becomes_true([&] { return stopped.load(); }));
}

CAF_TEST(a stop under load ends within its grace) {
  auto with = std::make_unique<running_server>(server_settings{}, 2);
  answering_threads answering{2};
  with->application->on("/later", {"GET"}, [&](request, std::shared_ptr<responder> answer) {
    answering.add([answer = std::move(answer)] { answer->answer({200, "text/plain", "x", {}}); });
  });
  std::vector<std::shared_ptr<responder>> never;
  with->application->on("/never", {"GET"},
                        [&](request, std::shared_ptr<responder> answer) { never.push_back(std::move(answer)); });
  std::atomic<bool> stopped = false;
  std::vector<std::thread> loading;
  for (int i = 0; i < 8; ++i)
    loading.emplace_back([&, address = with->address()] {
      raw_client client{address};
      while (client.is_connected() && client.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n") && client.read_answer()) {
      }
    });
  raw_client hanging{with->address()};
  hanging.send("GET /never HTTP/1.1\r\nHost: a\r\n\r\n");
  std::this_thread::sleep_for(50ms);
  auto begin = std::chrono::steady_clock::now();
  with->listening->stop(200ms, [&] { stopped = true; });
  CAF_CHECK(becomes_true([&] { return stopped.load(); }));
  auto took = std::chrono::steady_clock::now() - begin;
  CAF_CHECK(took >= 190ms && took < 2s);
  for (auto& thread : loading)
    thread.join();
  with.reset();
  // Answers that come when the server, and its loop, are long gone.
  for (auto& answer : never)
    answer->answer({200, "text/plain", "late", {}});
}

CAF_TEST(a server that ends under load leaves nothing behind) {
  for (int i = 0; i < 5; ++i) {
    answering_threads answering{2};
    running_server with{{}, 1 + i % 2};
    with.application->on("/later", {"GET"}, [&](request, std::shared_ptr<responder> answer) {
      answering.add([answer = std::move(answer)] { answer->answer({200, "text/plain", "x", {}}); });
    });
    std::vector<std::thread> loading;
    for (int j = 0; j < 4; ++j)
      loading.emplace_back([&, address = with.address()] {
        raw_client client{address, 1s};
        while (client.is_connected() && client.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n") && client.read_answer()) {
        }
      });
    std::this_thread::sleep_for(20ms);
    with.listening.reset();
    for (auto& thread : loading)
      thread.join();
  }
}

CAF_TEST(a port in use is refused with a reason) {
  running_server first;
  io loop;
  server_settings settings;
  settings.listen = first.address();
  auto second = server::start(loop, settings, first.application);
  CAF_REQUIRE(!second);
  CAF_CHECK(second.error().code == errc::not_ready);
  CAF_CHECK_EQUAL(second.error().detail,
                  "expected to listen on " + first.address() + ", but found: another program listens there already");
}

CAF_TEST(an address that cannot be listened on is refused with a reason) {
  io loop;
  for (auto* listen : {"nonsense", "127.0.0.1:", ":80", "127.0.0.1:x", "203.0.113.1:0", "127.0.0.1:99999"}) {
    server_settings settings;
    settings.listen = listen;
    auto started = server::start(loop, settings, std::make_shared<test_application>());
    CAF_CHECK(!started);
    if (!started) CAF_CHECK(started.error().detail.starts_with("expected "));
  }
}

CAF_TEST(more connections than descriptors are refused with a reason) {
  io loop;
  server_settings settings;
  settings.listen = "127.0.0.1:0";
  settings.connections = 1u << 30;
  auto started = server::start(loop, settings, std::make_shared<test_application>());
  CAF_REQUIRE(!started);
  CAF_CHECK(started.error().detail.find("ulimit -n") != std::string::npos);
}

CAF_TEST(the loop runs what is posted and what is due) {
  std::atomic<int> done = 0;
  {
    io loop;
    loop.post([&] { ++done; });
    loop.after(10ms, [&] { ++done; });
    loop.after(1h, [&] { ++done; });
    CAF_CHECK(becomes_true([&] { return done == 2; }));
    loop.stop();
    loop.post([&] { ++done; });
  }
  CAF_CHECK_EQUAL(done.load(), 2);
}
