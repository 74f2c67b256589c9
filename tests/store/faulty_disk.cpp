#include "tests/store/faulty_disk.hpp"

#include <cerrno>
#include <climits>
#include <string>
#include <sys/syscall.h>
#include <unistd.h>

namespace troupe::testing {

std::function<int(int)> faulty_disk::on_sync;
std::function<int(int)> faulty_disk::on_write;

bool is_file(int descriptor, const char* ending) {
  char name[PATH_MAX];
  const auto link = "/proc/self/fd/" + std::to_string(descriptor);
  const auto count = ::readlink(link.c_str(), name, sizeof name);
  return count > 0 && std::string(name, static_cast<std::size_t>(count)).ends_with(ending);
}

namespace {

bool fails(const std::function<int(int)>& question, int descriptor) {
  const auto reason = question ? question(descriptor) : 0;
  if (reason != 0) errno = reason;
  return reason != 0;
}

} // namespace

} // namespace troupe::testing

// What the executable defines is found before the C library's by everything that is loaded.
extern "C" {

int fdatasync(int descriptor) {
  if (troupe::testing::fails(troupe::testing::faulty_disk::on_sync, descriptor)) return -1;
  return static_cast<int>(::syscall(SYS_fdatasync, descriptor));
}

int fsync(int descriptor) {
  if (troupe::testing::fails(troupe::testing::faulty_disk::on_sync, descriptor)) return -1;
  return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

ssize_t pwrite64(int descriptor, const void* bytes, size_t count, off64_t offset) {
  if (troupe::testing::fails(troupe::testing::faulty_disk::on_write, descriptor)) return -1;
  return ::syscall(SYS_pwrite64, descriptor, bytes, count, offset);
}
}
