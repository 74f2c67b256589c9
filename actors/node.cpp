#include "actors/node.hpp"

#include "actors/gateway.hpp"
#include "actors/node_settings.hpp"
#include "actors/registry.hpp"
#include "actors/tree.hpp"
#include "actors/webhook.hpp"
#include "runtime/http/address_filter.hpp"
#include "runtime/http/io.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include <algorithm>
#include <future>
#include <thread>
#include <utility>

namespace troupe::actors {

namespace {

constexpr duration http_grace{1'000};
constexpr duration start_timeout{10'000};

/// Measured, with reasons: see the README, "Why it is so".
void configure(caf::actor_system_config& config) {
  config.set("caf.scheduler.policy", "sharing");
  config.set("caf.scheduler.max-threads", std::max<std::size_t>(1, std::thread::hardware_concurrency()));
  config.set("caf.scheduler.max-throughput", std::size_t{300});
  config.set("caf.metrics-filters.actors.includes",
             std::vector<std::string>{"supervisor", "services_supervisor", "batch_coordinator", "store", "reader",
                                      "webhook", "outbox", "timer", "registry", "gateway"});
}

expected<std::shared_ptr<const std::array<std::uint64_t, shard_count>>> take_leases(store::writer& from,
                                                                                    const std::string& node_name) {
  const auto leases = from.take_leases(node_name);
  if (!leases) return tl::unexpected<error>(leases.error());
  auto epochs = std::make_shared<std::array<std::uint64_t, shard_count>>();
  for (const auto& one : *leases)
    epochs->at(static_cast<std::size_t>(one.shard)) = one.epoch;
  return epochs;
}

expected<void> load(const services& with, store::place& from) {
  auto reader = from.open_reader();
  if (!reader) return tl::unexpected<error>(reader.error());
  const auto published = (*reader)->published();
  if (!published) return tl::unexpected<error>(published.error());
  admit_published(*with.catalogue, *published);
  const auto counts = (*reader)->counts();
  if (!counts) return tl::unexpected<error>(counts.error());
  with.metrics->set_orders(*counts);
  return {};
}

services make_services(const settings& chosen) {
  services with;
  with.catalogue = std::make_shared<blueprint::catalogue>();
  with.environment = std::make_shared<const engine::environment>(engine::environment{chosen.config, chosen.secrets});
  with.settings = std::make_shared<const actor_settings>(settings_of_actors(chosen));
  with.condition = std::make_shared<node_condition>();
  with.metrics = std::make_shared<metrics>();
  with.where = std::make_shared<directory>();
  with.clock = wall_clock_now;
  return with;
}

/// Nobody is asked who they are yet, so only this machine may ask. `listen` is host:port.
bool is_loopback(std::string_view listen) {
  const auto host = listen.substr(0, listen.rfind(':'));
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

} // namespace

/// In the order in which they are made; they end the other way round, the event loop before the actor system.
struct node::parts {
  std::shared_ptr<store::place> place;
  services with;
  caf::actor_system_config config;
  std::unique_ptr<caf::actor_system> system;
  std::shared_ptr<http::io> loop;
  services_supervisor_actor root;
  std::shared_ptr<std::atomic<bool>> has_ended = std::make_shared<std::atomic<bool>>(false);
  std::unique_ptr<http::server> server;
  bool is_stopped = false;
};

node::node(std::unique_ptr<parts> content) : parts_(std::move(content)) {}
node::~node() {
  stop();
}

expected<std::unique_ptr<node>> node::start(const settings& chosen) {
  if (const auto readable = http::address_filter::parse(chosen.webhook.allow); !readable)
    return refuse(errc::invalid_request, "webhook.allow: " + readable.error().detail);
  blueprint::set_expression_limits({chosen.expression.time, static_cast<std::size_t>(chosen.expression.memory)});
  if (!is_loopback(chosen.http.listen))
    return refuse(errc::invalid_request,
                  "http.listen: expected a loopback address, but found " + chosen.http.listen +
                      ": without authentication, which is not built yet, nobody else may reach this server");
  auto made = std::make_unique<parts>();
  auto place = store::place::at(chosen.store.url);
  if (!place) return tl::unexpected<error>(place.error());
  made->place = std::move(*place);
  auto writer = made->place->open_writer();
  if (!writer) return tl::unexpected<error>(writer.error());
  made->with = make_services(chosen);
  auto epochs = take_leases(**writer, chosen.node.name);
  if (!epochs) return tl::unexpected<error>(epochs.error());
  made->with.epochs = std::move(*epochs);
  if (auto loaded = load(made->with, *made->place); !loaded) return tl::unexpected<error>(loaded.error());
  auto one = std::unique_ptr<node>(new node(std::move(made)));
  one->start_actors(chosen, std::move(*writer));
  if (auto served = one->serve(chosen); !served) return tl::unexpected<error>(served.error());
  return one;
}

void node::start_actors(const settings& chosen, std::unique_ptr<store::writer> writer) {
  auto& all = *parts_;
  configure(all.config);
  all.system = std::make_unique<caf::actor_system>(all.config);
  all.with.metrics->read_actor_system(all.system->metrics());
  all.loop = std::make_shared<http::io>(static_cast<int>(chosen.http.threads));
  tree_parts standing_on;
  // The first writer is the one that took the leases; after a crash of the store's actor another one is opened.
  standing_on.open_writer = [place = all.place, first = std::make_shared<std::unique_ptr<store::writer>>(
                                                    std::move(writer))]() -> expected<std::unique_ptr<store::writer>> {
    if (*first) return std::move(*first);
    return place->open_writer();
  };
  standing_on.open_reader = [place = all.place] { return place->open_reader(); };
  standing_on.start_webhook = [loop = all.loop, client = settings_of_client(chosen)](
                                  services_supervisor_actor::pointer self, const services& with) {
    return spawn_watched<webhook_state, webhook_actor>(self, with, loop, client);
  };
  all.root = all.system->spawn<services_supervisor_actor::stateful_impl<services_supervisor_state>>(
      all.with, service_tree(std::move(standing_on), all.with.settings->readers));
  all.root->attach_functor([has_ended = all.has_ended](const caf::error&) { *has_ended = true; });
}

/// HTTP comes last: who is answered finds everything there.
expected<void> node::serve(const settings& chosen) {
  auto& all = *parts_;
  auto is_ready = false;
  caf::scoped_actor self(*all.system, true);
  for (int tries = 0; tries < 100 && !all.with.store(); ++tries)
    self->receive(caf::after(std::chrono::milliseconds{20}) >> [] {});
  self->request(all.with.store(), start_timeout, store_flush{})
      .receive([&] { is_ready = true; }, [](const caf::error&) {});
  if (!is_ready) return refuse(errc::not_ready, "expected the store to answer, but found it silent");
  auto server = http::server::start(*all.loop, settings_of_server(chosen), make_application(all.with));
  if (!server) return tl::unexpected<error>(server.error());
  all.server = std::move(*server);
  all.with.metrics->watch_http_connections([server = all.server.get()] { return server->open_connections(); });
  return {};
}

std::string node::address() const {
  return parts_->server->address();
}
bool node::has_given_up() const {
  return *parts_->has_ended && !parts_->is_stopped;
}

void node::stop() {
  auto& all = *parts_;
  if (std::exchange(all.is_stopped, true)) return;
  all.with.condition->is_stopping = true;
  std::promise<void> closed;
  if (all.server)
    all.server->stop(http_grace, [&] { closed.set_value(); });
  else
    closed.set_value();
  const auto bound = all.with.settings->stop_grace + stop_margin;
  auto is_in_order = false;
  {
    caf::scoped_actor self(*all.system, true);
    self->request(all.root, bound, stop_now{}).receive([&] { is_in_order = true; }, [](const caf::error&) {});
  }
  if (closed.get_future().wait_for(http_grace + stop_margin) != std::future_status::ready)
    log(log_level::warning, "http_not_closed", "connections did not close in time");
  all.with.metrics->watch_http_connections({});
  all.with.metrics->forget_actor_system();
  all.root = services_supervisor_actor{};
  all.with.where->clear();
  all.loop->stop();
  all.server.reset();
  all.loop.reset();
  if (!is_in_order) all.system->await_actors_before_shutdown(false);
  all.system.reset();
}

} // namespace troupe::actors
