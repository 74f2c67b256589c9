#pragma once

#include "runtime/base/error.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::http {

/// Which addresses may be called. With blocks: what is in one of them; without: everything but link-local and cloud
/// metadata addresses. An IPv4 address inside an IPv6 one (mapped, or translated by NAT64) counts as that IPv4 address;
/// an unspecified address as loopback, where the system takes it.
class address_filter {
public:
  address_filter() = default;
  /// CIDR blocks or single addresses; refuses with `invalid_request`.
  static expected<address_filter> parse(const std::vector<std::string>& blocks);

  /// False also for what is no address.
  bool allows(const std::string& address) const;

private:
  /// IPv4 as its mapped IPv6 address.
  using bytes = std::array<std::uint8_t, 16>;
  struct block {
    bytes prefix;
    int bits;
    bool contains(const bytes& address) const;
  };
  static std::optional<bytes> parse_address(const std::string& text);
  static std::optional<block> parse_block(const std::string& text);

  std::vector<block> blocks_;
};

} // namespace troupe::http
