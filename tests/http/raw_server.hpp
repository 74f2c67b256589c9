#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace troupe::http::test {

/// One accepted connection: reads requests and writes any bytes.
class raw_peer {
public:
  explicit raw_peer(int socket) : socket_(socket) {}
  /// The next request with its body; empty at the end of the connection.
  std::string read_request();
  void write(std::string_view bytes);
  void close();
  /// Closes with a reset.
  void reset();
  /// Until the client has gone.
  void wait_for_end();
  bool is_open() const { return socket_ >= 0; }

private:
  bool fill();

  int socket_;
  std::string input_;
};

/// A server that does to each of its connections what a function says, each on a thread of its own.
class raw_server {
public:
  explicit raw_server(std::function<void(raw_peer&, int number)> script);
  ~raw_server();
  std::uint16_t port() const { return port_; }
  std::string url(const std::string& path = "/") const { return "http://127.0.0.1:" + std::to_string(port_) + path; }
  int connections() const { return connections_; }
  /// Requests that came in whole, over all connections.
  std::atomic<int> requests = 0;

private:
  void accept_all();

  std::function<void(raw_peer&, int)> script_;
  int socket_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::mutex mutex_;
  std::vector<std::thread> threads_;
  std::vector<int> sockets_;
  std::thread accepting_;
};

} // namespace troupe::http::test
