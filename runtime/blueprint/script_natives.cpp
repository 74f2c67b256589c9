#include "runtime/blueprint/script_natives.hpp"

#include "runtime/base/crypto.hpp"
#include "runtime/blueprint/decimal.hpp"

#include <cmath>
#include <optional>
#include <span>

namespace troupe::blueprint {
namespace {

constexpr std::size_t text_size_max = 1u << 20;
constexpr std::uint32_t elements_between_checks = 256;

/// Arguments of one call. What is missing or of another type has thrown when nothing is returned.
class arguments {
public:
  arguments(JSContext* context, int count, JSValueConst* values)
      : context_(context), values_(values, static_cast<std::size_t>(count)) {}

  std::optional<std::string> text(std::size_t index) const {
    if (index >= values_.size() || !JS_IsString(values_[index])) return thrown("expected a text");
    std::size_t size = 0;
    const char* bytes = JS_ToCStringLen(context_, &size, values_[index]);
    if (!bytes) return std::nullopt;
    std::string result(bytes, std::min(size, text_size_max));
    JS_FreeCString(context_, bytes);
    if (size <= text_size_max) return result;
    JS_ThrowRangeError(context_, "expected a text of at most 1 MiB");
    return std::nullopt;
  }

  /// A finite number.
  std::optional<double> number(std::size_t index) const {
    double result = 0;
    if (index >= values_.size() || !JS_IsNumber(values_[index]) || JS_ToFloat64(context_, &result, values_[index]) < 0)
      return thrown("expected a number");
    if (!std::isfinite(result)) return thrown("expected a finite number");
    return result;
  }

  /// A finite number, or a text of one.
  std::optional<decimal> amount(std::size_t index) const {
    if (index >= values_.size() || !JS_IsString(values_[index])) {
      auto read = number(index);
      return read ? std::optional(decimal::of(*read)) : std::nullopt;
    }
    auto read = text(index);
    if (!read) return std::nullopt;
    auto result = decimal::parse(*read);
    if (!result) JS_ThrowTypeError(context_, "expected a number, but found \"%s\"", read->substr(0, 60).c_str());
    return result;
  }

  int whole(std::size_t index) const {
    std::int32_t result = 0;
    JS_ToInt32(context_, &result, values_[index]);
    return result;
  }

  std::nullopt_t thrown(const char* what) const {
    JS_ThrowTypeError(context_, "%s", what);
    return std::nullopt;
  }

private:
  JSContext* context_;
  std::span<JSValueConst> values_;
};

JSValue text_value(JSContext* context, std::string_view text) {
  return JS_NewStringLen(context, text.data(), text.size());
}

JSValue number_value(JSContext* context, double value) {
  return std::isfinite(value) ? JS_NewFloat64(context, value)
                              : JS_ThrowRangeError(context, "expected a result that a number can hold");
}

/// sum(list of finite numbers): exact, rounded once.
JSValue sum(JSContext* context, JSValueConst, int, JSValueConst* values) {
  constexpr double exact_max = 9007199254740992.0; // 2^53
  const script_value size(context, JS_GetPropertyStr(context, values[0], "length"));
  std::uint32_t count = 0;
  if (size.is_exception() || JS_ToUint32(context, &count, size.get()) < 0) return JS_EXCEPTION;
  double whole = 0;
  std::optional<exact_sum> parts; // once whole numbers are not enough
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i % elements_between_checks == 0 && script_engine::of(context).is_late())
      return script_engine::of(context).fail("took too long");
    script_value element(context, JS_GetPropertyUint32(context, values[0], i));
    if (element.is_exception()) return JS_EXCEPTION;
    JSValueConst value = element.get();
    const auto number = arguments(context, 1, &value).number(0);
    if (!number) return JS_EXCEPTION;
    if (!parts && std::trunc(*number) == *number && std::abs(whole + *number) < exact_max) {
      whole += *number;
      continue;
    }
    if (!parts) parts.emplace().add(whole);
    parts->add(*number);
  }
  return number_value(context, parts ? parts->total() : whole);
}

