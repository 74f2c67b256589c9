#include "tests/http/raw_server.hpp"
#include "tests/http/test_application.hpp"

#include "runtime/http/address_filter.hpp"
#include "runtime/http/answer_parser.hpp"
#include "runtime/http/client.hpp"
#include "runtime/http/name_lookup.hpp"
#include "runtime/http/url.hpp"

#include <condition_variable>
#include <future>

#define CAF_SUITE http_client
#include "caf/test/bdd_dsl.hpp"

using namespace troupe;
using namespace troupe::http;
using namespace troupe::http::test;
using namespace std::literals;

namespace {

using result = tl::expected<answer, call_error>;

const std::string fine = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

struct fixture {
  io loop;

  static call to(std::string url, duration timeout = 2s, std::string body = "{}") {
    return {"POST", std::move(url), {}, std::move(body), timeout};
  }

  result ask(client& by, call what) {
    auto promise = std::make_shared<std::promise<result>>();
    by.send(std::move(what), [promise](result value) { promise->set_value(std::move(value)); });
    return promise->get_future().get();
  }

  /// One call to a server that answers it with these bytes and then closes.
  result answered_with(std::string bytes, std::string method = "POST") {
    raw_server server{[&](raw_peer& peer, int) {
      peer.read_request();
      peer.write(bytes);
      peer.close();
    }};
    client by{loop, {}};
    auto what = to(server.url());
    what.method = std::move(method);
    return ask(by, what);
  }
};

bool failed_as(const result& value, call_failure why, bool sent) {
  return !value && value.error().failure == why && value.error().sent == sent && !value.error().message.empty();
}

template <class Condition> bool becomes_true(Condition condition, std::chrono::milliseconds patience = 3s) {
  auto end = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

CAF_TEST(a call reaches the server as it was given and brings the answer back) {
  std::string seen;
  raw_server server{[&](raw_peer& peer, int) {
    seen = peer.read_request();
    peer.write("HTTP/1.1 201 Created\r\nContent-Length: 5\r\nX-A: 1\r\nx-a: 2\r\n\r\nhello");
  }};
  client by{loop, {}};
  auto value =
      ask(by, {"PUT", server.url("/a/b?c=d%20e#f"), {{"Idempotency-Key", "k"}, {"Content-Length", "77"}}, "body", 2s});
  CAF_REQUIRE(value);
  CAF_CHECK_EQUAL(value->status, 201);
  CAF_CHECK_EQUAL(value->body, "hello");
  CAF_CHECK_EQUAL(*value->fields.find("X-A"), "1");
  CAF_CHECK_EQUAL(value->fields.all().size(), 3u);
  CAF_CHECK_EQUAL(seen, "PUT /a/b?c=d%20e HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                            "\r\nIdempotency-Key: k\r\nUser-Agent: troupe\r\nContent-Length: 4\r\n\r\nbody");
  CAF_CHECK_EQUAL(by.in_flight(), 0u);
}

CAF_TEST(connections are used again) {
  raw_server server{[&](raw_peer& peer, int) {
    while (!peer.read_request().empty())
      peer.write(fine);
  }};
  client by{loop, {}};
  for (int i = 0; i < 50; ++i)
    CAF_CHECK(ask(by, to(server.url())));
  CAF_CHECK_EQUAL(server.connections(), 1);
}

CAF_TEST(answers of every framing are understood) {
  CAF_CHECK_EQUAL(answered_with(fine)->body, "ok");
  CAF_CHECK_EQUAL(
      answered_with("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nok\r\n3\r\n!!!\r\n0\r\nA: b\r\n\r\n")
          ->body,
      "ok!!!");
  CAF_CHECK_EQUAL(answered_with("HTTP/1.1 200 OK\r\n\r\nuntil the end")->body, "until the end");
  CAF_CHECK_EQUAL(answered_with("HTTP/1.0 200 OK\r\n\r\nuntil the end")->body, "until the end");
  CAF_CHECK_EQUAL(answered_with("HTTP/1.1 204 No Content\r\n\r\n")->status, 204);
  CAF_CHECK_EQUAL(answered_with("HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n")->status, 304);
  CAF_CHECK_EQUAL(answered_with("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", "HEAD")->status, 200);
  CAF_CHECK_EQUAL(
      answered_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + fine)->body, "ok");
  CAF_CHECK_EQUAL(answered_with("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")->status, 500);
  CAF_CHECK_EQUAL(answered_with("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n")->status, 302);
}

CAF_TEST(the same bytes in other pieces are the same answer) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& bytes : {head + "0\r\n\r\n", head + "0;a=b\r\nX: y\r\n\r\n", head + "2\r\nok\r\n0\r\n\r\n",
                                   head + "1\r\no\r\n000001\r\nk\r\n0\r\nX: y\r\n\r\n",
                                   "HTTP/1.1 100 Continue\r\n\r\n" + head + "0\r\n\r\n", fine}) {
    const std::string body = bytes.find("ok") != bytes.npos || bytes.find("\nk") != bytes.npos ? "ok" : "";
    for (std::size_t first = 1; first < bytes.size(); ++first)
      for (std::size_t second = first; second < bytes.size(); ++second) {
        answer_parser parser{100};
        parser.begin(false);
        std::size_t begin = 0;
        answer_parser::step step{answer_parser::outcome::need_more};
        for (auto end : {first, second, bytes.size()}) {
          step = parser.feed(std::string_view{bytes}.substr(begin, end - begin));
          begin += step.consumed;
          if (step.what != answer_parser::outcome::need_more) break;
        }
        if (step.what != answer_parser::outcome::complete || begin != bytes.size() || parser.value().body != body)
          CAF_ERROR(bytes << " in pieces that end at " << first << " and " << second << ": " << parser.why());
      }
  }
}

