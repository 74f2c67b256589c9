#include "actors/services.hpp"

#include "runtime/base/ids.hpp"

#include <fmt/format.h>

#include <mutex>
#include <shared_mutex>
#include <tuple>
#include <vector>

namespace troupe::actors {

std::string to_string(quit_reason value) {
  switch (value) {
  case quit_reason::load_again: return "load_again";
  case quit_reason::not_ours: return "not_ours";
  case quit_reason::crashed: return "crashed";
  case quit_reason::gave_up: return "gave_up";
  }
  return "unknown";
}

bool from_string(caf::string_view text, quit_reason& value) {
  for (const auto one : {quit_reason::load_again, quit_reason::not_ours, quit_reason::crashed, quit_reason::gave_up}) {
    if (text == caf::string_view{to_string(one)}) {
      value = one;
      return true;
    }
  }
  return false;
}

bool from_integer(std::uint8_t number, quit_reason& value) {
  if (number < 1 || number > static_cast<std::uint8_t>(quit_reason::gave_up)) return false;
  value = static_cast<quit_reason>(number);
  return true;
}

template <class Handle> struct standing_side_by_side {
  std::vector<Handle> all;
  mutable std::atomic<std::size_t> turn{0};
};

struct directory::content {
  mutable std::shared_mutex guard;
  std::tuple<store_actor, supervisor_actor, registry_actor, webhook_actor, outbox_actor, timer_actor, operations_actor>
      single;
  std::tuple<standing_side_by_side<reader_actor>, standing_side_by_side<gateway_actor>> several;
};

directory::directory() : content_(std::make_unique<content>()) {}
directory::~directory() = default;

template <class Handle> Handle directory::find() const {
  const std::shared_lock hold(content_->guard);
  return std::get<Handle>(content_->single);
}

template <class Handle> void directory::enter(Handle one) {
  const std::unique_lock hold(content_->guard);
  std::get<Handle>(content_->single) = std::move(one);
}

template <class Handle> void directory::enter(std::size_t index, Handle one) {
  const std::unique_lock hold(content_->guard);
  auto& all = std::get<standing_side_by_side<Handle>>(content_->several).all;
  if (all.size() <= index) all.resize(index + 1);
  all[index] = std::move(one);
}

/// The first reader is the runtime's own: turns go round the others, if there are any.
template <> reader_actor directory::find<reader_actor>() const {
  const std::shared_lock hold(content_->guard);
  const auto& readers = std::get<standing_side_by_side<reader_actor>>(content_->several);
  if (readers.all.empty()) return {};
  if (readers.all.size() == 1) return readers.all.front();
  return readers.all[1 + readers.turn++ % (readers.all.size() - 1)];
}

template <> gateway_actor directory::find<gateway_actor>() const {
  const std::shared_lock hold(content_->guard);
  const auto& gateways = std::get<standing_side_by_side<gateway_actor>>(content_->several);
  return gateways.all.empty() ? gateway_actor{} : gateways.all[gateways.turn++ % gateways.all.size()];
}

reader_actor directory::first_reader() const {
  const std::shared_lock hold(content_->guard);
  const auto& readers = std::get<standing_side_by_side<reader_actor>>(content_->several);
  return readers.all.empty() ? reader_actor{} : readers.all.front();
}

void directory::clear() {
  const std::unique_lock hold(content_->guard);
  content_->single = {};
  std::get<standing_side_by_side<reader_actor>>(content_->several).all.clear();
  std::get<standing_side_by_side<gateway_actor>>(content_->several).all.clear();
}

template void directory::enter(store_actor);
template void directory::enter(supervisor_actor);
template void directory::enter(registry_actor);
template void directory::enter(webhook_actor);
template void directory::enter(outbox_actor);
template void directory::enter(timer_actor);
template void directory::enter(operations_actor);
template void directory::enter(std::size_t, reader_actor);
template void directory::enter(std::size_t, gateway_actor);

store_actor services::store() const {
  return where->find<store_actor>();
}
supervisor_actor services::supervisor() const {
  return where->find<supervisor_actor>();
}
reader_actor services::reader() const {
  return where->find<reader_actor>();
}
reader_actor services::own_reader() const {
  return where->first_reader();
}
registry_actor services::registry() const {
  return where->find<registry_actor>();
}
webhook_actor services::webhook() const {
  return where->find<webhook_actor>();
}
outbox_actor services::outbox() const {
  return where->find<outbox_actor>();
}
timer_actor services::timer() const {
  return where->find<timer_actor>();
}
operations_actor services::operations() const {
  return where->find<operations_actor>();
}
gateway_actor services::gateway() const {
  return where->find<gateway_actor>();
}

store::lease services::lease_of(std::string_view order_id) const {
  const auto shard = shard_of(order_id);
  return {shard, (*epochs)[static_cast<std::size_t>(shard)]};
}

engine::context services::around(const blueprint::definition& blueprint) const {
  return {blueprint, *environment, clock(), settings->park_after};
}

expected<blueprint::definition_ptr> definition_of(const blueprint::catalogue& from, const engine::order& value) {
  if (!value.blueprint->is_null()) return from.compile_inline(*value.blueprint, true);
  if (auto found = from.find(value.workflow, value.version)) return found;
  return refuse(errc::unknown_blueprint,
                fmt::format("expected the blueprint `{}` in version {}, but found none published", value.workflow,
                            value.version));
}

} // namespace troupe::actors
