#include "runtime/base/crypto.hpp"

#include "runtime/base/error.hpp"

#include <climits>
#include <memory>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

namespace troupe {

namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

struct context_deleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

/// Looked up once: OpenSSL 3 searches its providers on every lookup.
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  TROUPE_ASSERT(algorithm != nullptr);
  return algorithm;
}

std::string encode_base64(std::string_view bytes, const char* alphabet, bool padded) {
  std::string result;
  result.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    auto count = std::min<std::size_t>(3, bytes.size() - i);
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = (group << 8) | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) {
      if (k <= count) {
        result += alphabet[(group >> (18 - 6 * k)) & 0x3fu];
      } else if (padded) {
        result += '=';
      }
    }
  }
  return result;
}

} // namespace

std::string sha256(std::string_view bytes) {
  thread_local std::unique_ptr<EVP_MD_CTX, context_deleter> context{EVP_MD_CTX_new()};
  std::string result(32, '\0');
  unsigned size = 0;
  bool done = context && EVP_DigestInit_ex(context.get(), sha256_algorithm(), nullptr) == 1 &&
              EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1 &&
              EVP_DigestFinal_ex(context.get(), bytes_of(result), &size) == 1;
  TROUPE_ASSERT(done && size == result.size());
  return result;
}

std::string sha256_hex(std::string_view bytes) {
  return to_hex(sha256(bytes));
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  TROUPE_ASSERT(key.size() <= INT_MAX);
  std::string result(32, '\0');
  unsigned size = 0;
  // A null key would mean "the one of the call before".
  const char* key_bytes = key.empty() ? "" : key.data();
  auto* done = HMAC(sha256_algorithm(), key_bytes, static_cast<int>(key.size()), bytes_of(bytes), bytes.size(),
                    bytes_of(result), &size);
  TROUPE_ASSERT(done != nullptr && size == result.size());
  return result;
}

std::string random_bytes(std::size_t count) {
  TROUPE_ASSERT(count <= INT_MAX);
  std::string result(count, '\0');
  TROUPE_ASSERT(RAND_bytes(bytes_of(result), static_cast<int>(count)) == 1);
  return result;
}

std::string to_hex(std::string_view bytes) {
  constexpr const char* digits = "0123456789abcdef";
  std::string result;
  result.reserve(bytes.size() * 2);
  for (auto c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    result += digits[byte >> 4];
    result += digits[byte & 0x0fu];
  }
  return result;
}

std::string to_base64(std::string_view bytes) {
  return encode_base64(bytes, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", true);
}

std::string to_base64_url(std::string_view bytes) {
  return encode_base64(bytes, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", false);
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

} // namespace troupe
