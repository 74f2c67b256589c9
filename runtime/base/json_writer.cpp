#include "runtime/base/json_writer.hpp"

namespace troupe {

json_writer::json_writer(std::string& out) : out_(out) {
  out_ += '{';
}

json_writer::~json_writer() {
  out_ += '}';
}

std::string& json_writer::member(std::string_view name) {
  if (!is_first_) out_ += ',';
  is_first_ = false;
  out_ += '"';
  out_ += name;
  out_ += "\":";
  return out_;
}

} // namespace troupe
