#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace troupe::blueprint {

/// The memory of one script runtime: everything that it allocates is given back at once when this is destroyed,
/// whatever state the runtime is in, so that one which ran out of memory or was interrupted can be dropped without
/// walking through it. Counts what is in use and refuses what passes the limit. Small blocks come from free lists by
/// size. Not shared between threads.
class script_memory {
public:
  script_memory();
  ~script_memory();
  script_memory(const script_memory&) = delete;
  script_memory& operator=(const script_memory&) = delete;

  /// Null beyond the limit or for no bytes; blocks are aligned to 16.
  void* allocate(std::size_t size);
  void release(void* block);
  void* reallocate(void* block, std::size_t size);
  static std::size_t usable_size(const void* block);

  /// Bytes handed out.
  std::size_t used() const { return used_; }
  /// Bytes taken from the system; more than `used` and never less until the end.
  std::size_t held() const { return held_; }
  void limit(std::size_t bytes) { limit_ = bytes; }
  /// True once a request was refused, until asked again.
  bool take_exhausted();

private:
  struct link;
  struct header;

  void* allocate_small(std::size_t size);
  void* allocate_large(std::size_t size);
  void* resize_large(header* head, std::size_t size);
  bool add_chunk();

  static constexpr std::size_t small_max = 1024;
  static constexpr std::size_t step = 16;
  static constexpr std::size_t chunk_size = 64u << 10;

  std::array<void*, small_max / step + 1> free_{};
  link* chunks_ = nullptr;
  link* large_ = nullptr;
  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  std::size_t used_ = 0;
  std::size_t held_ = 0;
  std::size_t limit_ = SIZE_MAX;
  bool exhausted_ = false;
};

} // namespace troupe::blueprint
