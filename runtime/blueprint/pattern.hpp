#pragma once

#include "runtime/base/error.hpp"

#include <memory>
#include <string_view>

namespace troupe::blueprint {

/// An ECMAScript regular expression (Unicode mode as draft-07 wants it), compiled once, searched for anywhere in a
/// string as JSON Schema's `pattern` does. Immutable and safe to use from several threads. Bounded: a search that takes
/// longer than `search_time_max` says `too_expensive`, so that no string of a stranger's can hang or crash the process.
class pattern {
public:
  enum class outcome { found, not_found, too_expensive };

  /// Refuses with `invalid_blueprint` and says what is wrong.
  static expected<pattern> compile(std::string_view source);

  outcome search(std::string_view subject) const;

  const std::string& source() const;

  /// Opaque to everyone but the home of QuickJS.
  struct program;

private:
  explicit pattern(std::shared_ptr<const program> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const program> compiled_;
};

} // namespace troupe::blueprint
