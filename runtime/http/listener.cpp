#include "runtime/base/log.hpp"
#include "runtime/http/tcp_channel.hpp"

#include <boost/asio/steady_timer.hpp>

#include <charconv>

namespace troupe::http {

namespace {

using tcp = asio::ip::tcp;

/// How long taking in rests when the system has no descriptor left for another connection.
constexpr std::chrono::milliseconds rest_without_descriptors{50};
constexpr int backlog = 4096;

class acceptor_loop : public std::enable_shared_from_this<acceptor_loop> {
public:
  acceptor_loop(io::loop& loop, tcp::acceptor acceptor, listener::handler taken)
      : acceptor_(std::move(acceptor)), rest_(acceptor_.get_executor()), taken_(std::move(taken)) {
    for (auto& lane : loop.lanes)
      lanes_.push_back(lane.get());
  }

  void accept() {
    auto index = next_++ % lanes_.size();
    acceptor_.async_accept(
        lanes_[index]->asio().context,
        [self = shared_from_this(), index](const boost::system::error_code& failure, tcp::socket socket) {
          self->accepted(index, failure, std::move(socket));
        });
  }

  void close() {
    taken_ = nullptr;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    rest_.cancel();
  }

private:
  void accepted(std::size_t index, const boost::system::error_code& failure, tcp::socket socket) {
    if (!taken_) return;
    if (!failure) {
      hand_over(index, std::move(socket));
      if (taken_) accept();
      return;
    }
    if (failure != asio::error::connection_aborted)
      log(log_level::warning, "connection_not_taken", "A connection could not be taken in.",
          {{"reason", failure.message()}});
    rest_.expires_after(rest_without_descriptors);
    rest_.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
      if (!cancelled && self->taken_) self->accept();
    });
  }

  void hand_over(std::size_t index, tcp::socket socket) {
    boost::system::error_code gone;
    auto peer = socket.remote_endpoint(gone);
    if (gone) return;
    auto channel = make_tcp_channel(std::move(socket));
    if (index == 0) return taken_(index, std::move(channel), text_of(peer));
    // std::function wants what can be copied.
    auto carried = std::make_shared<std::unique_ptr<http::channel>>(std::move(channel));
    lanes_[index]->post([taken = taken_, index, carried, peer] { taken(index, std::move(*carried), text_of(peer)); });
  }

  std::vector<lane*> lanes_;
  tcp::acceptor acceptor_;
  asio::steady_timer rest_;
  listener::handler taken_;
  std::size_t next_ = 0;
};

class tcp_listener final : public listener {
public:
  tcp_listener(io::loop& loop, tcp::acceptor acceptor)
      : loop_(loop), acceptor_(std::move(acceptor)), address_(text_of(acceptor_->local_endpoint())) {}
  ~tcp_listener() override { close(); }

  std::string address() const override { return address_; }

  void start(handler taken) override {
    accepting_ = std::make_shared<acceptor_loop>(loop_, std::move(*acceptor_), std::move(taken));
    acceptor_.reset();
    accepting_->accept();
  }

  void close() override {
    acceptor_.reset();
    if (accepting_) accepting_->close();
    accepting_.reset();
  }

private:
  io::loop& loop_;
  std::optional<tcp::acceptor> acceptor_; ///< until `start`
  std::shared_ptr<acceptor_loop> accepting_;
  std::string address_;
};

} // namespace

expected<std::pair<std::string, std::string>> split_listen_address(const std::string& listen) {
  auto colon = std::min(listen.rfind(':'), listen.size());
  auto host = listen.substr(0, colon);
  auto port = listen.substr(std::min(colon + 1, listen.size()));
  std::uint16_t number = 0;
  auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (host.empty() || failure != std::errc{} || end != port.data() + port.size())
    return refuse(errc::invalid_request, "expected an address to listen on as host:port, but found " + listen);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return std::pair{host, port};
}

expected<std::unique_ptr<listener>> listener::open(io::loop& loop, const std::string& listen) {
  auto parts = split_listen_address(listen);
  if (!parts) return tl::unexpected(parts.error());
  auto& context = loop.lanes.front()->asio().context;
  boost::system::error_code failure;
  auto refused = [&](const std::string& what) {
    return refuse(errc::not_ready, "expected to listen on " + listen + ", but found: " + what);
  };
  tcp::resolver resolver{context};
  auto found = resolver.resolve(parts->first, parts->second, tcp::resolver::passive, failure);
  if (failure || found.empty()) return refused(failure.message());
  tcp::endpoint endpoint = found.begin()->endpoint();
  tcp::acceptor acceptor{context};
  acceptor.open(endpoint.protocol(), failure);
  if (!failure) acceptor.set_option(tcp::acceptor::reuse_address(true), failure);
  if (!failure) acceptor.bind(endpoint, failure);
  if (!failure) acceptor.listen(backlog, failure);
  if (failure == asio::error::address_in_use) return refused("another program listens there already");
  if (failure) return refused(failure.message());
  return std::unique_ptr<listener>{std::make_unique<tcp_listener>(loop, std::move(acceptor))};
}

} // namespace troupe::http
