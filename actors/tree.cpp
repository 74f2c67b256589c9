#include "actors/tree.hpp"

#include "actors/gateway.hpp"
#include "actors/operations.hpp"
#include "actors/outbox.hpp"
#include "actors/reader.hpp"
#include "actors/registry.hpp"
#include "actors/store.hpp"
#include "actors/supervisor.hpp"
#include "actors/timer.hpp"

#include <caf/init_global_meta_objects.hpp>

#include <utility>

namespace troupe::actors {

namespace {

using parent = services_supervisor_actor::pointer;

/// Enters the handle where it is looked for.
template <class Handle> caf::actor entered(const services& with, Handle one) {
  with.where->enter(one);
  return caf::actor_cast<caf::actor>(one);
}

template <class State, class Handle> service single() {
  return {State::name,
          [](parent self, const services& with) { return entered(with, spawn_watched<State, Handle>(self, with)); }};
}

service store_service(store_state::open_writer open) {
  return {store_state::name,
          [open](parent self, const services& with) {
            return entered(with,
                           spawn_watched_thread<store_state, store_actor>(self, with.settings->threads, with, open));
          },
          true};
}

service reader_service(std::size_t index, reader_state::open_reader open) {
  return {reader_state::name,
          [index, open](parent self, const services& with) {
            auto one = spawn_watched_thread<reader_state, reader_actor>(self, with.settings->threads, with, open);
            with.where->enter(index, one);
            return caf::actor_cast<caf::actor>(one);
          },
          true};
}

/// Compiling a blueprint takes as long as it takes: not on a thread that performs orders.
service registry_service() {
  return {registry_state::name, [](parent self, const services& with) {
            return entered(with,
                           spawn_watched_thread<registry_state, registry_actor>(self, with.settings->threads, with));
          }};
}

service gateway_service(std::size_t index) {
  return {gateway_state::name, [index](parent self, const services& with) {
            auto one = spawn_watched<gateway_state, gateway_actor>(self, with);
            with.where->enter(index, one);
            return caf::actor_cast<caf::actor>(one);
          }};
}

} // namespace

std::vector<service> service_tree(tree_parts parts, int readers) {
  std::vector<service> result;
  result.push_back(store_service(std::move(parts.open_writer)));
  for (int index = 0; index < readers; ++index)
    result.push_back(reader_service(static_cast<std::size_t>(index), parts.open_reader));
  result.push_back({"webhook", [start = std::move(parts.start_webhook)](parent self, const services& with) {
                      return entered(with, start(self, with));
                    }});
  result.push_back(registry_service());
  result.push_back(single<outbox_state, outbox_actor>());
  result.push_back(single<supervisor_state, supervisor_actor>());
  result.push_back(single<timer_state, timer_actor>());
  result.push_back(single<operations_state, operations_actor>());
  for (std::size_t index = 0; index < parts.gateways; ++index)
    result.push_back(gateway_service(index));
  return result;
}

void register_messages() {
  caf::init_global_meta_objects<caf::id_block::troupe>();
}

} // namespace troupe::actors
