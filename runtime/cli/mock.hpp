#pragma once

#include "runtime/blueprint/value_template.hpp"
#include "runtime/http/io.hpp"
#include "runtime/http/router.hpp"
#include "runtime/http/server.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace troupe::cli {

/// What a scripted service says to a request: deploy/demo/README.md, "mock.json".
struct mock_answer {
  std::optional<blueprint::expression> when;
  std::optional<double> rate;
  std::optional<std::int64_t> count;
  duration delay{0};
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<blueprint::value_template> body;
  bool hang = false;
  bool drop = false;
  std::int64_t seen = 0; ///< requests that got as far as `count`
};

struct mock_route {
  std::string method;
  std::string path;
  std::vector<std::string> parameters; ///< names of the path's `{name}` segments
  std::vector<mock_answer> answers;
  std::int64_t count = 0;
  std::map<std::string, std::int64_t> outcomes; ///< status, `hang` or `drop` -> how often
  std::map<std::string, int> attempts;          ///< by Idempotency-Key
};

struct mock_script {
  std::vector<mock_route> routes;
  mock_answer otherwise;
};

/// Refuses with `invalid_data`; violations point into the document.
expected<mock_script> read_mock_script(const json& document);

/// Scripted services behind the HTTP server. Everything happens on the event loop's thread.
class mock_application : public http::application {
public:
  mock_application(http::io& loop, mock_script script);

  bool is_streamed(const http::request& head) const override;
  std::vector<std::string> methods_of(std::string_view path) const override;
  void handle(http::request value, std::shared_ptr<http::responder> answer) override;
  void handle_stream(http::request head, std::shared_ptr<http::stream> body) override;
  http::response problem(int status, std::string_view detail) const override;
  void answered(const http::request& value, int status, std::chrono::nanoseconds took) override;

private:
  struct seen_call {
    std::string method, path, idempotency_key, body_sha256;
    int status;
  };

  json request_value(const http::request& from, mock_route* route,
                     const std::vector<std::string_view>& parameters) const;
  mock_answer& choose(mock_route* route, const blueprint::scope& values);
  bool applies(mock_answer& one, const blueprint::scope& values);
  void carry_out(const mock_answer& chosen, const http::request& from, const blueprint::scope& values,
                 const std::shared_ptr<http::responder>& to);
  void note(const mock_answer& chosen, const http::request& from, mock_route* route);
  http::response counts() const;
  http::response calls(const http::request& from) const;
  void forget();

  http::io& loop_;
  mock_script script_;
  http::router router_;
  std::mt19937_64 chance_{1};
  std::deque<seen_call> calls_;
  std::vector<std::shared_ptr<http::responder>> hanging_;
  std::int64_t total_ = 0;
  std::int64_t unmatched_ = 0;
};

} // namespace troupe::cli
