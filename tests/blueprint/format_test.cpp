#define CAF_SUITE blueprint_format

#include "runtime/blueprint/format.hpp"
#include "runtime/blueprint/uri.hpp"

#include "caf/test/dsl.hpp"

#include <initializer_list>
#include <string>
#include <vector>

using namespace troupe::blueprint;

namespace {

void check(bool (*accepts)(std::string_view), std::initializer_list<const char*> good,
           std::initializer_list<const char*> bad) {
  std::vector<std::string> refused, accepted;
  for (auto text : good)
    if (!accepts(text)) refused.emplace_back(text);
  for (auto text : bad)
    if (accepts(text)) accepted.emplace_back(text);
  CAF_CHECK_EQUAL(refused, std::vector<std::string>{});
  CAF_CHECK_EQUAL(accepted, std::vector<std::string>{});
}

bool is_strict_uri(std::string_view text) {
  return is_uri(text, false);
}

} // namespace

CAF_TEST(encoded labels of a host name must be what IDNA encodes) {
  check(is_hostname,
        {"xn--ihqwcrb4cv8a8dqg056pqjye.com", "xn--zca29lwxobi7a", "xn--qmbc", "xn--ll-0ea", "xn--wva3je", "xn--4dbc5h",
         "xn--4dbc8h", "xn--k8j5u", "xn--bck0j", "xn--vek778f", "xn--ngba1o", "xn--0-gyc", "xn--11b2ezcw70k",
         "xn--11b2ezcs70k", "xn--ngba5hb2804a", "XN--NGBA1O", "a--b", "ab--cd", "1.2.3.4"},
        {"xn--X",
         "XN--aa---o47jg78q",
         "xn--hello-txk",
         "xn--hello-zed",
         "xn--hello-6bf",
         "xn--chb89f",
         "xn--07jceefgh4c",
         "xn--al-0ea",
         "xn--l-fda",
         "xn--la-0ea",
         "xn--l-gda",
         "xn--S-jib3p",
         "xn--wva3j",
         "xn--A-2hc5h",
         "xn--5db1e",
         "xn--A-2hc8h",
         "xn--5db3e",
         "xn--defabc-k64e",
         "xn--vek",
         "xn--ngb6iyr",
         "xn--02b508i",
         "xn--",
         "xn--a",
         "-a",
         "a-",
         "a..b",
         "a_b",
         "\xc3\xa4"});
}

CAF_TEST(four characters separate the labels of an international name) {
  check(is_idn_hostname,
        {"a.b", "a\u3002b", "a\uff0eb", "a\uff61b",
         "\u03c0\u03b1\u03c1\u03ac\u03b4\u03b5\u03b9\u03b3\u03bc\u03b1\u3002com", "\u05d0.\u05d1", "xn--4dbc5h.com",
         "Example.COM"},
        {".", "\u3002", "\uff0e", "\uff61", ".a",
         "\u3002"
         "a",
         "a.", "a\u3002", "a\uff61",
         "a\u3002\u3002"
         "b",
         "ab--cd", "1a.\u05d0", "xn--a.\u05d0", "a\xff", "\xc3"});
}

CAF_TEST(mailboxes are those of the standard) {
  check(is_email,
        {"a@b", "\"joe bloggs\"@example.com", "\"joe..bloggs\"@example.com", "\"joe@bloggs\"@example.com",
         "\"a\\\"b\"@example.com", "joe@[127.0.0.1]", "joe@[IPv6:::1]", "joe@[ipv6:2001:db8::1]", "\"\"@example.com"},
        {"joe@invalid=domain.com", "joe@[127.0.0.300]", "joe@[IPv6:1]", "joe@[::1]", "joe@-a", "joe@a-", "joe@a..b",
         "joe@", "joe", "\"joe@b", "\"a\"b@c", "\xc3\xa4@b", "a@\xc3\xa4", "\"a\nb\"@c", "a@b@c"});
  std::string local(65, 'a');
  CAF_CHECK(!is_email(local + "@b"));
}

