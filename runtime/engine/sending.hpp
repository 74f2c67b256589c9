#pragma once

#include "runtime/engine/values.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::engine {

using header_fields = std::vector<std::pair<std::string, std::string>>;

/// A request from its templates, but for its time-out and the fields that every effect carries. Refuses with
/// `invalid_data` an expression that fails, a URL that is none, and fields that are none or that belong to the
/// transport (`Content-Length` and its kin).
expected<rendered_call> render_webhook(const blueprint::webhook_body& body, visible_values& values);

/// Names compare without case.
bool has_field(const header_fields& fields, std::string_view name);
/// Replaces every field of that name.
void set_field(header_fields& fields, std::string name, std::string value);

} // namespace troupe::engine
