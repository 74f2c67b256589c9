#include "runtime/blueprint/script_memory.hpp"

#include "runtime/base/error.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace troupe::blueprint {

/// Before chunks and large blocks: all of one kind in a ring without a head.
struct alignas(16) script_memory::link {
  link* previous;
  link* next;
};

/// Directly before every block.
struct alignas(16) script_memory::header {
  std::size_t size; ///< of the block behind it
  bool large;
};

namespace {

template <class Link> void insert(Link*& first, Link* added) {
  added->previous = nullptr;
  added->next = first;
  if (first) first->previous = added;
  first = added;
}

template <class Link> void remove(Link*& first, Link* removed) {
  if (removed->previous)
    removed->previous->next = removed->next;
  else
    first = removed->next;
  if (removed->next) removed->next->previous = removed->previous;
}

template <class Link> void free_all(Link* first) {
  while (first) {
    Link* next = first->next;
    std::free(first);
    first = next;
  }
}

} // namespace

script_memory::script_memory() = default;

script_memory::~script_memory() {
  free_all(chunks_);
  free_all(large_);
}

void* script_memory::allocate(std::size_t size) {
  if (size == 0) return nullptr;
  if (size > limit_ || used_ > limit_ - size) {
    exhausted_ = true;
    return nullptr;
  }
#ifdef __SANITIZE_ADDRESS__
  return allocate_large(size); // each block by itself, so that the sanitizer sees its ends
#else
  return size <= small_max ? allocate_small(size) : allocate_large(size);
#endif
}

void* script_memory::allocate_small(std::size_t size) {
  const std::size_t kind = (size + step - 1) / step;
  const std::size_t rounded = kind * step;
  void* block = free_[kind];
  if (block) {
    std::memcpy(&free_[kind], block, sizeof(void*));
  } else {
    const std::size_t whole = sizeof(header) + rounded;
    if (static_cast<std::size_t>(end_ - next_) < whole && !add_chunk()) return nullptr;
    block = new (next_) header{rounded, false} + 1;
    next_ += whole;
  }
  used_ += rounded;
  return block;
}

bool script_memory::add_chunk() {
  void* memory = std::aligned_alloc(alignof(link), chunk_size);
  if (!memory) {
    exhausted_ = true;
    return false;
  }
  auto* chunk = new (memory) link{};
  insert(chunks_, chunk);
  held_ += chunk_size;
  next_ = static_cast<std::byte*>(memory) + sizeof(link);
  end_ = static_cast<std::byte*>(memory) + chunk_size;
  return true;
}

void* script_memory::allocate_large(std::size_t size) {
  void* memory = std::malloc(sizeof(link) + sizeof(header) + size);
  if (!memory) {
    exhausted_ = true;
    return nullptr;
  }
  insert(large_, new (memory) link{});
  auto* head = new (static_cast<std::byte*>(memory) + sizeof(link)) header{size, true};
  used_ += size;
  held_ += size;
  return head + 1;
}

void script_memory::release(void* block) {
  if (!block) return;
  auto* head = static_cast<header*>(block) - 1;
  used_ -= head->size;
  if (head->large) {
    held_ -= head->size;
    auto* ring = reinterpret_cast<link*>(reinterpret_cast<std::byte*>(head) - sizeof(link));
    remove(large_, ring);
    std::free(ring);
    return;
  }
  void*& first = free_[head->size / step];
  std::memcpy(block, &first, sizeof(void*));
  first = block;
}

void* script_memory::reallocate(void* block, std::size_t size) {
  if (!block) return allocate(size);
  if (size == 0) {
    release(block);
    return nullptr;
  }
  auto* head = static_cast<header*>(block) - 1;
  if (head->large) return resize_large(head, size);
  if (size <= head->size) return block;
  void* moved = allocate(size);
  if (!moved) return nullptr;
  std::memcpy(moved, block, head->size);
  release(block);
  return moved;
}

void* script_memory::resize_large(header* head, std::size_t size) {
  const std::size_t before = head->size;
  if (size > before && (size > limit_ || used_ - before > limit_ - size)) {
    exhausted_ = true;
    return nullptr;
  }
  auto* ring = reinterpret_cast<link*>(reinterpret_cast<std::byte*>(head) - sizeof(link));
  remove(large_, ring);
  void* memory = std::realloc(ring, sizeof(link) + sizeof(header) + size);
  if (!memory) {
    insert(large_, ring);
    exhausted_ = true;
    return nullptr;
  }
  insert(large_, static_cast<link*>(memory));
  head = reinterpret_cast<header*>(static_cast<std::byte*>(memory) + sizeof(link));
  head->size = size;
  used_ = used_ - before + size;
  held_ = held_ - before + size;
  return head + 1;
}

std::size_t script_memory::usable_size(const void* block) {
  return block ? (static_cast<const header*>(block) - 1)->size : 0;
}

bool script_memory::take_exhausted() {
  const bool result = exhausted_;
  exhausted_ = false;
  return result;
}

} // namespace troupe::blueprint
