#pragma once

#include "runtime/base/json.hpp"
#include "runtime/base/time.hpp"
#include "runtime/http/client.hpp"
#include "runtime/http/io.hpp"

#include <optional>
#include <string>
#include <vector>

namespace troupe::cli {

/// Calls a server's API, one call after the other, and waits for each answer.
class connection {
public:
  struct reply {
    int status = 0;
    std::string text;
    json body; ///< null where the answer is not JSON
    bool is_fine() const { return status >= 200 && status < 300; }
  };

  /// `server` is like `http://127.0.0.1:8180`.
  explicit connection(std::string server);
  ~connection();

  /// Refuses with `unreachable`: no server there, or no answer within `timeout`.
  expected<reply> call(const std::string& method, const std::string& path,
                       std::optional<std::string> body = std::nullopt,
                       const std::string& content_type = "application/json", duration timeout = duration{330'000});

private:
  std::string server_;
  http::io loop_;
  http::client client_;
};

/// A name or value inside a URL's path or query.
std::string percent_encoded(const std::string& text);

/// `?a=b&c=d`, or nothing.
std::string query_of(const std::vector<std::pair<std::string, std::string>>& parameters);

} // namespace troupe::cli
