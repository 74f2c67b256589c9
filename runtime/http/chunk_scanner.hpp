#pragma once

#include "runtime/http/refusal.hpp"

#include <cstddef>
#include <string_view>

namespace troupe::http {

/// What a chunked body may cost besides its bytes.
struct chunk_limits {
  std::size_t line = 4096;        ///< one chunk header with its extensions
  std::size_t extensions = 16384; ///< all the extensions of one body
  std::size_t trailers = 8192;
};

/// Bytes of a chunk header or of trailers that a parser finds incomplete: refuses what waiting cannot mend (no line
/// ending after the chunk before, no digit, a bare CR or LF, a control character, more than the limit).
accepted<void> check_unfinished_chunk(std::string_view bytes, bool is_first, const chunk_limits& limits);

/// The whole header of a chunk as it was read, from the CR LF that ends the chunk before it to its own; for the last
/// chunk with the trailers and their empty line.
accepted<void> check_chunk_header(std::string_view bytes, bool is_last);

} // namespace troupe::http
