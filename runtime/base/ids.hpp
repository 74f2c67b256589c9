#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe {

inline constexpr int shard_count = 256;

/// FNV-1a-64(order_id) mod 256: which lease an order belongs to, the same on every machine for ever.
int shard_of(std::string_view order_id);

/// `[A-Za-z0-9][A-Za-z0-9._:-]{0,127}`
bool is_order_id(std::string_view text);
/// `[A-Za-z][A-Za-z0-9_-]{0,127}`: blueprints, API calls, function modules.
bool is_definition_id(std::string_view text);

/// RFC 9562 version 7: sorts by time of making. From the operating system's randomness, monotonic within the process.
std::string new_uuid_v7();

/// A version 4 shaped UUID derived from a text (SHA-256): the same text gives the same UUID.
std::string uuid_from(std::string_view text);

} // namespace troupe
