#include "runtime/cli/mock.hpp"

#include "runtime/base/crypto.hpp"

#include <algorithm>
#include <cctype>

namespace troupe::cli {

namespace {

constexpr std::size_t calls_max = 2'000'000;
constexpr std::size_t hanging_max = 10'000;

http::response json_response(const json& body) {
  http::response value;
  value.body = to_text(body);
  return value;
}

std::string key_of(const http::request& from) {
  const auto* key = from.fields.find("Idempotency-Key");
  return key == nullptr ? "" : *key;
}

std::string outcome_of(const mock_answer& chosen) {
  if (chosen.hang) return "hang";
  return chosen.drop ? "drop" : std::to_string(chosen.status);
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char byte) { return static_cast<char>(std::tolower(byte)); });
  return text;
}

} // namespace

mock_application::mock_application(http::io& loop, mock_script script) : loop_(loop), script_(std::move(script)) {
  for (int i = 0; i < static_cast<int>(script_.routes.size()); ++i)
    router_.add(script_.routes[static_cast<std::size_t>(i)].method, script_.routes[static_cast<std::size_t>(i)].path,
                i);
}

bool mock_application::is_streamed(const http::request&) const {
  return false;
}

std::vector<std::string> mock_application::methods_of(std::string_view path) const {
  auto methods = router_.methods_of(path);
  if (path == "/_mock/requests") methods = {"GET"};
  if (path == "/_mock/calls") methods = {"GET", "DELETE"};
  if (methods.empty()) methods = {"GET", "POST", "PUT", "PATCH", "DELETE"}; // the script's default answers
  return methods;
}

void mock_application::handle(http::request value, std::shared_ptr<http::responder> answer) {
  if (value.path == "/_mock/requests") return answer->answer(counts());
  if (value.path == "/_mock/calls") {
    if (value.method != "DELETE") return answer->answer(calls(value));
    forget();
    return answer->answer(json_response({{"forgotten", true}}));
  }
  const auto found = router_.find(value.method, value.path);
  auto* route = found ? &script_.routes[static_cast<std::size_t>(found->handler)] : nullptr;
  if (route != nullptr)
    if (const auto key = key_of(value); !key.empty()) ++route->attempts[key];
  const auto request = request_value(value, route, found ? found->parameters : std::vector<std::string_view>{});
  const blueprint::scope values{{{"request", &request}}, wall_clock_now(), "mock"};
  const auto& chosen = choose(route, values);
  note(chosen, value, route);
  carry_out(chosen, value, values, answer);
}

json mock_application::request_value(const http::request& from, mock_route* route,
                                     const std::vector<std::string_view>& parameters) const {
  json path_params = json::object();
  json query = json::object();
  json headers = json::object();
  if (route != nullptr)
    for (std::size_t i = 0; i < std::min(parameters.size(), route->parameters.size()); ++i)
      path_params[route->parameters[i]] = parameters[i];
  for (const auto& [name, value] : from.query)
    query[name] = value;
  for (const auto& [name, value] : from.fields.all())
    headers[lower(name)] = value;
  auto parsed = parse_json(from.body);
  const auto key = key_of(from);
  const auto attempt = route == nullptr || key.empty() ? 1 : route->attempts[key];
  return {{"method", from.method},
          {"path", from.path},
          {"path_params", std::move(path_params)},
          {"query", std::move(query)},
          {"headers", std::move(headers)},
          {"body", parsed ? std::move(parsed->value) : json(from.body)},
          {"attempt", attempt}};
}

bool mock_application::applies(mock_answer& one, const blueprint::scope& values) {
  if (one.when) {
    const auto holds = one.when->holds(values);
    if (!holds || !*holds) return false;
  }
  if (one.rate && std::uniform_real_distribution<double>(0, 1)(chance_) >= *one.rate) return false;
  return !one.count || one.seen++ < *one.count;
}

mock_answer& mock_application::choose(mock_route* route, const blueprint::scope& values) {
  if (route == nullptr) return script_.otherwise;
  const auto found = std::ranges::find_if(route->answers, [&](auto& one) { return applies(one, values); });
  return found == route->answers.end() ? script_.otherwise : *found;
}

void mock_application::note(const mock_answer& chosen, const http::request& from, mock_route* route) {
  ++total_;
  if (route == nullptr) {
    ++unmatched_;
  } else {
    ++route->count;
    ++route->outcomes[outcome_of(chosen)];
  }
  if (calls_.size() == calls_max) calls_.pop_front();
  calls_.push_back(
      {from.method, from.path, key_of(from), sha256_hex(from.body), chosen.hang || chosen.drop ? 0 : chosen.status});
}

void mock_application::carry_out(const mock_answer& chosen, const http::request&, const blueprint::scope& values,
                                 const std::shared_ptr<http::responder>& to) {
  if (chosen.hang) {
    if (hanging_.size() == hanging_max) hanging_.erase(hanging_.begin());
    hanging_.push_back(to);
    return;
  }
  http::response value;
  value.status = chosen.status;
  value.fields = chosen.headers;
  if (chosen.body) {
    const auto body = chosen.body->render(values);
    value.status = body ? chosen.status : 500;
    value.body = body ? to_text(*body) : body.error().detail;
  }
  const auto answer = [to, value = std::move(value), drop = chosen.drop] {
    if (drop)
      to->drop();
    else
      to->answer(value);
  };
  if (chosen.delay.count() > 0)
    loop_.after(chosen.delay, answer);
  else
    answer();
}

http::response mock_application::counts() const {
  json routes = json::array();
  for (const auto& route : script_.routes) {
    json statuses = json::object();
    for (const auto& [outcome, count] : route.outcomes)
      statuses[outcome] = count;
    routes.push_back(
        {{"method", route.method}, {"path", route.path}, {"count", route.count}, {"statuses", std::move(statuses)}});
  }
  return json_response({{"total", total_}, {"routes", std::move(routes)}, {"unmatched", unmatched_}});
}

http::response mock_application::calls(const http::request& from) const {
  std::string wanted;
  for (const auto& [name, value] : from.query)
    if (name == "path") wanted = value;
  http::response value;
  value.content_type = "application/x-ndjson";
  for (const auto& one : calls_)
    if (wanted.empty() || one.path == wanted)
      value.body += to_text({{"method", one.method},
                             {"path", one.path},
                             {"idempotency_key", one.idempotency_key},
                             {"status", one.status},
                             {"body_sha256", one.body_sha256}}) +
                    "\n";
  return value;
}

void mock_application::forget() {
  calls_.clear();
  total_ = unmatched_ = 0;
  for (auto& route : script_.routes) {
    route.count = 0;
    route.outcomes.clear();
    route.attempts.clear();
    for (auto& one : route.answers)
      one.seen = 0;
  }
}

void mock_application::handle_stream(http::request, std::shared_ptr<http::stream> body) {
  body->finish();
}

http::response mock_application::problem(int status, std::string_view detail) const {
  http::response value;
  value.status = status;
  value.content_type = "text/plain";
  value.body = std::string(detail) + "\n";
  return value;
}

void mock_application::answered(const http::request&, int, std::chrono::nanoseconds) {}

} // namespace troupe::cli
