#pragma once

#include "runtime/base/time.hpp"
#include "runtime/blueprint/finding_list.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::blueprint {

/// A field that the format has and this version does not perform yet: refused by name, never ignored.
struct missing_field {
  std::string_view name;
  std::string_view why; ///< what is not built yet, e.g. `undoing with compensate`
};

/// Ids of states, transitions and actions: 1 to 128 characters without `/` and without control characters.
bool is_local_id(std::string_view text);

/// The candidate that is the least letters away from `name`, or empty if none is near: for "did you mean".
std::string_view nearest_name(std::string_view name, std::span<const std::string_view> candidates);

/// One object of a blueprint being read: every look at a field that is not as it must be becomes a finding at that
/// field's pointer, and the reading goes on. Refers to the value and the list, which must outlive it.
class object_reader {
public:
  /// A value that is no object is a finding; then every field is absent.
  object_reader(const json& value, std::string pointer, finding_list& findings);

  explicit operator bool() const { return value_.is_object(); }
  const json& value() const { return value_; }
  const std::string& pointer() const { return pointer_; }
  std::string at(std::string_view name) const { return pointer_ + "/" + pointer_token(name); }
  finding_list& findings() const { return findings_; }

  /// Fields that are neither known nor `x-...` are findings (`unknown_field`), and those of `missing` are
  /// (`not_built_yet`).
  void allow(std::span<const std::string_view> known, std::span<const missing_field> missing = {}) const;

  /// Null if absent.
  const json* find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }
  /// As `find`; absence is a finding (`missing_field`) at this object.
  const json* require(std::string_view name, std::string_view what) const;

  /// Absent, or not of the type (a finding): nothing.
  std::optional<std::string> text(std::string_view name) const;
  std::optional<std::string> required_text(std::string_view name, std::string_view what) const;
  std::optional<std::int64_t> whole(std::string_view name, std::int64_t least, std::int64_t most) const;
  std::optional<double> number(std::string_view name, double least, double most) const;
  /// ISO 8601; `longer_than_zero` refuses `PT0S`.
  std::optional<duration> span_of_time(std::string_view name, bool longer_than_zero) const;
  const json* object(std::string_view name) const;
  const json* array(std::string_view name, std::size_t count_max) const;
  /// A list of strings that are not empty.
  std::optional<std::vector<std::string>> texts(std::string_view name, std::size_t count_max) const;
  /// One of these words.
  std::optional<std::string> word(std::string_view name, std::span<const std::string_view> words) const;

  /// `name`, `description` are text, `metadata` is an object: for people, carried everywhere, interpreted nowhere.
  void check_descriptive() const;

  void wrong_type(std::string_view name, std::string_view expected, const json& found) const;
  void invalid(std::string_view name, std::string code, std::string_view expected, const json& found) const;

private:
  const json& value_;
  std::string pointer_;
  finding_list& findings_;
};

} // namespace troupe::blueprint
