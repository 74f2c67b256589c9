#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::http::test {

struct raw_answer {
  int status = 0;
  std::map<std::string, std::string> fields; ///< names in lower case
  std::string body;
  bool is_chunked = false;
};

/// A client that sends any bytes, in any pieces, and reads answers off the socket. Blocking, with a deadline on each
/// wait.
class raw_client {
public:
  explicit raw_client(std::uint16_t port, std::chrono::milliseconds patience = std::chrono::seconds{5});
  /// For `127.0.0.1:port`.
  explicit raw_client(const std::string& address, std::chrono::milliseconds patience = std::chrono::seconds{5});
  ~raw_client();
  raw_client(raw_client&& other) noexcept;
  raw_client& operator=(raw_client&&) = delete;

  bool is_connected() const { return socket_ >= 0; }
  /// False if the other side does not take it.
  bool send(std::string_view bytes);
  /// Says that no more will be sent.
  void end_sending();
  /// Closes with a reset.
  void reset();

  /// The next answer; nothing if none comes, or half of one. `is_head`: it has no body whatever it says.
  std::optional<raw_answer> read_answer(bool is_head = false);
  /// Everything until the end.
  std::string read_all();
  /// Whether the other side closes within the time, sending no more bytes.
  bool is_closed_within(std::chrono::milliseconds time);
  /// Up to `size` bytes of what comes next; empty at the end or the deadline.
  std::string read_some(std::size_t size);
  int descriptor() const { return socket_; }

private:
  bool fill();
  std::optional<std::string> read_line();
  bool read_exactly(std::size_t size, std::string& into);

  int socket_ = -1;
  std::chrono::milliseconds patience_;
  std::string input_;
};

} // namespace troupe::http::test
