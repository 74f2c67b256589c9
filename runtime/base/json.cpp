#include "runtime/base/json.hpp"

#include "runtime/base/json_number.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <iterator>
#include <limits>

namespace troupe {

namespace {

constexpr std::size_t inexact_max = 100;

/// What stopped the parser: `position` counts the bytes read until then.
struct stop {
  std::size_t position = 0;
  std::string pointer;
  std::string expected;
  std::string found;
};

/// `syntax error while parsing value - unexpected ']'; expected '[', '{', or a literal` in two parts, without the bytes
/// of the document.
stop stop_from(std::string_view text, std::size_t position, std::string pointer) {
  auto after = [&](std::string_view mark) {
    auto at = text.find(mark);
    return at == std::string_view::npos ? std::string_view{} : text.substr(at + mark.size());
  };
  auto problem = after(" - ");
  auto wanted = after("; expected ");
  auto context = after("while parsing ");
  context = context.substr(0, context.find(" - "));
  problem = problem.substr(0, std::min(problem.find("; last read"), problem.find("; expected ")));
  stop result{position, std::move(pointer), std::string{wanted}, std::string{problem}};
  if (wanted.empty() || wanted.size() > 60)
    result.expected = context.empty() ? "JSON" : fmt::format("a well-formed {}", context);
  if (problem.empty()) result.found = "something else";
  return result;
}

/// Builds the value and refuses what strictness forbids. The parser in front of it is a loop, so depth costs this stack
/// of frames only.
class strict_handler {
public:
  strict_handler(json_limits limits, std::vector<std::size_t> overflowing)
      : limits_(limits), overflowing_(std::move(overflowing)) {}

  bool null() { return add(json(nullptr)); }
  bool boolean(bool value) { return add(json(value)); }
  bool number_integer(json::number_integer_t value) { return add_number(json(value)); }
  bool number_unsigned(json::number_unsigned_t value) { return add_number(json(value)); }
  bool number_float(json::number_float_t value, const std::string& written) {
    bool is_integer = written.find_first_of(".eE") == std::string::npos;
    if (is_integer || !is_exact(written, value)) note_inexact();
    return add_number(json(value));
  }
  bool string(std::string& value) { return add(json(std::move(value))); }
  bool binary(json::binary_t&) { return false; }

