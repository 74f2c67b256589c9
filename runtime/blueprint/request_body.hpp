#pragma once

#include "runtime/blueprint/compilation.hpp"

#include <array>
#include <optional>

namespace troupe::blueprint {

inline constexpr auto request_field_names =
    std::to_array<std::string_view>({"url", "method", "headers", "auth", "expectedResponse"});

/// The fields that a webhook and an API call share: `url`, `method`, `headers`, `auth`, `expectedResponse`. Without the
/// payload. Nothing if there is no url that compiles.
std::optional<webhook_body> read_request(const object_reader& reader, compilation& work, place where);

/// `"200 OK"` as the object that it means; anything else as it is.
json normalised_expected_response(const json& written);

} // namespace troupe::blueprint
