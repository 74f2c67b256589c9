#define CAF_SUITE metrics

#include "actors/metrics.hpp"
#include "tests/support/actor_world.hpp"
#include "tests/support/skip.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <unistd.h>

#include "caf/test/dsl.hpp"

using namespace troupe;
using namespace troupe::actors;

namespace {

const char* const families[] = {"troupe_orders",
                                "troupe_order_duration_seconds",
                                "troupe_state_duration_seconds",
                                "troupe_action_duration_seconds",
                                "troupe_action_tries_total",
                                "troupe_retries_total",
                                "troupe_events_total",
                                "troupe_batch_size",
                                "troupe_batch_duration_seconds",
                                "troupe_actors",
                                "troupe_restarts_total",
                                "troupe_commit_size",
                                "troupe_commit_duration_seconds",
                                "troupe_commit_failures_total",
                                "troupe_store_waiting_operations",
                                "troupe_pending_orders",
                                "troupe_notifications_total",
                                "troupe_http_requests_total",
                                "troupe_http_request_duration_seconds",
                                "troupe_http_connections",
                                "troupe_webhooks_in_flight",
                                "troupe_actor_mailbox_messages",
                                "troupe_actor_mailbox_seconds",
                                "troupe_actor_processing_seconds",
                                "process_cpu_seconds_total",
                                "process_resident_memory_bytes"};

/// What promtool says; empty if it is content.
std::optional<std::string> promtool_says(const std::string& text) {
  if (std::system("command -v promtool >/dev/null 2>&1") != 0) return std::nullopt;
  const auto folder = std::filesystem::temp_directory_path() / ("troupe-metrics-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "metrics") << text;
  const auto command =
      "promtool check metrics < " + (folder / "metrics").string() + " > " + (folder / "says").string() + " 2>&1";
  const auto status = std::system(command.c_str());
  std::ifstream said(folder / "says");
  std::string says((std::istreambuf_iterator<char>(said)), {});
  if (status != 0) says += " (exit status not 0)";
  std::filesystem::remove_all(folder);
  return says;
}

bool has(const std::string& text, const std::string& line) {
  return text.find(line) != std::string::npos;
}

engine::order order_in(engine::status status) {
  engine::order one;
  one.order_id = "o1";
  one.workflow = "a";
  one.status = status;
  one.state = "s1";
  one.state_entered_at = time_point{duration{1'000}};
  one.created_at = time_point{duration{500}};
  return one;
}

} // namespace

CAF_TEST(every family is there from the start and promtool is content) {
  metrics all;
  const auto text = all.text();
  for (const auto* family : families) {
    CAF_MESSAGE(family);
    CAF_CHECK(has(text, std::string("# HELP ") + family + " "));
    CAF_CHECK(has(text, std::string("# TYPE ") + family + " "));
  }
  const auto says = promtool_says(text);
  if (!says) return test::skip("promtool is not installed");
  CAF_CHECK_EQUAL(*says, "");
}

CAF_TEST(orders are counted by workflow and status from the start and by their events) {
  metrics all;
  all.set_orders({{"a", "active", 2}, {"b", "completed", 7}});
  all.order_recorded(order_in(engine::status::pending));
  auto after = order_in(engine::status::completed);
  after.ended_at = time_point{duration{2'500}};
  all.events_recorded(order_in(engine::status::active), after,
                      {{3, time_point{duration{2'000}}, "state_entered", "x", {{"state", "s2"}}},
                       {4, time_point{duration{2'200}}, "retry_scheduled", "x", {{"action", "call"}}},
                       {5, time_point{duration{2'500}}, "order_ended", "x", json::object()}});
  const auto text = all.text();
  CAF_CHECK(has(text, R"(troupe_orders{status="active",workflow="a"} 1)"));
  CAF_CHECK(has(text, R"(troupe_orders{status="pending",workflow="a"} 1)"));
  CAF_CHECK(has(text, R"(troupe_orders{status="completed",workflow="a"} 1)"));
  CAF_CHECK(has(text, R"(troupe_orders{status="completed",workflow="b"} 7)"));
  CAF_CHECK(has(text, R"(troupe_order_duration_seconds_sum{workflow="a"} 2)"));
  CAF_CHECK(has(text, R"(troupe_state_duration_seconds_sum{state="s1",workflow="a"} 1)"));
  CAF_CHECK(has(text, R"(troupe_state_duration_seconds_sum{state="s2",workflow="a"} 0.5)"));
  CAF_CHECK(has(text, R"(troupe_retries_total{action="call",workflow="a"} 1)"));
}

CAF_TEST(labels are bounded and any text) {
  metrics all;
  for (std::size_t number = 0; number < metrics::series_max + 500; ++number)
    all.action_tried("w" + std::to_string(number), "a", metrics::seconds(0.1), "2xx");
  all.action_tried("quote\" and \\ and \n line", "ä", metrics::seconds(0.1), "2xx");
  const auto text = all.text();
  CAF_CHECK(has(text, R"(troupe_action_tries_total{action="other",outcome="other",workflow="other"} 501)"));
  metrics other;
  other.action_tried("quote\" and \\ and \n line", "ä", metrics::seconds(0.1), "2xx");
  if (const auto says = promtool_says(other.text())) CAF_CHECK_EQUAL(*says, "");
}

CAF_TEST(live actors are counted while they live) {
  const auto all = std::make_shared<metrics>();
  {
    const metrics::alive one(all, "order");
    const metrics::alive other(all, "order");
    CAF_CHECK(has(all->text(), R"(troupe_actors{kind="order"} 2)"));
  }
  CAF_CHECK(has(all->text(), R"(troupe_actors{kind="order"} 0)"));
}

CAF_TEST(the measurements of actors are read from where CAF keeps them) {
  caf::actor_system_config config;
  config.set("caf.metrics-filters.actors.includes", std::vector<std::string>{"webhook"});
  config.set("caf.scheduler.max-threads", std::size_t{1});
  metrics all;
  {
    caf::actor_system system(config);
    all.read_actor_system(system.metrics());
    test::scripted_transport transport;
    transport.inside().clock = wall_clock_now;
    const auto actor = transport.spawn(system);
    caf::scoped_actor self(system, true);
    self->send(actor, deliver_notification{});
    self->monitor(actor);
    self->send_exit(actor, caf::exit_reason::user_shutdown);
    self->receive([](const caf::down_msg&) {});
    // CAF counts a message as handled only when its handler is over, and who ends has told so before.
    auto text = all.text();
    for (int count = 0; count < 500 && !has(text, R"(troupe_actor_mailbox_messages{kind="webhook"} 0)"); ++count) {
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
      text = all.text();
    }
    CAF_CHECK(has(text, R"(troupe_actor_mailbox_messages{kind="webhook"} 0)"));
    CAF_CHECK(has(text, R"(troupe_actor_processing_seconds_bucket{kind="webhook",le="+Inf"})"));
    if (const auto says = promtool_says(text)) CAF_CHECK_EQUAL(*says, "");
    all.forget_actor_system();
  }
  CAF_CHECK(!has(all.text(), "webhook\"} 0\ntroupe_actor_mailbox"));
}
