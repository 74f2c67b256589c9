#pragma once

#include "runtime/http/address_filter.hpp"
#include "runtime/http/channel.hpp"
#include "runtime/http/client.hpp"
#include "runtime/http/name_lookup.hpp"

#include <functional>
#include <memory>
#include <string>

namespace troupe::http {

/// What TLS connections trust; made once for a client.
class trust {
public:
  virtual ~trust() = default;
  /// `authorities`: a PEM file, empty for the system's. Refuses with `invalid_request`.
  static expected<std::unique_ptr<trust>> load(const std::string& authorities);
};

/// Makes one connection: finds the addresses of a name, leaves out those that may not be called, tries the rest one
/// after the other, and for https checks the certificate and the name in it.
class connector {
public:
  virtual ~connector() = default;

  struct target {
    std::string host;
    std::uint16_t port = 80;
    const trust* trusted = nullptr; ///< with it TLS
  };
  using handler = std::function<void(tl::expected<std::unique_ptr<channel>, call_error>)>;

  /// `done` comes once, on the lane, not from inside this call; never after `cancel`. The filter and what is trusted
  /// outlive the connector.
  static std::shared_ptr<connector> begin(const std::shared_ptr<lane>& on, name_lookup& names, target to,
                                          const address_filter& filter, handler done);
  virtual void cancel() = 0;
};

} // namespace troupe::http
