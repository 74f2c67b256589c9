#include "runtime/blueprint/called_functions.hpp"

#include "runtime/blueprint/script_globals.hpp"
#include "runtime/blueprint/script_tokens.hpp"

#include <algorithm>

namespace troupe::blueprint {

namespace {

std::size_t next_token(std::string_view source, std::size_t at) {
  return std::min(source.find_first_not_of(" \t\r\n", at), source.size());
}

/// `(...) {`: what stands before it declares a method.
bool is_followed_by_body(std::string_view source, std::size_t bracket) {
  int depth = 0;
  for (auto at = bracket; at < source.size(); ++at) {
    depth += source[at] == '(' ? 1 : source[at] == ')' ? -1 : 0;
    if (depth > 0) continue;
    auto next = next_token(source, at + 1);
    return next < source.size() && source[next] == '{';
  }
  return false;
}

} // namespace

std::set<std::string> called_functions(std::string_view source) {
  auto all = words_of(source);
  std::set<std::string> called;
  if (all.doubtful) return called;
  std::set<std::string_view> plain;
  std::string_view before;
  for (const auto& word : all.words) {
    bool is_declared = before == "new" || before == "function" || before == "class";
    before = word.text;
    if (word.member || word.key || is_reserved_word(word.text)) continue;
    auto next = next_token(source, word.offset + word.text.size());
    if (next < source.size() && source[next] == '(' && !is_declared && !is_followed_by_body(source, next))
      called.emplace(word.text);
    else
      plain.insert(word.text);
  }
  std::erase_if(called, [&](const std::string& name) { return plain.contains(name); });
  return called;
}

} // namespace troupe::blueprint
