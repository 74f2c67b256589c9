#include "runtime/cli/bench.hpp"

#include <fmt/format.h>
#include <future>

namespace troupe::cli {

namespace {

constexpr int busy_tries_max = 200;   ///< a submission that is answered 429 or 503 is made again after a while
constexpr int parked_tries_max = 480; ///< looks at a parked order that is to end: two minutes
constexpr duration busy_delay{250};

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
  run(&bench::submit_one);
}
void bench::await() {
  run(&bench::await_one);
}

void bench::run(void (bench::*begin)(std::size_t)) {
  if (orders_.empty()) return;
  std::promise<void> all_done;
  loop_.post([&] {
    next_ = 0;
    finished_ = 0;
    all_done_ = [&] { all_done.set_value(); };
    for (std::size_t i = 0; i < std::min(clients_, orders_.size()); ++i)
      (this->*begin)(next_++);
  });
  all_done.get_future().get();
}

/// One is through: the client that made it takes the next.
void bench::next(void (bench::*begin)(std::size_t)) {
  if (++finished_ == orders_.size()) return all_done_();
  if (next_ < orders_.size()) (this->*begin)(next_++);
}

void bench::fault(std::string text) {
  if (faults_.size() < 20) faults_.push_back(std::move(text));
}

void bench::send(std::string method, std::string path, std::string body, std::function<void(int, json)> then) {
  http::call wanted{
      std::move(method), server_ + path, {{"Content-Type", "application/json"}}, std::move(body), duration{330'000}};
  client_.send(std::move(wanted), [then = std::move(then)](tl::expected<http::answer, http::call_error> result) {
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
                   self->next(&bench::submit_one);
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

void bench::await_one(std::size_t index) {
  if (ended_[index].is_null()) return loop_.post([this] { next(&bench::await_one); });
  await_again(index, 0);
}

void bench::await_again(std::size_t index, int tries) {
  const auto order_id = ended_[index].value("order_id", "");
  send("GET", "/v1/orders/" + order_id + "?wait=PT2M", "", [this, index, tries, order_id](int status, json body) {
    if (status != 200) {
      fault(fmt::format("order {} could not be awaited: {} {}", order_id, status, to_text(body)));
      return next(&bench::await_one);
    }
    ended_[index] = std::move(body);
    if (!is_awaited_further(index) || tries == parked_tries_max) return next(&bench::await_one);
    loop_.after(busy_delay, [this, index, tries] { await_again(index, tries + 1); });
  });
}

} // namespace troupe::cli
