#define CAF_SUITE blueprint_schema_suite

#include "runtime/blueprint/schema.hpp"

#include "caf/test/dsl.hpp"

#include "tests/support/skip.hpp"
#include "tests/support/source_folder.hpp"

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <set>

using namespace troupe;
using blueprint::schema;

namespace {

namespace fs = std::filesystem;

/// The official JSON-Schema-Test-Suite's draft-07 folder, or the half of it that lies beside the project.
fs::path suite_folder() {
  if (auto* named = std::getenv("TROUPE_JSON_SCHEMA_TESTS")) return named;
  return test::source_folder() / ".." / "shared" / "json-schema-tests";
}

struct score {
  int passed = 0;
  int total = 0;
  std::string failures;
};

void run_file(const fs::path& file, score& result) {
  std::ifstream in{file};
  for (auto& group : json::parse(in)) {
    auto compiled = schema::compile(group["schema"]);
    for (auto& item : group["tests"]) {
      ++result.total;
      auto name = fmt::format("{}: {}: {}", file.stem().string(), group["description"].get<std::string>(),
                              item["description"].get<std::string>());
      if (!compiled) {
        result.failures += name + ": " + compiled.error().detail + "\n";
        continue;
      }
      bool valid = item["valid"].get<bool>();
      auto violations = compiled->validate(item["data"]);
      if (violations.empty() == valid && compiled->is_valid(item["data"]) == valid) {
        ++result.passed;
      } else {
        result.failures += name + (valid ? ": refused" : ": accepted") + "\n";
      }
    }
  }
}

/// Every file of one folder, without those below it.
score run_folder(const fs::path& folder, const std::set<std::string>& left_out) {
  std::set<fs::path> files;
  for (auto& entry : fs::directory_iterator{folder}) {
    if (entry.path().extension() == ".json" && !left_out.contains(entry.path().stem())) files.insert(entry.path());
  }
  score result;
  for (auto& file : files)
    run_file(file, result);
  return result;
}

bool is_there() {
  if (fs::exists(suite_folder() / "required.json")) return true;
  test::skip("the JSON Schema test suite in " + suite_folder().string() +
             " (or the folder that TROUPE_JSON_SCHEMA_TESTS names)");
  return false;
}

void report(std::string_view what, const score& result) {
  CAF_MESSAGE(fmt::format("{}: {} of {}", what, result.passed, result.total));
  if (!result.failures.empty()) CAF_MESSAGE(result.failures);
}

} // namespace

CAF_TEST(all of the required cases pass) {
  if (!is_there()) return;
  auto result = run_folder(suite_folder(), {});
  report("required", result);
  CAF_CHECK(result.total > 0);
  CAF_CHECK_EQUAL(result.passed, result.total);
}

CAF_TEST(nearly all of the optional cases pass) {
  if (!is_there()) return;
  // Numbers beyond a double are refused before a schema sees them.
  auto result = run_folder(suite_folder() / "optional", {"bignum"});
  report("optional", result);
  CAF_CHECK(result.total > 0);
  CAF_CHECK(result.passed * 100 >= result.total * 92);
}

CAF_TEST(nearly all of the format cases pass) {
  if (!is_there()) return;
  auto result = run_folder(suite_folder() / "optional" / "format", {});
  report("formats", result);
  CAF_CHECK(result.total > 0);
  CAF_CHECK(result.passed * 100 >= result.total * 99);
}
