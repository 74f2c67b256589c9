#include "runtime/cli/connection.hpp"

#include <cctype>
#include <fmt/format.h>
#include <future>

namespace troupe::cli {

namespace {

http::client_settings settings_of_a_tool() {
  http::client_settings settings;
  settings.connections_per_host = 1;
  settings.response_limit = std::size_t{1} << 30;
  return settings;
}

} // namespace

connection::connection(std::string server) : server_(std::move(server)), client_(loop_, settings_of_a_tool()) {
  while (server_.ends_with('/'))
    server_.pop_back();
}

connection::~connection() {
  client_.stop();
}

expected<connection::reply> connection::call(const std::string& method, const std::string& path,
                                             std::optional<std::string> body, const std::string& content_type,
                                             duration timeout) {
  http::call wanted{method, server_ + path, {}, body.value_or(""), timeout};
  if (body) wanted.fields.emplace_back("Content-Type", content_type);
  std::promise<tl::expected<http::answer, http::call_error>> promise;
  auto answered = promise.get_future();
  client_.send(std::move(wanted), [&promise](tl::expected<http::answer, http::call_error> result) {
    promise.set_value(std::move(result));
  });
  auto result = answered.get();
  if (!result) return refuse(errc::unreachable, fmt::format("no answer from {}: {}", server_, result.error().message));
  reply value{result->status, std::move(result->body), {}};
  if (auto parsed = parse_json(value.text, {256})) value.body = std::move(parsed->value);
  return value;
}

std::string percent_encoded(const std::string& text) {
  std::string encoded;
  for (const char byte : text) {
    const auto is_plain =
        std::isalnum(static_cast<unsigned char>(byte)) != 0 || byte == '-' || byte == '_' || byte == '.' || byte == '~';
    if (is_plain)
      encoded += byte;
    else
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(byte));
  }
  return encoded;
}

std::string query_of(const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::string query;
  for (const auto& [name, value] : parameters)
    query += (query.empty() ? "?" : "&") + percent_encoded(name) + "=" + percent_encoded(value);
  return query;
}

} // namespace troupe::cli
