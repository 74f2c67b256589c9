#pragma once

#include <string_view>

namespace troupe::http {

/// The description of the API, OpenAPI 3.1, as it is checked in (`runtime/http/openapi.json`).
std::string_view openapi_document();

} // namespace troupe::http
