#include "runtime/blueprint/schema_check.hpp"

#include "runtime/base/json_compare.hpp"
#include "runtime/blueprint/schema_words.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace troupe::blueprint {

namespace {

constexpr std::size_t depth_max = 512;
constexpr std::size_t steps_max = 10'000'000;
constexpr std::chrono::milliseconds searching_max{250};

unsigned types_of(const json& value) {
  switch (value.type()) {
  case json::value_t::boolean: return json_type::boolean;
  case json::value_t::number_integer:
  case json::value_t::number_unsigned: return json_type::integer | json_type::number;
  case json::value_t::number_float: {
    auto number = value.get<double>();
    return std::trunc(number) == number ? json_type::integer | json_type::number : json_type::number;
  }
  case json::value_t::string: return json_type::string;
  case json::value_t::array: return json_type::array;
  case json::value_t::object: return json_type::object;
  default: return json_type::null;
  }
}

} // namespace

std::string value_place::pointer() const {
  std::vector<const value_place*> way;
  for (auto* at = this; at->outer != nullptr; at = at->outer)
    way.push_back(at);
  std::string result;
  for (auto at = way.rbegin(); at != way.rend(); ++at) {
    result += '/';
    result += (*at)->name == nullptr ? fmt::format("{}", (*at)->index) : pointer_token(*(*at)->name);
  }
  return result;
}

bool schema_check::stop(const value_place& at, std::string expected, std::string found) {
  if (stopped_) return false;
  stopped_ = true;
  if (everything_ != nullptr) {
    if (everything_->size() >= violations_max) everything_->pop_back();
    everything_->push_back({at.pointer(), std::move(expected), std::move(found)});
  }
  return false;
}

bool schema_check::spend(std::size_t steps, const value_place& at) {
  steps_ += steps;
  if (steps_ <= steps_max) return !stopped_;
  return stop(at, fmt::format("a document that is checked within {} steps", steps_max), "one that takes more");
}

bool schema_check::accepts(const node& start, const json& value, const value_place& at) {
  auto& schema = resolved(start);
  if (schema.is == node::kind::anything) return true;
  if (schema.is == node::kind::nothing) return wrong(at, [&] { return words{"nothing", describe(value)}; });
  if (!spend(1, at)) return false;
  if (depth_ >= depth_max) return stop(at, fmt::format("at most {} levels", depth_max), "more: nested too deeply");
  ++depth_;
  bool ok = accepts_rules(schema, value, at);
  --depth_;
  return ok && !stopped_;
}

bool schema_check::accepts_rules(const node& schema, const json& value, const value_place& at) {
  auto types = types_of(value);
  if (schema.types != 0 && (schema.types & types) == 0)
    return wrong(at, [&] { return words{words_for_types(schema.types), describe(value)}; });
  bool ok = accepts_value(schema, value, at);
  if (is_over(ok)) return false;
  if (schema.numbers && (types & json_type::number) != 0) {
    ok &= accepts_number(*schema.numbers, value, at);
  } else if (schema.strings && types == json_type::string) {
    ok &= accepts_string(*schema.strings, value, at);
  } else if (schema.arrays && types == json_type::array) {
    ok &= accepts_array(*schema.arrays, value, at);
  } else if (schema.objects && types == json_type::object) {
    ok &= accepts_object(*schema.objects, value, at);
  }
  if (is_over(ok)) return false;
  if (schema.combined) ok &= accepts_combined(*schema.combined, value, at);
  return ok;
}

bool schema_check::accepts_value(const node& schema, const json& value, const value_place& at) {
  if (schema.comparing != 0 && !spend(schema.comparing, at)) return false;
  bool ok = true;
  if (schema.constant != nullptr && compare(*schema.constant, value) != 0)
    ok = wrong(at, [&] { return words{words_for_choices({schema.constant}), describe(value)}; });
  if (schema.choices) {
    auto& choices = *schema.choices;
    auto less = [](const json* left, const json* right) { return compare(*left, *right) < 0; };
    if (!std::binary_search(choices.begin(), choices.end(), &value, less))
      ok = wrong(at, [&] { return words{words_for_choices(choices), describe(value)}; });
  }
  return ok;
}

