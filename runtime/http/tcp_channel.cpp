#include "runtime/http/tcp_channel.hpp"

#include <sys/socket.h>

namespace troupe::http {

namespace {

class tcp_channel final : public channel {
public:
  explicit tcp_channel(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {
    boost::system::error_code ignored;
    socket_->set_option(asio::ip::tcp::no_delay(true), ignored);
    socket_->native_non_blocking(true, ignored);
  }
  ~tcp_channel() override { close(); }

  void set_events(std::weak_ptr<channel_events> events) override { events_ = std::move(events); }

  void read(std::span<char> room) override {
    if (!socket_) return;
    socket_->async_read_some(
        asio::buffer(room.data(), room.size()),
        [this, kept = events_.lock()](const boost::system::error_code& failure, std::size_t count) {
          if (!kept || !socket_) return;
          if (failure && failure != asio::error::eof)
            kept->on_broken(failure.message());
          else
            kept->on_read(count);
        });
  }

  std::size_t write_now(std::string_view bytes) override {
    if (!socket_) return 0;
    auto sent = ::send(socket_->native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent > 0 ? static_cast<std::size_t>(sent) : 0;
  }

  void write(std::string_view bytes) override {
    if (!socket_) return;
    socket_->async_write_some(
        asio::buffer(bytes.data(), bytes.size()),
        [this, kept = events_.lock()](const boost::system::error_code& failure, std::size_t count) {
          if (!kept || !socket_) return;
          if (failure)
            kept->on_broken(failure.message());
          else
            kept->on_written(count);
        });
  }

  bool is_quiet() const override {
    return socket_ && is_quiet_socket(const_cast<asio::ip::tcp::socket&>(*socket_).native_handle());
  }

  void end_sending() override {
    boost::system::error_code ignored;
    if (socket_) socket_->shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  }

  void close() override {
    // Taken out first: the handlers that closing completes find the channel closed.
    auto closing = std::move(socket_);
    socket_.reset();
    boost::system::error_code ignored;
    if (closing) closing->close(ignored);
  }

private:
  std::optional<asio::ip::tcp::socket> socket_;
  std::weak_ptr<channel_events> events_;
};

} // namespace

std::unique_ptr<channel> make_tcp_channel(asio::ip::tcp::socket socket) {
  return std::make_unique<tcp_channel>(std::move(socket));
}

bool is_quiet_socket(int descriptor) {
  char byte = 0;
  auto count = ::recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

std::string text_of(const asio::ip::tcp::endpoint& endpoint) {
  auto address = endpoint.address().to_string();
  if (endpoint.address().is_v6()) address = "[" + address + "]";
  return address + ":" + std::to_string(endpoint.port());
}

} // namespace troupe::http
