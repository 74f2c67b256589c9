#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::http {

/// Header fields in the order they came; names compare without case.
class headers {
public:
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  /// The first value, or nullptr.
  const std::string* find(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// A request as the server hands it on: complete, checked for HTTP's own rules, the target taken apart and
/// percent-decoded.
struct request {
  std::string method;
  std::string target; ///< as received
  std::string path;   ///< decoded; never contains `..` segments
  std::vector<std::pair<std::string, std::string>> query;
  headers fields;
  std::string body;       ///< empty for streamed routes
  std::string request_id; ///< X-Request-Id as sent (if sane), else a new UUID
  std::string peer;       ///< address and port
};

struct response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields =
      {}; ///< besides Content-Type, Content-Length, Date, Server, X-Request-Id
};

} // namespace troupe::http
