#include "actors/document_splitter.hpp"

#include <utility>

namespace troupe::actors {

namespace {

bool is_blank(char byte) {
  return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

} // namespace

void document_splitter::feed(std::string_view bytes, std::deque<document>& out) {
  for (const char byte : bytes) {
    switch (form_) {
    case form::unknown:
      if (byte == '[')
        form_ = form::array;
      else if (byte == '\n')
        ++line_;
      else if (!is_blank(byte)) {
        form_ = form::lines;
        feed_line(byte, out);
      }
      if (form_ == form::array) line_ = 1;
      break;
    case form::lines: feed_line(byte, out); break;
    case form::array: feed_array(byte, out); break;
    case form::over:
      if (!is_blank(byte)) fail(out, "expected nothing after the array, but found more");
      break;
    }
    if (form_ == form::over && !out.empty() && !out.back().fault.empty()) return;
  }
}

void document_splitter::finish(std::deque<document>& out) {
  if (form_ == form::lines && filled_) emit(out);
  if (form_ == form::array) fail(out, "expected the array's `]`, but found the end of the body");
}

void document_splitter::feed_line(char byte, std::deque<document>& out) {
  if (byte != '\n') return keep(byte);
  if (filled_)
    emit(out);
  else
    ++line_;
}

void document_splitter::feed_array(char byte, std::deque<document>& out) {
  if (in_string_) {
    keep(byte);
    if (escaped_)
      escaped_ = false;
    else if (byte == '\\')
      escaped_ = true;
    else if (byte == '"')
      in_string_ = false;
    return;
  }
  if (depth_ == 0 && (byte == ',' || byte == ']')) {
    const auto is_end = byte == ']';
    if (filled_)
      emit(out);
    else if (!is_end || after_comma_)
      return fail(out, "expected an element, but found `" + std::string(1, byte) + "`");
    after_comma_ = !is_end;
    if (is_end) form_ = form::over;
    return;
  }
  if (byte == '"') in_string_ = true;
  if (byte == '{' || byte == '[') ++depth_;
  if (byte == '}' || byte == ']') {
    if (depth_ == 0) return fail(out, "expected an element, but found `}`");
    --depth_;
  }
  if (filled_ || !is_blank(byte)) keep(byte);
}

void document_splitter::keep(char byte) {
  if (!is_blank(byte)) filled_ = true;
  if (too_large_) return;
  if (text_.size() == limit_) {
    too_large_ = true;
    text_.clear();
    return;
  }
  text_ += byte;
}

void document_splitter::emit(std::deque<document>& out) {
  out.push_back({line_++, std::exchange(text_, {}), std::exchange(too_large_, false), ""});
  filled_ = false;
}

void document_splitter::fail(std::deque<document>& out, std::string reason) {
  out.push_back({line_, "", false, std::move(reason)});
  form_ = form::over;
  filled_ = false;
}

} // namespace troupe::actors
