#pragma once

#include "actors/exchange.hpp"

namespace troupe::actors {

/// The filter of `GET /v1/orders` from its query parameters; faults are kept in `query`.
store::order_filter read_filter(query_reader& query);

/// The same filter as JSON: of a bulk operation's body (`{ "filter": {...} }`), checked field by field, and read again
/// from the stored work.
expected<void> check_filter(const json& filter);
store::order_filter filter_from_json(const json& work);

} // namespace troupe::actors
