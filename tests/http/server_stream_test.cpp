#include "tests/http/raw_client.hpp"
#include "tests/http/test_application.hpp"

#include "runtime/http/spool.hpp"

#include <fmt/format.h>

#define CAF_SUITE http_server_stream
#include "caf/test/bdd_dsl.hpp"

using namespace troupe;
using namespace troupe::http;
using namespace troupe::http::test;
using namespace std::literals;

namespace {

/// Answers each line of the body with `<number>: <line>`, as soon as it is there.
class line_echo : public std::enable_shared_from_this<line_echo> {
public:
  explicit line_echo(std::shared_ptr<stream> body) : body_(std::move(body)) {}

  void start() {
    body_->start({200, "application/x-ndjson", "", {{"X-Kind", "lines"}}});
    read();
  }

private:
  void read() {
    body_->read([self = shared_from_this()](expected<std::string> bytes) { self->take(std::move(bytes)); });
  }

  void take(expected<std::string> bytes) {
    if (!bytes) {
      body_->write("failed: " + bytes.error().detail + "\n");
      return body_->finish();
    }
    if (bytes->empty()) return body_->finish();
    rest_ += *bytes;
    std::string answer;
    std::size_t begin = 0;
    for (std::size_t end; (end = rest_.find('\n', begin)) != std::string::npos; begin = end + 1)
      answer += fmt::format("{}: {}\n", ++lines_, rest_.substr(begin, end - begin));
    rest_.erase(0, begin);
    if (!answer.empty()) body_->write(std::move(answer));
    read();
  }

  std::shared_ptr<stream> body_;
  std::string rest_;
  int lines_ = 0;
};

const std::string head = "POST /lines HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string chunk(const std::string& bytes) {
  return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
}

