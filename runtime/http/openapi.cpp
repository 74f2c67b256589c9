#include "runtime/http/openapi.hpp"

namespace troupe::embedded {
extern const std::string_view openapi; ///< runtime/http/openapi.json, put in by the build
} // namespace troupe::embedded

namespace troupe::http {

std::string_view openapi_document() {
  return embedded::openapi;
}

} // namespace troupe::http
