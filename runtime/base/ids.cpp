#include "runtime/base/ids.hpp"

#include "runtime/base/crypto.hpp"
#include "runtime/base/time.hpp"

#include <algorithm>
#include <mutex>

namespace troupe {

namespace {

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_letter_or_digit(char c) {
  return is_letter(c) || (c >= '0' && c <= '9');
}

constexpr std::size_t id_length_max = 128;

/// 16 bytes as `8-4-4-4-12` hexadecimal digits, with the version and the variant put in.
std::string uuid_text(std::string bytes, unsigned version) {
  auto replace = [&](std::size_t at, unsigned keep, unsigned with) {
    bytes[at] = static_cast<char>((static_cast<unsigned char>(bytes[at]) & keep) | with);
  };
  replace(6, 0x0fu, version << 4);
  replace(8, 0x3fu, 0x80u);
  auto digits = to_hex(bytes);
  for (std::size_t at : {8u, 13u, 18u, 23u})
    digits.insert(at, 1, '-');
  return digits;
}

/// Ten random bytes; asked of the operating system for many at once.
std::string_view ten_random_bytes() {
  constexpr std::size_t count = 10;
  thread_local std::string fresh;
  thread_local std::size_t used = 0;
  if (used + count > fresh.size()) {
    fresh = random_bytes(100 * count);
    used = 0;
  }
  used += count;
  return std::string_view{fresh}.substr(used - count, count);
}

/// The time and the random part of the last UUID that was made: the next is greater.
struct uuid_clock {
  std::mutex mutex;
  std::int64_t milliseconds = 0;
  std::uint64_t random = 0; ///< 12 bits behind the version and 50 behind the variant; the last 12 are always new
};

constexpr std::uint64_t random_limit = std::uint64_t{1} << 62;

std::uint64_t number_from(std::string_view bytes) {
  std::uint64_t result = 0;
  for (auto c : bytes)
    result = (result << 8) | static_cast<unsigned char>(c);
  return result;
}

} // namespace

int shard_of(std::string_view order_id) {
  std::uint64_t hash = 14695981039346656037ull;
  for (auto c : order_id) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1099511628211ull;
  }
  return static_cast<int>(hash % shard_count);
}

bool is_order_id(std::string_view text) {
  if (text.empty() || text.size() > id_length_max || !is_letter_or_digit(text.front())) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == ':' || c == '-'; });
}

bool is_definition_id(std::string_view text) {
  if (text.empty() || text.size() > id_length_max || !is_letter(text.front())) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; });
}

std::string new_uuid_v7() {
  static uuid_clock last;
  const auto fresh = ten_random_bytes();
  auto now = wall_clock_now().time_since_epoch().count();
  std::int64_t milliseconds = 0;
  std::uint64_t random = 0;
  {
    std::lock_guard guard{last.mutex};
    if (now > last.milliseconds) {
      last.milliseconds = now;
      // The top bit is left free, so that a whole millisecond of counting finds room.
      last.random = number_from(fresh.substr(0, 8)) % (random_limit / 2);
    } else {
      last.random += 1 + number_from(fresh.substr(0, 4));
      if (last.random >= random_limit) {
        ++last.milliseconds;
        last.random %= random_limit;
      }
    }
    milliseconds = last.milliseconds;
    random = last.random;
  }
  std::string bytes(16, '\0');
  auto put = [&](std::size_t at, std::uint64_t value) { bytes[at] = static_cast<char>(value & 0xffu); };
  for (std::size_t i = 0; i < 6; ++i)
    put(i, static_cast<std::uint64_t>(milliseconds) >> (40 - 8 * i));
  put(6, random >> 58);
  put(7, random >> 50);
  put(8, (random >> 44) & 0x3fu);
  for (std::size_t i = 0; i < 5; ++i)
    put(9 + i, random >> (36 - 8 * i));
  put(14, (random << 4) | (number_from(fresh.substr(8, 1)) & 0x0fu));
  put(15, number_from(fresh.substr(9, 1)));
  return uuid_text(std::move(bytes), 7);
}

std::string uuid_from(std::string_view text) {
  return uuid_text(sha256(text).substr(0, 16), 4);
}

} // namespace troupe
