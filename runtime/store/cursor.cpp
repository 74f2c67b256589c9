#include "runtime/store/cursor.hpp"

#include "runtime/base/crypto.hpp"

#include <charconv>
#include <fmt/format.h>

namespace troupe::store {

namespace {

/// Order, list, and nothing that a client could read a meaning into.
std::string mark(std::string_view list, bool ascending) {
  return (ascending ? 'a' : 'd') + sha256_hex(list).substr(0, 16) + '-';
}

} // namespace

std::string write_cursor(std::string_view list, bool ascending, std::int64_t position) {
  return fmt::format("{}{:x}", mark(list, ascending), position);
}

expected<std::int64_t> read_cursor(std::string_view cursor, std::string_view list, bool ascending) {
  const auto expected_mark = mark(list, ascending);
  std::int64_t position = 0;
  if (cursor.starts_with(expected_mark)) {
    const auto digits = cursor.substr(expected_mark.size());
    const auto* end = digits.data() + digits.size();
    const auto [stopped, failure] = std::from_chars(digits.data(), end, position, 16);
    if (failure == std::errc() && stopped == end && position >= 0 && !digits.empty()) return position;
  }
  return refuse(errc::invalid_request,
                fmt::format("expected the cursor of an earlier page of the same list in the same order, but found {}",
                            cursor.substr(0, 100)));
}

} // namespace troupe::store
