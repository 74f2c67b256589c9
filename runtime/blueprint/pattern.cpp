#include "runtime/blueprint/pattern.hpp"

#include "runtime/blueprint/script_bounds.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

extern "C" {
#include <quickjs/quickjs.h>

#include <quickjs/libregexp.h>
}

namespace troupe::blueprint {

struct pattern::program {
  std::string source;
  std::vector<std::uint8_t> code;
};

namespace {

constexpr std::size_t source_size_max = 8u << 10;
constexpr std::size_t subject_size_max = 64u << 20;
constexpr std::chrono::milliseconds search_time_max{25};
constexpr std::chrono::milliseconds compile_time_max{100};
constexpr std::size_t memory_max = 16u << 20;
constexpr std::size_t stack_max = 256u << 10;

/// What libregexp asks while it runs (time, memory, stack) it asks of a context of QuickJS; one a thread, with nothing
/// else in it.
class matcher {
public:
  matcher() : runtime_(JS_NewRuntime()) {
    TROUPE_ASSERT(runtime_);
    context_ = JS_NewContextRaw(runtime_);
    TROUPE_ASSERT(context_);
    JS_SetMemoryLimit(runtime_, memory_max);
    JS_SetInterruptHandler(
        runtime_, [](JSRuntime*, void* self) { return static_cast<matcher*>(self)->timer_.expired() ? 1 : 0; }, this);
  }
  ~matcher() {
    JS_FreeContext(context_);
    JS_FreeRuntime(runtime_);
  }
  matcher(const matcher&) = delete;
  matcher& operator=(const matcher&) = delete;

  JSContext* start(std::chrono::milliseconds bound) {
    timer_.reset(bound);
    return context_;
  }

  /// False if too little of the thread's stack is left to compile anything.
  bool measure_stack() {
    const auto room = stack_room(stack_max);
    if (room == 0) return false;
    JS_UpdateStackTop(runtime_);
    JS_SetMaxStackSize(runtime_, room);
    return true;
  }

private:
  JSRuntime* runtime_;
  JSContext* context_ = nullptr;
  work_timer timer_{search_time_max};
};

matcher& this_thread() {
  thread_local matcher instance;
  return instance;
}

bool is_ascii(std::string_view text) {
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t eight;
    std::memcpy(&eight, text.data() + at, 8);
    if (eight & 0x8080808080808080u) return false;
  }
  for (; at < text.size(); ++at) {
    if (static_cast<unsigned char>(text[at]) & 0x80u) return false;
  }
  return true;
}

/// Decodes one code point at `at`, which moves on; what is not UTF-8 comes out as U+FFFD, a byte each.
char32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  const unsigned char first = byte(at++);
  if (first < 0x80) return first;
  const std::size_t more = first >= 0xf0 && first < 0xf5   ? 3
                           : first >= 0xe0 && first < 0xf0 ? 2
                           : first >= 0xc2 && first < 0xe0 ? 1
                                                           : 0;
  if (more == 0 || text.size() - at < more) return 0xfffd;
  char32_t value = first & (0x3fu >> more);
  for (std::size_t index = at; index < at + more; ++index) {
    if ((byte(index) & 0xc0u) != 0x80u) return 0xfffd;
    value = value << 6 | (byte(index) & 0x3fu);
  }
  constexpr std::array<char32_t, 4> smallest{0, 0x80, 0x800, 0x10000};
  if (value < smallest[more] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return 0xfffd;
  at += more;
  return value;
}

std::u16string to_utf16(std::string_view text) {
  std::u16string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char32_t point = next_code_point(text, at);
    if (point < 0x10000) {
      result.push_back(static_cast<char16_t>(point));
    } else {
      result.push_back(static_cast<char16_t>(0xd800 + ((point - 0x10000) >> 10)));
      result.push_back(static_cast<char16_t>(0xdc00 + ((point - 0x10000) & 0x3ff)));
    }
  }
  return result;
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto before = at;
    if (next_code_point(text, at) == 0xfffd && at - before == 1) return false;
  }
  return true;
}

/// Such a pattern can only match at the beginning: no other place need be tried.
bool is_anchored(std::string_view source) {
  return source.starts_with('^') && source.find('|') == std::string_view::npos;
}

pattern::outcome outcome_of(int result) {
  // Anything negative is a bound: time, or memory for going back.
  return result == 1   ? pattern::outcome::found
         : result == 0 ? pattern::outcome::not_found
                       : pattern::outcome::too_expensive;
}

} // namespace

expected<pattern> pattern::compile(std::string_view source) {
  const auto refused = [&](std::string_view why) {
    std::string shown(source.substr(0, 100));
    if (shown.size() < source.size()) shown += "...";
    return refuse(errc::invalid_blueprint, "expected a regular expression of ECMAScript in Unicode mode, but found " +
                                               shown + ": " + std::string(why));
  };
  if (source.size() > source_size_max) return refused("longer than 8 KiB");
  if (!is_utf8(source)) return refused("not UTF-8");
  auto& matcher = this_thread();
  if (!matcher.measure_stack()) return refused("too little stack is left");
  const std::string text(source); // ends with a zero, which the parser relies on
  int size = 0;
  std::array<char, 128> message{};
  const int flags = LRE_FLAG_UNICODE | (is_anchored(source) ? LRE_FLAG_STICKY : 0);
  JSContext* context = matcher.start(compile_time_max);
  std::uint8_t* code =
      lre_compile(&size, message.data(), static_cast<int>(message.size()), text.c_str(), text.size(), flags, context);
  if (!code) return refused(message.data());
  auto compiled = std::make_shared<program>();
  compiled->source = text;
  compiled->code.assign(code, code + size);
  lre_realloc(context, code, 0);
  return pattern(std::move(compiled));
}

pattern::outcome pattern::search(std::string_view subject) const {
  if (subject.size() > subject_size_max) return outcome::too_expensive;
  std::array<std::uint8_t*, 512> captures; // twice the 255 groups that libregexp allows; it fills them itself
  JSContext* context = this_thread().start(search_time_max);
  const auto* code = compiled_->code.data();
  if (is_ascii(subject)) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(subject.data());
    return outcome_of(lre_exec(captures.data(), code, bytes, 0, static_cast<int>(subject.size()), 0, context));
  }
  const auto units = to_utf16(subject);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(units.data());
  return outcome_of(lre_exec(captures.data(), code, bytes, 0, static_cast<int>(units.size()), 1, context));
}

const std::string& pattern::source() const {
  return compiled_->source;
}

} // namespace troupe::blueprint
