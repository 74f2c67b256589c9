#define CAF_SUITE blueprint_pattern

#include "runtime/base/json.hpp"
#include "runtime/blueprint/pattern.hpp"
#include "tests/support/source_folder.hpp"

#include "caf/test/dsl.hpp"

#include <chrono>
#include <fstream>
#include <pthread.h>
#include <string>
#include <thread>
#include <vector>

using namespace troupe;
using blueprint::pattern;
using outcome = pattern::outcome;

namespace {

outcome search(std::string_view source, std::string_view subject) {
  auto compiled = pattern::compile(source);
  if (!compiled) CAF_FAIL("does not compile: " << std::string(source) << ": " << compiled.error().detail);
  return compiled->search(subject);
}

bool compiles(std::string_view source) {
  return pattern::compile(source).has_value();
}

std::string times(std::size_t count, std::string_view text) {
  std::string result;
  for (std::size_t index = 0; index < count; ++index)
    result += text;
  return result;
}

template <class Work> double milliseconds_of(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

/// Runs on a thread with a stack of this size.
template <class Work> void with_stack(std::size_t size, Work work) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  CAF_REQUIRE_EQUAL(pthread_attr_setstacksize(&attributes, size), 0);
  pthread_t thread;
  auto entry = [](void* argument) -> void* {
    (*static_cast<Work*>(argument))();
    return nullptr;
  };
  CAF_REQUIRE_EQUAL(pthread_create(&thread, &attributes, entry, &work), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

const std::string suite = test::source_folder() / "../shared/json-schema-tests/";

} // namespace

CAF_TEST(a pattern is searched for anywhere in the string) {
  CAF_CHECK(search("b+", "abbc") == outcome::found);
  CAF_CHECK(search("b+", "acc") == outcome::not_found);
  CAF_CHECK(search("^[A-Z0-9]{8,}$", "ABCDEFG7") == outcome::found);
  CAF_CHECK(search("^[A-Z0-9]{8,}$", "ABCDEF7") == outcome::not_found);
  CAF_CHECK(search("", "") == outcome::found);
  CAF_CHECK(search("", "x") == outcome::found);
  CAF_CHECK(search("$", "x") == outcome::found);
  CAF_CHECK(search("^a|b$", "xb") == outcome::found);
  CAF_CHECK(search("^(a|b)$", "xb") == outcome::not_found);
  CAF_CHECK(search("^(?=.*[0-9])(?=.*[a-z]).{6,}$", "abc123") == outcome::found);
  CAF_CHECK(search("(.)\\1", "abccd") == outcome::found);
  CAF_CHECK(search("(?<year>\\d{4})-\\k<year>", "2024-2024") == outcome::found);
  CAF_CHECK(search("(?<!\\d)7", "17") == outcome::not_found);
}

CAF_TEST(characters are code points and not bytes or halves of pairs) {
  CAF_CHECK(search("^.$", "\xc3\xa9") == outcome::found);
  CAF_CHECK(search("^.$", "\xf0\x9f\x90\xb2") == outcome::found);
  CAF_CHECK(search("^\xf0\x9f\x90\xb2*$", "\xf0\x9f\x90\xb2\xf0\x9f\x90\xb2") == outcome::found);
  CAF_CHECK(search("^\xf0\x9f\x90\xb2*$", "\xf0\x9f\x90\x89") == outcome::not_found);
  CAF_CHECK(search("^\\u{1F432}$", "\xf0\x9f\x90\xb2") == outcome::found);
  CAF_CHECK(search("^\\ud83d\\udc32$", "\xf0\x9f\x90\xb2") == outcome::found);
  CAF_CHECK(search("^[\xc3\xa0-\xc3\xbf]+$", "\xc3\xa9\xc3\xa8") == outcome::found);
  CAF_CHECK(search("^\\p{Letter}+$", "\xc3\xa9\xe0\xa4\x95") == outcome::found);
  CAF_CHECK(search("^\\p{Script=Greek}$", "\xce\xb1") == outcome::found);
  CAF_CHECK(search("a\nb", "a\nb") == outcome::found);
  CAF_CHECK(search("^a.b$", std::string_view("a\0b", 3)) == outcome::found);
}

CAF_TEST(broken UTF - 8 in a subject is replaced and in a source refused) {
  CAF_CHECK(search("^a.b$", "a\xff"
                            "b") == outcome::found);
  CAF_CHECK(search("^\\ufffd+$", "\xed\xa0\x80") == outcome::found);
  CAF_CHECK(search("^\\ufffd+$", "\xf0\x9f\x90") == outcome::found);
  CAF_CHECK(!compiles("a\xff"));
  CAF_CHECK(!compiles("a\xc3"));
  CAF_CHECK(compiles("\xef\xbf\xbd"));
}

CAF_TEST(what is no pattern in Unicode mode is refused with the reason) {
  for (auto source : {"(",
                      ")",
                      "[",
                      "a{2,1}",
                      "*",
                      "a**",
                      "\\",
                      "\\a",
                      "(?i)abc",
                      "^(abc]",
                      "\\1",
                      "\\k<x>",
                      "(?<x>a)(?<x>b)",
                      "[b-a]",
                      "[\\d-z]",
                      "a{",
                      "}",
                      "]",
                      "\\u{110000}",
                      "\\p{Nonsense}",
                      "\\_",
                      "\\-",
                      "\\Z",
                      "(?<=a",
                      "x{99999999999}y{1"}) {
    CAF_CHECK(!compiles(source));
    CAF_MESSAGE(source);
  }
  auto refused = pattern::compile("^(abc]");
  CAF_REQUIRE(!refused);
  CAF_CHECK(refused.error().code == errc::invalid_blueprint);
  CAF_CHECK(refused.error().detail.find("^(abc]") != std::string::npos);
  for (auto source :
       {"[\\w\\-.]+", "\\/", "\\$", "(?<=a+)b", "([abc])+\\s+$", "a{2}", "\\cC", "[]", "[^]", "(?:)", "\\0"})
    CAF_CHECK(compiles(source));
}

CAF_TEST(the source is kept and a pattern outlives the text it was made from) {
  auto text = std::make_unique<std::string>("^a+$");
  auto compiled = pattern::compile(*text);
  text.reset();
  CAF_REQUIRE(compiled);
  CAF_CHECK_EQUAL(compiled->source(), "^a+$");
  auto copy = *compiled;
  CAF_CHECK(copy.search("aaa") == outcome::found);
}

CAF_TEST(a long string gets an answer and that soon) {
  const std::string as(20'000, 'a');
  const auto mixed = times(10'000, "ab");
  struct row {
    std::string source, subject;
  };
  const std::vector<row> rows{{"^(a|b)*$", mixed},
                              {"^(a|b)*$", mixed + "c"},
                              {"^(a+)+$", as},
                              {"^(a+)+$", as + "!"},
                              {"^(a|aa)+$", as + "!"},
                              {"^(a|a?)+$", as + "!"},
                              {"(.*)*x", as},
                              {"(x+x+)+y", std::string(20'000, 'x')},
                              {"^(([a-z])+.)+[A-Z]([a-z])+$", as},
                              {"(a*)*b", as},
                              {"(?=(a+))a*b\\1", as},
                              {"^(a*)\\1+c", as},
                              {"(?<=(a+)+)b", as},
                              {"(\xc3\xa9|\xc3\xa9\xc3\xa9)+$", times(10'000, "\xc3\xa9") + "!"},
                              {"^(?:(?:(?:a?){100}){100}){100}b", as},
                              {"((((((a*)*)*)*)*)*)*b", as},
                              {"(a{0,1000}){0,1000}b", as},
                              {"(?:){1000000000}b", "b"},
                              {"(?:a{1000000000}){1000000000}", as}};
  for (const auto& [source, subject] : rows) {
    auto compiled = pattern::compile(source);
    CAF_REQUIRE(compiled);
    outcome result{};
    const auto taken = milliseconds_of([&] { result = compiled->search(subject); });
    CAF_MESSAGE(source << ": " << static_cast<int>(result) << " in " << taken << " ms");
    CAF_CHECK(taken < 150);
  }
  // Where the machine is so busy that the wall time is up, an answer of 20,000 letters may be too expensive; of 4,000
  // never.
  CAF_CHECK(search("^(a|b)*$", mixed) != outcome::not_found);
  CAF_CHECK(search("^(a|b)*$", mixed.substr(0, 4'000)) == outcome::found);
  CAF_CHECK(search("^(a+)+$", as.substr(0, 4'000)) == outcome::found);
  CAF_CHECK(search("^(a+)+$", as + "!") == outcome::too_expensive);
}

CAF_TEST(after a search that was too expensive the next one is as ever) {
  auto expensive = pattern::compile("^(a+)+$");
  auto cheap = pattern::compile("^a+$");
  CAF_REQUIRE(expensive);
  CAF_REQUIRE(cheap);
  for (int round = 0; round < 3; ++round) {
    CAF_CHECK(expensive->search(std::string(40, 'a') + "!") == outcome::too_expensive);
    CAF_CHECK(cheap->search("aaa") == outcome::found);
    CAF_CHECK(cheap->search("b") == outcome::not_found);
  }
}

CAF_TEST(a hostile source is refused or compiled and that soon) {
  const std::vector<std::string> sources{times(4000, "("),
                                         times(4000, "(?:") + times(4000, ")"),
                                         times(2000, "(?=") + times(2000, ")"),
                                         times(2000, "(?<=a") + times(2000, ")"),
                                         times(8000, "["),
                                         "[" + times(8000, "a") + "]",
                                         times(4000, "a|"),
                                         times(4000, "a*"),
                                         times(2000, "(a)") + times(2000, "\\1"),
                                         times(1000, "\\p{L}"),
                                         "[" + times(1000, "\\P{L}") + "]",
                                         times(1000, "(?<a>"),
                                         times(300, "(a)"),
                                         times(400, "(?:") + "a" + times(400, "){9}"),
                                         "[" + times(2700, "\xe2\x82\xac") + "]",
                                         times(9000, "a"),
                                         times(250, "(?<=(?:a|b)*") + times(250, ")")};
  for (const auto& source : sources) {
    const auto taken = milliseconds_of([&] {
      if (auto compiled = pattern::compile(source)) compiled->search("aaaaaaaaaaaaaaaaaaaab");
    });
    CAF_MESSAGE(source.substr(0, 20) << ": " << taken << " ms");
    CAF_CHECK(taken < 300);
  }
}

CAF_TEST(a thread with a small stack gets the same answers) {
  auto compiled = pattern::compile("^(a|b)*$");
  CAF_REQUIRE(compiled);
  std::vector<outcome> results(2);
  bool refused = false;
  with_stack(256u << 10, [&] {
    results[0] = compiled->search(times(2'000, "ab"));
    results[1] = compiled->search("c");
    refused = !pattern::compile(times(4000, "("));
  });
  CAF_CHECK(results[0] == outcome::found);
  CAF_CHECK(results[1] == outcome::not_found);
  CAF_CHECK(refused);
}

CAF_TEST(one pattern serves several threads at once) {
  auto compiled = pattern::compile("^([a-z]+\\d)+$");
  CAF_REQUIRE(compiled);
  std::vector<std::thread> threads;
  std::vector<int> wrong(4);
  for (std::size_t index = 0; index < wrong.size(); ++index) {
    threads.emplace_back([&, index] {
      for (int round = 0; round < 5000; ++round) {
        wrong[index] += compiled->search("abc1def2") != outcome::found;
        wrong[index] += compiled->search("abc1def") != outcome::not_found;
      }
    });
  }
  for (auto& thread : threads)
    thread.join();
  for (auto count : wrong)
    CAF_CHECK_EQUAL(count, 0);
}

CAF_TEST(a small pattern takes about a microsecond) {
  auto compiled = pattern::compile("^[A-Z0-9]{8,}$");
  CAF_REQUIRE(compiled);
  int found = 0;
  const auto taken = milliseconds_of([&] {
    for (int round = 0; round < 100'000; ++round)
      found += compiled->search("ABCDEFG7890") == outcome::found;
  });
  CAF_MESSAGE(taken * 10 << " ns a search");
  CAF_CHECK_EQUAL(found, 100'000);
  CAF_CHECK(taken < 1000); // ten microseconds, also under a sanitizer on a busy machine
}

CAF_TEST(the patterns of the official JSON Schema suite) {
  if (!std::ifstream(suite + "pattern.json")) {
    CAF_MESSAGE("skipped: " << suite << " is not there");
    return;
  }
  int run = 0;
  for (auto file : {"pattern.json", "optional/ecmascript-regex.json", "optional/non-bmp-regex.json",
                    "optional/format/ecmascript-regex.json", "optional/format/regex.json"}) {
    std::ifstream stream(suite + file);
    for (const auto& group : json::parse(stream)) {
      for (const auto& test : group["tests"]) {
        if (!test["data"].is_string()) continue;
        const auto data = test["data"].get<std::string>();
        bool valid;
        if (group["schema"].contains("pattern"))
          valid = search(group["schema"]["pattern"].get<std::string>(), data) == outcome::found;
        else if (group["schema"].value("format", "") == "regex")
          valid = compiles(data);
        else
          continue;
        ++run;
        if (valid != test["valid"])
          CAF_ERROR(file << ": " << group["description"].dump() << ": " << test["description"].dump());
      }
    }
  }
  CAF_CHECK(run > 30);
}
