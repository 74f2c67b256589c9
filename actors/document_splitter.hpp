#pragma once

#include "runtime/base/error.hpp"

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace troupe::actors {

/// Takes a stream of bytes apart into JSON documents: lines of NDJSON, or the elements of one array, told by the first
/// byte that is not blank. Knows just enough JSON to find where an element ends; each document is parsed, and refused,
/// for itself. Memory is bounded by `document_limit`.
class document_splitter {
public:
  struct document {
    std::size_t line = 0; ///< of NDJSON the line, of an array the element; from 1
    std::string text;
    bool too_large = false; ///< then `text` is empty
    std::string fault;      ///< not empty: the stream itself is broken here, and nothing follows
  };

  explicit document_splitter(std::size_t document_limit) : limit_(document_limit) {}

  /// Documents that are complete with these bytes, in order.
  void feed(std::string_view bytes, std::deque<document>& out);
  /// The stream has ended: what is left, or what is missing.
  void finish(std::deque<document>& out);

private:
  enum class form { unknown, lines, array, over };
  void feed_line(char byte, std::deque<document>& out);
  void feed_array(char byte, std::deque<document>& out);
  void keep(char byte);
  void emit(std::deque<document>& out);
  void fail(std::deque<document>& out, std::string reason);

  std::size_t limit_;
  form form_ = form::unknown;
  std::string text_;
  std::size_t line_ = 1;
  std::size_t depth_ = 0; ///< inside an element of the array
  bool in_string_ = false;
  bool escaped_ = false;
  bool too_large_ = false;
  bool filled_ = false; ///< something that is not blank belongs to the document under way
  bool after_comma_ = false;
};

} // namespace troupe::actors
