#include "actors/metrics.hpp"

#include "actors/metrics_reader.hpp"

#include <caf/telemetry/label.hpp>
#include <caf/telemetry/metric_registry.hpp>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <sstream>
#include <unordered_map>
#include <vector>

namespace troupe::actors {

namespace {

const std::vector<double> call_seconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
const std::vector<double> order_seconds{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,   1,
                                        2.5,   5,    10,    30,   60,  300,  3'600, 86'400};
const std::vector<double> commit_seconds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                         0.025,  0.05,    0.1,    0.25,  0.5,    1,     5};
const std::vector<double> counts{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1'024, 4'096};

/// One family and its series by label values. A look-up is a shared lock and a hash; a new series beyond the bound
/// counts as `other`.
template <class Metric> class series {
public:
  template <class Builder>
  series(Builder builder, const std::shared_ptr<prometheus::Registry>& registry, std::vector<MetricFamily>& known,
         const char* name, const char* help, std::vector<std::string> labels, std::vector<double> bounds = {})
      : family_(builder().Name(name).Help(help).Register(*registry)), labels_(std::move(labels)),
        bounds_(std::move(bounds)) {
    known.push_back({name, help, Metric::metric_type, {}});
  }

  Metric& of(std::initializer_list<std::string_view> values) {
    thread_local std::string key;
    key.clear();
    for (const auto value : values)
      key.append(value).push_back('\x1f');
    {
      const std::shared_lock hold(guard_);
      if (const auto found = known_.find(key); found != known_.end()) return *found->second;
    }
    const std::unique_lock hold(guard_);
    const auto is_full = known_.size() >= metrics::series_max;
    prometheus::Labels labels;
    auto value = values.begin();
    for (const auto& label : labels_)
      labels[label] = is_full ? "other" : std::string(*value++);
    auto& metric = add(labels);
    if (!is_full) known_[key] = &metric;
    return metric;
  }

private:
  Metric& add(const prometheus::Labels& labels) {
    if constexpr (std::is_same_v<Metric, prometheus::Histogram>)
      return family_.Add(labels, bounds_);
    else
      return family_.Add(labels);
  }

  prometheus::Family<Metric>& family_;
  std::vector<std::string> labels_;
  std::vector<double> bounds_;
  std::shared_mutex guard_;
  std::unordered_map<std::string, Metric*> known_;
};

} // namespace

struct metrics::families {
  using counter = prometheus::Counter;
  using gauge = prometheus::Gauge;
  using histogram = prometheus::Histogram;

  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  std::vector<MetricFamily> known;

