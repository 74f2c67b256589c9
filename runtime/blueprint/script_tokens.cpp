#include "runtime/blueprint/script_tokens.hpp"

#include <algorithm>
#include <set>

namespace troupe::blueprint {
namespace {

bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c == '\\' || (c & '\x80') != 0;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word_part(char c) {
  return is_word_start(c) || is_digit(c);
}
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

/// Words after which a slash begins a regular expression, though they look like names.
bool is_operator_word(std::string_view word) {
  static const std::set<std::string_view> words{"return", "typeof", "instanceof", "in", "of",   "new",   "delete",
                                                "void",   "throw",  "case",       "do", "else", "yield", "await"};
  return words.contains(word);
}

bool is_statement_word(std::string_view word) {
  return word == "if" || word == "while" || word == "for" || word == "with";
}

class scanner {
public:
  explicit scanner(std::string_view source) : source_(source) {}

  script_words scan() {
    while (at_ < source_.size())
      step();
    if (!brackets_.empty()) result_.doubtful = true;
    return std::move(result_);
  }

private:
  /// What the last token was, as far as a slash or a word after it depends on it.
  enum class before { start_of_value, value, closing, dot, brace_or_comma };

  char peek(std::size_t ahead = 0) const { return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0'; }

  void step() {
    const char c = peek();
    if (is_blank(c)) {
      ++at_;
    } else if (c == '/' && (peek(1) == '/' || peek(1) == '*')) {
      comment();
    } else if (c == '"' || c == '\'') {
      quoted(c);
    } else if (c == '`') {
      ++at_;
      text_of_template();
    } else if (is_word_start(c)) {
      word();
    } else if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
      number();
    } else if (c == '/') {
      slash();
    } else {
      punctuator(c);
    }
  }

  void comment() {
    const auto end = peek(1) == '/' ? source_.find_first_of("\n\r", at_) : source_.find("*/", at_ + 2);
    if (end == std::string_view::npos) {
      if (peek(1) == '*') result_.doubtful = true;
      at_ = source_.size();
    } else {
      at_ = end + (peek(1) == '/' ? 1 : 2);
    }
  }

  void quoted(char quote) {
    for (++at_; at_ < source_.size() && source_[at_] != quote; ++at_) {
      if (source_[at_] == '\n') result_.doubtful = true;
      if (source_[at_] == '\\') ++at_;
    }
    if (at_ >= source_.size()) result_.doubtful = true;
    at_ = std::min(at_ + 1, source_.size());
    last_ = before::value;
  }

  /// Up to the end of the template or to a `${`, whose brace is kept as a `$` among the brackets.
  void text_of_template() {
    for (; at_ < source_.size(); ++at_) {
      if (source_[at_] == '\\') {
        ++at_;
      } else if (source_[at_] == '`') {
        ++at_;
        last_ = before::value;
        return;
      } else if (source_[at_] == '$' && peek(1) == '{') {
        at_ += 2;
        brackets_.push_back('$');
        last_ = before::start_of_value;
        return;
      }
    }
    at_ = source_.size();
    result_.doubtful = true;
  }

  void word() {
    const auto start = at_;
    while (at_ < source_.size() && is_word_part(source_[at_]))
      ++at_;
    const auto text = source_.substr(start, at_ - start);
    script_word found{text, start, static_cast<int>(brackets_.size()), last_ == before::dot, false};
    found.key =
        last_ == before::brace_or_comma && !brackets_.empty() && brackets_.back() == '{' && is_followed_by_colon();
    result_.words.push_back(found);
    if (text.find('\\') != std::string_view::npos) result_.doubtful = true; // \u0061 is a letter of a name
    if (!found.member && is_statement_word(text)) has_statements_ = true;
    last_ = !found.member && is_operator_word(text) ? before::start_of_value : before::value;
  }

  bool is_followed_by_colon() const {
    auto next = at_;
    while (next < source_.size() && is_blank(source_[next]))
      ++next;
    return next < source_.size() && source_[next] == ':';
  }

  void number() {
    while (at_ < source_.size() && (is_word_part(source_[at_]) || source_[at_] == '.'))
      ++at_;
    last_ = before::value;
  }

  void slash() {
    if (last_ == before::closing && (closed_block_ || has_statements_))
      result_.doubtful = true; // a regular expression after all?
    if (last_ == before::value || last_ == before::closing) {
      ++at_;
      last_ = before::start_of_value;
      return;
    }
    bool in_class = false;
    for (++at_; at_ < source_.size() && (in_class || source_[at_] != '/'); ++at_) {
      const char c = source_[at_];
      if (c == '\n') break;
      if (c == '\\')
        ++at_;
      else if (c == '[')
        in_class = true;
      else if (c == ']')
        in_class = false;
    }
    if (peek() != '/') result_.doubtful = true;
    at_ = std::min(at_ + 1, source_.size());
    while (at_ < source_.size() && is_word_part(source_[at_]))
      ++at_; // flags
    last_ = before::value;
  }

  void punctuator(char c) {
    ++at_;
    switch (c) {
    case '(':
    case '[':
    case '{':
      brackets_.push_back(c);
      last_ = c == '{' ? before::brace_or_comma : before::start_of_value;
      return;
    case ')':
    case ']':
    case '}': closing(c); return;
    case ',': last_ = before::brace_or_comma; return;
    case '.':
      if (peek() == '.' && peek(1) == '.') {
        at_ += 2;
        last_ = before::start_of_value;
      } else {
        last_ = before::dot;
      }
      return;
    case '+':
    case '-':
      if (peek() == c) { // a++ / b: a value stays one
        ++at_;
        if (last_ == before::value || last_ == before::closing) return;
      }
      last_ = before::start_of_value;
      return;
    default: last_ = before::start_of_value;
    }
  }

  void closing(char c) {
    if (brackets_.empty()) {
      result_.doubtful = true;
      return;
    }
    const char opened = brackets_.back();
    brackets_.pop_back();
    if (opened == '$') {
      text_of_template();
      return;
    }
    closed_block_ = c == '}';
    last_ = c == ']' ? before::value : before::closing;
  }

  std::string_view source_;
  std::size_t at_ = 0;
  before last_ = before::start_of_value;
  bool closed_block_ = false;   ///< the last closing bracket was a brace: of an object or of a block
  bool has_statements_ = false; ///< there are `if (x)` and the like
  std::vector<char> brackets_;
  script_words result_;
};

} // namespace

script_words words_of(std::string_view source) {
  return scanner(source).scan();
}

std::vector<std::string> all_words_of(std::string_view source) {
  std::set<std::string, std::less<>> words;
  for (std::size_t at = 0; at < source.size();) {
    if (!is_word_start(source[at])) {
      ++at;
      continue;
    }
    const auto start = at;
    while (at < source.size() && is_word_part(source[at]))
      ++at;
    words.emplace(source.substr(start, at - start));
  }
  return {words.begin(), words.end()};
}

} // namespace troupe::blueprint
