#include "runtime/store/sqlite_lock.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

namespace troupe::store {

namespace {

std::string holder(int descriptor) {
  std::array<char, 32> text{};
  const auto count = ::pread(descriptor, text.data(), text.size(), 0);
  return count > 0
             ? fmt::format("process {} writes to it", std::string_view(text.data(), static_cast<std::size_t>(count)))
             : "another process writes to it";
}

} // namespace

expected<sqlite_lock> sqlite_lock::take(const std::string& path) {
  const auto beside = path + ".lock";
  sqlite_lock lock(::open(beside.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (lock.descriptor_ < 0)
    return refuse(errc::not_ready, fmt::format("{}: expected a file that can be made, but found: {}", beside,
                                               std::generic_category().message(errno)));
  if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK)
      return refuse(errc::not_ready, fmt::format("{}: expected to lock it, but found: {}", beside,
                                                 std::generic_category().message(errno)));
    return refuse(errc::not_ready,
                  fmt::format("{}: expected to be its only writer, but found that {}", path, holder(lock.descriptor_)));
  }
  const auto self = std::to_string(::getpid());
  // Only for the message above: a full disk is no reason not to start.
  if (::ftruncate(lock.descriptor_, 0) == 0 && ::pwrite(lock.descriptor_, self.data(), self.size(), 0) < 0) errno = 0;
  return lock;
}

sqlite_lock::~sqlite_lock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

} // namespace troupe::store
