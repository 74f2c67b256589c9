#pragma once

#include "runtime/base/json.hpp"
#include "runtime/blueprint/expression.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::blueprint {

/// A published API call at one version.
struct api_call_version {
  int version = 0;
  std::shared_ptr<const json> document;
};

/// What a blueprint can refer to, at the versions that it gets: the newest when it is published, its pins when it is
/// read again.
struct references {
  std::shared_ptr<const library> functions;
  std::map<std::string, int> modules; ///< version of each custom module in `functions`
  /// Nothing: no such API call.
  std::function<std::optional<api_call_version>(std::string_view id)> find_api_call;
};

} // namespace troupe::blueprint