JSValue multiply(JSContext* context, JSValueConst, int count, JSValueConst* values) {
  const arguments given(context, count, values);
  const auto left = given.number(0);
  const auto right = left ? given.number(1) : std::nullopt;
  if (!right) return JS_EXCEPTION;
  return number_value(context, product(decimal::of(*left), decimal::of(*right)).to_double());
}

/// divide(number, number, places)
JSValue divide(JSContext* context, JSValueConst, int count, JSValueConst* values) {
  const arguments given(context, count, values);
  const auto left = given.number(0);
  const auto right = left ? given.number(1) : std::nullopt;
  if (!right) return JS_EXCEPTION;
  if (*right == 0) return JS_ThrowRangeError(context, "expected a divisor that is not 0");
  return number_value(context, quotient(decimal::of(*left), decimal::of(*right), given.whole(2)).to_double());
}

/// round(number or text, places)
JSValue round_to(JSContext* context, JSValueConst, int count, JSValueConst* values) {
  const arguments given(context, count, values);
  const auto value = given.amount(0);
  if (!value) return JS_EXCEPTION;
  return number_value(context, value->rounded(given.whole(1)).to_double());
}

/// places(number or text): how many it needs after the point.
JSValue places(JSContext* context, JSValueConst, int count, JSValueConst* values) {
  const auto value = arguments(context, count, values).amount(0);
  return value ? JS_NewInt32(context, value->places()) : JS_EXCEPTION;
}

/// format(number or text, places, thousands, point)
JSValue format_number(JSContext* context, JSValueConst, int count, JSValueConst* values) {
  const arguments given(context, count, values);
  const auto value = given.amount(0);
  const auto thousands = value ? given.text(2) : std::nullopt;
  const auto point = thousands ? given.text(3) : std::nullopt;
  if (!point) return JS_EXCEPTION;
  return text_value(context, value->rounded(given.whole(1)).text(given.whole(1), *thousands, *point));
}

/// number(text): the text of a number, whole, as JSON writes it.
JSValue to_number(JSContext* context, JSValueConst, int count, JSValueConst* values) {
  const auto value = arguments(context, count, values).amount(0);
  return value ? number_value(context, value->to_double()) : JS_EXCEPTION;
}

/// milliseconds(text of an instant or a date)
JSValue milliseconds(JSContext* context, JSValueConst, int count, JSValueConst* values) {
  const auto text = arguments(context, count, values).text(0);
  if (!text) return JS_EXCEPTION;
  const auto value = parse_iso8601(text->size() == 10 ? *text + "T00:00:00Z" : *text);
  if (!value) return JS_ThrowTypeError(context, "%s", value.error().detail.c_str());
  return JS_NewFloat64(context, static_cast<double>(value->time_since_epoch().count()));
}

/// instant(milliseconds)
JSValue instant(JSContext* context, JSValueConst, int count, JSValueConst* values) {
  constexpr double least = -62'167'219'200'000.0, most = 253'402'300'799'999.0; // the years 0000 to 9999
  const auto value = arguments(context, count, values).number(0);
  if (!value) return JS_EXCEPTION;
  if (*value < least || *value > most) return JS_ThrowRangeError(context, "expected an instant of the years 0 to 9999");
  return text_value(context, to_iso8601(time_point{duration{static_cast<std::int64_t>(std::floor(*value))}}));
}

/// span(text of a duration): in milliseconds.
JSValue span_of(JSContext* context, JSValueConst, int count, JSValueConst* values) {
  const auto text = arguments(context, count, values).text(0);
  if (!text) return JS_EXCEPTION;
  const auto value = parse_duration(*text);
  if (!value) return JS_ThrowTypeError(context, "%s", value.error().detail.c_str());
  return JS_NewFloat64(context, static_cast<double>(value->count()));
}

