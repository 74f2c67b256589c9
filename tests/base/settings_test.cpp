#define CAF_SUITE base_settings

#include "runtime/base/json_comments.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/settings.hpp"
#include "runtime/base/settings_options.hpp"
#include "tests/support/source_folder.hpp"

#include "caf/test/dsl.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

using namespace troupe;

namespace {

/// A file of its own that goes away with it.
class temporary_file {
public:
  explicit temporary_file(std::string_view content) {
    int file = ::mkstemp(path_);
    CAF_REQUIRE(file >= 0);
    CAF_REQUIRE_EQUAL(::write(file, content.data(), content.size()), static_cast<ssize_t>(content.size()));
    ::close(file);
  }
  ~temporary_file() { ::unlink(path_); }
  std::string path() const { return path_; }

private:
  char path_[40] = "/tmp/troupe-settings-test-XXXXXX";
};

std::string refusal(const settings_sources& sources) {
  auto loaded = load_settings(sources);
  if (loaded) return "accepted";
  CAF_CHECK(loaded.error().code == errc::invalid_request);
  auto detail = loaded.error().detail;
  return detail.substr(detail.find('\n') + 1);
}

std::string refused_file(std::string_view content) {
  temporary_file file{content};
  auto detail = refusal({.file = file.path(), .environment = {}, .assignments = {}});
  return detail.starts_with(file.path()) ? detail.substr(file.path().size() + 2) : detail;
}

std::string refused_assignment(const std::string& assignment) {
  return refusal({.file = "", .environment = {}, .assignments = {assignment}});
}

} // namespace

CAF_TEST(the configuration file holds every option at its default with a comment) {
  auto path = test::source_folder() / "config" / "troupe.json";
  // Writes the file anew after the table has changed.
  if (std::getenv("TROUPE_WRITE_CONFIGURATION") != nullptr) std::ofstream{path} << settings_document();
  std::ifstream in{path};
  std::stringstream text;
  text << in.rdbuf();
  CAF_CHECK(text.str() == settings_document());
  auto loaded = load_settings({.file = path, .environment = {}, .assignments = {}});
  CAF_REQUIRE(loaded);
  auto document = json::parse(without_comments(text.str()));
  for (auto& each : all_options()) {
    auto point = each.name.find('.');
    auto value = document.at(std::string{each.name.substr(0, point)}).at(std::string{each.name.substr(point + 1)});
    CAF_CHECK(value == json::parse(each.standard));
    CAF_CHECK(text.str().find("// " + std::string{each.meaning}) != std::string::npos);
    CAF_CHECK(!meaning_of_section(each.name.substr(0, point)).empty());
    CAF_CHECK_EQUAL(find_option(each.name), &each);
  }
}

