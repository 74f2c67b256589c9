#pragma once

#include "actors/services.hpp"

namespace troupe::actors {

/// What `version` of a reprocessing may be.
inline constexpr const char* version_choices = "same, latest or a version's number";
bool is_version_choice(const json& version);

/// Which version of its blueprint an order is to be reprocessed with: `version` is the request's (`same`, `latest`, a
/// number, or null for `same`). Refuses with `invalid_data`, also a version that is not published.
expected<engine::reprocess_order> resolve_reprocess(const services& with, const engine::order& order,
                                                    engine::reprocess_order wanted, const json& version);

} // namespace troupe::actors
