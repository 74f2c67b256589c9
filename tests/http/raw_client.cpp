#include "tests/http/raw_client.hpp"

#include "runtime/http/characters.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace troupe::http::test {

raw_client::raw_client(std::uint16_t port, std::chrono::milliseconds patience) : patience_(patience) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket_);
    socket_ = -1;
  }
}

raw_client::raw_client(const std::string& address, std::chrono::milliseconds patience)
    : raw_client(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))), patience) {}

raw_client::raw_client(raw_client&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), patience_(other.patience_), input_(std::move(other.input_)) {}

raw_client::~raw_client() {
  if (socket_ >= 0) ::close(socket_);
}

bool raw_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    pollfd waiting{socket_, POLLOUT, 0};
    if (::poll(&waiting, 1, static_cast<int>(patience_.count())) <= 0) return false;
    auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void raw_client::end_sending() {
  ::shutdown(socket_, SHUT_WR);
}

void raw_client::reset() {
  linger hard{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  ::close(std::exchange(socket_, -1));
}

bool raw_client::fill() {
  pollfd waiting{socket_, POLLIN, 0};
  if (::poll(&waiting, 1, static_cast<int>(patience_.count())) <= 0) return false;
  char bytes[65536];
  auto count = ::recv(socket_, bytes, sizeof bytes, 0);
  if (count <= 0) return false;
  input_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

std::optional<std::string> raw_client::read_line() {
  std::size_t end;
  while ((end = input_.find("\r\n")) == std::string::npos)
    if (!fill()) return std::nullopt;
  auto line = input_.substr(0, end);
  input_.erase(0, end + 2);
  return line;
}

bool raw_client::read_exactly(std::size_t size, std::string& into) {
  while (input_.size() < size)
    if (!fill()) return false;
  into.append(input_, 0, size);
  input_.erase(0, size);
  return true;
}

std::optional<raw_answer> raw_client::read_answer(bool is_head) {
  raw_answer result;
  auto line = read_line();
  if (!line || !line->starts_with("HTTP/1.1 ") || line->size() < 12) return std::nullopt;
  result.status = std::stoi(line->substr(9, 3));
  while ((line = read_line()) && !line->empty()) {
    auto colon = line->find(": ");
    if (colon == std::string::npos) return std::nullopt;
    std::string name;
    for (char c : line->substr(0, colon))
      name += to_lower(c);
    result.fields[name] = line->substr(colon + 2);
  }
  if (!line) return std::nullopt;
  if (is_head || result.status < 200 || result.status == 204 || result.status == 304) return result;
  auto coding = result.fields.find("transfer-encoding");
  result.is_chunked = coding != result.fields.end() && coding->second == "chunked";
  while (result.is_chunked) {
    line = read_line();
    if (!line || line->empty()) return std::nullopt;
    auto size = std::stoul(*line, nullptr, 16);
    if (!read_exactly(size, result.body)) return std::nullopt;
    line = read_line();
    if (!line || !line->empty()) return std::nullopt;
    if (size == 0) return result;
  }
  auto length = result.fields.find("content-length");
  if (length == result.fields.end()) {
    result.body = read_all();
    return result;
  }
  if (!read_exactly(std::stoul(length->second), result.body)) return std::nullopt;
  return result;
}

std::string raw_client::read_all() {
  while (fill()) {
  }
  return std::exchange(input_, {});
}

std::string raw_client::read_some(std::size_t size) {
  if (input_.empty() && !fill()) return {};
  auto result = input_.substr(0, size);
  input_.erase(0, result.size());
  return result;
}

bool raw_client::is_closed_within(std::chrono::milliseconds time) {
  if (!input_.empty()) return false;
  pollfd waiting{socket_, POLLIN, 0};
  if (::poll(&waiting, 1, static_cast<int>(time.count())) <= 0) return false;
  char byte;
  return ::recv(socket_, &byte, 1, 0) <= 0;
}

} // namespace troupe::http::test
