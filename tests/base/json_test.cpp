#define CAF_SUITE base_json

#include "runtime/base/json.hpp"

#include "caf/test/dsl.hpp"

#include <chrono>
#include <limits>

using namespace troupe;

namespace {

std::string refusal(std::string_view text, json_limits limits = {}) {
  auto parsed = parse_json(text, limits);
  if (parsed) return "accepted";
  CAF_CHECK(parsed.error().code == errc::malformed_json);
  return parsed.error().detail;
}

std::vector<std::string> inexact(std::string_view text) {
  auto parsed = parse_json(text);
  if (!parsed) return {"refused: " + parsed.error().detail};
  return parsed->inexact;
}

bool is_kept(std::string_view number) {
  auto found = inexact(number);
  return found.empty();
}

} // namespace

CAF_TEST(a document comes out as it is written) {
  auto parsed = parse_json(R"( {"a": [1, -2, 3.5, true, false, null, "\u00e4\n"], "b": {}, "c": [], "": [[{}]]} )");
  CAF_REQUIRE(parsed);
  CAF_CHECK(parsed->value == json::parse(R"({"a":[1,-2,3.5,true,false,null,"ä\n"],"b":{},"c":[],"":[[{}]]})"));
  CAF_CHECK(parsed->inexact.empty());
  for (auto text : {"0", "\"x\"", "null", "true"})
    CAF_CHECK(parse_json(text)->value == json::parse(text));
}

CAF_TEST(what does not parse is refused with line and column) {
  CAF_CHECK_EQUAL(refusal(""), "line 1, column 1: expected '[', '{', or a literal, but found unexpected end of input");
  CAF_CHECK_EQUAL(refusal("{\n  \"ä\": tru\n}"),
                  "line 2, column 11 (/ä): expected a well-formed value, but found invalid literal");
  for (auto text : {"{",   "[1,]",  "{\"a\":1,}", "[1 2]",   "{a:1}",     "'a'",      "01",      "+1",
                    "1.",  ".5",    "1e",         "-",       "NaN",       "Infinity", "// x\n1", "/* x */ 1",
                    "1 2", "{} {}", "{}x",        "\"\\x\"", "\"\\u12\"", "\"a\nb\"", "\"\t\"",  "tRue",
                    "\"",  "[\"",   "{\"a\"",     "{\"a\":", "{\"a\":1",  "]",        "}",       ","})
    CAF_CHECK_NOT_EQUAL(refusal(text), "accepted");
}

CAF_TEST(a place in the document is named with a pointer) {
  auto parsed = parse_json(R"({"a": [1, {"b/c": x}]})");
  CAF_REQUIRE(!parsed);
  CAF_REQUIRE(parsed.error().violations.size() == 1);
  CAF_CHECK_EQUAL(parsed.error().violations[0].pointer, "/a/1/b~1c");
}

CAF_TEST(broken UTF - 8 and lone surrogates are refused) {
  for (auto text : {"\"\xff\"", "\"\xc3\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"",
                    "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\xff", "{\"\xff\":1}"})
    CAF_CHECK_NOT_EQUAL(refusal(text), "accepted");
  CAF_CHECK(parse_json("\"\\ud83d\\ude00\"")->value == json("\xf0\x9f\x98\x80"));
}

CAF_TEST(a byte order mark and zero bytes are refused) {
  CAF_CHECK_EQUAL(refusal("\xef\xbb\xbf{}"), "line 1, column 1: expected JSON in UTF-8, but found a byte order mark");
  CAF_CHECK_EQUAL(refusal(std::string_view{"{}\0garbage", 10}),
                  "line 1, column 3: expected JSON in UTF-8, but found a zero byte");
}

CAF_TEST(a key that is there twice is refused at its place) {
  CAF_CHECK_EQUAL(refusal("{\"a\": 1,\n \"b\": {\"c\": 1, \"c\": 2}}"),
                  "line 2, column 18 (/b/c): expected every key of an object once, but found this key twice");
  CAF_CHECK_NOT_EQUAL(refusal(R"({"a":1,"\u0061":2})"), "accepted");
  CAF_CHECK_EQUAL(refusal(R"([{"a":1},{"a":2}])"), "accepted");
}

