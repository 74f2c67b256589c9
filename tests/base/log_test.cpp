#define CAF_SUITE base_log

#include "runtime/base/json.hpp"
#include "runtime/base/log.hpp"

#include "caf/test/dsl.hpp"

#include <cstdio>
#include <fstream>
#include <sstream>
#include <unistd.h>

using namespace troupe;

namespace {

/// What is written to stderr while this lives.
class captured {
public:
  captured() {
    std::fflush(stderr);
    original_ = ::dup(STDERR_FILENO);
    int file = ::mkstemp(path_);
    ::dup2(file, STDERR_FILENO);
    ::close(file);
  }

  ~captured() { stop(); }

  std::string stop() {
    if (original_ < 0) return {};
    std::fflush(stderr);
    ::dup2(original_, STDERR_FILENO);
    ::close(original_);
    original_ = -1;
    std::ifstream in{path_};
    std::stringstream text;
    text << in.rdbuf();
    ::unlink(path_);
    return text.str();
  }

private:
  char path_[32] = "/tmp/troupe-log-test-XXXXXX";
  int original_ = -1;
};

} // namespace

CAF_TEST(a line of text has its time and level and event and sentence and fields) {
  start_log("info", "text");
  captured output;
  log(log_level::info, "order_ended", "An order has ended",
      {{"order", "a-1"}, {"why", "no \"reason\""}, {"empty", ""}});
  log(log_level::debug, "hidden", "below the level");
  auto text = output.stop();
  CAF_CHECK_EQUAL(text.substr(text.find('Z') + 1),
                  " info    order_ended: An order has ended order=a-1 why=\"no \\\"reason\\\"\" empty=\"\"\n");
}

CAF_TEST(a line of JSON is an object) {
  start_log("trace", "json");
  captured output;
  log(log_level::warning, "odd", "line\nbreak", {{"bytes", "\xff\x1b[31m"}});
  auto text = output.stop();
  auto line = json::parse(text);
  CAF_CHECK_EQUAL(line["level"], "warning");
  CAF_CHECK_EQUAL(line["event"], "odd");
  CAF_CHECK_EQUAL(line["text"], "line\nbreak");
  CAF_CHECK_EQUAL(line["bytes"], "\xef\xbf\xbd\x1b[31m");
  CAF_CHECK_EQUAL(std::count(text.begin(), text.end(), '\n'), 1);
}

CAF_TEST(control characters never reach the terminal) {
  start_log("info", "text");
  captured output;
  log(log_level::error, "odd", "a\x1b[31m\r\n\x7f\xc2\x9b z", {{"field", "\x1b]0;title\x07"}});
  auto text = output.stop();
  CAF_CHECK_EQUAL(text.find('\x1b'), std::string::npos);
  CAF_CHECK_EQUAL(text.find('\x7f'), std::string::npos);
  CAF_CHECK_EQUAL(text.find('\x9b'), std::string::npos);
  CAF_CHECK_EQUAL(std::count(text.begin(), text.end(), '\n'), 1);
  CAF_CHECK(text.find("a\\u001b[31m\\r\\n\\u007f\\u009b z") != std::string::npos);
}

CAF_TEST(a hidden value is written nowhere) {
  hide_in_logs("s3cr\"et");
  hide_in_logs("s3cr\"et-and-longer");
  hide_in_logs("abc"); // too short to be told from ordinary words
  CAF_CHECK_EQUAL(scrubbed("x s3cr\"et-and-longer y s3cr\"et z abc"), "x *** y *** z abc");
  for (auto format : {"text", "json"}) {
    start_log("info", format);
    captured output;
    log(log_level::info, "call", "with s3cr\"et", {{"header", "Bearer s3cr\"et-and-longer"}});
    auto text = output.stop();
    CAF_CHECK_EQUAL(text.find("s3cr"), std::string::npos);
    CAF_CHECK_EQUAL(text.find("longer"), std::string::npos);
  }
}

CAF_TEST(off is silent) {
  start_log("off", "text");
  captured output;
  log(log_level::error, "odd", "nobody hears this");
  CAF_CHECK_EQUAL(output.stop(), "");
}
