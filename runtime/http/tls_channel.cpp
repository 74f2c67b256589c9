#include "runtime/http/tls_channel.hpp"

namespace troupe::http {

namespace {

class tls_channel final : public channel {
public:
  explicit tls_channel(std::shared_ptr<tls_stream> stream) : stream_(std::move(stream)) {}
  ~tls_channel() override { close(); }

  void set_events(std::weak_ptr<channel_events> events) override { events_ = std::move(events); }

  // Operations under way refer to the stream until their handlers run: these keep it.

  void read(std::span<char> room) override {
    if (!stream_) return;
    stream_->async_read_some(
        asio::buffer(room.data(), room.size()),
        [this, stream = stream_, kept = events_.lock()](const boost::system::error_code& failure, std::size_t count) {
          if (!kept || !stream_) return;
          if (failure && failure != asio::error::eof)
            kept->on_broken(failure.message());
          else
            kept->on_read(count);
        });
  }

  std::size_t write_now(std::string_view) override { return 0; }

  void write(std::string_view bytes) override {
    if (!stream_) return;
    stream_->async_write_some(
        asio::buffer(bytes.data(), bytes.size()),
        [this, stream = stream_, kept = events_.lock()](const boost::system::error_code& failure, std::size_t count) {
          if (!kept || !stream_) return;
          if (failure)
            kept->on_broken(failure.message());
          else
            kept->on_written(count);
        });
  }

  bool is_quiet() const override { return stream_ && is_quiet_socket(stream_->lowest_layer().native_handle()); }

  void end_sending() override {}

  void close() override {
    auto closing = std::move(stream_);
    stream_.reset();
    boost::system::error_code ignored;
    if (closing) closing->lowest_layer().close(ignored);
  }

private:
  std::shared_ptr<tls_stream> stream_;
  std::weak_ptr<channel_events> events_;
};

} // namespace

std::unique_ptr<channel> make_tls_channel(std::shared_ptr<tls_stream> stream) {
  return std::make_unique<tls_channel>(std::move(stream));
}

} // namespace troupe::http