bool schema_check::holds(const node& schema, const json& value, const value_place& at) {
  auto* noted = std::exchange(violations_, nullptr);
  bool ok = accepts(schema, value, at);
  violations_ = noted;
  return ok;
}

bool schema_check::ends_in_time(clock::time_point start, bool gave_up, std::string_view what, const value_place& at) {
  searching_ += clock::now() - start;
  if (!gave_up && searching_ <= searching_max) return true;
  return stop(at, fmt::format("a string on which the check of {} comes to an end in time", what),
              "one on which it takes too long");
}

pattern::outcome schema_check::search(const pattern& what, const std::string& text, const value_place& at) {
  auto start = clock::now();
  auto outcome = what.search(text);
  bool gave_up = outcome == pattern::outcome::too_expensive;
  return ends_in_time(start, gave_up, what.source(), at) ? outcome : pattern::outcome::too_expensive;
}

bool schema_check::accepts_combined(const combined_rules& rules, const json& value, const value_place& at) {
  bool ok = true;
  for (auto* schema : rules.all) {
    ok &= accepts(*schema, value, at);
    if (is_over(ok)) return false;
  }
  if (!rules.any.empty()) ok &= accepts_any(rules.any, value, at);
  if (is_over(ok)) return false;
  if (!rules.one.empty()) ok &= accepts_one(rules.one, value, at);
  if (is_over(ok)) return false;
  if (rules.negated != nullptr && holds(*rules.negated, value, at))
    ok = wrong(at, [&] { return words{fmt::format("anything but {}", words_for(*rules.negated)), describe(value)}; });
  if (is_over(ok)) return false;
  if (rules.condition != nullptr) {
    auto* branch = holds(*rules.condition, value, at) ? rules.consequence : rules.alternative;
    if (branch != nullptr) ok &= accepts(*branch, value, at);
  }
  return ok;
}

bool schema_check::accepts_any(const std::vector<const node*>& schemas, const json& value, const value_place& at) {
  for (auto* schema : schemas) {
    if (holds(*schema, value, at)) return true;
    if (stopped_) return false;
  }
  return is_quiet() ? false : report_closest(schemas, value, at);
}

bool schema_check::accepts_one(const std::vector<const node*>& schemas, const json& value, const value_place& at) {
  std::size_t count = 0;
  for (auto* schema : schemas) {
    if (holds(*schema, value, at)) ++count;
    if (stopped_) return false;
    if (count > 1 && is_quiet()) return false;
  }
  if (count == 1) return true;
  if (count == 0) return is_quiet() ? false : report_closest(schemas, value, at);
  return wrong(at, [&] {
    return words{fmt::format("exactly one of {} forms", schemas.size()), fmt::format("what fits {} of them", count)};
  });
}

/// If only one of several forms is of the value's type, what keeps the value from it says more than the list of all.
bool schema_check::report_closest(const std::vector<const node*>& schemas, const json& value, const value_place& at) {
  const node* closest = nullptr;
  std::size_t candidates = 0;
  std::string forms;
  for (auto* schema : schemas) {
    auto& target = resolved(*schema);
    bool is_possible = target.is == node::kind::rules && (target.types == 0 || (target.types & types_of(value)) != 0);
    if (is_possible) {
      ++candidates;
      closest = schema;
    }
    auto form = words_for(target);
    if (forms.find(form) != std::string::npos) continue;
    if (!forms.empty()) forms += " or ";
    forms += form;
  }
  if (candidates == 1) return accepts(*closest, value, at);
  if (candidates > 1) forms = fmt::format("one of {} forms ({})", schemas.size(), forms);
  return wrong(at, [&] { return words{std::move(forms), describe(value)}; });
}

} // namespace troupe::blueprint