CAF_TEST(nesting beyond the limit is refused however deep it is) {
  CAF_CHECK_EQUAL(refusal("[[[]]]", {3}), "accepted");
  CAF_CHECK_EQUAL(refusal("[[[[]]]]", {3}),
                  "line 1, column 4 (/0/0/0): expected at most 3 arrays and objects inside each other, but found more");
  CAF_CHECK_NOT_EQUAL(refusal(R"({"a":{"a":{"a":{}}}})", {3}), "accepted");
  CAF_CHECK_NOT_EQUAL(refusal(std::string(1'000'000, '[')), "accepted");
  std::string objects;
  for (int i = 0; i < 200'000; ++i)
    objects += "{\"a\":";
  CAF_CHECK_NOT_EQUAL(refusal(objects), "accepted");
}

CAF_TEST(a limit as deep as the document costs no stack) {
  std::size_t depth = 300'000;
  auto parsed = parse_json(std::string(depth, '[') + std::string(depth, ']'), {depth});
  CAF_REQUIRE(parsed);
  CAF_CHECK_EQUAL(depth_of(parsed->value), depth);
  CAF_CHECK_EQUAL(canonical(parsed->value).size(), 2 * depth);
  CAF_CHECK_EQUAL(to_text(parsed->value).size(), 2 * depth);
}

CAF_TEST(numbers that come out as they were written are exact) {
  for (auto text :
       {"0.1", "1.0", "1E2", "-0", "-0.0", "0e400", "0.00", "1e-5", "12345678901234567890", "-9223372036854775808",
        "18446744073709551615", "1.7976931348623157e308", "5e-324", "9007199254740993", "100.000000000000000000000",
        "0.30000000000000004", "1e22", "0.000000000000000000000000000001"})
    if (!is_kept(text)) CAF_FAIL(text << " should be exact");
}

CAF_TEST(numbers that would be changed are found) {
  for (auto text : {"0.1000000000000000055511151231257827", "1e400", "-1e400", "1e-400", "123456789012345678901",
                    "18446744073709551616", "-9223372036854775809", "100000000000000000000", "0.12345678901234567890",
                    "9007199254740993.5", "1.7976931348623159e308", "1e99999999999999999999", "4e-324", "1e-330"})
    if (is_kept(text)) CAF_FAIL(text << " should not be exact");
  CAF_CHECK_EQUAL(inexact(R"({"a": [1, 1e400, {"b/c": 123456789012345678901}], "d": "1e400 \" 1e400", "e": -1E+999})"),
                  (std::vector<std::string>{"/a/1", "/a/2/b~1c", "/e"}));
  CAF_CHECK_EQUAL(inexact("1e400"), std::vector<std::string>{""});
  CAF_CHECK(parse_json("[1, 2, 1e400]")->value == json({1, 2, std::numeric_limits<double>::max()}));
}

CAF_TEST(a number above every double hides nothing else that is wrong) {
  for (auto text :
       {"[1e400", "[1e400e5]", "[01e400]", "[1e400,]", "{\"a\":1e400,\"a\":1}", "1.e400", "-.5e999", "1e400 1"})
    CAF_CHECK_NOT_EQUAL(refusal(text), "accepted");
}

CAF_TEST(inexact numbers are listed up to a hundred) {
  std::string many = "[1e400";
  for (int i = 0; i < 50'000; ++i)
    many += ",1e400";
  CAF_CHECK_EQUAL(inexact(many + "]").size(), 100u);
}

CAF_TEST(exact parsing refuses inexact numbers as invalid data) {
  CAF_CHECK(parse_exact_json("[1]").has_value());
  auto refused = parse_exact_json(R"({"a": 1e400})");
  CAF_REQUIRE(!refused);
  CAF_CHECK(refused.error().code == errc::invalid_data);
  CAF_REQUIRE(refused.error().violations.size() == 1);
  CAF_CHECK_EQUAL(refused.error().violations[0].pointer, "/a");
  CAF_CHECK(parse_exact_json("[").error().code == errc::malformed_json);
}

CAF_TEST(equal values have one canonical text) {
  CAF_CHECK_EQUAL(canonical(json::parse(R"({"b": 1.0, "a": [1E2, 0.5, -0.0, "x\u0007\/"]})")),
                  R"({"a":[100,0.5,0,"x\u0007/"],"b":1})");
  CAF_CHECK_EQUAL(canonical(json::parse("9007199254740992.0")), "9007199254740992");
  CAF_CHECK_EQUAL(canonical(json::parse("18446744073709551615")), "18446744073709551615");
  CAF_CHECK_EQUAL(canonical(json::parse("1e300")), "1e+300");
  CAF_CHECK_EQUAL(canonical(json()), "null");
}

CAF_TEST(text is what nlohmann would write and never fails) {
  for (auto text :
       {R"({"a":[1,-2,3.5,1.0,-0.0,1e+300,true,null,"q\"\\\b\f\n\r\t\u001f/ä😀"],"b":{},"c":[]})", "[]", "0.1"})
    CAF_CHECK_EQUAL(to_text(json::parse(text)), json::parse(text).dump());
  CAF_CHECK_EQUAL(to_text(json("a\xff"
                               "b\xe2\x82")),
                  "\"a\xef\xbf\xbd"
                  "b\xef\xbf\xbd\xef\xbf\xbd\"");
  CAF_CHECK_EQUAL(to_text(json(std::numeric_limits<double>::infinity())), "null");
}

CAF_TEST(values are described for people) {
  CAF_CHECK_EQUAL(describe(json()), "null");
  CAF_CHECK_EQUAL(describe(json(7)), "the number 7");
  CAF_CHECK_EQUAL(describe(json("USDX")), "the string \"USDX\"");
  CAF_CHECK_EQUAL(describe(json("")), "an empty string");
  CAF_CHECK_EQUAL(describe(json::object()), "an empty object");
  CAF_CHECK_EQUAL(describe(json{{"a", 1}}), "an object");
  CAF_CHECK_EQUAL(describe(json::array({1})), "an array");
  CAF_CHECK_EQUAL(describe(json(true)), "true");
  CAF_CHECK(describe(json(std::string(1'000'000, 'x'))).size() < 100);
  std::string wide;
  for (int i = 0; i < 100; ++i)
    wide += "ä";
  CAF_CHECK(describe(json(wide)).find("\xef\xbf\xbd") == std::string::npos);
}

CAF_TEST(pointer tokens are escaped) {
  CAF_CHECK_EQUAL(pointer_token("a/b~c"), "a~1b~0c");
  CAF_CHECK_EQUAL(pointer_token(""), "");
}

CAF_TEST(depth counts arrays and objects) {
  CAF_CHECK_EQUAL(depth_of(json(1)), 0u);
  CAF_CHECK_EQUAL(depth_of(json::array()), 1u);
  CAF_CHECK_EQUAL(depth_of(json::parse(R"([{"a":[]},1])")), 3u);
}
