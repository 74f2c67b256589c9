#define CAF_SUITE base_crypto

#include "runtime/base/crypto.hpp"

#include "caf/test/dsl.hpp"

using namespace troupe;

CAF_TEST(SHA - 256 answers as FIPS 180 says) {
  CAF_CHECK_EQUAL(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CAF_CHECK_EQUAL(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CAF_CHECK_EQUAL(sha256(std::string(1'000'000, 'a')).size(), 32u);
  CAF_CHECK_EQUAL(sha256_hex(std::string(1'000'000, 'a')),
                  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

CAF_TEST(HMAC answers as RFC 4231 says) {
  CAF_CHECK_EQUAL(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
                  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CAF_CHECK_EQUAL(to_hex(hmac_sha256("", "")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

CAF_TEST(bytes become text) {
  CAF_CHECK_EQUAL(to_hex(std::string_view{"\x00\x7f\xff", 3}), "007fff");
  CAF_CHECK_EQUAL(to_base64(""), "");
  CAF_CHECK_EQUAL(to_base64("f"), "Zg==");
  CAF_CHECK_EQUAL(to_base64("fo"), "Zm8=");
  CAF_CHECK_EQUAL(to_base64("foobar"), "Zm9vYmFy");
  CAF_CHECK_EQUAL(to_base64("\xfb\xff"), "+/8=");
  CAF_CHECK_EQUAL(to_base64_url("\xfb\xff"), "-_8");
}

CAF_TEST(random bytes come in the wanted number and differ) {
  CAF_CHECK_EQUAL(random_bytes(0).size(), 0u);
  CAF_CHECK_EQUAL(random_bytes(33).size(), 33u);
  CAF_CHECK_NOT_EQUAL(random_bytes(16), random_bytes(16));
}

CAF_TEST(comparison in constant time compares) {
  CAF_CHECK(equal_in_constant_time("", ""));
  CAF_CHECK(equal_in_constant_time("token", "token"));
  CAF_CHECK(!equal_in_constant_time("token", "tokem"));
  CAF_CHECK(!equal_in_constant_time("token", "toke"));
}
