#include "runtime/http/request_parser.hpp"
#include "tests/http/raw_client.hpp"
#include "tests/http/test_application.hpp"

#define CAF_SUITE http_conformance
#include "caf/test/bdd_dsl.hpp"

#include <fmt/format.h>
#include <random>

using namespace troupe;
using namespace troupe::http;
using namespace troupe::http::test;
using namespace std::literals;

namespace {

/// What the bytes are answered with. `closes`: and the connection ends then. `answers`: how many there are (the last
/// has the status).
struct conformance_case {
  const char* what;
  std::string sent;
  int status;
  bool closes = false;
  int answers = 1;
};

const std::string get = "GET /echo HTTP/1.1\r\nHost: a\r\n";
const std::string post = "POST /echo HTTP/1.1\r\nHost: a\r\n";
const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";

std::vector<conformance_case> request_lines() {
  return {
      {"a plain request", get + "\r\n", 200},
      {"an empty line before it", "\r\n" + get + "\r\n", 200},
      {"many empty lines before it", "\r\n\r\n\r\n\r\n\r\n\r\n" + get + "\r\n", 400, true},
      {"two spaces after the method", "GET  /echo HTTP/1.1\r\nHost: a\r\n\r\n", 400, true},
      {"two spaces before the version", "GET /echo  HTTP/1.1\r\nHost: a\r\n\r\n", 400, true},
      {"a space at the end", "GET /echo HTTP/1.1 \r\nHost: a\r\n\r\n", 400, true},
      {"a space at the beginning", " GET /echo HTTP/1.1\r\nHost: a\r\n\r\n", 400, true},
      {"a tab for a space", "GET\t/echo\tHTTP/1.1\r\nHost: a\r\n\r\n", 400, true},
      {"only blanks", "   \r\n\r\n", 400, true},
      {"no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n", 400, true},
      {"no version", "GET /echo\r\nHost: a\r\n\r\n", 400, true},
      {"HTTP/0.9", "GET /echo\r\n", 400, true},
      {"HTTP/1.2", "GET /echo HTTP/1.2\r\nHost: a\r\n\r\n", 505, true},
      {"HTTP/2.0", "GET /echo HTTP/2.0\r\nHost: a\r\n\r\n", 505, true},
      {"the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, true},
      {"HTTP/1", "GET /echo HTTP/1\r\nHost: a\r\n\r\n", 400, true},
      {"HTTP/01.1", "GET /echo HTTP/01.1\r\nHost: a\r\n\r\n", 400, true},
      {"HTTP/1.10", "GET /echo HTTP/1.10\r\nHost: a\r\n\r\n", 400, true},
      {"HTTP/ 1.1", "GET /echo HTTP/ 1.1\r\nHost: a\r\n\r\n", 400, true},
      {"http/1.1", "GET /echo http/1.1\r\nHost: a\r\n\r\n", 400, true},
      {"HTTP 1.1", "GET /echo HTTP-1.1\r\nHost: a\r\n\r\n", 400, true},
      {"a method in lower case", "get /echo HTTP/1.1\r\nHost: a\r\n\r\n", 501, true},
      {"an unknown method", "FROB /echo HTTP/1.1\r\nHost: a\r\n\r\n", 501, true},
      {"an overlong method", std::string(100, 'A') + " /echo HTTP/1.1\r\nHost: a\r\n\r\n", 501, true},
      {"an overlong method without an end", std::string(10000, 'A'), 501, true},
      {"a method that is no token", "G(T /echo HTTP/1.1\r\nHost: a\r\n\r\n", 400, true},
      {"CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 501, true},
      {"TRACE", "TRACE /echo HTTP/1.1\r\nHost: a\r\n\r\n", 405},
      {"DELETE where it is not known", "DELETE /echo HTTP/1.1\r\nHost: a\r\n\r\n", 405},
      {"OPTIONS", "OPTIONS /echo HTTP/1.1\r\nHost: a\r\n\r\n", 204},
      {"OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 204},
      {"GET *", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"binary garbage", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, 400, true},
      {"garbage without an end", "\x80\x81\x82\x83"s, 400, true},
      {"an overlong target", "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414, true},
      {"an overlong target without an end", "GET /" + std::string(9000, 'a'), 414, true},
      {"an unknown path", "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n", 404},
  };
}

std::vector<conformance_case> targets() {
  auto with = [](const std::string& target) { return "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n"; };
  return {
      {"absolute-form", with("http://a/echo?x=1"), 200},
      {"absolute-form, another host than Host", with("http://b:80/echo"), 200},
      {"absolute-form, scheme in upper case", with("HTTP://a/echo"), 200},
      {"absolute-form with user information", with("http://u:p@a/echo"), 400},
      {"absolute-form without a host", with("http:///echo"), 400},
      {"absolute-form of another scheme", with("ftp://a/echo"), 400},
      {"authority-form", with("a:80"), 400},
      {"a relative path", with("echo"), 400},
      {"a fragment", with("/echo#x"), 400, true},
      {"a backslash", with("/echo\\x"), 400, true},
      {"a NUL", with("/echo\0x"s), 400, true},
      {"a control character", with("/echo\x01"), 400, true},
      {"DEL", with("/echo\x7f"), 400, true},
      {"bytes that are not ASCII", with("/echo\xc3\xa9"), 400, true},
      {"an encoded letter", with("/%65cho"), 200},
      {"an encoded NUL", with("/echo%00"), 400},
      {"an encoded line ending", with("/echo%0d%0aX:y"), 400},
      {"an encoded line ending in the query", with("/echo?x=%0d%0a"), 400},
      {"an encoded slash", with("/a%2fecho"), 400},
      {"half a percent-encoding", with("/echo%4"), 400},
      {"a percent-encoding that is none", with("/echo%zz"), 400},
      {"overlong UTF-8", with("/echo%c0%af"), 400},
      {"broken UTF-8 in the query", with("/echo?x=%ff"), 400},
      {"a parent segment", with("/x/../echo"), 400},
      {"an encoded parent segment", with("/x/%2e%2e/echo"), 400},
      {"a query without a value", with("/echo?x&&y="), 200},
  };
}

std::vector<conformance_case> hosts() {
  auto with = [](const std::string& fields) { return "GET /echo HTTP/1.1\r\n" + fields + "\r\n"; };
  return {
      {"no Host", with(""), 400, true},
      {"no Host in HTTP/1.0", "GET /echo HTTP/1.0\r\n\r\n", 200, true},
      {"two Hosts", with("Host: a\r\nHost: b\r\n"), 400, true},
      {"the same Host twice", with("Host: a\r\nHost: a\r\n"), 400, true},
      {"two Hosts in HTTP/1.0", "GET /echo HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400, true},
      {"an empty Host", with("Host:\r\n"), 400, true},
      {"a Host with a path", with("Host: a/b\r\n"), 400, true},
      {"a Host with user information", with("Host: u@a\r\n"), 400, true},
      {"a Host with a comma", with("Host: a, b\r\n"), 400, true},
      {"a Host with a blank", with("Host: a b\r\n"), 400, true},
      {"a Host with a port that is none", with("Host: a:8x\r\n"), 400, true},
      {"a Host with a port beyond 65535", with("Host: a:99999\r\n"), 400, true},
      {"a Host that is an address", with("Host: 127.0.0.1:8180\r\n"), 200},
      {"a Host that is an IPv6 address", with("Host: [::1]:8180\r\n"), 200},
      {"a Host with an open bracket", with("Host: [::1\r\n"), 400, true},
      {"a Host with blanks around it", with("Host: \t a \t\r\n"), 200},
  };
}

std::vector<conformance_case> fields() {
  return {
      {"a blank before the colon", get + "X : y\r\n\r\n", 400, true},
      {"a tab in the name", get + "X\tY: z\r\n\r\n", 400, true},
      {"a name that is no token", get + "X[]: y\r\n\r\n", 400, true},
      {"a name that is not ASCII", get + "X\xc3\xa9: y\r\n\r\n", 400, true},
      {"an empty name", get + ": y\r\n\r\n", 400, true},
      {"no colon", get + "X\r\n\r\n", 400, true},
      {"folding with a blank", get + "X: y\r\n z\r\n\r\n", 400, true},
      {"folding with a tab", get + "X: y\r\n\tz\r\n\r\n", 400, true},
      {"a blank before the first field", "GET /echo HTTP/1.1\r\n Host: a\r\n\r\n", 400, true},
      {"an empty value", get + "X:\r\n\r\n", 200},
      {"a value that is not ASCII", get + "X: \xc3\xa9\r\n\r\n", 200},
      {"a NUL in a value", get + "X: a\0b\r\n\r\n"s, 400, true},
      {"a control character in a value", get + "X: a\x02\r\n\r\n", 400, true},
      {"a bare CR in a value", get + "X: a\rb\r\n\r\n", 400, true},
      {"a bare LF in a value", get + "X: a\nb: c\r\n\r\n", 400, true},
      {"lines that end with LF", "GET /echo HTTP/1.1\nHost: a\n\n", 400, true},
      {"one line that ends with LF", "GET /echo HTTP/1.1\r\nHost: a\n\r\n", 400, true},
      {"lines that end with CR", "GET /echo HTTP/1.1\rHost: a\r\r", 400, true},
      {"CR CR LF", "GET /echo HTTP/1.1\r\r\nHost: a\r\n\r\n", 400, true},
      {"a header beyond the limit", get + "X: " + std::string(20000, 'a') + "\r\n\r\n", 431, true},
      {"a header beyond the limit without an end", get + "X: " + std::string(20000, 'a'), 431, true},
      {"a name beyond the limit", get + std::string(20000, 'a') + ": x\r\n\r\n", 431, true},
      {"too many fields",
       get +
           [] {
             std::string many;
             for (int i = 0; i < 150; ++i)
               many += fmt::format("X{}: y\r\n", i);
             return many;
           }() +
           "\r\n",
       431, true},
      {"an unknown expectation", get + "Expect: miracles\r\n\r\n", 417, true},
      {"an unknown expectation, its body held back", post + "Expect: miracles\r\nContent-Length: 5\r\n\r\n", 417, true},
      {"an upgrade that nobody knows", get + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 200},
      {"Connection: close", get + "Connection: close\r\n\r\n", 200, true},
      {"Connection: Close among others", get + "Connection: foo , Close\r\n\r\n", 200, true},
      {"HTTP/1.0", "GET /echo HTTP/1.0\r\nHost: a\r\n\r\n", 200, true},
      {"HTTP/1.0 with keep-alive", "GET /echo HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n", 200, false},
  };
}

std::vector<conformance_case> lengths() {
  auto with = [](const std::string& length, const std::string& body = "hello") {
    return post + "Content-Length: " + length + "\r\n\r\n" + body;
  };
  return {
      {"a body", with("5"), 200},
      {"an empty body", with("0", ""), 200},
      {"no length and no body", post + "\r\n", 200},
      {"GET with a body", get + "Content-Length: 5\r\n\r\nhello", 200},
      {"OPTIONS with a body", "OPTIONS /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" + get + "\r\n", 200,
       false, 2},
      {"405 with a body", "DELETE /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" + get + "\r\n", 200,
       false, 2},
      {"blanks around the length", with(" \t5 "), 200},
      {"a sign", with("+5"), 400, true},
      {"a negative length", with("-5"), 400, true},
      {"negative zero", with("-0", ""), 400, true},
      {"a blank inside", with("5 5"), 400, true},
      {"hexadecimal", with("0x5"), 400, true},
      {"octal", with("0o5"), 400, true},
      {"an underscore", with("5_0"), 400, true},
      {"a fraction", with("5.0"), 400, true},
      {"leading zeros", with("005"), 400, true},
      {"two zeros", with("00", ""), 400, true},
      {"letters", with("abc"), 400, true},
      {"nothing", with("", ""), 400, true},
      {"beyond 64 bits", with("99999999999999999999"), 400, true},
      {"far beyond 64 bits", with(std::string(200, '9')), 400, true},
      {"beyond the limit", with("99999999999"), 413, true},
      {"two that differ", post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", 400, true},
      {"two that are the same", post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400, true},
      {"a list that differs", with("5, 6"), 400, true},
      {"a list of the same", with("5, 5"), 400, true},
      {"with an underscore", post + "Content_Length: 5\r\n\r\nhello", 400, true},
      {"a blank before the colon", post + "Content-Length : 5\r\n\r\nhello", 400, true},
  };
}

std::vector<conformance_case> codings() {
  auto with = [](const std::string& coding, const std::string& more = "") {
    return post + more + "Transfer-Encoding: " + coding + "\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  };
  return {
      {"chunked", with("chunked"), 200},
      {"in another case", with("ChUnKeD"), 200},
      {"its name in another case", post + "TRANSFER-ENCODING: chunked\r\n\r\n0\r\n\r\n", 200},
      {"unknown", with("gzip"), 501, true},
      {"unknown before chunked", with("gzip, chunked"), 501, true},
      {"unknown after chunked", with("chunked, gzip"), 400, true},
      {"chunked twice", with("chunked, chunked"), 400, true},
      {"two fields", with("chunked", "Transfer-Encoding: chunked\r\n"), 400, true},
      {"two fields, one unknown", with("chunked", "Transfer-Encoding: identity\r\n"), 400, true},
      {"identity", with("identity"), 501, true},
      {"almost chunked", with("xchunked"), 501, true},
      {"chunked in quotes", with("\"chunked\""), 501, true},
      {"chunked with a parameter", with("chunked;q=1"), 501, true},
      {"nothing", with(""), 400, true},
      {"a vertical tab before it",
       with("\x0b"
            "chunked"),
       400, true},
      {"a form feed after it", with("chunked\x0c"), 400, true},
      {"a NUL after it", with("chunked\0"s), 400, true},
      {"a blank before the colon", post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400, true},
      {"folded", post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", 400, true},
      {"with an underscore", post + "Transfer_Encoding: chunked\r\n\r\n0\r\n\r\n", 400, true},
      {"in HTTP/1.0", "POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, true},
      {"after a length", with("chunked", "Content-Length: 5\r\n"), 400, true},
      {"before a length", post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400, true},
      {"unknown with a length", with("xchunked", "Content-Length: 5\r\n"), 400, true},
      {"a request smuggled behind both", with("chunked", "Content-Length: 30\r\n") + get + "\r\n", 400, true},
  };
}

std::vector<conformance_case> chunks() {
  return {
      {"several", chunked + "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", 200},
      {"none", chunked + "0\r\n\r\n", 200},
      {"in upper case", chunked + "A\r\n0123456789\r\n0\r\n\r\n", 200},
      {"leading zeros", chunked + "0005\r\nhello\r\n000\r\n\r\n", 200},
      {"with an extension", chunked + "5;a=b\r\nhello\r\n0\r\n\r\n", 200},
      {"with a quoted extension", chunked + "5;a=\"b c\"\r\nhello\r\n0;x\r\n\r\n", 200},
      {"with trailers", chunked + "5\r\nhello\r\n0\r\nX: y\r\nZ: w\r\n\r\n", 200},
      {"then another request", chunked + "5\r\nhello\r\n0\r\n\r\n" + get + "\r\n", 200, false, 2},
      {"a length as a trailer", chunked + "0\r\nContent-Length: 5\r\n\r\n", 400, true},
      {"a coding as a trailer", chunked + "0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, true},
      {"a folded trailer", chunked + "0\r\nX: y\r\n z\r\n\r\n", 400, true},
      {"a trailer without a colon", chunked + "0\r\nX\r\n\r\n", 400, true},
      {"trailers beyond the limit", chunked + "0\r\nX: " + std::string(20000, 'a'), 431, true},
      {"a bare semicolon", chunked + "5;\r\nhello\r\n0\r\n\r\n", 400, true},
      {"hexadecimal prefix", chunked + "0x5\r\nhello\r\n0\r\n\r\n", 400, true},
      {"an underscore", chunked + "1_0\r\nhello\r\n0\r\n\r\n", 400, true},
      {"a blank before the size", chunked + " 5\r\nhello\r\n0\r\n\r\n", 400, true},
      {"a blank after the size", chunked + "5 \r\nhello\r\n0\r\n\r\n", 400, true},
      {"a sign", chunked + "+5\r\nhello\r\n0\r\n\r\n", 400, true},
      {"a negative size", chunked + "-5\r\nhello\r\n0\r\n\r\n", 400, true},
      {"no size", chunked + "\r\nhello\r\n0\r\n\r\n", 400, true},
      {"a size beyond 64 bits", chunked + "FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n", 400, true},
      {"the largest size", chunked + "FFFFFFFFFFFFFFFF\r\nhello", 0},
      {"no line ending after the data", chunked + "5\r\nhello0\r\n\r\n", 400, true},
      {"more data than the size", chunked + "5\r\nhello!!\r\n0\r\n\r\n", 400, true},
      {"LF after the size", chunked + "5\nhello\r\n0\r\n\r\n", 400, true},
      {"LF after the size, and nothing more", chunked + "5\nhello", 400, true},
      {"CR after the size", chunked + "5\rhello\r\n0\r\n\r\n", 400, true},
      {"LF after the data", chunked + "5\r\nhello\n0\r\n\r\n", 400, true},
      {"CR after the data", chunked + "5\r\nhello\r0\r\n\r\n", 400, true},
      {"LF in an extension", chunked + "5;a\nb\r\nhello\r\n0\r\n\r\n", 400, true},
      {"CR in an extension", chunked + "5;a\rb\r\nhello\r\n0\r\n\r\n", 400, true},
      {"a NUL in an extension", chunked + "5;a\0b\r\nhello\r\n0\r\n\r\n"s, 400, true},
      {"a control character in a quoted extension", chunked + "5;a=\"\x01\"\r\nhello\r\n0\r\n\r\n", 400, true},
      {"an LF at the end of the trailers", chunked + "0\r\n\n", 400, true},
      {"an LF after the last size", chunked + "0\n\n", 400, true},
      {"an extension beyond the limit", chunked + "5;" + std::string(70000, 'a') + "\r\nhello\r\n0\r\n\r\n", 400, true},
      {"many extensions",
       chunked +
           [] {
             std::string many;
             for (int i = 0; i < 200; ++i)
               many += "1;" + std::string(1000, 'a') + "\r\nx\r\n";
             return many;
           }() +
           "0\r\n\r\n",
       400, true},
      {"a body beyond the limit", chunked + "200001\r\n" + std::string(0x200001, 'a') + "\r\n0\r\n\r\n", 413, false},
  };
}

std::vector<conformance_case> pipelines() {
  return {
      {"two", get + "\r\n" + get + "\r\n", 200, false, 2},
      {"a length and a second", post + "Content-Length: 5\r\n\r\nhello" + get + "\r\n", 200, false, 2},
      {"a bad second", get + "\r\n" + "GET  / HTTP/1.1\r\n\r\n", 400, true, 2},
      {"a body longer than its length", post + "Content-Length: 5\r\n\r\nhello world\r\n\r\n", 400, true, 2},
      {"after Connection: close nothing is read", get + "Connection: close\r\n\r\n" + get + "\r\n", 200, true, 1},
  };
}

/// What a parser makes of bytes that come so many at a time.
std::string events_of(std::string_view bytes, std::size_t piece_size) {
  request_parser parser{head_limits{}};
  std::string events;
  std::string body;
  std::size_t begin = 0;
  std::size_t end = 0;
  for (;;) {
    auto piece = parser.feed(bytes.substr(begin, end - begin));
    body += piece.body;
    begin += piece.consumed;
    switch (piece.what) {
    case request_parser::event::head:
      events += parser.head().value.method + " " + parser.head().value.target + "; ";
      break;
    case request_parser::event::body: break;
    case request_parser::event::complete: events += std::exchange(body, {}) + " complete; "; break;
    case request_parser::event::refused: return events + std::to_string(parser.why().status);
    case request_parser::event::need_more:
      if (end == bytes.size()) return events + std::exchange(body, {});
      end = std::min(end + piece_size, bytes.size());
    }
  }
}

struct fixture {
  running_server with;

  void run(const std::vector<conformance_case>& cases) {
    for (const auto& one : cases) {
      raw_client client{with.address(), std::chrono::milliseconds{one.status == 0 ? 200 : 3000}};
      client.send(one.sent);
      std::optional<raw_answer> answer;
      for (int i = 0; i < one.answers; ++i)
        answer = client.read_answer();
      auto status = answer ? answer->status : 0;
      if (status != one.status) CAF_ERROR(one.what << ": expected " << one.status << ", but found " << status);
      if (!answer) continue;
      for (auto name : {"date", "x-request-id"})
        if (!answer->fields.contains(name)) CAF_ERROR(one.what << ": expected the field " << name);
      bool says_close = answer->fields["connection"] == "close";
      if (says_close != one.closes) CAF_ERROR(one.what << ": Connection: close is " << says_close);
      if (one.closes) {
        if (!client.is_closed_within(std::chrono::seconds{2}))
          CAF_ERROR(one.what << ": expected the end of the connection");
      } else {
        client.send(get + "\r\n");
        auto next = client.read_answer();
        if (!next || next->status != 200) CAF_ERROR(one.what << ": expected the connection to go on");
      }
    }
    CAF_CHECK(!cases.empty());
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

CAF_TEST(request lines are taken to the letter) {
  run(request_lines());
}
CAF_TEST(targets that could mean two things are refused) {
  run(targets());
}
CAF_TEST(there is exactly one good Host) {
  run(hosts());
}
CAF_TEST(header lines are taken to the letter) {
  run(fields());
}
CAF_TEST(a length is plain digits and stands alone) {
  run(lengths());
}
CAF_TEST(the only transfer coding is chunked) {
  run(codings());
}
CAF_TEST(chunks are taken to the letter) {
  run(chunks());
}
CAF_TEST(pipelined requests are answered in their order) {
  run(pipelines());
}

CAF_TEST(the same bytes in other pieces are the same requests) {
  auto all = {request_lines(), targets(), hosts(), fields(), lengths(), codings(), chunks(), pipelines()};
  int compared = 0;
  for (const auto& cases : all)
    for (const auto& one : cases) {
      if (one.sent.size() > 2000) continue;
      auto whole = events_of(one.sent, one.sent.size());
      for (std::size_t size : {1u, 2u, 3u, 7u, 64u}) {
        auto pieces = events_of(one.sent, size);
        if (pieces != whole) CAF_ERROR(one.what << ": expected " << whole << ", but found " << pieces);
        ++compared;
      }
    }
  CAF_CHECK_GREATER(compared, 800);
}

CAF_TEST(requests with any byte wrong mean the same in any pieces) {
  std::mt19937 chance{4711};
  auto one_of = [&](std::string_view bytes) { return bytes[chance() % bytes.size()]; };
  auto all = {request_lines(), targets(), hosts(), fields(), lengths(), codings(), chunks(), pipelines()};
  for (const auto& cases : all)
    for (const auto& one : cases) {
      if (one.sent.size() > 300) continue;
      for (int i = 0; i < 60; ++i) {
        auto bytes = one.sent;
        for (auto changes = 1 + chance() % 3; changes > 0 && !bytes.empty(); --changes) {
          auto at = chance() % bytes.size();
          switch (chance() % 3) {
          case 0: bytes[at] = one_of("\r\n\t \0:;,0aF\x7f\x80%/"sv); break;
          case 1: bytes.insert(at, 1, one_of("\r\n\t \0:;,0aF\x7f\x80%/"sv)); break;
          default: bytes.erase(at, 1);
          }
        }
        auto whole = events_of(bytes, bytes.size());
        for (std::size_t size : {1u, 5u}) {
          auto pieces = events_of(bytes, size);
          if (pieces != whole) CAF_ERROR(bytes << ": expected " << whole << ", but found " << pieces);
        }
      }
    }
}

END_FIXTURE_SCOPE()
