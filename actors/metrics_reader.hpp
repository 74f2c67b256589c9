#pragma once

#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/histogram.hpp>
#include <caf/telemetry/metric.hpp>
#include <caf/telemetry/metric_family.hpp>

#include <cmath>
#include <fstream>
#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <string>
#include <sys/resource.h>
#include <type_traits>
#include <unistd.h>

/// Measurements that somebody else keeps, read when they are asked for: CAF's of its actors, the kernel's of the
/// process.
namespace troupe::actors {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

inline ClientMetric labelled(const char* label, const std::string& value) {
  ClientMetric result;
  if (*label != '\0') result.label.push_back({label, value});
  return result;
}

/// CAF's measurements of those actors that it was told to measure, by kind.
class caf_reader {
public:
  MetricFamily mailbox{
      "troupe_actor_mailbox_messages", "Messages waiting in the mailboxes of actors of a kind.", MetricType::Gauge, {}};
  MetricFamily waiting{
      "troupe_actor_mailbox_seconds", "How long messages wait before they are handled.", MetricType::Histogram, {}};
  MetricFamily processing{
      "troupe_actor_processing_seconds", "How long handling a message takes.", MetricType::Histogram, {}};

  template <class Value>
  void operator()(const caf::telemetry::metric_family* family, const caf::telemetry::metric* instance,
                  const Value* value) {
    if (family->prefix() != "caf.actor" || instance->labels().empty()) return;
    const auto text = instance->labels().front().value();
    const std::string kind(text.data(), text.size());
    if constexpr (std::is_same_v<Value, caf::telemetry::int_gauge>) {
      if (family->name() != "mailbox-size") return;
      mailbox.metric.push_back(labelled("kind", kind));
      mailbox.metric.back().gauge.value = static_cast<double>(value->value());
    } else if constexpr (std::is_same_v<Value, caf::telemetry::dbl_histogram>) {
      auto& into = family->name() == "processing-time" ? processing : waiting;
      into.metric.push_back(labelled("kind", kind));
      fill(into.metric.back().histogram, *value);
    }
  }

private:
  static void fill(ClientMetric::Histogram& into, const caf::telemetry::dbl_histogram& from) {
    for (const auto& bucket : from.buckets()) {
      into.sample_count += static_cast<std::uint64_t>(bucket.count.value());
      into.bucket.push_back({into.sample_count, bucket.upper_bound});
    }
    if (!into.bucket.empty()) into.bucket.back().upper_bound = INFINITY;
    into.sample_sum = from.sum();
  }
};

inline MetricFamily process_cpu() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& value) {
    return static_cast<double>(value.tv_sec) + static_cast<double>(value.tv_usec) / 1e6;
  };
  ClientMetric value;
  value.counter.value = seconds(used.ru_utime) + seconds(used.ru_stime);
  return {
      "process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", MetricType::Counter, {value}};
}

inline MetricFamily process_memory() {
  std::ifstream from("/proc/self/statm");
  double pages = 0, resident = 0;
  from >> pages >> resident;
  ClientMetric value;
  value.gauge.value = resident * static_cast<double>(sysconf(_SC_PAGESIZE));
  return {"process_resident_memory_bytes", "Resident memory size in bytes.", MetricType::Gauge, {value}};
}

} // namespace troupe::actors