struct streaming_server : running_server {
  explicit streaming_server(server_settings settings = {}) : running_server(settings) {
    application->on_stream("/lines", {"POST"}, [](request, std::shared_ptr<stream> body) {
      std::make_shared<line_echo>(std::move(body))->start();
    });
  }
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

CAF_TEST(a spool gives back what it was given through memory and file) {
  spool bytes{{100, 1000, ""}};
  std::string expected_bytes;
  std::string taken;
  unsigned seed = 1;
  auto next = [&](unsigned below) { return (seed = seed * 1103515245u + 12345u) / 65536u % below; };
  for (int i = 0; i < 5000; ++i) {
    std::string part(next(60), static_cast<char>('a' + next(26)));
    if (bytes.append(part)) expected_bytes += part;
    CAF_REQUIRE(bytes.size() <= 1000u);
    if (next(3) == 0) taken += *bytes.take(next(200));
  }
  while (bytes.size() > 0)
    taken += *bytes.take(77);
  CAF_CHECK_EQUAL(taken.size(), expected_bytes.size());
  CAF_CHECK(taken == expected_bytes);
  CAF_CHECK(!bytes.append(std::string(1001, 'a')));
  spool nowhere{{10, 1000, "/nonexistent"}};
  CAF_CHECK(nowhere.append("0123456789"));
  auto refused = nowhere.append("x");
  CAF_REQUIRE(!refused);
  CAF_CHECK(refused.error().code == errc::not_ready);
  CAF_CHECK_EQUAL(*nowhere.take(100), "0123456789");
}

CAF_TEST(both directions run side by side) {
  streaming_server with;
  raw_client client{with.address()};
  client.send(head);
  std::string all;
  for (int i = 1; i <= 5; ++i) {
    client.send(chunk(fmt::format("line {}\n", i)));
    auto wanted = fmt::format("{}: line {}\n", i, i);
    while (all.find(wanted) == std::string::npos) {
      auto more = client.read_some(1000);
      CAF_REQUIRE(!more.empty());
      all += more;
    }
  }
  CAF_CHECK(all.starts_with("HTTP/1.1 200 OK\r\n"));
  CAF_CHECK(all.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
  CAF_CHECK(all.find("X-Kind: lines\r\n") != std::string::npos);
  client.send("0\r\n\r\nGET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  while (all.find("0\r\n\r\n") == std::string::npos) {
    auto more = client.read_some(5);
    CAF_REQUIRE(!more.empty());
    all += more;
  }
  auto next = client.read_answer();
  CAF_CHECK(next && next->body == "GET /echo||");
  CAF_CHECK_EQUAL(with.application->answered_log(), (std::vector<std::string>{"POST /lines 200", "GET /echo 200"}));
}

CAF_TEST(a client that writes everything before it reads is served) {
  auto settings = server_settings{};
  settings.spool_memory = 10'000;
  settings.write_timeout = 300ms;
  streaming_server with{settings};
  raw_client client{with.address()};
  constexpr int pieces = 400;
  client.send(head);
  std::string piece;
  for (int i = 0; i < 1000; ++i)
    piece += std::string(i % 50, 'x') + "\n";
  for (int i = 0; i < pieces; ++i) {
    CAF_REQUIRE(client.send(chunk(piece)));
    if (i % 50 == 0) std::this_thread::sleep_for(100ms); // longer than write_timeout in all
  }
  client.send("0\r\n\r\n");
  auto answer = client.read_answer();
  CAF_REQUIRE(answer);
  CAF_CHECK(answer->is_chunked);
  CAF_CHECK_EQUAL(std::count(answer->body.begin(), answer->body.end(), '\n'), 1000 * pieces);
  CAF_CHECK(answer->body.ends_with(fmt::format("{}: {}\n", 1000 * pieces, std::string(49, 'x'))));
}

CAF_TEST(a client that never reads is closed when too much waits for it) {
  auto settings = server_settings{};
  settings.spool_memory = 1000;
  settings.spool_limit = 100'000;
  streaming_server with{settings};
  raw_client client{with.address()};
  client.send(head);
  std::string piece;
  for (int i = 0; i < 2000; ++i)
    piece += std::string(100, 'x') + "\n";
  bool is_refused = false;
  for (int i = 0; i < 1000 && !is_refused; ++i)
    is_refused = !client.send(chunk(piece));
  CAF_CHECK(is_refused);
}

CAF_TEST(what the application does not read the client cannot send) {
  running_server with;
  handed_over<stream> given;
  with.application->on_stream("/held", {"POST"},
                              [&](request, std::shared_ptr<stream> body) { given.give(std::move(body)); });
  raw_client client{with.address(), 100ms};
  client.send("POST /held HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n");
  std::size_t sent = 0;
  const std::string piece(1u << 20, 'a');
  while (sent < 64u << 20 && client.send(piece))
    sent += piece.size();
  CAF_CHECK_LESS(sent, 32u << 20);
  auto held = given.take();
  CAF_REQUIRE(held);
  std::atomic<std::size_t> read = 0;
  std::function<void(expected<std::string>)> take = [&](expected<std::string> bytes) {
    if (!bytes || bytes->empty()) return;
    read += bytes->size();
    held->read(take);
  };
  held->read(take);
  CAF_CHECK(becomes_true([&] { return read >= sent; }));
  client.reset();
  CAF_CHECK(becomes_true([&] { return with.listening->open_connections() == 0; }));
  held.reset();
}

CAF_TEST(an answer that is finished at once has a length) {
  running_server with;
  with.application->on_stream("/no", {"POST"}, [](request, std::shared_ptr<stream> body) {
    body->start({422, "text/plain", "no", {}});
    body->finish();
  });
  raw_client client{with.address()};
  client.send("POST /no HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  auto answer = client.read_answer();
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->status, 422);
  CAF_CHECK_EQUAL(answer->fields["content-length"], "2");
  auto next = client.read_answer();
  CAF_CHECK(next && next->status == 200);
}

CAF_TEST(HTTP 1.0 gets a stream without chunks) {
  streaming_server with;
  raw_client client{with.address()};
  client.send("POST /lines HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 4\r\n\r\na\nb\n");
  auto answer = client.read_answer();
  CAF_REQUIRE(answer);
  CAF_CHECK(!answer->fields.contains("transfer-encoding"));
  CAF_CHECK_EQUAL(answer->fields["connection"], "close");
  CAF_CHECK_EQUAL(answer->body, "1: a\n2: b\n");
}

CAF_TEST(a stream waits for the answers before it and the next waits for it) {
  streaming_server with;
  handed_over<responder> waiting;
  with.application->on("/wait", {"GET"},
                       [&](request, std::shared_ptr<responder> answer) { waiting.give(std::move(answer)); });
  raw_client client{with.address()};
  client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n" + head + chunk("a\n") + "0\r\n\r\n" +
              "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  CAF_CHECK(becomes_true([&] { return with.application->handled == 3; }));
  auto held = waiting.take();
  CAF_REQUIRE(held);
  held->answer({200, "text/plain", "first", {}});
  auto first = client.read_answer();
  auto second = client.read_answer();
  auto third = client.read_answer();
  CAF_REQUIRE(first && second && third);
  CAF_CHECK_EQUAL(first->body, "first");
  CAF_CHECK_EQUAL(second->body, "1: a\n");
  CAF_CHECK_EQUAL(third->body, "GET /echo||");
  held.reset();
}

CAF_TEST(a broken chunk is an error to the reader and the end of the connection) {
  streaming_server with;
  raw_client client{with.address()};
  client.send(head + chunk("a\n") + "zz\r\n");
  auto answer = client.read_answer();
  CAF_REQUIRE(answer);
  CAF_CHECK(answer->body.starts_with("1: a\nfailed: expected"));
  CAF_CHECK(client.is_closed_within(1s));
}

CAF_TEST(a client that ends or leaves in the middle is an error to the reader) {
  streaming_server with;
  raw_client client{with.address()};
  client.send(head + chunk("a\n"));
  client.end_sending();
  auto answer = client.read_answer();
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->body, "1: a\nfailed: the client ended before its request did\n");
  raw_client leaving{with.address()};
  leaving.send(head + chunk("a\n"));
  leaving.read_some(10);
  leaving.reset();
  CAF_CHECK(becomes_true([&] { return with.listening->open_connections() == 0; }));
}

CAF_TEST(a body that stops coming is an error to the reader) {
  auto settings = server_settings{};
  settings.body_timeout = 100ms;
  streaming_server with{settings};
  raw_client client{with.address()};
  client.send(head);
  for (int i = 0; i < 5; ++i) {
    client.send(chunk("a\n"));
    std::this_thread::sleep_for(50ms);
  }
  auto answer = client.read_answer();
  CAF_REQUIRE(answer);
  CAF_CHECK(answer->body.ends_with("5: a\nfailed: expected the body to go on sooner\n"));
  CAF_CHECK(client.is_closed_within(1s));
}

CAF_TEST(a stream that is let go of answers 500 or breaks off) {
  running_server with;
  with.application->on_stream("/forget", {"POST"}, [](request, std::shared_ptr<stream>) {});
  with.application->on_stream("/nothing", {"POST"}, [](request, std::shared_ptr<stream> body) { body->finish(); });
  with.application->on_stream("/half", {"POST"}, [](request, std::shared_ptr<stream> body) {
    body->start({200, "text/plain", "", {}});
    body->write("half");
  });
  raw_client client{with.address()};
  client.send("POST /forget HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
  auto answer = client.read_answer();
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->status, 500);
  client.send("POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
  answer = client.read_answer();
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->status, 500);
  client.send("POST /half HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  CAF_CHECK(!client.read_answer());
  CAF_CHECK(client.is_closed_within(1s));
}

CAF_TEST(events are streamed to a client until it leaves) {
  running_server with;
  handed_over<stream> given;
  std::atomic<bool> has_left = false;
  with.application->on_stream("/events", {"GET"}, [&](request, std::shared_ptr<stream> body) {
    body->start({200, "text/event-stream", "", {}});
    body->read([&, body](expected<std::string> end) {
      if (end && end->empty()) body->read([&](expected<std::string> left) { has_left = !left; });
    });
    given.give(body);
  });
  raw_client client{with.address()};
  client.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
  auto events = given.take();
  CAF_REQUIRE(events);
  std::string all;
  for (int i = 0; i < 3; ++i) {
    auto event = fmt::format("data: {}\n\n", i);
    events->write(event);
    while (all.find(event) == std::string::npos) {
      auto more = client.read_some(1000);
      CAF_REQUIRE(!more.empty());
      all += more;
    }
  }
  CAF_CHECK_EQUAL(events->backlog(), 0u);
  CAF_CHECK(!has_left);
  { raw_client leaving{std::move(client)}; }
  CAF_CHECK(becomes_true([&] { return has_left.load(); }));
  events->finish();
  events.reset();
  raw_client head_only{with.address()};
  head_only.send("HEAD /events HTTP/1.1\r\nHost: a\r\n\r\nGET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  auto answer = head_only.read_answer(true);
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL(answer->fields["content-type"], "text/event-stream");
  CAF_CHECK(head_only.read_answer());
}