CAF_TEST(durations have all the parts of ISO 8601) {
  check(is_duration,
        {"P4DT12H30M5S", "P4Y", "PT0S", "P0D", "P1M", "PT1M", "PT36H", "P1DT12H", "P2W", "P1Y2M3DT4H5M6.5S", "PT0,5S",
         "PT1H5S"},
        {"",       "P",    "PT",    "PT1D",     "4DT12H30M5S", "P1",       "P2D1Y", "P1D2H",  "P2S",  "P1Y2W",
         "P1WT1H", "P1YT", "P1D1D", "P\u09e8Y", "p1d",         "P1.5DT1H", "P-1D",  "PT1S1M", "P.5D", "P1.D"});
}

CAF_TEST(UUIDs have their hyphens and nothing else) {
  check(is_uuid, {"2EB8AA08-aa98-11ea-b4aa-73b441d16380", "00000000-0000-0000-0000-000000000000"},
        {"2eb8aa08-aa98-11ea-b4aa-73b441d1638", "2eb8aa08aa9811eab4aa73b441d16380",
         "2eb8aa08-aa98-11ea-b4aa73b441d16380--", "2eb8aa08-aa98-11ea-b4ga-73b441d16380",
         "2eb8-aa08-aa98-11ea-b4aa73b44-1d16380", ""});
}

CAF_TEST(base64 is padded and has no line ends) {
  std::string decoded;
  CAF_CHECK(is_base64("Zm9vYmE=", &decoded));
  CAF_CHECK_EQUAL(decoded, "fooba");
  CAF_CHECK(is_base64("", nullptr));
  for (auto text : {"Zg", "Zg=", "Z===", "Zg==\n", "Z g=", "Zm9v====", "=", "Zm9-"})
    CAF_CHECK(!is_base64(text, nullptr));
}

CAF_TEST(URIs are cut and resolved as the standard says) {
  auto base = "http://a/b/c/d;p?q";
  // RFC 3986, section 5.4
  const std::pair<const char*, const char*> examples[] = {{"g:h", "g:h"},
                                                          {"g", "http://a/b/c/g"},
                                                          {"./g", "http://a/b/c/g"},
                                                          {"g/", "http://a/b/c/g/"},
                                                          {"/g", "http://a/g"},
                                                          {"//g", "http://g"},
                                                          {"?y", "http://a/b/c/d;p?y"},
                                                          {"g?y", "http://a/b/c/g?y"},
                                                          {"#s", "http://a/b/c/d;p?q#s"},
                                                          {"g#s", "http://a/b/c/g#s"},
                                                          {";x", "http://a/b/c/;x"},
                                                          {"", "http://a/b/c/d;p?q"},
                                                          {".", "http://a/b/c/"},
                                                          {"..", "http://a/b/"},
                                                          {"../g", "http://a/b/g"},
                                                          {"../..", "http://a/"},
                                                          {"../../../g", "http://a/g"},
                                                          {"/./g", "http://a/g"},
                                                          {"/../g", "http://a/g"},
                                                          {"g.", "http://a/b/c/g."},
                                                          {"..g", "http://a/b/c/..g"},
                                                          {"./g/.", "http://a/b/c/g/"},
                                                          {"g/../h", "http://a/b/c/h"},
                                                          {"g;x=1/../y", "http://a/b/c/y"},
                                                          {"g?y/../x", "http://a/b/c/g?y/../x"},
                                                          {"http:g", "http:g"}};
  for (auto& [reference, expected] : examples)
    CAF_CHECK_EQUAL(resolve_uri(base, reference), expected);
  CAF_CHECK_EQUAL(resolve_uri("", "a.json#x"), "a.json#x");
  CAF_CHECK_EQUAL(resolve_uri("urn:a:b", "#/c"), "urn:a:b#/c");
  check(is_strict_uri, {"a:", "http://[v1.a:b]/", "http://h:/", "a:b:c", "x+y-z.1://"},
        {"", "http://[v.a]", "http://[::1", "http://[::1]x", "http://a@b@c", "a:\xc3\xa4", "a:b#c#d", "http://[%]",
         "a:%"});
}
