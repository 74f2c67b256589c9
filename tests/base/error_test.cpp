#define CAF_SUITE base_error

#include "runtime/base/error.hpp"

#include "caf/test/dsl.hpp"

using namespace troupe;

CAF_TEST(every code has the name that clients read) {
  CAF_CHECK_EQUAL(to_string(errc::malformed_json), "malformed_json");
  CAF_CHECK_EQUAL(to_string(errc::unknown_workflow), "unknown_workflow");
  CAF_CHECK_EQUAL(to_string(errc::internal), "internal");
}

CAF_TEST(a refusal carries its code and text and violations) {
  expected<int> refused = refuse(errc::invalid_data, "expected 1, but found 2", {{"/a", "1", "2"}});
  CAF_REQUIRE(!refused);
  CAF_CHECK(refused.error() == (error{errc::invalid_data, "expected 1, but found 2", {{"/a", "1", "2"}}}));
}