  bool start_object(std::size_t) { return open(json::object()); }
  bool start_array(std::size_t) { return open(json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    auto& frame = frames_.back();
    auto [at, fresh] = frame.container->get_ref<json::object_t&>().try_emplace(std::move(name));
    frame.key = &at->first;
    frame.slot = &at->second;
    if (fresh) return true;
    stop_ = {0, here(), "every key of an object once", "this key twice"};
    return false;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& why) {
    number_overflow_ = why.id == 406;
    stop_ = stop_from(why.what(), position, here());
    return false;
  }

  bool has_number_overflow() const { return number_overflow_; }
  const stop& stopped() const { return stop_; }
  parsed_json take() { return {std::move(root_), std::move(inexact_)}; }

private:
  struct open_container {
    json* container;
    json* slot;             ///< where the value of the key goes; of an array: nullptr
    const std::string* key; ///< nullptr before the first
  };

  json* put(json&& value) {
    if (frames_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    auto& frame = frames_.back();
    if (frame.slot != nullptr) {
      *frame.slot = std::move(value);
      return frame.slot;
    }
    auto& elements = frame.container->get_ref<json::array_t&>();
    elements.push_back(std::move(value));
    return &elements.back();
  }

  bool add(json&& value) {
    put(std::move(value));
    return true;
  }

  bool add_number(json&& value) {
    if (!overflowing_.empty() && std::binary_search(overflowing_.begin(), overflowing_.end(), numbers_)) {
      note_inexact();
      value = std::numeric_limits<double>::max();
    }
    ++numbers_;
    return add(std::move(value));
  }

  bool open(json&& container) {
    if (frames_.size() >= limits_.depth) {
      stop_ = {0, here(), fmt::format("at most {} arrays and objects inside each other", limits_.depth), "more"};
      return false;
    }
    frames_.push_back({put(std::move(container)), nullptr, nullptr});
    return true;
  }

  bool close() {
    frames_.pop_back();
    return true;
  }

  void note_inexact() {
    if (inexact_.size() < inexact_max) inexact_.push_back(here());
  }

  /// The pointer of the value that is being read.
  std::string here() const {
    std::string result;
    for (std::size_t i = 0; i < frames_.size(); ++i) {
      auto& frame = frames_[i];
      if (frame.container->is_array()) {
        bool is_innermost = i + 1 == frames_.size();
        result += fmt::format("/{}", is_innermost ? frame.container->size() : frame.container->size() - 1);
      } else if (frame.key != nullptr) {
        result += '/' + pointer_token(*frame.key);
      }
    }
    return result;
  }

  json_limits limits_;
  std::vector<std::size_t> overflowing_; ///< which numbers, counted from the first, the text had to be changed for
  std::size_t numbers_ = 0;
  std::vector<open_container> frames_;
  json root_;
  std::vector<std::string> inexact_;
  stop stop_;
  bool number_overflow_ = false;
};

/// Says how far the parser has come, which it does not tell its handler itself.
class counted_bytes {
public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  counted_bytes(const char* at, const char** furthest) : at_(at), furthest_(furthest) {}
  reference operator*() const { return *at_; }
  counted_bytes& operator++() {
    *furthest_ = std::max(*furthest_, ++at_);
    return *this;
  }
  bool operator==(const counted_bytes& other) const { return at_ == other.at_; }
  bool operator!=(const counted_bytes& other) const { return at_ != other.at_; }

private:
  const char* at_;
  const char** furthest_;
};

tl::unexpected<error> malformed(std::string_view text, const stop& why) {
  auto before = text.substr(0, why.position == 0 ? 0 : std::min(why.position - 1, text.size()));
  auto line = 1 + std::count(before.begin(), before.end(), '\n');
  auto line_start = before.rfind('\n');
  auto on_line = line_start == std::string_view::npos ? before : before.substr(line_start + 1);
  auto column = 1 + std::count_if(on_line.begin(), on_line.end(),
                                  [](char c) { return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u; });
  auto place = why.pointer.empty() ? std::string{} : fmt::format(" ({})", why.pointer);
  return refuse(
      errc::malformed_json,
      fmt::format("line {}, column {}{}: expected {}, but found {}", line, column, place, why.expected, why.found),
      {{why.pointer, why.expected, why.found}});
}

tl::unexpected<error> refused_by(const strict_handler& handler, std::string_view text, json_limits limits) {
  auto why = handler.stopped();
  if (why.position == 0) {
    const char* furthest = text.data();
    strict_handler again{limits, {}};
    json::sax_parse(counted_bytes{text.data(), &furthest}, counted_bytes{text.data() + text.size(), &furthest}, &again);
    why.position = static_cast<std::size_t>(furthest - text.data());
  }
  return malformed(text, why);
}

} // namespace

expected<parsed_json> parse_json(std::string_view text, json_limits limits) {
  if (text.substr(0, 3) == "\xef\xbb\xbf") return malformed(text, {1, "", "JSON in UTF-8", "a byte order mark"});
  // The parser takes a zero byte for the end of the text and would not look at what follows.
  if (auto* zero = text.empty() ? nullptr : std::memchr(text.data(), 0, text.size()); zero != nullptr) {
    auto position = static_cast<std::size_t>(static_cast<const char*>(zero) - text.data()) + 1;
    return malformed(text, {position, "", "JSON in UTF-8", "a zero byte"});
  }
  strict_handler handler{limits, {}};
  if (json::sax_parse(text.data(), text.data() + text.size(), &handler)) return handler.take();
  if (!handler.has_number_overflow()) return refused_by(handler, text, limits);
  // A number above every double ends the parser; it is only inexact here. Read again without such numbers.
  auto [tamed, ordinals] = without_overflow(text);
  strict_handler second{limits, std::move(ordinals)};
  if (json::sax_parse(tamed.data(), tamed.data() + tamed.size(), &second)) return second.take();
  return refused_by(second, tamed, limits);
}

expected<json> parse_exact_json(std::string_view text, json_limits limits) {
  auto parsed = parse_json(text, limits);
  if (!parsed) return tl::unexpected(std::move(parsed.error()));
  if (parsed->inexact.empty()) return std::move(parsed->value);
  std::vector<violation> violations;
  for (auto& pointer : parsed->inexact)
    violations.push_back({pointer, "a number that a double or a 64-bit integer keeps exactly",
                          "one that would not come out with the value it was written with"});
  auto detail = fmt::format("expected numbers that a double or a 64-bit integer keeps exactly, but found {} that would "
                            "be changed, the first at {}",
                            violations.size(), violations.front().pointer);
  return refuse(errc::invalid_data, std::move(detail), std::move(violations));
}

} // namespace troupe
