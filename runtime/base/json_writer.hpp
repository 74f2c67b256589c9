#pragma once

#include "runtime/base/json.hpp"

#include <concepts>
#include <string>
#include <string_view>

namespace troupe {

/// Writes one object member by member, without a `json` of it being made. Names are written as they are: plain words.
/// What is inside (`object`) must be done with before the next member.
class json_writer {
public:
  /// Appends `{` now and `}` at the end of its life. `out` must outlive it.
  explicit json_writer(std::string& out);
  json_writer(const json_writer&) = delete;
  json_writer& operator=(const json_writer&) = delete;
  ~json_writer();

  void put(std::string_view name, std::string_view value) { append_quoted(member(name), value); }
  void put(std::string_view name, const std::same_as<json> auto& value) { append_text(member(name), value); }
  void put(std::string_view name, std::same_as<bool> auto value) { member(name) += value ? "true" : "false"; }
  template <std::integral Number>
  requires(!std::same_as<Number, bool>) void put(std::string_view name, Number value) {
    member(name) += std::to_string(value);
  }
  /// A member that is written by another writer, or as text: what is appended to the result is its value.
  std::string& member(std::string_view name);

private:
  std::string& out_;
  bool is_first_ = true;
};

} // namespace troupe