  series<gauge> orders{prometheus::BuildGauge, registry, known, "troupe_orders", "Orders by workflow and status.",
                       {"workflow", "status"}};
  series<histogram> order_duration{prometheus::BuildHistogram,
                                   registry,
                                   known,
                                   "troupe_order_duration_seconds",
                                   "From the submission of an order to its end.",
                                   {"workflow"},
                                   order_seconds};
  series<histogram> state_duration{prometheus::BuildHistogram,
                                   registry,
                                   known,
                                   "troupe_state_duration_seconds",
                                   "From entering a state to entering the next or the end.",
                                   {"workflow", "state"},
                                   order_seconds};
  series<histogram> action_duration{
      prometheus::BuildHistogram, registry,    known, "troupe_action_duration_seconds", "One try of an action.",
      {"workflow", "action"},     call_seconds};
  series<counter> tries{
      prometheus::BuildCounter,         registry, known, "troupe_action_tries_total", "Tries of actions by outcome.",
      {"workflow", "action", "outcome"}};
  series<counter> retries{prometheus::BuildCounter,
                          registry,
                          known,
                          "troupe_retries_total",
                          "Tries that were scheduled again after a failure.",
                          {"workflow", "action"}};
  series<counter> events{prometheus::BuildCounter,   registry, known, "troupe_events_total",
                         "Recorded events by type.", {"type"}};
  series<histogram> batch_size{prometheus::BuildHistogram,   registry, known, "troupe_batch_size",
                               "Orders of a settled batch.", {"lane"}, counts};
  series<histogram> batch_duration{prometheus::BuildHistogram,
                                   registry,
                                   known,
                                   "troupe_batch_duration_seconds",
                                   "From taking a batch to the settling of its last order.",
                                   {"lane"},
                                   order_seconds};
  series<gauge> actors{prometheus::BuildGauge, registry, known, "troupe_actors", "Live actors by kind.", {"kind"}};
  series<counter> restarts{prometheus::BuildCounter,
                           registry,
                           known,
                           "troupe_restarts_total",
                           "Actors spawned again after they died.",
                           {"kind"}};
  series<histogram> commit_size{prometheus::BuildHistogram,        registry, known, "troupe_commit_size",
                                "Operations of one group commit.", {},       counts};
  series<histogram> commit_duration{prometheus::BuildHistogram,
                                    registry,
                                    known,
                                    "troupe_commit_duration_seconds",
                                    "From beginning a group commit until it is durable.",
                                    {},
                                    commit_seconds};
  series<counter> commit_failures{prometheus::BuildCounter,
                                  registry,
                                  known,
                                  "troupe_commit_failures_total",
                                  "Group commits that failed as a whole.",
                                  {}};
  series<gauge> waiting{prometheus::BuildGauge,
                        registry,
                        known,
                        "troupe_store_waiting_operations",
                        "Operations that wait for the store to come back.",
                        {}};
  series<gauge> pending{prometheus::BuildGauge,         registry, known, "troupe_pending_orders",
                        "Orders in the pending queue.", {}};
  series<counter> notifications{prometheus::BuildCounter,
                                registry,
                                known,
                                "troupe_notifications_total",
                                "Deliveries of notifications by outcome.",
                                {"outcome"}};
  series<counter> requests{
      prometheus::BuildCounter,     registry, known, "troupe_http_requests_total", "Answered HTTP requests.",
      {"method", "route", "status"}};
  series<histogram> request_duration{prometheus::BuildHistogram,
                                     registry,
                                     known,
                                     "troupe_http_request_duration_seconds",
                                     "From the end of a request's headers to its answer.",
                                     {"method", "route"},
                                     call_seconds};
  series<gauge> connections{
      prometheus::BuildGauge, registry, known, "troupe_http_connections", "Open connections of the HTTP server.", {}};
  series<gauge> webhooks{prometheus::BuildGauge,
                         registry,
                         known,
                         "troupe_webhooks_in_flight",
                         "Requests of webhooks that are under way.",
                         {}};

  std::map<std::string, gauge*, std::less<>> alive;
  mutable std::mutex watched;
  std::function<std::size_t()> open_connections;
  const caf::telemetry::metric_registry* caf_registry = nullptr;

  families() {
    commit_failures.of({});
    waiting.of({});
    pending.of({});
    connections.of({});
    webhooks.of({});
    for (const auto* kind : {"order", "batch_coordinator", "supervisor", "services_supervisor", "store", "reader",
                             "registry", "webhook", "outbox", "timer", "gateway", "operations", "bulk"}) {
      alive[kind] = &actors.of({kind});
      restarts.of({kind});
    }
    for (const auto* outcome : {"delivered", "failed", "given_up"})
      notifications.of({outcome});
  }
};

metrics::metrics() : families_(std::make_unique<families>()) {}
metrics::~metrics() = default;

metrics::alive::alive(std::shared_ptr<metrics> counted, std::string_view kind) : counted_(std::move(counted)) {
  const auto known = counted_->families_->alive.find(kind);
  auto* gauge = known != counted_->families_->alive.end() ? known->second : &counted_->families_->actors.of({kind});
  gauge->Increment();
  gauge_ = gauge;
}

metrics::alive::~alive() {
  static_cast<prometheus::Gauge*>(gauge_)->Decrement();
}

void metrics::set_orders(const std::vector<store::order_count>& found) {
  for (const auto& one : found)
    families_->orders.of({one.workflow, one.status}).Set(static_cast<double>(one.count));
}

void metrics::order_recorded(const engine::order& after) {
  families_->orders.of({after.workflow, to_string(after.status)}).Increment();
}

