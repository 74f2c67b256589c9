#include "tests/http/raw_server.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace troupe::http::test {

bool raw_peer::fill() {
  if (socket_ < 0) return false;
  char bytes[65536];
  auto count = ::recv(socket_, bytes, sizeof bytes, 0);
  if (count <= 0) return false;
  input_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

std::string raw_peer::read_request() {
  std::size_t end;
  while ((end = input_.find("\r\n\r\n")) == std::string::npos)
    if (!fill()) return {};
  auto size = end + 4;
  auto length = input_.find("Content-Length: ");
  if (length != std::string::npos && length < end) size += std::stoul(input_.substr(length + 16));
  while (input_.size() < size)
    if (!fill()) return {};
  auto request = input_.substr(0, size);
  input_.erase(0, size);
  return request;
}

void raw_peer::write(std::string_view bytes) {
  while (!bytes.empty() && socket_ >= 0) {
    auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void raw_peer::close() {
  if (socket_ >= 0) ::shutdown(std::exchange(socket_, -1), SHUT_RDWR);
}

void raw_peer::reset() {
  linger hard{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  socket_ = -1;
}

void raw_peer::wait_for_end() {
  while (fill())
    input_.clear();
}

raw_server::raw_server(std::function<void(raw_peer&, int)> script) : script_(std::move(script)) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
  ::listen(socket_, 128);
  socklen_t size = sizeof address;
  ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread{[this] { accept_all(); }};
}

raw_server::~raw_server() {
  ::shutdown(socket_, SHUT_RDWR);
  accepting_.join();
  {
    std::lock_guard guard{mutex_};
    for (int socket : sockets_)
      ::shutdown(socket, SHUT_RDWR);
  }
  for (auto& thread : threads_)
    thread.join();
  ::close(socket_);
}

void raw_server::accept_all() {
  for (;;) {
    int socket = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    auto number = connections_++;
    std::lock_guard guard{mutex_};
    sockets_.push_back(socket);
    threads_.emplace_back([this, socket, number] {
      raw_peer peer{socket};
      script_(peer, number);
      std::lock_guard closing{mutex_};
      std::erase(sockets_, socket);
      ::close(socket);
    });
  }
}

} // namespace troupe::http::test
