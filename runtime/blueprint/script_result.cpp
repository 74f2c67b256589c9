#include "runtime/blueprint/script_result.hpp"

#include "runtime/blueprint/script_view.hpp"

#include <cmath>

namespace troupe::blueprint {
namespace {

constexpr int depth_max = 64;
constexpr std::size_t size_max = 16u << 20;
constexpr std::size_t values_between_checks = 256;
constexpr std::size_t container_size = 16;       // what an empty one costs, about
constexpr double exact_max = 9007199254740992.0; // 2^53

class converter {
public:
  explicit converter(script_engine& engine) : engine_(engine), context_(engine.context()) {}

  bool convert(JSValueConst value, json& result, int depth) {
    if (!take(4)) return false;
    switch (JS_VALUE_GET_NORM_TAG(value)) {
    case JS_TAG_INT: result = JS_VALUE_GET_INT(value); return true;
    case JS_TAG_BOOL: result = JS_VALUE_GET_BOOL(value) != 0; return true;
    case JS_TAG_FLOAT64: result = number(JS_VALUE_GET_FLOAT64(value)); return true;
    case JS_TAG_STRING:
    case JS_TAG_STRING_ROPE: return text(value, result);
    case JS_TAG_OBJECT: return object(value, result, depth);
    case JS_TAG_BIG_INT:
    case JS_TAG_SHORT_BIG_INT: return refused("expected a value that JSON has, but found a BigInt");
    default: result = nullptr; return true;
    }
  }

private:
  bool refused(std::string why) {
    engine_.fail(std::move(why));
    return false;
  }

  /// Counts towards the bounds of the whole.
  bool take(std::size_t size) {
    size_ += size;
    if (size_ > size_max) return refused("expected a value of at most 16 MiB");
    if (++values_ % values_between_checks == 0 && engine_.is_late()) return refused("");
    return true;
  }

  static json number(double value) {
    if (!std::isfinite(value)) return nullptr;
    if (std::trunc(value) == value && std::abs(value) <= exact_max) return static_cast<std::int64_t>(value);
    return value;
  }

  bool text(JSValueConst value, json& result) {
    std::string read;
    if (!read_text(value, read)) return false;
    if (!take(read.size())) return false;
    result = std::move(read);
    return true;
  }

  /// Halves of surrogate pairs come out of the engine as three bytes that are no UTF-8: U+FFFD.
  bool read_text(JSValueConst value, std::string& read) {
    std::size_t size = 0;
    const char* bytes = JS_ToCStringLen(context_, &size, value);
    if (!bytes) return false;
    read.assign(bytes, size);
    JS_FreeCString(context_, bytes);
    for (auto at = read.find('\xed'); at != std::string::npos; at = read.find('\xed', at + 3)) {
      if (static_cast<unsigned char>(read[at + 1]) >= 0xa0) read.replace(at, 3, "\xef\xbf\xbd");
    }
    return true;
  }

  bool object(JSValueConst value, json& result, int depth) {
    if (!take(container_size)) return false;
    if (const json* source = script_view::unchanged(context_, value)) return copy(*source, result, depth);
    if (JS_IsFunction(context_, value)) {
      result = nullptr;
      return true;
    }
    if (depth >= depth_max) return refused("expected a value of at most 64 levels");
    const script_value method(context_, JS_GetPropertyStr(context_, value, "toJSON"));
    if (method.is_exception()) return false;
    if (JS_IsFunction(context_, method.get())) {
      const script_value replaced(context_, JS_Call(context_, method.get(), value, 0, nullptr));
      return !replaced.is_exception() && convert(replaced.get(), result, depth + 1);
    }
    const int is_array = JS_IsArray(context_, value);
    if (is_array < 0) return false;
    return is_array ? elements(value, result, depth) : members(value, result, depth);
  }

  bool elements(JSValueConst value, json& result, int depth) {
    const script_value length(context_, JS_GetPropertyStr(context_, value, "length"));
    std::uint32_t count = 0;
    if (length.is_exception() || JS_ToUint32(context_, &count, length.get()) < 0) return false;
    result = json::array();
    for (std::uint32_t index = 0; index < count; ++index) {
      const script_value element(context_, JS_GetPropertyUint32(context_, value, index));
      if (element.is_exception() || !convert(element.get(), result.emplace_back(), depth + 1)) return false;
    }
    return true;
  }

  bool members(JSValueConst value, json& result, int depth) {
    JSPropertyEnum* names = nullptr;
    std::uint32_t count = 0;
    if (JS_GetOwnPropertyNames(context_, &names, &count, value, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) < 0)
      return false;
    result = json::object();
    bool done = true;
    for (std::uint32_t index = 0; index < count; ++index) {
      done = done && convert_member(value, names[index].atom, result, depth);
      JS_FreeAtom(context_, names[index].atom);
    }
    js_free(context_, names);
    return done;
  }

  bool convert_member(JSValueConst object, JSAtom name, json& result, int depth) {
    const script_value key(context_, JS_AtomToString(context_, name));
    std::string read;
    if (key.is_exception() || !read_text(key.get(), read) || !take(read.size())) return false;
    const script_value value(context_, JS_GetProperty(context_, object, name));
    return !value.is_exception() && convert(value.get(), result[read], depth + 1);
  }

  /// What the script only hands on keeps its value, whatever its numbers.
  bool copy(const json& source, json& result, int depth) {
    if (!measure(source, depth)) return false;
    result = source;
    return true;
  }

  bool measure(const json& source, int depth) {
    if (!source.is_structured()) return take(source.is_string() ? 4 + source.get_ref<const std::string&>().size() : 4);
    if (depth >= depth_max) return refused("expected a value of at most 64 levels");
    if (!take(4)) return false;
    if (source.is_array()) {
      for (const auto& element : source) {
        if (!measure(element, depth + 1)) return false;
      }
      return true;
    }
    for (const auto& [key, value] : source.items()) {
      if (!take(key.size()) || !measure(value, depth + 1)) return false;
    }
    return true;
  }

  script_engine& engine_;
  JSContext* context_;
  std::size_t size_ = 0;
  std::size_t values_ = 0;
};

} // namespace

bool to_json(script_engine& engine, JSValueConst value, json& result) {
  return converter(engine).convert(value, result, 0);
}

} // namespace troupe::blueprint
