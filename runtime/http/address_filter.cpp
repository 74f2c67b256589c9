#include "runtime/http/address_filter.hpp"

#include "runtime/http/client.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

namespace troupe::http {

namespace {

using bytes = std::array<std::uint8_t, 16>;

constexpr bytes mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr bytes translated_prefix{0, 0x64, 0xff, 0x9b};

bool begins_with(const bytes& address, const bytes& prefix, std::size_t size) {
  return std::equal(address.begin(), address.begin() + static_cast<std::ptrdiff_t>(size), prefix.begin());
}

/// The one address that stands for others with the same effect.
bytes canonical_address(bytes address) {
  bool is_inside_other =
      begins_with(address, translated_prefix, 12) ||
      (begins_with(address, bytes{}, 12) && address != bytes{} && (address[12] | address[13] | address[14]) != 0);
  if (is_inside_other) std::copy_n(mapped_prefix.begin(), 12, address.begin());
  if (address == mapped_prefix) { // 0.0.0.0
    address[12] = 127;
    address[15] = 1;
  }
  if (address == bytes{}) address[15] = 1;
  return address;
}

} // namespace

std::optional<bytes> address_filter::parse_address(const std::string& text) {
  bytes result{};
  if (::inet_pton(AF_INET, text.c_str(), result.data() + 12) == 1) {
    std::copy_n(mapped_prefix.begin(), 12, result.begin());
    return result;
  }
  if (::inet_pton(AF_INET6, text.substr(0, text.find('%')).c_str(), result.data()) == 1) return result;
  return std::nullopt;
}

std::optional<address_filter::block> address_filter::parse_block(const std::string& text) {
  auto slash = text.find('/');
  auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  bool is_v4 = text.find(':') == std::string::npos;
  int bits_max = is_v4 ? 32 : 128;
  int bits = bits_max;
  if (slash != std::string::npos) {
    auto digits = std::string_view{text}.substr(slash + 1);
    auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (failure != std::errc{} || end != digits.data() + digits.size() || bits < 0 || bits > bits_max)
      return std::nullopt;
  }
  return block{*address, is_v4 ? bits + 96 : bits};
}

bool address_filter::block::contains(const bytes& address) const {
  auto whole = static_cast<std::size_t>(bits / 8);
  if (!begins_with(address, prefix, whole)) return false;
  if (bits % 8 == 0) return true;
  auto mask = static_cast<std::uint8_t>(0xff << (8 - bits % 8));
  return (address[whole] & mask) == (prefix[whole] & mask);
}

expected<address_filter> address_filter::parse(const std::vector<std::string>& blocks) {
  address_filter result;
  for (const auto& text : blocks) {
    auto parsed = parse_block(text);
    if (!parsed)
      return refuse(errc::invalid_request, "expected a block of addresses such as 10.0.0.0/8, but found " + text);
    result.blocks_.push_back(*parsed);
  }
  return result;
}

bool address_filter::allows(const std::string& address) const {
  auto parsed = parse_address(address);
  if (!parsed) return false;
  auto meant = canonical_address(*parsed);
  auto is_in = [&](const block& one) { return one.contains(meant); };
  if (!blocks_.empty()) return std::any_of(blocks_.begin(), blocks_.end(), is_in);
  static const std::vector<block> never = [] {
    std::vector<block> result;
    // Link-local ones, and where clouds answer for their machines.
    for (const auto* text :
         {"169.254.0.0/16", "fe80::/10", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"})
      result.push_back(*parse_block(text));
    return result;
  }();
  return std::none_of(never.begin(), never.end(), is_in);
}

bool is_allowed_address(const std::string& address, const std::vector<std::string>& allow) {
  auto filter = address_filter::parse(allow);
  return filter && filter->allows(address);
}

} // namespace troupe::http