CAF_TEST(defaults are those of the contract) {
  auto all = default_settings();
  CAF_CHECK_EQUAL(all.http.listen, "127.0.0.1:8180");
  CAF_CHECK_EQUAL(all.http.body_limit, 1 << 20);
  CAF_CHECK_EQUAL(all.http.connections, 4096);
  CAF_CHECK_EQUAL(all.store.url, "sqlite:troupe.db");
  CAF_CHECK_EQUAL(all.store.free_min, 8 << 20);
  CAF_CHECK_EQUAL(all.batch.size, 256);
  CAF_CHECK_EQUAL(all.batch.lanes, 4);
  CAF_CHECK_EQUAL(all.batch.interval.count(), 60'000);
  CAF_CHECK(all.batch.wake);
  CAF_CHECK_EQUAL(all.order.park_after.count(), 1'000);
  CAF_CHECK_EQUAL(all.order.recoveries, 5);
  CAF_CHECK_EQUAL(all.orders.pending_limit, 1'000'000);
  CAF_CHECK_EQUAL(all.log.level, "info");
}

CAF_TEST(assignments win over variables and these over the file) {
  temporary_file file{R"({
    // comments of both kinds, also with "quotes"
    "http": { "listen": "127.0.0.1:1", "connections": 10, "body_limit": 2048 /* bytes */ },
    "batch": { "wake": false, "interval": "PT0.5S" }, "log.level": "debug",
    "webhook": { "allow": ["10.0.0.0/8"] },
    "config": { "bank": "http://one", "bankUrl": "//not/a/comment", "limits": { "amount": 5 } }
  })"};
  auto loaded = load_settings({.file = file.path(),
                               .environment = {{"TROUPE_HTTP_LISTEN", "127.0.0.1:2"},
                                               {"TROUPE_HTTP_CONNECTIONS", "20"},
                                               {"TROUPE_WEBHOOK_CONNECTIONS_PER_HOST", "7"},
                                               {"TROUPE_CONFIG_BANKURL", "http://two"},
                                               {"TROUPE_CONFIG_NEW_NAME", "[1, 2]"},
                                               {"TROUPE_SERVER", "http://elsewhere"},
                                               {"TROUPE_PORT_8180_TCP", "of an orchestrator"},
                                               {"PATH", "/bin"}},
                               .assignments = {"http.listen=127.0.0.1:3", "config.limits.amount=6", "config.bank=a=b",
                                               "webhook.allow=127.0.0.1/32,::1/128", "batch.wake=true"}});
  if (!loaded) CAF_FAIL(loaded.error().detail);
  CAF_CHECK_EQUAL(loaded->http.listen, "127.0.0.1:3");
  CAF_CHECK_EQUAL(loaded->http.connections, 20);
  CAF_CHECK_EQUAL(loaded->http.body_limit, 2048);
  CAF_CHECK_EQUAL(loaded->webhook.connections_per_host, 7);
  CAF_CHECK_EQUAL(loaded->webhook.allow, (std::vector<std::string>{"127.0.0.1/32", "::1/128"}));
  CAF_CHECK_EQUAL(loaded->batch.interval.count(), 500);
  CAF_CHECK(loaded->batch.wake);
  CAF_CHECK_EQUAL(loaded->log.level, "debug");
  CAF_CHECK_EQUAL(to_text(loaded->config),
                  R"({"bank":"a=b","bankUrl":"http://two","limits":{"amount":6},"new_name":[1,2]})");
}

CAF_TEST(unknown options are refused with the nearest known one) {
  CAF_CHECK_EQUAL(
      refused_file(R"({"http": {"listn": "127.0.0.1:1"}})"),
      "/http/listn: expected an option (the nearest is http.listen), but found the unknown option http.listn");
  CAF_CHECK_EQUAL(refused_file(R"({"htpp": {"listen": 1}})"),
                  "/htpp: expected an option (the nearest is http.listen), but found the unknown option htpp");
  CAF_CHECK_EQUAL(
      refused_assignment("batch.sise=3"),
      "--set batch.sise: expected an option (the nearest is batch.size), but found the unknown option batch.sise");
  CAF_CHECK_EQUAL(
      refusal({.file = "", .environment = {{"TROUPE_BATCH_LANE", "3"}}, .assignments = {}}),
      "TROUPE_BATCH_LANE: expected an option (the nearest is batch.lanes), but found the unknown option batch.lane");
  CAF_CHECK_NOT_EQUAL(refused_assignment("listen=127.0.0.1:1"), "accepted");
  CAF_CHECK_NOT_EQUAL(refused_assignment("config=1"), "accepted");
  CAF_CHECK_NOT_EQUAL(refused_assignment(std::string(100'000, 'x') + "=1"), "accepted");
}

CAF_TEST(wrong types and bounds are refused with what was expected and found and where) {
  CAF_CHECK_EQUAL(refused_file(R"({"http": {"connections": "many"}})"),
                  "/http/connections: expected a whole number from 1 to 1000000, but found the string \"many\"");
  CAF_CHECK_EQUAL(refused_file(R"({"batch": {"interval": "P1M"}})"),
                  "/batch/interval: expected an ISO 8601 duration from PT0.01S to P1D, but found the string \"P1M\"");
  CAF_CHECK_EQUAL(refused_file(R"({"batch": 5})"), "/batch: expected an object of options, but found the number 5");
  CAF_CHECK_EQUAL(refused_assignment("batch.wake=yes"),
                  "--set batch.wake: expected true or false, but found the string \"yes\"");
  CAF_CHECK_EQUAL(
      refusal({.file = "", .environment = {{"TROUPE_LOG_LEVEL", "loud"}}, .assignments = {}}),
      "TROUPE_LOG_LEVEL: expected one of trace, debug, info, warning, error, off, but found the string \"loud\"");
  for (auto content :
       {R"({"http": {"listen": 1}})", R"({"http": {"connections": 0}})", R"({"http": {"connections": 1.5}})",
        R"({"http": {"connections": true}})", R"({"batch": {"wake": "true"}})", R"({"batch": {"wake": 1}})",
        R"({"batch": {"interval": 5}})", R"({"webhook": {"allow": "x"}})", R"({"webhook": {"allow": [1]}})",
        R"({"config": []})", R"({"secrets": []})", R"([])", R"({"http": {"listen": {"a": 1}}})",
        R"({"store": {"url": "a\u0000b"}})", R"({"store": {"free_min": 18446744073709551615}})"})
    if (refused_file(content) == "accepted") CAF_ERROR("accepted " << content);
  for (auto assignment :
       {"batch.size", "=1", "batch.size=", "batch.size=1x", "batch.size=0", "batch.size=99999999999999999999",
        "webhook.allow=[1]", "webhook.allow=[", "batch.interval=soon", "config.=1"})
    if (refused_assignment(assignment) == "accepted") CAF_ERROR("accepted " << assignment);
}

CAF_TEST(everything that is wrong is said at once) {
  auto loaded = load_settings({.file = "/nonexistent/troupe.json",
                               .environment = {{"TROUPE_BATCH_SIZE", "x"}},
                               .assignments = {"batch.lanes=x"}});
  CAF_REQUIRE(!loaded);
  CAF_CHECK_EQUAL(loaded.error().violations.size(), 3u);
  CAF_CHECK(loaded.error().detail.find("/nonexistent/troupe.json (No such file or directory)") != std::string::npos);
}

CAF_TEST(a file that is no JSON or names something twice is refused) {
  CAF_CHECK_EQUAL(
      refused_file("{\n \"http\": { // comment\n \"listen\": }"),
      "expected JSON with comments, but found line 3, column 12 (/http/listen): expected '[', '{', or a literal, "
      "but found unexpected '}'");
  CAF_CHECK(refused_file(R"({"http": {"listen": "a", "listen": "b"}})").find("this key twice") != std::string::npos);
  CAF_CHECK(refused_file(R"({"http": {"listen": "a"}, "http.listen": "b"})").find("http.listen twice") !=
            std::string::npos);
  CAF_CHECK_NOT_EQUAL(refused_file(""), "accepted");
  CAF_CHECK_NOT_EQUAL(refused_file("{ /* never closed"), "accepted");
  CAF_CHECK_NOT_EQUAL(refusal({.file = "/tmp", .environment = {}, .assignments = {}}), "accepted");
}

CAF_TEST(secrets are resolved and hidden) {
  temporary_file secret{"from-the-file\n"};
  temporary_file file{R"({"secrets": {"TOKEN": {"env": "SHOP_TOKEN"}, "KEY": {"file": ")" + secret.path() + R"("}}})"};
  auto loaded = load_settings({.file = file.path(),
                               .environment = {{"SHOP_TOKEN", "from-the-environment"},
                                               {"TROUPE_SECRETS_TOKEN", R"({"env": "OTHER"})"},
                                               {"OTHER", "another-one"}},
                               .assignments = {R"(secrets.more={"env": "SHOP_TOKEN"})"}});
  if (!loaded) CAF_FAIL(loaded.error().detail);
  CAF_CHECK_EQUAL(loaded->secrets["TOKEN"], "another-one");
  CAF_CHECK_EQUAL(loaded->secrets["KEY"], "from-the-file");
  CAF_CHECK_EQUAL(loaded->secrets["more"], "from-the-environment");
  CAF_CHECK_EQUAL(scrubbed("a from-the-file b another-one c from-the-environment"), "a *** b *** c ***");
}

CAF_TEST(secrets that are not there or written out are refused without showing them) {
  CAF_CHECK_EQUAL(refused_file(R"({"secrets": {"a": {"env": "NOT_SET"}}})"),
                  "/secrets/a: expected an environment variable that is set, but found no NOT_SET");
  CAF_CHECK_EQUAL(refused_file(R"({"secrets": {"a": {"file": "/nonexistent"}}})"),
                  "/secrets/a: expected a file that can be read, but found /nonexistent (No such file or directory)");
  CAF_CHECK_EQUAL(refused_file(R"({"secrets": {"a": "hunter2"}})"),
                  "/secrets/a: expected { \"env\": NAME } or { \"file\": PATH }, but found another value");
  for (auto content :
       {R"({"secrets": {"a": {}}})", R"({"secrets": {"a": {"env": 1}}})", R"({"secrets": {"a": {"value": "hunter2"}}})",
        R"({"secrets": {"a": {"env": "A", "file": "b"}}})"}) {
    auto detail = refused_file(content);
    CAF_CHECK_NOT_EQUAL(detail, "accepted");
    CAF_CHECK_EQUAL(detail.find("hunter2"), std::string::npos);
  }
  CAF_CHECK_EQUAL(
      refusal({.file = "", .environment = {{"SHORT", "abc"}}, .assignments = {R"(secrets.a={"env": "SHORT"})"}}),
      "--set secrets.a: expected a secret of at least 4 characters, but found a shorter one");
}

CAF_TEST(comments become blanks and strings stay) {
  CAF_CHECK_EQUAL(without_comments("{\"a//b\": 1, // x\n/* y\n */ \"c\\\"/*\": 2}"),
                  "{\"a//b\": 1,     \n    \n    \"c\\\"/*\": 2}");
}