void metrics::events_recorded(const engine::order& before, const engine::order& after,
                              const std::vector<engine::event>& events) {
  if (before.status != after.status) {
    families_->orders.of({after.workflow, to_string(before.status)}).Decrement();
    families_->orders.of({after.workflow, to_string(after.status)}).Increment();
  }
  auto state = before.state;
  auto entered_at = before.state_entered_at;
  for (const auto& one : events) {
    families_->events.of({one.type}).Increment();
    if (one.type == "retry_scheduled")
      families_->retries.of({after.workflow, one.data.value("action", "")}).Increment();
    const auto is_end = one.type == "order_ended";
    if (!is_end && one.type != "state_entered") continue;
    if (entered_at)
      families_->state_duration.of({after.workflow, state}).Observe(seconds(one.time - *entered_at).count());
    entered_at = is_end ? std::nullopt : std::optional(one.time);
    if (!is_end) state = one.data.value("state", "");
  }
  if (after.ended_at && !before.ended_at)
    families_->order_duration.of({after.workflow}).Observe(seconds(*after.ended_at - after.created_at).count());
}

void metrics::action_tried(std::string_view workflow, std::string_view action, seconds took, std::string_view outcome) {
  families_->action_duration.of({workflow, action}).Observe(took.count());
  families_->tries.of({workflow, action, outcome}).Increment();
}

void metrics::actor_restarted(std::string_view kind) {
  families_->restarts.of({kind}).Increment();
}

void metrics::batch_settled(std::string_view lane, std::size_t size, seconds took) {
  families_->batch_size.of({lane}).Observe(static_cast<double>(size));
  families_->batch_duration.of({lane}).Observe(took.count());
}

void metrics::group_committed(std::size_t operations, seconds took, bool failed) {
  families_->commit_size.of({}).Observe(static_cast<double>(operations));
  families_->commit_duration.of({}).Observe(took.count());
  if (failed) families_->commit_failures.of({}).Increment();
}

void metrics::store_waiting(std::size_t operations) {
  families_->waiting.of({}).Set(static_cast<double>(operations));
}
void metrics::set_pending(std::int64_t orders) {
  families_->pending.of({}).Set(static_cast<double>(orders));
}

void metrics::notification_delivered(bool delivered, bool given_up) {
  families_->notifications.of({delivered ? "delivered" : given_up ? "given_up" : "failed"}).Increment();
}

void metrics::http_answered(std::string_view method, std::string_view route, int status, seconds took) {
  families_->requests.of({method, route, std::to_string(status)}).Increment();
  families_->request_duration.of({method, route}).Observe(took.count());
}

void metrics::watch_http_connections(std::function<std::size_t()> open) {
  const std::lock_guard hold(families_->watched);
  families_->open_connections = std::move(open);
}

void metrics::webhook_begun() {
  families_->webhooks.of({}).Increment();
}
void metrics::webhook_ended() {
  families_->webhooks.of({}).Decrement();
}

void metrics::read_actor_system(const caf::telemetry::metric_registry& registry) {
  const std::lock_guard hold(families_->watched);
  families_->caf_registry = &registry;
}

void metrics::forget_actor_system() {
  const std::lock_guard hold(families_->watched);
  families_->caf_registry = nullptr;
}

std::string metrics::text() const {
  const std::lock_guard hold(families_->watched);
  if (families_->open_connections)
    families_->connections.of({}).Set(static_cast<double>(families_->open_connections()));
  auto collected = families_->registry->Collect();
  for (const auto& one : families_->known)
    if (std::ranges::none_of(collected, [&](const MetricFamily& family) { return family.name == one.name; }))
      collected.push_back(one);
  caf_reader from_caf;
  if (families_->caf_registry != nullptr) families_->caf_registry->collect(from_caf);
  for (auto* family : {&from_caf.mailbox, &from_caf.waiting, &from_caf.processing})
    collected.push_back(std::move(*family));
  collected.push_back(process_cpu());
  collected.push_back(process_memory());
  std::ranges::sort(collected, {}, &MetricFamily::name);
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, collected);
  return std::move(out).str();
}

} // namespace troupe::actors
