#include "runtime/http/spool.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace troupe::http {

namespace {

constexpr std::size_t small_part = 4096;

} // namespace

spool::~spool() {
  if (file_ >= 0) ::close(file_);
}

expected<void> spool::append(std::string bytes) {
  if (bytes.empty()) return {};
  if (size() + bytes.size() > limits_.total)
    return refuse(errc::queue_full, "expected a client that reads its answer, but found too many bytes waiting for it");
  if (in_file_ > 0 || in_memory_ + bytes.size() > limits_.memory) return append_to_file(bytes);
  in_memory_ += bytes.size();
  if (!parts_.empty() && parts_.back().size() + bytes.size() <= small_part)
    parts_.back() += bytes;
  else
    parts_.push_back(std::move(bytes));
  return {};
}

expected<void> spool::open_file() {
  if (file_ >= 0) return {};
  auto folder = limits_.folder;
  std::error_code unknown;
  if (folder.empty()) folder = std::filesystem::temp_directory_path(unknown).string();
  if (unknown) folder = "/tmp";
  file_ = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file_ < 0) { // not every file system has files without a name
    auto name = folder + "/troupe-answer-XXXXXX";
    file_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (file_ >= 0) ::unlink(name.c_str());
  }
  if (file_ < 0)
    return refuse(errc::not_ready,
                  "expected to open a temporary file in " + folder + ", but found: " + std::strerror(errno));
  return {};
}

expected<void> spool::append_to_file(std::string_view bytes) {
  if (auto opened = open_file(); !opened) return opened;
  std::uint64_t written = 0;
  while (written < bytes.size()) {
    auto position = (file_begin_ + in_file_ + written) % limits_.total;
    auto count = std::min<std::uint64_t>(bytes.size() - written, limits_.total - position);
    auto done = ::pwrite(file_, bytes.data() + written, count, static_cast<off_t>(position));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0)
      return refuse(errc::not_ready,
                    std::string{"expected room for a temporary file, but found: "} + std::strerror(errno));
    written += static_cast<std::uint64_t>(done);
  }
  in_file_ += written;
  return {};
}

expected<std::string> spool::take(std::size_t wanted) {
  if (in_memory_ > 0) {
    auto& front = parts_.front();
    const bool is_last = front.size() - front_taken_ <= wanted;
    std::string result = front_taken_ == 0 && is_last ? std::move(front) : front.substr(front_taken_, wanted);
    front_taken_ += result.size();
    in_memory_ -= result.size();
    if (is_last) {
      parts_.pop_front();
      front_taken_ = 0;
    }
    return result;
  }
  std::string result;
  auto count = std::min<std::uint64_t>({wanted, in_file_, limits_.total - file_begin_});
  if (count == 0) return result;
  result.resize(count);
  auto done = ::pread(file_, result.data(), count, static_cast<off_t>(file_begin_));
  if (done <= 0)
    return refuse(errc::not_ready,
                  std::string{"expected to read a temporary file, but found: "} + std::strerror(errno));
  result.resize(static_cast<std::size_t>(done));
  in_file_ -= result.size();
  file_begin_ = in_file_ == 0 ? 0 : (file_begin_ + result.size()) % limits_.total;
  // The disk gets its space back once all has been read.
  if (in_file_ == 0 && ::ftruncate(file_, 0) != 0) file_begin_ = 0;
  return result;
}

void spool::clear() {
  parts_.clear();
  front_taken_ = 0;
  in_memory_ = 0;
  in_file_ = 0;
  file_begin_ = 0;
  if (file_ >= 0) ::close(std::exchange(file_, -1));
}

} // namespace troupe::http