CAF_TEST(answers that are none fail the call after it was sent) {
  auto check = [&](const std::string& bytes) {
    auto value = answered_with(bytes);
    if (!failed_as(value, call_failure::connection_failed, true)) CAF_ERROR("not refused: " << bytes);
  };
  check("");
  check("garbage\r\n\r\n");
  check("SSH-2.0-OpenSSH_9.2\r\n");
  check("HTTP/1.1 xyz OK\r\n\r\n");
  check("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  check("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n");
  check("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello");
  check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel");
  check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
  check("HTTP/1.1 200 OK\r\nContent-Le");
  check("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n");
  check("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'a') + "\r\n\r\n");
  check([] {
    std::string many;
    for (int i = 0; i < 100; ++i)
      many += "HTTP/1.1 100 Continue\r\n\r\n";
    return many;
  }() + fine);
}

CAF_TEST(an answer beyond the limit is unexpected) {
  for (auto* head : {"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n",
                     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n"}) {
    raw_server server{[&](raw_peer& peer, int) {
      peer.read_request();
      peer.write(head + std::string(2000, 'a'));
      peer.wait_for_end();
    }};
    client_settings settings;
    settings.response_limit = 1000;
    client by{loop, settings};
    CAF_CHECK(failed_as(ask(by, to(server.url())), call_failure::unexpected_response, true));
  }
}

CAF_TEST(a server that is not there fails the call before it was sent) {
  std::uint16_t port = 0;
  {
    port = raw_server{[](raw_peer&, int) {}}.port();
  }
  client by{loop, {}};
  auto value = ask(by, to("http://127.0.0.1:" + std::to_string(port) + "/"));
  CAF_CHECK(failed_as(value, call_failure::connection_failed, false));
  CAF_CHECK(value.error().message.find("Connection refused") != std::string::npos);
  CAF_CHECK(failed_as(ask(by, to("http://no-such-host.invalid/")), call_failure::connection_failed, false));
}

CAF_TEST(a server that hangs or drips times the call out) {
  raw_server server{[&](raw_peer& peer, int number) {
    peer.read_request();
    if (number == 1) peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
    for (int i = 0; number == 1 && i < 30; ++i) {
      peer.write("a");
      std::this_thread::sleep_for(10ms);
    }
    peer.wait_for_end();
  }};
  client by{loop, {}};
  for (int i = 0; i < 2; ++i) {
    auto begin = std::chrono::steady_clock::now();
    CAF_CHECK(failed_as(ask(by, to(server.url(), 100ms)), call_failure::timeout, true));
    auto took = std::chrono::steady_clock::now() - begin;
    CAF_CHECK(took >= 100ms && took < 500ms);
  }
  CAF_CHECK_EQUAL(server.connections(), 2);
}

CAF_TEST(a call that waits for a connection times out unsent) {
  raw_server server{[&](raw_peer& peer, int) {
    peer.read_request();
    std::this_thread::sleep_for(200ms);
    peer.write(fine);
    peer.wait_for_end();
  }};
  client_settings settings;
  settings.connections_per_host = 1;
  client by{loop, settings};
  std::promise<result> first;
  by.send(to(server.url()), [&](result value) { first.set_value(std::move(value)); });
  CAF_CHECK(failed_as(ask(by, to(server.url(), 50ms)), call_failure::timeout, false));
  CAF_CHECK(first.get_future().get());
  CAF_CHECK_EQUAL(server.connections(), 1);
}

CAF_TEST(a connection that the server has closed is not used again) {
  std::atomic<int> closed = 0;
  raw_server server{[&](raw_peer& peer, int) {
    peer.read_request();
    peer.write(fine); // keep-alive by its words
    peer.close();
    ++closed;
  }};
  client by{loop, {}};
  for (int i = 0; i < 20; ++i) {
    CAF_CHECK(ask(by, to(server.url())));
    CAF_CHECK(becomes_true([&] { return closed == i + 1; }));
  }
}

CAF_TEST(nothing is sent twice when a kept connection breaks) {
  // The server closes as soon as a second request is there: it may have seen it, so it must not come again.
  std::atomic<int> requests = 0;
  raw_server server{[&](raw_peer& peer, int) {
    if (peer.read_request().empty()) return;
    ++requests;
    peer.write(fine);
    if (!peer.read_request().empty()) ++requests;
    peer.reset();
  }};
  client by{loop, {}};
  int answered = 0;
  int failed = 0;
  for (int i = 0; i < 40; ++i) {
    auto value = ask(by, to(server.url()));
    if (value)
      ++answered;
    else if (failed_as(value, call_failure::connection_failed, true))
      ++failed;
  }
  CAF_CHECK_EQUAL(answered, 20);
  CAF_CHECK_EQUAL(failed, 20);
  CAF_CHECK_EQUAL(requests.load(), 40);
}

CAF_TEST(bytes that nobody asked for end a connection) {
  raw_server server{[&](raw_peer& peer, int) {
    while (!peer.read_request().empty())
      peer.write(fine + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
  }};
  client by{loop, {}};
  for (int i = 0; i < 5; ++i) {
    auto value = ask(by, to(server.url()));
    CAF_CHECK(value && value->body == "ok");
  }
  CAF_CHECK_EQUAL(server.connections(), 5);
}

CAF_TEST(no more connections are open than may be) {
  std::atomic<int> open = 0;
  std::atomic<int> most = 0;
  raw_server server{[&](raw_peer& peer, int) {
    ++open;
    most = std::max(most.load(), open.load());
    while (!peer.read_request().empty()) {
      std::this_thread::sleep_for(1ms);
      peer.write(fine);
    }
    --open;
  }};
  client_settings settings;
  settings.connections_per_host = 4;
  client by{loop, settings};
  std::atomic<int> answered = 0;
  for (int i = 0; i < 200; ++i)
    by.send(to(server.url(), 10s), [&](result value) { answered += value ? 1 : 0; });
  CAF_CHECK(becomes_true([&] { return answered == 200; }, 10s));
  CAF_CHECK_EQUAL(server.connections(), 4);
  CAF_CHECK_LESS_OR_EQUAL(most.load(), 4);
}

CAF_TEST(hosts share what may be open over all) {
  auto script = [](raw_peer& peer, int) {
    while (!peer.read_request().empty())
      peer.write(fine);
  };
  raw_server first{script};
  raw_server second{script};
  client_settings settings;
  settings.connections = 2;
  client by{loop, settings};
  std::atomic<int> answered = 0;
  for (int i = 0; i < 100; ++i)
    by.send(to(i % 2 == 0 ? first.url() : second.url(), 10s), [&](result value) { answered += value ? 1 : 0; });
  CAF_CHECK(becomes_true([&] { return answered == 100; }, 10s));
}

CAF_TEST(calls beyond the waiting limit fail unsent) {
  raw_server server{[](raw_peer& peer, int) { peer.wait_for_end(); }};
  client_settings settings;
  settings.connections_per_host = 1;
  settings.waiting_limit = 10;
  client by{loop, settings};
  std::atomic<int> refused = 0;
  std::atomic<int> timed_out = 0;
  for (int i = 0; i < 30; ++i)
    by.send(to(server.url(), 300ms), [&](result value) {
      refused += failed_as(value, call_failure::connection_failed, false) ? 1 : 0;
      timed_out += !value && value.error().failure == call_failure::timeout ? 1 : 0;
    });
  CAF_CHECK(becomes_true([&] { return by.in_flight() == 0; }));
  CAF_CHECK_GREATER_OR_EQUAL(refused.load(), 19);
  CAF_CHECK_EQUAL(refused + timed_out, 30);
}

CAF_TEST(an unused connection is closed after its time) {
  std::atomic<bool> is_closed = false;
  raw_server server{[&](raw_peer& peer, int) {
    peer.read_request();
    peer.write(fine);
    peer.wait_for_end();
    is_closed = true;
  }};
  client_settings settings;
  settings.idle = 50ms;
  client by{loop, settings};
  CAF_CHECK(ask(by, to(server.url())));
  CAF_CHECK(becomes_true([&] { return is_closed.load(); }, 1s));
}

CAF_TEST(an early answer to a large body ends the connection) {
  raw_server server{[&](raw_peer& peer, int) {
    peer.write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
    std::this_thread::sleep_for(50ms);
    peer.wait_for_end();
  }};
  client by{loop, {}};
  auto value = ask(by, to(server.url(), 2s, std::string(32u << 20, 'a')));
  CAF_REQUIRE(value);
  CAF_CHECK_EQUAL(value->status, 413);
}

CAF_TEST(a large body and a large answer pass) {
  running_server with{[] {
    server_settings settings;
    settings.body_limit = 64u << 20;
    return settings;
  }()};
  client_settings settings;
  settings.response_limit = 64u << 20;
  client by{loop, settings};
  std::string body(20u << 20, 'a');
  auto value = ask(by, to("http://" + with.address() + "/echo", 20s, body));
  CAF_REQUIRE(value);
  CAF_CHECK(value->body == "POST /echo||" + body);
}

CAF_TEST(what could split a request is refused before it is sent) {
  raw_server server{[](raw_peer& peer, int) { peer.wait_for_end(); }};
  client by{loop, {}};
  auto check = [&](call what) {
    auto url = what.url;
    if (!failed_as(ask(by, std::move(what)), call_failure::address_refused, false)) CAF_ERROR("not refused: " << url);
  };
  auto url = server.url();
  check({"GET / HTTP/1.1\r\nX: y\r\n\r\nGET", url, {}, "", 1s});
  check({"", url, {}, "", 1s});
  check({"CONNECT", url, {}, "", 1s});
  check({"GET", url, {{"X", "a\r\nY: b"}}, "", 1s});
  check({"GET", url, {{"X\r\nY", "b"}}, "", 1s});
  check({"GET", url, {{"X", "a\0b"s}}, "", 1s});
  check({"GET", url, {{"", "b"}}, "", 1s});
  check({"GET", url + "a b", {}, "", 1s});
  check({"GET", url + "a\r\nX: y", {}, "", 1s});
  check({"GET", "http://user:secret@127.0.0.1/", {}, "", 1s});
  check({"GET", "ftp://127.0.0.1/", {}, "", 1s});
  check({"GET", "/relative", {}, "", 1s});
  check({"GET", "http:///x", {}, "", 1s});
  check({"GET", "http://127.0.0.1:99999/", {}, "", 1s});
  check({"GET", "http://127.0.0.1:0/", {}, "", 1s});
  check({"GET", "http://a%00b/", {}, "", 1s});
  check({"GET", "", {}, "", 1s});
  CAF_CHECK_EQUAL(server.connections(), 0);
}

CAF_TEST(a URL is taken apart) {
  auto check = [](const char* text, const url_parts& wanted) {
    auto parsed = parse_url(text);
    CAF_REQUIRE(parsed);
    CAF_CHECK_EQUAL(parsed->is_secure, wanted.is_secure);
    CAF_CHECK_EQUAL(parsed->host, wanted.host);
    CAF_CHECK_EQUAL(parsed->port, wanted.port);
    CAF_CHECK_EQUAL(parsed->authority, wanted.authority);
    CAF_CHECK_EQUAL(parsed->target, wanted.target);
  };
  check("http://example.com", {false, "example.com", 80, "example.com", "/"});
  check("https://example.com:8443/a%2Fb?c#d", {true, "example.com", 8443, "example.com:8443", "/a%2Fb?c"});
  check("HTTPS://example.com:443/", {true, "example.com", 443, "example.com", "/"});
  check("http://[::1]:80/?", {false, "::1", 80, "[::1]", "/?"});
  check("http://127.0.0.1:8180/x", {false, "127.0.0.1", 8180, "127.0.0.1:8180", "/x"});
}

CAF_TEST(addresses are allowed by what they mean) {
  CAF_CHECK(is_allowed_address("127.0.0.1", {}));
  CAF_CHECK(is_allowed_address("8.8.8.8", {}));
  CAF_CHECK(is_allowed_address("::1", {}));
  for (auto* never : {"169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "fe80::1", "fe80::1%eth0",
                      "fd00:ec2::254", "::a9fe:a9fe", "nonsense", ""})
    CAF_CHECK(!is_allowed_address(never, {}));
  CAF_CHECK(is_allowed_address("10.1.2.3", {"10.0.0.0/8"}));
  CAF_CHECK(is_allowed_address("::ffff:10.1.2.3", {"10.0.0.0/8"}));
  CAF_CHECK(!is_allowed_address("11.1.2.3", {"10.0.0.0/8"}));
  CAF_CHECK(is_allowed_address("192.168.1.5", {"10.0.0.0/8", "192.168.1.4/30"}));
  CAF_CHECK(!is_allowed_address("192.168.1.8", {"192.168.1.4/30"}));
  CAF_CHECK(is_allowed_address("0.0.0.0", {"127.0.0.0/8"}));
  CAF_CHECK(!is_allowed_address("0.0.0.0", {"0.0.0.0/8"}));
  CAF_CHECK(is_allowed_address("::", {"::1"}));
  CAF_CHECK(!is_allowed_address("::1", {"127.0.0.0/8"}));
  CAF_CHECK(is_allowed_address("2001:db8::5", {"2001:db8::/32"}));
  CAF_CHECK(!is_allowed_address("2001:db9::5", {"2001:db8::/32"}));
  CAF_CHECK(is_allowed_address("169.254.1.1", {"169.254.0.0/16"}));
  CAF_CHECK(is_allowed_address("1.2.3.4", {"0.0.0.0/0"}));
  CAF_CHECK(!is_allowed_address("2001:db8::5", {"0.0.0.0/0"}));
  CAF_CHECK(!is_allowed_address("1.2.3.4", {"nonsense"}));
  CAF_CHECK(!address_filter::parse({"10.0.0.0/33"}));
  CAF_CHECK(!address_filter::parse({"10.0.0.0/"}));
}

CAF_TEST(an address that may not be called is never connected to) {
  raw_server server{[](raw_peer& peer, int) { peer.wait_for_end(); }};
  client_settings settings;
  settings.allow = {"10.0.0.0/8"};
  client by{loop, settings};
  auto port = std::to_string(server.port());
  for (const auto& host : {"127.0.0.1"s, "localhost"s, "0.0.0.0"s, "[::ffff:127.0.0.1]"s, "127.1"s, "2130706433"s})
    CAF_CHECK(failed_as(ask(by, to("http://" + host + ":" + port + "/")), call_failure::address_refused, false));
  CAF_CHECK_EQUAL(server.connections(), 0);
  client by_default{loop, {}};
  CAF_CHECK(failed_as(ask(by_default, to("http://169.254.169.254/latest")), call_failure::address_refused, false));
}

CAF_TEST(names are found) {
  raw_server server{[](raw_peer& peer, int) {
    peer.read_request();
    peer.write(fine);
    peer.wait_for_end();
  }};
  client by{loop, {}};
  CAF_CHECK(ask(by, to("http://localhost:" + std::to_string(server.port()) + "/")));
}

CAF_TEST(a name that many want is found for each) {
  name_lookup names;
  std::atomic<int> found = 0;
  std::atomic<int> failed = 0;
  for (int i = 0; i < 50; ++i) {
    names.find("localhost", [&](const name_lookup::result& value) { found += value && !value->empty() ? 1 : 0; });
    names.find("no-such-host.invalid", [&](const name_lookup::result& value) { failed += value ? 0 : 1; });
  }
  CAF_CHECK(becomes_true([&] { return found == 50 && failed == 50; }));
}

CAF_TEST(a stop fails what is under way and takes no more) {
  raw_server server{[](raw_peer& peer, int) { peer.wait_for_end(); }};
  client_settings settings;
  settings.connections_per_host = 2;
  client by{loop, settings};
  std::atomic<int> failed = 0;
  auto count = [&](result value) {
    failed += !value && value.error().failure == call_failure::connection_failed ? 1 : 0;
  };
  for (int i = 0; i < 10; ++i)
    by.send(to(server.url()), count);
  CAF_CHECK(becomes_true([&] { return server.connections() == 2; }));
  by.stop();
  CAF_CHECK_EQUAL(failed.load(), 10);
  by.send(to(server.url()), count);
  CAF_CHECK(becomes_true([&] { return failed == 11; }));
  CAF_CHECK_EQUAL(by.in_flight(), 0u);
}

CAF_TEST(a call that fails at once does not fail inside its sending) {
  client by{loop, {}};
  by.stop();
  std::promise<void> ended;
  int left = 100'000;
  int depth = 0, deepest = 0;
  std::function<void(result)> again = [&](result value) {
    deepest = std::max(deepest, ++depth);
    bool is_over = !failed_as(value, call_failure::connection_failed, false) || --left == 0;
    if (!is_over) by.send(to("http://127.0.0.1:9/"), again);
    --depth;
    if (is_over) ended.set_value();
  };
  by.send(to("http://127.0.0.1:9/"), again);
  ended.get_future().get();
  CAF_CHECK_EQUAL(left, 0);
  CAF_CHECK_EQUAL(deepest, 1);
  CAF_CHECK(becomes_true([&] { return by.in_flight() == 0; }));
}

CAF_TEST(a callback may send the next call and destroy the client) {
  raw_server server{[](raw_peer& peer, int) {
    while (!peer.read_request().empty())
      peer.write(fine);
  }};
  auto by = std::make_unique<client>(loop, client_settings{});
  std::promise<void> ended;
  int left = 100;
  std::function<void(result)> next = [&](result value) {
    if (value && --left > 0) return by->send(to(server.url()), next);
    by.reset();
    ended.set_value();
  };
  by->send(to(server.url()), next);
  ended.get_future().get();
  CAF_CHECK_EQUAL(left, 0);
  CAF_CHECK_EQUAL(server.connections(), 1);
}

CAF_TEST(many calls from many threads are each answered once) {
  running_server with;
  client by{loop, {}};
  std::atomic<int> answered = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      for (int j = 0; j < 500; ++j) {
        auto body = std::to_string(i) + "/" + std::to_string(j);
        by.send(to("http://" + with.address() + "/echo", 10s, body),
                [&, body](result value) { answered += value && value->body == "POST /echo||" + body ? 1 : 0; });
      }
    });
  for (auto& thread : threads)
    thread.join();
  CAF_CHECK(becomes_true([&] { return answered == 2000; }, 10s));
  CAF_CHECK_LESS_OR_EQUAL(with.listening->open_connections(), 64u);
}

END_FIXTURE_SCOPE()
