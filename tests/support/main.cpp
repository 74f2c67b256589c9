/// The `main` of every test executable: CAF's, with less noise on the way and one exact line of totals at the end:
///
///     test_base: 41 passed, 0 failed, 1 skipped
///
/// Ends with 0 only if at least one test ran and none failed. Suites named `<something>_long` run only where the
/// environment has TROUPE_LONG=1. CAF's options (`-s <suite>`, `-t <test>`, both regular expressions) come after these
/// defaults.
#define CAF_TEST_NO_MAIN
#include "tests/support/source_folder.hpp"

#include "caf/init_global_meta_objects.hpp"
#include "caf/io/middleman.hpp"
#include "caf/test/unit_test_impl.hpp"

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <streambuf>
#include <string>
#include <string_view>
#include <vector>

/// Defined by test executables that send messages of their own types: initialises their type-id blocks.
[[gnu::weak]] void initialize_types();

std::filesystem::path troupe::test::source_folder() {
  return TROUPE_SOURCE_FOLDER;
}

namespace {

/// Takes what CAF reports line by line, drops the checks that held, and counts.
class report : public std::streambuf {
public:
  explicit report(std::streambuf* out) : out_(out) {}

  int total = 0;
  int failed = 0;
  int skipped = 0;

protected:
  int overflow(int character) override {
    std::lock_guard guard{mutex_};
    if (character != traits_type::eof()) put(static_cast<char>(character));
    return 0;
  }

  std::streamsize xsputn(const char* text, std::streamsize size) override {
    std::lock_guard guard{mutex_};
    for (std::streamsize i = 0; i < size; ++i)
      put(text[i]);
    return size;
  }

private:
  void put(char character) {
    line_ += character;
    if (character == '\n') {
      take_line();
      line_.clear();
    }
  }

  void take_line() {
    std::string_view text = line_;
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.starts_with("** ") || text.starts_with("+---")) return;
    if (text.starts_with("SKIPPED ")) ++skipped;
    if (text.starts_with("tests: ")) {
      text.remove_prefix(std::min(text.find_first_of("0123456789"), text.size()));
      std::from_chars(text.data(), text.data() + text.size(), total);
    } else if (text.starts_with("failed tests:")) {
      listing_failures_ = true;
    } else if (listing_failures_ && text.starts_with("- ")) {
      ++failed;
    }
    out_->sputn(line_.data(), static_cast<std::streamsize>(line_.size()));
    out_->pubsync();
  }

  std::streambuf* out_;
  std::mutex mutex_;
  std::string line_;
  bool listing_failures_ = false;
};

} // namespace

int main(int count, char** arguments) {
  if (initialize_types) initialize_types();
  caf::io::middleman::init_global_meta_objects();
  caf::core::init_global_meta_objects();

  std::vector<std::string> words{arguments[0], "-n", "-v", "4", "-r", "120"};
  const char* with_long = std::getenv("TROUPE_LONG");
  if (with_long == nullptr || std::string_view{with_long} != "1") words.insert(words.end(), {"-S", "_long$"});
  words.insert(words.end(), arguments + 1, arguments + count);
  std::vector<char*> pointers;
  for (auto& word : words)
    pointers.push_back(word.data());

  report lines{std::cerr.rdbuf()};
  auto* before = std::cerr.rdbuf(&lines);
  int result = caf::test::main(static_cast<int>(pointers.size()), pointers.data());
  std::cerr.rdbuf(before);

  int passed = lines.total - lines.failed - lines.skipped;
  std::cout << std::filesystem::path{arguments[0]}.filename().string() << ": " << passed << " passed, " << lines.failed
            << " failed, " << lines.skipped << " skipped" << std::endl;
  return lines.total > 0 ? result : 1;
}
