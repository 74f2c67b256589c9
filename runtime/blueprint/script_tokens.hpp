#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::blueprint {

/// A word of JavaScript outside of strings, comments and regular expressions: a name or a keyword.
struct script_word {
  std::string_view text;
  std::size_t offset = 0;
  int depth = 0;       ///< brackets open around it
  bool member = false; ///< after a dot: the name of a property and not of a variable
  bool key = false;    ///< in front of a colon, after `{` or `,`: the name of a property in an object
};

struct script_words {
  std::vector<script_word> words;
  /// The end was reached in the middle of something, or `/` stood where both a division and a regular expression may:
  /// words may be missing.
  bool doubtful = false;
};

/// Splits enough of JavaScript's grammar to tell names from text. Never fails: what is no JavaScript gives some words.
script_words words_of(std::string_view source);

/// Every word of the source, also in text and comments: for when `words_of` is in doubt.
std::vector<std::string> all_words_of(std::string_view source);

} // namespace troupe::blueprint
