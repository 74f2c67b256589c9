#pragma once

#include <filesystem>

namespace troupe::test {

/// Where the checkout lies that these tests were built from. Told by one file alone, so that all others compile to the
/// same in every clone.
std::filesystem::path source_folder();

} // namespace troupe::test
