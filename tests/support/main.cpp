#define CAF_TEST_NO_MAIN
#include "caf/io/middleman.hpp"
#include "caf/init_global_meta_objects.hpp"
#include "caf/test/unit_test_impl.hpp"

/// Defined by test executables that send messages of their own types: initialises their type-id blocks.
[[gnu::weak]] void initialize_types();

int main(int count, char** arguments) {
  if (initialize_types)
    initialize_types();
  caf::io::middleman::init_global_meta_objects();
  caf::core::init_global_meta_objects();
  return caf::test::main(count, arguments);
}
