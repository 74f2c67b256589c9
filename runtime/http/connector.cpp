#include "runtime/http/connector.hpp"

#include "runtime/http/tls_channel.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>

#include <deque>

namespace troupe::http {

namespace {

using tcp = asio::ip::tcp;
using boost::system::error_code;

class loaded_trust final : public trust {
public:
  asio::ssl::context& context() const { return context_; }

private:
  mutable asio::ssl::context context_{asio::ssl::context::tls_client};
};

class tcp_connector final : public connector, public std::enable_shared_from_this<tcp_connector> {
public:
  tcp_connector(lane& on, target to, const address_filter& filter, handler done)
      : context_(on.asio().context), to_(std::move(to)), filter_(filter), done_(std::move(done)) {}

  void begin(const std::shared_ptr<lane>& on, name_lookup& names) {
    error_code not_literal;
    auto literal = asio::ip::make_address(to_.host, not_literal);
    if (!not_literal) {
      endpoints_.emplace_back(literal, to_.port);
      // `done` must not come from inside `begin`.
      return asio::post(context_, [self = shared_from_this()] { self->try_next({}); });
    }
    names.find(to_.host, [to = weak_from_this(), lane = std::weak_ptr(on)](const name_lookup::result& found) {
      // The connector ends on its lane, wherever the last hold on it was.
      if (auto here = lane.lock())
        here->post([to, found] {
          if (auto self = to.lock()) self->take_addresses(found);
        });
    });
  }

  void cancel() override {
    done_ = nullptr;
    close();
  }

private:
  void take_addresses(const name_lookup::result& found) {
    if (!found) return fail("expected the address of " + to_.host, found.error());
    for (const auto& text : *found) {
      error_code not_literal;
      auto address = asio::ip::make_address(text, not_literal);
      if (!not_literal) endpoints_.emplace_back(address, to_.port);
    }
    try_next({});
  }

  void close() {
    error_code ignored;
    if (socket_) socket_->close(ignored);
    if (stream_) stream_->lowest_layer().close(ignored);
    socket_.reset();
    stream_.reset();
  }

  void finish(tl::expected<std::unique_ptr<channel>, call_error> result) {
    if (auto done = std::exchange(done_, nullptr)) done(std::move(result));
  }

  void fail(const std::string& wanted, const std::string& found) {
    close();
    finish(tl::unexpected(call_error{call_failure::connection_failed, wanted + ", but found: " + found, false}));
  }

  void try_next(const error_code& last_failure) {
    if (!done_) return;
    while (!endpoints_.empty() && !filter_.allows(endpoints_.front().address().to_string())) {
      refused_ = endpoints_.front().address().to_string();
      endpoints_.pop_front();
    }
    if (endpoints_.empty()) {
      if (!last_failure && !refused_.empty())
        return finish(tl::unexpected(call_error{
            call_failure::address_refused, "expected an address that may be called, but found " + refused_, false}));
      return fail("expected to connect to " + to_.host + ":" + std::to_string(to_.port),
                  last_failure ? last_failure.message() : "no address");
    }
    auto endpoint = endpoints_.front();
    endpoints_.pop_front();
    close();
    socket_.emplace(context_);
    socket_->async_connect(endpoint, [self = shared_from_this()](const error_code& failure) {
      if (!self->done_) return;
      if (failure) return self->try_next(failure);
      self->connected();
    });
  }

  void connected() {
    error_code ignored;
    socket_->set_option(tcp::no_delay(true), ignored);
    if (to_.trusted == nullptr) {
      auto socket = std::move(*socket_);
      socket_.reset();
      return finish(make_tcp_channel(std::move(socket)));
    }
    auto& tls = static_cast<const loaded_trust*>(to_.trusted)->context();
    stream_ = std::make_shared<tls_stream>(std::move(*socket_), tls);
    socket_.reset();
    stream_->set_verify_mode(asio::ssl::verify_peer);
    stream_->set_verify_callback(asio::ssl::host_name_verification(to_.host));
    error_code not_literal;
    asio::ip::make_address(to_.host, not_literal);
    if (not_literal)
      SSL_ctrl(stream_->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, to_.host.data());
    stream_->async_handshake(
        tls_stream::client,
        [self = shared_from_this(), kept = stream_](const error_code& failure) { self->shaken_hands(failure, *kept); });
  }

  void shaken_hands(const error_code& failure, tls_stream& stream) {
    if (!done_) return;
    if (!failure) return finish(make_tls_channel(std::exchange(stream_, nullptr)));
    auto verdict = SSL_get_verify_result(stream.native_handle());
    fail("expected TLS with a certificate for " + to_.host,
         verdict == X509_V_OK ? failure.message() : X509_verify_cert_error_string(verdict));
  }

  asio::io_context& context_;
  target to_;
  const address_filter& filter_;
  handler done_;
  std::deque<tcp::endpoint> endpoints_;
  std::string refused_; ///< an address that may not be called
  std::optional<tcp::socket> socket_;
  std::shared_ptr<tls_stream> stream_;
};

} // namespace

expected<std::unique_ptr<trust>> trust::load(const std::string& authorities) {
  auto result = std::make_unique<loaded_trust>();
  auto& context = result->context();
  error_code failure;
  context.set_options(
      asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, failure);
  if (authorities.empty())
    context.set_default_verify_paths(failure);
  else
    context.load_verify_file(authorities, failure);
  if (failure)
    return refuse(errc::invalid_request, "expected certificate authorities in PEM in " +
                                             (authorities.empty() ? "the system's files" : authorities) +
                                             ", but found: " + failure.message());
  return std::unique_ptr<trust>{std::move(result)};
}

std::shared_ptr<connector> connector::begin(const std::shared_ptr<lane>& on, name_lookup& names, target to,
                                            const address_filter& filter, handler done) {
  auto result = std::make_shared<tcp_connector>(*on, std::move(to), filter, std::move(done));
  result->begin(on, names);
  return result;
}

} // namespace troupe::http
