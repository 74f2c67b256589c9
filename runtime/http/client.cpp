#include "runtime/http/client.hpp"

#include "runtime/http/client_core.hpp"

namespace troupe::http {

struct client::core {
  std::shared_ptr<client_core> inside;
};

client::client(io& loop, client_settings settings)
    : core_(std::make_shared<core>(
          core{std::make_shared<client_core>(loop.inside().lanes.front(), std::move(settings))})) {}

client::~client() {
  stop();
}

void client::send(const call& value, std::function<void(tl::expected<answer, call_error>)> done) {
  auto prepared = prepare_call(value, steady_clock::now());
  if (!prepared)
    return core_->inside->refuse(std::move(done), {call_failure::address_refused, std::move(prepared.error()), false});
  (*prepared)->done = std::move(done);
  core_->inside->send(std::move(*prepared));
}

std::size_t client::in_flight() const {
  return core_->inside->in_flight();
}

void client::stop() {
  core_->inside->stop();
}

} // namespace troupe::http
