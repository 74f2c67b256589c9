#pragma once

#include "actors/services.hpp"
#include "runtime/base/settings.hpp"

#include <memory>
#include <string>

namespace troupe::actors {

/// One server: settings in, a supervised tree of actors out, an orderly end. `register_messages` and CAF's own types
/// come before the first one.
class node {
public:
  /// Opens the store and takes its leases, loads what was published, starts the actors and then the HTTP server;
  /// returns when it can take orders. Refuses with `not_ready` (store or port), `newer_schema`, `invalid_request`.
  static expected<std::unique_ptr<node>> start(const settings& chosen);
  /// Ends in order if `stop` was not called.
  ~node();
  node(const node&) = delete;
  node& operator=(const node&) = delete;

  /// host:port of the HTTP server.
  std::string address() const;
  /// True once the services were started again too often: the node cannot go on.
  bool has_given_up() const;
  /// HTTP takes nothing new, orders finish the tries that are under way, the rest is given back, the store commits what
  /// it has. Within `shutdown.grace` and a second.
  void stop();

private:
  struct parts;
  explicit node(std::unique_ptr<parts> content);
  void start_actors(const settings& chosen, std::unique_ptr<store::writer> writer);
  expected<void> serve(const settings& chosen);
  std::unique_ptr<parts> parts_;
};

} // namespace troupe::actors
