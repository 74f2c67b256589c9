#include "tests/http/raw_server.hpp"
#include "tests/support/source_folder.hpp"

#include "runtime/http/client.hpp"
#include "runtime/http/io.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <future>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CAF_SUITE http_tls
#include "caf/test/bdd_dsl.hpp"

using namespace troupe;
using namespace troupe::http;
using namespace troupe::http::test;
using namespace std::literals;

namespace {

using result = tl::expected<answer, call_error>;

/// A folder with a private authority and certificates of it, made with the openssl command.
class authority {
public:
  authority() {
    auto pattern = (std::filesystem::temp_directory_path() / "troupe-tls-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority "
        "-keyout {0}/ca.key -out {0}/ca.pem");
  }
  ~authority() { std::filesystem::remove_all(folder_); }

  /// `names` as in `DNS:localhost,IP:127.0.0.1`.
  void certify(const std::string& name, const std::string& names) {
    std::ofstream{folder_ + "/names"} << "subjectAltName=" << names << "\n";
    run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -keyout {0}/" + name +
        ".key -out {0}/" + name + ".csr");
    run("openssl x509 -req -days 2 -in {0}/" + name +
        ".csr -CA {0}/ca.pem -CAkey {0}/ca.key -CAcreateserial -extfile {0}/names "
        "-out {0}/" +
        name + ".pem");
  }
  std::string file(const std::string& name) const { return folder_ + "/" + name; }

private:
  void run(const std::string& command) {
    auto whole = fmt::format(fmt::runtime(command), folder_) + " >/dev/null 2>&1";
    if (std::system(whole.c_str()) != 0) CAF_FAIL("failed: " << whole);
  }
  std::string folder_;
};

class tls_server {
public:
  tls_server(const std::string& certificate, const std::string& key) {
    int ends[2];
    if (::pipe(ends) != 0) CAF_FAIL("no pipe");
    process_ = ::fork();
    if (process_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGTERM);
      ::dup2(ends[1], 1);
      auto script = (troupe::test::source_folder() / "tests/http/tls_server.py").string();
      ::execlp("python3", "python3", script.c_str(), certificate.c_str(), key.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    output_ = ::fdopen(ends[0], "r");
    std::setvbuf(output_, nullptr, _IONBF, 0); // so that poll sees what is left
    std::fscanf(output_, "%d", &port_);
    if (port_ == 0 || std::fgetc(output_) != '\n') CAF_FAIL("no TLS server");
  }
  ~tls_server() {
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
    std::fclose(output_);
  }
  std::string url(const std::string& host) const { return "https://" + host + ":" + std::to_string(port_) + "/"; }
  int port() const { return port_; }
  /// Connections since this was asked last that got past the handshake or tried to.
  int connections() {
    int lines = 0;
    for (pollfd waiting{::fileno(output_), POLLIN, 0}; ::poll(&waiting, 1, 100) > 0 && ++lines > 0;)
      for (int c; (c = std::fgetc(output_)) != '\n' && c != EOF;) {
      }
    return lines;
  }

private:
  pid_t process_ = -1;
  std::FILE* output_ = nullptr;
  int port_ = 0;
};

/// Made once: keys and a Python process take their time.
struct shared_parts {
  authority made;
  std::unique_ptr<tls_server> good;

  shared_parts() {
    made.certify("good", "DNS:localhost,IP:127.0.0.1");
    made.certify("other", "DNS:example.com,IP:127.0.0.2");
    good = std::make_unique<tls_server>(made.file("good.pem"), made.file("good.key"));
  }
};

struct fixture {
  io loop;
  static inline std::unique_ptr<shared_parts> parts;
  authority& made;
  tls_server& server;

  fixture() : made(ready().made), server(*ready().good) {}

  static shared_parts& ready() {
    if (!parts) parts = std::make_unique<shared_parts>();
    return *parts;
  }

  client_settings trusting() {
    client_settings settings;
    settings.certificate_authorities = made.file("ca.pem");
    return settings;
  }
  result ask(client& by, std::string url, std::string body = "{}", duration timeout = 5s) {
    auto promise = std::make_shared<std::promise<result>>();
    by.send({"POST", std::move(url), {}, std::move(body), timeout},
            [promise](result value) { promise->set_value(std::move(value)); });
    return promise->get_future().get();
  }
};

bool refused_because(const result& value, std::string_view why) {
  bool is_refused = !value && value.error().failure == call_failure::connection_failed && !value.error().sent &&
                    value.error().message.find(why) != std::string::npos;
  if (!is_refused && !value) CAF_MESSAGE("found: " << value.error().message);
  return is_refused;
}

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

CAF_TEST(a server with a trusted certificate for its name is called and its connection kept) {
  client by{loop, trusting()};
  for (std::size_t size : {2u, 100u, 100'000u, 2'000'000u, 5u}) {
    std::string body(size, 'a');
    auto value = ask(by, server.url("localhost"), body);
    CAF_REQUIRE(value);
    CAF_CHECK(value->body == body);
  }
  auto by_address = ask(by, server.url("127.0.0.1"));
  CAF_CHECK(by_address);
  CAF_CHECK_EQUAL(server.connections(), 2);
}

CAF_TEST(many calls at once go over TLS) {
  auto settings = trusting();
  settings.connections_per_host = 8;
  client by{loop, settings};
  std::atomic<int> answered = 0;
  std::promise<void> all;
  for (int i = 0; i < 200; ++i)
    by.send({"POST", server.url("localhost"), {}, std::to_string(i), 20s}, [&, i](result value) {
      if (value && value->body == std::to_string(i) && ++answered == 200) all.set_value();
    });
  CAF_CHECK(all.get_future().wait_for(20s) == std::future_status::ready);
  CAF_CHECK_LESS_OR_EQUAL(server.connections(), 8);
}

CAF_TEST(a certificate that nobody vouches for is refused) {
  client by{loop, {}}; // the system's authorities
  CAF_CHECK(refused_because(ask(by, server.url("localhost")), "unable to get local issuer certificate"));
}

CAF_TEST(a certificate for another name is refused) {
  tls_server misnamed{made.file("other.pem"), made.file("other.key")};
  client by{loop, trusting()};
  CAF_CHECK(refused_because(ask(by, misnamed.url("localhost")), "localhost"));
  CAF_CHECK(refused_because(ask(by, misnamed.url("127.0.0.1")), "127.0.0.1"));
}

CAF_TEST(authorities that cannot be read fail every https call) {
  client_settings settings;
  settings.certificate_authorities = made.file("nothing.pem");
  client by{loop, settings};
  CAF_CHECK(refused_because(ask(by, "https://127.0.0.1:1/"), "nothing.pem"));
}

CAF_TEST(plain and TLS do not meet) {
  client by{loop, trusting()};
  auto plain = ask(by, "http://localhost:" + std::to_string(server.port()) + "/");
  CAF_CHECK(!plain && plain.error().failure == call_failure::connection_failed);
  raw_server clear{[](raw_peer& peer, int) {
    peer.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    peer.close();
  }};
  CAF_CHECK(refused_because(ask(by, "https://127.0.0.1:" + std::to_string(clear.port()) + "/"), "TLS"));
}

CAF_TEST(a handshake that nobody answers times out unsent) {
  raw_server silent{[](raw_peer& peer, int) { peer.wait_for_end(); }};
  client by{loop, trusting()};
  auto value = ask(by, "https://127.0.0.1:" + std::to_string(silent.port()) + "/", "{}", 100ms);
  CAF_CHECK(!value && value.error().failure == call_failure::timeout && !value.error().sent);
}

END_FIXTURE_SCOPE()
