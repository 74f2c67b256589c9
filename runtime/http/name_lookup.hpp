#pragma once

#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace troupe::http {

/// Finds the addresses of names, with the system's resolver on a few threads that live while there is something to
/// find. A name is asked for once at a time, however many want it, so that one whose servers hang holds up neither the
/// others nor the end of the process.
class name_lookup {
public:
  name_lookup();
  /// What is still being looked for is let go of.
  ~name_lookup();
  name_lookup(const name_lookup&) = delete;
  name_lookup& operator=(const name_lookup&) = delete;

  /// Addresses as text, in the order in which they are to be tried; the error is a text.
  using result = tl::expected<std::vector<std::string>, std::string>;
  /// `done` comes on one of those threads.
  void find(const std::string& name, std::function<void(const result&)> done);

private:
  struct state;
  std::shared_ptr<state> state_;
};

} // namespace troupe::http
