#pragma once

#include "runtime/blueprint/format.hpp"
#include "runtime/blueprint/pattern.hpp"
#include "runtime/blueprint/schema.hpp"

#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe::blueprint {

struct node;

/// What a value may be, as bits. A whole number is both `integer` and `number`.
namespace json_type {
inline constexpr unsigned null = 1, boolean = 2, integer = 4, number = 8, string = 16, array = 32, object = 64;
}

inline constexpr std::size_t unbounded = std::numeric_limits<std::size_t>::max();

/// `least` to `most`, both included.
struct size_bounds {
  std::size_t least = 0;
  std::size_t most = unbounded;
};

/// A number as an integer times a power of ten, without a remainder.
struct exact_decimal {
  std::uint64_t digits = 0;
  long power = 0;
};

struct number_rules {
  const json* minimum = nullptr;
  const json* maximum = nullptr;
  const json* exclusive_minimum = nullptr;
  const json* exclusive_maximum = nullptr;
  const json* multiple_of = nullptr;
  exact_decimal divisor;
};

struct string_rules {
  size_bounds length; ///< in code points
  std::optional<pattern> matches;
  const blueprint::format* format = nullptr;
  bool is_base64 = false;
  bool is_json = false;
};

struct array_rules {
  size_bounds size;
  bool unique = false;
  std::vector<const node*> positions; ///< `items` as an array
  const node* others = nullptr;       ///< `items` as a schema, or `additionalItems` behind positions
  const node* contains = nullptr;
};

struct property_rule {
  std::string name;
  const node* schema; ///< nullptr: only required
  bool required;
};

struct dependency_rule {
  std::string name;
  const node* schema; ///< nullptr: then `required`
  std::vector<std::string> required;
};

struct object_rules {
  size_bounds size;
  std::vector<property_rule> properties; ///< sorted by name, as the fields of an object are
  std::vector<std::pair<pattern, const node*>> patterns;
  const node* others = nullptr; ///< `additionalProperties`
  const node* names = nullptr;
  std::vector<dependency_rule> dependencies;
};

struct combined_rules {
  std::vector<const node*> all, any, one;
  const node* negated = nullptr;
  const node* condition = nullptr; ///< with `consequence` or `alternative`, which may be nullptr
  const node* consequence = nullptr;
  const node* alternative = nullptr;
};

/// One schema. What it does not speak of is not there, so that the common ones are over after a look at the type.
struct node {
  enum class kind { anything, nothing, rules };
  kind is = kind::anything;
  const node* reference = nullptr; ///< `$ref`: then this is the only thing that holds
  unsigned types = 0;              ///< 0: any
  const json* constant = nullptr;
  std::optional<std::vector<const json*>> choices; ///< `enum`, sorted by `compare`
  std::size_t comparing = 0;                       ///< steps that comparing with `constant` and `choices` may take
  std::unique_ptr<number_rules> numbers;
  std::unique_ptr<string_rules> strings;
  std::unique_ptr<array_rules> arrays;
  std::unique_ptr<object_rules> objects;
  std::unique_ptr<combined_rules> combined;
};

/// What stands at the end of a chain of references; there are no loops in a compiled schema.
inline const node& resolved(const node& start) {
  const node* at = &start;
  while (at->reference != nullptr)
    at = at->reference;
  return *at;
}

struct schema::compiled {
  json document;          ///< nodes point into it
  std::deque<node> nodes; ///< so their addresses stay
  const node* root = nullptr;
  bool closed = false;
  std::vector<std::string> declared;
  std::vector<std::string> required;
};

} // namespace troupe::blueprint
