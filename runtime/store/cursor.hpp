#pragma once

#include "runtime/base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::store {

/// Where a page ended. Bound to one list in one order: `list` names it with all its filters.
std::string write_cursor(std::string_view list, bool ascending, std::int64_t position);

/// Refuses with `invalid_request` what is no cursor of this list in this order.
expected<std::int64_t> read_cursor(std::string_view cursor, std::string_view list, bool ascending);

} // namespace troupe::store
