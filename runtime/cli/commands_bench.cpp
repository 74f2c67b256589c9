#include "runtime/cli/bench.hpp"
#include "runtime/cli/command.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <future>
#include <map>
#include <thread>

namespace troupe::cli {

namespace {

struct bench_options {
  std::string load_file;
  std::string workflow;
  std::size_t count = 1000;
  std::size_t clients = 64;
  std::string data = "{}";
};

std::string bar(std::size_t part, std::size_t whole) {
  constexpr std::size_t width = 40;
  const auto filled = whole == 0 ? width : part * width / whole;
  std::string text;
  for (std::size_t i = 0; i < width; ++i)
    text += i < filled ? "█" : "░";
  return text;
}

/// Runs `work` in the background and shows how far it has come: a bar on a terminal, a line each 10 % elsewhere.
void with_progress(const output& out, const std::string& title, const bench& run, const std::function<void()>& work) {
  auto done_yet = std::async(std::launch::async, work);
  const auto whole = run.orders().size();
  std::size_t shown = 0;
  for (bool is_over = false; !is_over;) {
    is_over = done_yet.wait_for(duration{100}) == std::future_status::ready;
    const auto part = is_over ? whole : std::min(run.finished(), whole);
    if (out.is_json()) continue;
    if (out.is_terminal()) {
      fmt::print("\r{:<12} {} {}/{} ", title, bar(part, whole), part, whole);
      if (is_over) fmt::print("\n");
    } else if (part * 10 / whole > shown || is_over) {
      shown = part * 10 / whole;
      fmt::print("{}: {}/{}\n", title, part, whole);
    }
    std::fflush(stdout);
  }
}

std::int64_t milliseconds(const json& instant) {
  const auto value =
      instant.is_string() ? parse_iso8601(instant.get<std::string>()) : expected<time_point>(time_point{});
  return value ? value->time_since_epoch().count() : 0;
}

std::int64_t percentile(const std::vector<std::int64_t>& sorted, double share) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
}

/// What became of a load, as the figures that are shown.
struct summary {
  std::map<std::pair<std::string, std::string>, std::int64_t> counts; ///< workflow and status
  std::vector<std::int64_t> latencies;                                ///< milliseconds from submission to end, sorted
  double seconds = 0;
  std::int64_t ended = 0;
  std::vector<std::string> differences;
};

summary summarise(const bench& run) {
  summary found;
  std::int64_t first = INT64_MAX;
  std::int64_t last = 0;
  for (std::size_t i = 0; i < run.orders().size(); ++i) {
    const auto& order = run.ended()[i];
    const auto status = order.is_null() ? std::string("refused") : order.value("status", "unknown");
    ++found.counts[{run.orders()[i].workflow, status}];
    if (order.is_null()) continue;
    if (auto text = difference(run.orders()[i], order); !text.empty() && found.differences.size() < 20)
      found.differences.push_back(std::move(text));
    const auto created = milliseconds(order["created_at"]);
    first = std::min(first, created);
    if (order["ended_at"].is_null()) continue;
    const auto ended = milliseconds(order["ended_at"]);
    last = std::max(last, ended);
    found.latencies.push_back(ended - created);
    ++found.ended;
  }
  std::ranges::sort(found.latencies);
  found.seconds = last > first ? static_cast<double>(last - first) / 1000.0 : 0;
  return found;
}

/// Batches that began since `since`: how many, and how large on average.
std::pair<std::int64_t, double> batches_since(connection& server, time_point since) {
  const auto reply = server.call("GET", "/v1/batches?limit=1000");
  std::int64_t count = 0;
  std::int64_t orders = 0;
  if (!reply || !reply->is_fine()) return {0, 0};
  for (const auto& batch : reply->body["items"]) {
    if (milliseconds(batch["started_at"]) < since.time_since_epoch().count()) continue;
    ++count;
    orders += batch["size"].get<std::int64_t>();
  }
  return {count, count == 0 ? 0.0 : static_cast<double>(orders) / static_cast<double>(count)};
}

void show(const output& out, const summary& found, std::pair<std::int64_t, double> batches) {
  const auto rate = found.seconds > 0 ? static_cast<double>(found.ended) / found.seconds : 0;
  const auto p50 = percentile(found.latencies, 0.5), p95 = percentile(found.latencies, 0.95),
             p99 = percentile(found.latencies, 0.99);
  if (out.is_json()) {
    json counts = json::array();
    for (const auto& [key, count] : found.counts)
      counts.push_back({{"workflow", key.first}, {"status", key.second}, {"orders", count}});
    out.value({{"orders", counts},
               {"seconds", found.seconds},
               {"orders_per_second", rate},
               {"p50_ms", p50},
               {"p95_ms", p95},
               {"p99_ms", p99},
               {"batches", batches.first},
               {"batch_size_mean", batches.second},
               {"differences", found.differences}});
    return;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& [key, count] : found.counts)
    rows.push_back({key.first, out.status(key.second), std::to_string(count)});
  out.table({"WORKFLOW", "STATUS", "ORDERS"}, rows);
  out.fields({{"batches", fmt::format("{}, of {:.1f} orders on average", batches.first, batches.second)},
              {"throughput", fmt::format("{:.0f} orders/s ({} ended in {:.2f} s)", rate, found.ended, found.seconds)},
              {"latency", fmt::format("p50 {} ms, p95 {} ms, p99 {} ms (from submission to end)", p50, p95, p99)}});
}

expected<std::vector<load_order>> orders_of(const bench_options& given) {
  if (given.load_file.empty()) {
    const auto data = parse_exact_json(given.data);
    if (!data) return tl::unexpected<error>(data.error());
    return uniform_load(given.workflow, given.count, *data);
  }
  const auto text = read_text(given.load_file);
  if (!text) return tl::unexpected<error>(text.error());
  const auto document = parse_exact_json(*text);
  if (!document) return tl::unexpected<error>(document.error());
  return expand_load(*document);
}

int run_bench(const command_context& context, const bench_options& given) {
  auto orders = orders_of(given);
  if (!orders) {
    output::complain(orders.error().detail);
    return wrong_usage;
  }
  const output out(context.as_json);
  connection server(context.server);
  const auto status =
      show_answer(server, out, "GET", "/readyz", std::nullopt, [](const json&) { return static_cast<int>(done); });
  if (status != done) return status;
  const auto began = wall_clock_now();
  bench run(context.server, given.clients, std::move(*orders));
  with_progress(out, "submitted", run, [&] { run.submit(); });
  with_progress(out, "settled", run, [&] { run.await(); });
  const auto found = summarise(run);
  show(out, found, batches_since(server, began));
  for (const auto& text : run.faults())
    output::complain(text);
  for (const auto& text : found.differences)
    output::complain(text);
  if (!run.faults().empty()) return refused;
  return found.differences.empty() ? done : not_completed;
}

} // namespace

void add_bench_command(CLI::App& app, command_context& context) {
  auto given = std::make_shared<bench_options>();
  auto* command = app.add_subcommand("bench", "Submits a load, awaits every order, and shows throughput and latency.");
  auto* load =
      command
          ->add_option("--demo,--load", given->load_file,
                       "A load: deploy/demo/README.md says how; ends with 4 if an order does not end as it says")
          ->type_name("FILE");
  auto* workflow = command->add_option("--workflow", given->workflow, "Or: orders of one workflow")->excludes(load);
  command->add_option("--orders", given->count, "How many")
      ->needs(workflow)
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_option("--data", given->data, "Their data")->needs(workflow)->type_name("JSON");
  command->add_option("--clients", given->clients, "Clients side by side")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->callback([given, &context] {
    if (given->load_file.empty() && given->workflow.empty()) throw CLI::RequiredError("--load or --workflow");
    context.status = run_bench(context, *given);
  });
}

} // namespace troupe::cli