/// spanText(milliseconds, not negative)
JSValue span_text(JSContext* context, JSValueConst, int count, JSValueConst* values) {
  const auto value = arguments(context, count, values).number(0);
  if (!value) return JS_EXCEPTION;
  return text_value(context, to_iso8601(duration{static_cast<std::int64_t>(*value)}));
}

JSValue encoded(JSContext* context, const std::string& bytes, const std::string& encoding) {
  if (encoding == "hex") return text_value(context, to_hex(bytes));
  if (encoding == "base64") return text_value(context, to_base64(bytes));
  if (encoding == "base64url") return text_value(context, to_base64_url(bytes));
  return JS_ThrowTypeError(context, "expected the encoding hex, base64 or base64url");
}

/// sha256(text, encoding)
JSValue hash(JSContext* context, JSValueConst, int count, JSValueConst* values) {
  const arguments given(context, count, values);
  const auto text = given.text(0);
  const auto encoding = text ? given.text(1) : std::nullopt;
  return encoding ? encoded(context, sha256(*text), *encoding) : JS_EXCEPTION;
}

/// hmac(key, text, encoding)
JSValue keyed_hash(JSContext* context, JSValueConst, int count, JSValueConst* values) {
  const arguments given(context, count, values);
  const auto key = given.text(0);
  const auto text = key ? given.text(1) : std::nullopt;
  const auto encoding = text ? given.text(2) : std::nullopt;
  return encoding ? encoded(context, hmac_sha256(*key, *text), *encoding) : JS_EXCEPTION;
}

/// base64(text, encoding)
JSValue encode(JSContext* context, JSValueConst, int count, JSValueConst* values) {
  const arguments given(context, count, values);
  const auto text = given.text(0);
  const auto encoding = text ? given.text(1) : std::nullopt;
  return encoding ? encoded(context, *text, *encoding) : JS_EXCEPTION;
}

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  return c == '/' || c == '_' ? 63 : -1;
}

/// RFC 4648, either alphabet, with or without padding.
std::optional<std::string> from_base64(std::string_view text) {
  for (int i = 0; i < 2 && text.ends_with('='); ++i)
    text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string result;
  unsigned group = 0;
  int bits = 0;
  for (char c : text) {
    const int digit = base64_digit(c);
    if (digit < 0) return std::nullopt;
    group = group << 6 | static_cast<unsigned>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    result += static_cast<char>(group >> bits & 0xffu);
  }
  return (group & ((1u << bits) - 1)) == 0 ? std::optional(result) : std::nullopt;
}

/// unbase64(text): text again, so its bytes must be UTF-8.
JSValue decode(JSContext* context, JSValueConst, int count, JSValueConst* values) {
  const auto text = arguments(context, count, values).text(0);
  if (!text) return JS_EXCEPTION;
  const auto bytes = from_base64(*text);
  if (!bytes) return JS_ThrowTypeError(context, "expected base64");
  const json written = *bytes;
  using handler = json::error_handler_t;
  if (written.dump(-1, ' ', false, handler::replace) != written.dump(-1, ' ', false, handler::ignore))
    return JS_ThrowTypeError(context, "expected the base64 of a text in UTF-8");
  return text_value(context, *bytes);
}

} // namespace

JSValue make_natives(JSContext* context) {
  const JSValue natives = JS_NewObject(context);
  const auto add = [&](const char* name, JSCFunction* function, int count) {
    JS_DefinePropertyValueStr(context, natives, name, JS_NewCFunction(context, function, name, count), 0);
  };
  add("sum", sum, 1);
  add("multiply", multiply, 2);
  add("divide", divide, 3);
  add("round", round_to, 2);
  add("places", places, 1);
  add("format", format_number, 4);
  add("number", to_number, 1);
  add("milliseconds", milliseconds, 1);
  add("instant", instant, 1);
  add("span", span_of, 1);
  add("spanText", span_text, 1);
  add("sha256", hash, 2);
  add("hmac", keyed_hash, 3);
  add("base64", encode, 2);
  add("unbase64", decode, 1);
  return natives;
}

} // namespace troupe::blueprint
