#include "runtime/blueprint/called_functions.hpp"

#include <algorithm>
#include <array>

namespace troupe::blueprint {

namespace {

constexpr auto keywords = std::to_array<std::string_view>(
    {"await",      "break",  "case",   "catch",   "class",   "const", "continue", "default", "delete",
     "do",         "else",   "export", "extends", "finally", "for",   "function", "if",      "in",
     "instanceof", "let",    "new",    "of",      "return",  "super", "switch",   "this",    "throw",
     "try",        "typeof", "var",    "void",    "while",   "with",  "yield",    "async",   "import"});

constexpr auto language_functions = std::to_array<std::string_view>({"AggregateError",
                                                                     "Array",
                                                                     "BigInt",
                                                                     "Boolean",
                                                                     "Date",
                                                                     "Error",
                                                                     "EvalError",
                                                                     "Function",
                                                                     "JSON",
                                                                     "Map",
                                                                     "Math",
                                                                     "Number",
                                                                     "Object",
                                                                     "RangeError",
                                                                     "ReferenceError",
                                                                     "RegExp",
                                                                     "Set",
                                                                     "String",
                                                                     "Symbol",
                                                                     "SyntaxError",
                                                                     "TypeError",
                                                                     "URIError",
                                                                     "WeakMap",
                                                                     "WeakSet",
                                                                     "decodeURI",
                                                                     "decodeURIComponent",
                                                                     "encodeURI",
                                                                     "encodeURIComponent",
                                                                     "escape",
                                                                     "eval",
                                                                     "isFinite",
                                                                     "isNaN",
                                                                     "parseFloat",
                                                                     "parseInt",
                                                                     "unescape"});

template <class Names> bool is_one_of(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_word_begin(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_word(char c) {
  return is_word_begin(c) || (c >= '0' && c <= '9');
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Walks over the words of a source, past strings, comments and regular expressions.
class scanner {
public:
  explicit scanner(std::string_view source) : source_(source) {}

  std::set<std::string> calls() {
    while (at_ < source_.size() && !gave_up_)
      step();
    if (gave_up_) return {};
    for (const auto& name : plain_)
      called_.erase(name);
    return called_;
  }

private:
  void step() {
    char c = source_[at_];
    if (is_blank(c)) {
      ++at_;
    } else if (c == '`') {
      gave_up_ = true;
    } else if (c == '"' || c == '\'') {
      skip_quoted(c);
    } else if (c == '/' && peek(1) == '/') {
      at_ = std::min(source_.find('\n', at_), source_.size());
    } else if (c == '/' && peek(1) == '*') {
      auto end = source_.find("*/", at_ + 2);
      at_ = end == std::string_view::npos ? source_.size() : end + 2;
    } else if (c == '/' && begins_value()) {
      skip_regular_expression();
    } else if (is_word_begin(c)) {
      read_word();
    } else {
      if (c >= '0' && c <= '9')
        while (is_word(peek(1)))
          ++at_;
      last_ = c;
      last_word_ = {};
      ++at_;
    }
  }

  char peek(std::size_t ahead) const { return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0'; }

  /// After an operator, an opening bracket or nothing a slash begins a regular expression; after a value it divides.
  bool begins_value() const {
    if (!last_word_.empty()) return is_one_of(keywords, last_word_) && last_word_ != "this";
    return last_ == '\0' || std::string_view("(,=:[!&|?{};+-*%<>~^").find(last_) != std::string_view::npos;
  }

  void skip_quoted(char quote) {
    for (++at_; at_ < source_.size() && source_[at_] != quote; ++at_)
      if (source_[at_] == '\\') ++at_;
    ++at_;
    last_ = quote;
    last_word_ = {};
  }

  void skip_regular_expression() {
    bool is_in_class = false;
    for (++at_; at_ < source_.size() && (is_in_class || source_[at_] != '/'); ++at_) {
      if (source_[at_] == '\\')
        ++at_;
      else if (source_[at_] == '[')
        is_in_class = true;
      else if (source_[at_] == ']')
        is_in_class = false;
    }
    ++at_;
    while (is_word(peek(0)))
      ++at_;
    last_ = ')';
    last_word_ = {};
  }

  void read_word() {
    auto begin = at_;
    while (at_ < source_.size() && is_word(source_[at_]))
      ++at_;
    auto word = source_.substr(begin, at_ - begin);
    bool is_member = last_word_.empty() && last_ == '.' && !(begin >= 3 && source_.substr(begin - 3, 3) == "...");
    bool is_made = last_word_ == "new" || last_word_ == "function" || last_word_ == "class";
    auto next = std::find_if_not(source_.begin() + static_cast<std::ptrdiff_t>(at_), source_.end(), is_blank);
    if (!is_member && !is_one_of(keywords, word)) {
      if (next != source_.end() && *next == '(' && !is_made &&
          !is_method(static_cast<std::size_t>(next - source_.begin())))
        called_.emplace(word);
      else
        plain_.emplace(word);
    }
    last_ = 'a';
    last_word_ = word;
  }

  /// `name(...) {` declares a method.
  bool is_method(std::size_t bracket) const {
    int depth = 0;
    for (auto at = bracket; at < source_.size(); ++at) {
      depth += source_[at] == '(' ? 1 : source_[at] == ')' ? -1 : 0;
      if (depth > 0) continue;
      auto next = std::find_if_not(source_.begin() + static_cast<std::ptrdiff_t>(at) + 1, source_.end(), is_blank);
      return next != source_.end() && *next == '{';
    }
    return false;
  }

  std::string_view source_;
  std::size_t at_ = 0;
  char last_ = '\0';
  std::string_view last_word_;
  bool gave_up_ = false;
  std::set<std::string> called_;
  std::set<std::string> plain_;
};

} // namespace

std::set<std::string> called_functions(std::string_view source) {
  return scanner(source).calls();
}

bool is_language_function(std::string_view name) {
  return is_one_of(language_functions, name);
}

bool contains_word(std::string_view source, std::string_view name) {
  for (auto at = source.find(name); at != std::string_view::npos; at = source.find(name, at + 1)) {
    bool begins = at == 0 || !is_word(source[at - 1]);
    bool ends = at + name.size() >= source.size() || !is_word(source[at + name.size()]);
    if (begins && ends && !name.empty()) return true;
  }
  return false;
}

} // namespace troupe::blueprint
