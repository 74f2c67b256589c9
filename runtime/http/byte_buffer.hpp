#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace troupe::http {

/// Bytes read and not yet understood, in one piece: filled at the end, consumed at the front.
class byte_buffer {
public:
  /// Room for at least `size` more bytes; what `bytes` gave is no longer valid.
  std::span<char> prepare(std::size_t size) {
    if (begin_ == end_) begin_ = end_ = 0;
    if (capacity_ - end_ < size) {
      if (capacity_ - (end_ - begin_) >= size) {
        std::memmove(data_.get(), data_.get() + begin_, end_ - begin_);
      } else {
        auto capacity = std::max(capacity_ * 2, end_ - begin_ + size);
        auto fresh = std::make_unique_for_overwrite<char[]>(capacity);
        if (end_ > begin_) std::memcpy(fresh.get(), data_.get() + begin_, end_ - begin_);
        data_ = std::move(fresh);
        capacity_ = capacity;
      }
      end_ -= begin_;
      begin_ = 0;
    }
    return {data_.get() + end_, capacity_ - end_};
  }
  void commit(std::size_t size) { end_ += size; }
  std::string_view bytes() const { return {data_.get() + begin_, end_ - begin_}; }
  void consume(std::size_t size) { begin_ += size; }
  bool empty() const { return begin_ == end_; }
  std::size_t size() const { return end_ - begin_; }
  void clear() { begin_ = end_ = 0; }
  /// Gives memory back where more than `keep` bytes are held for nothing.
  void shrink(std::size_t keep) {
    if (!empty() || capacity_ <= keep) return;
    data_.reset();
    capacity_ = begin_ = end_ = 0;
  }

private:
  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

} // namespace troupe::http
