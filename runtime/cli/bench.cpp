#include "runtime/cli/bench.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <future>

namespace troupe::cli {

namespace {

constexpr int busy_tries_max = 200; ///< a submission that is answered 429 or 503 is made again after a while
constexpr duration busy_delay{250};
constexpr duration look_delay{500};     ///< between two looks at what has settled; more where a look takes long
constexpr std::int64_t look_share = 10; ///< a look may take a tenth of the time
constexpr duration patience{120'000};   ///< without anything settling

http::client_settings settings_for(std::size_t clients) {
  http::client_settings settings;
  settings.connections_per_host = clients;
  return settings;
}

} // namespace

bench::bench(std::string server, std::size_t clients, std::vector<load_order> orders)
    : server_(std::move(server)), clients_(clients), orders_(std::move(orders)), ended_(orders_.size()),
      client_(loop_, settings_for(clients)) {}

bench::~bench() {
  client_.stop();
}

void bench::submit() {
  run([this] {
    for (std::size_t i = 0; i < std::min(clients_, orders_.size()); ++i)
      submit_one(next_++);
  });
}

void bench::await() {
  run([this] {
    for (std::size_t i = 0; i < orders_.size(); ++i)
      if (ended_[i].is_null())
        ++finished_;
      else
        awaited_.emplace(ended_[i].value("order_id", ""), i);
    settled_at_ = wall_clock_now();
    look();
  });
}

void bench::run(std::function<void()> begin) {
  if (orders_.empty()) return;
  std::promise<void> all_done;
  loop_.post([&] {
    next_ = 0;
    finished_ = 0;
    all_done_ = [&] { all_done.set_value(); };
    begin();
  });
  all_done.get_future().get();
}

/// One is through: the client that made it takes the next.
void bench::submitted() {
  if (++finished_ == orders_.size()) return all_done_();
  if (next_ < orders_.size()) submit_one(next_++);
}

void bench::fault(std::string text) {
  if (faults_.size() < 20) faults_.push_back(std::move(text));
}

void bench::send(std::string method, const std::string& path, std::string body, std::function<void(int, json)> then) {
  const http::call wanted{
      std::move(method), server_ + path, {{"Content-Type", "application/json"}}, std::move(body), duration{330'000}};
  client_.send(wanted, [then = std::move(then)](tl::expected<http::answer, http::call_error> result) {
    if (!result) return then(0, result.error().message);
    auto parsed = parse_json(result->body, {256});
    then(result->status, parsed ? std::move(parsed->value) : json(result->body));
  });
}

void bench::submit_one(std::size_t index) {
  struct tries {
    static void make(bench* self, std::size_t number, int count) {
      self->send("POST", "/v1/orders", to_text(self->orders_[number].submission),
                 [self, number, count](int status, json body) {
                   if ((status == 429 || status == 503) && count < busy_tries_max)
                     return self->loop_.after(busy_delay, [self, number, count] { make(self, number, count + 1); });
                   if (status == 201 || status == 200)
                     self->ended_[number] = std::move(body);
                   else
                     self->fault(fmt::format("a submission was answered {}: {}", status, to_text(body)));
                   self->submitted();
                 });
    }
  };
  tries::make(this, index, 0);
}

/// A parked order has settled as well; one that is to end is awaited until it has.
bool bench::is_awaited_further(std::size_t index) const {
  const auto& wanted = orders_[index].expect;
  const auto& order = ended_[index];
  if (!wanted.is_object() || !order.value("ended_at", json()).is_null()) return false;
  return wanted.value("status", "") != order.value("status", "");
}

/// All that were submitted since the first that has not settled yet, page by page: one request for a thousand orders
/// leaves the server alone with its work.
void bench::look() {
  if (awaited_.empty()) return all_done_();
  while (ended_[first_].is_null() || !awaited_.contains(ended_[first_].value("order_id", "")))
    ++first_;
  const auto created = parse_iso8601(ended_[first_].value("created_at", ""));
  look_at("/v1/orders?order=asc&limit=1000&created_after=" + to_iso8601(created.value_or(time_point{}) - duration{1}),
          "", wall_clock_now());
}

void bench::look_at(std::string list, const std::string& cursor, time_point began) {
  const auto path = cursor.empty() ? list : list + "&cursor=" + cursor;
  send("GET", path, "", [this, list = std::move(list), began](int status, json body) mutable {
    if (status != 200) {
      fault(fmt::format("the orders could not be listed: {} {}", status, to_text(body)));
      return all_done_();
    }
    for (auto& order : body["items"])
      take(std::move(order));
    if (const auto& next = body["next"]; next.is_string() && !awaited_.empty())
      return look_at(std::move(list), next.get<std::string>(), began);
    const auto now = wall_clock_now();
    if (now - settled_at_ > patience) {
      fault(fmt::format("{} orders have not settled, and none has for {} s", awaited_.size(), patience.count() / 1000));
      return all_done_();
    }
    if (awaited_.empty()) return all_done_();
    loop_.after(std::max(look_delay, (now - began) * look_share), [this] { look(); });
  });
}

void bench::take(json order) {
  const auto found = awaited_.find(order.value("order_id", ""));
  if (found == awaited_.end()) return;
  const auto index = found->second;
  ended_[index] = std::move(order);
  const auto status = ended_[index].value("status", "");
  if (status == "pending" || status == "active" || is_awaited_further(index)) return;
  awaited_.erase(found);
  settled_at_ = wall_clock_now();
  ++finished_;
}

} // namespace troupe::cli
