#pragma once

#include "runtime/base/json.hpp"
#include "runtime/base/time.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::blueprint {

/// The names that an expression can see, each a JSON value that outlives the evaluation; nothing is copied. Besides
/// them: `now()` (`now`) and `uuid(name)` (from `order_id` and name), the built-in functions, and the custom functions
/// that were compiled in.
///
/// Values are looked up by the first name of a path: `data`, `state`, `order`, `variables`, `event`, `response`,
/// `error`, `callback`, `config`, `secret`.
struct scope {
  /// name -> value; a null pointer is a name that is not there (reads as null in a plain path, a ReferenceError in a
  /// script).
  std::vector<std::pair<std::string_view, const json*>> values;
  time_point now{};
  std::string_view order_id;
};

/// Custom functions: ES modules whose exports every expression compiled with it can call. Immutable.
class library {
public:
  struct module_source {
    std::string name;
    std::string source;
  };
  /// What a function is called and where it comes from, for `GET /v1/functions`.
  struct function {
    std::string name;
    std::string module; ///< empty: built in
    std::string description;
    std::string example;
  };

  /// Refuses with `invalid_blueprint`: what does not compile, exports nothing callable, or exports a name that is taken
  /// (a built-in's or another module's).
  static expected<std::shared_ptr<const library>> compile(std::vector<module_source> modules);
  /// Only the built-in functions.
  static std::shared_ptr<const library> built_in();

  std::vector<function> functions() const;
  /// Names a module exports (functions only).
  std::vector<std::string> exports_of(std::string_view module) const;

  struct compiled;
  const compiled& inside() const { return *compiled_; }

private:
  explicit library(std::shared_ptr<const compiled> modules) : compiled_(std::move(modules)) {}
  std::shared_ptr<const compiled> compiled_;
};

/// How much one evaluation may take; beyond it is `expression_failed`.
struct expression_limits {
  duration time{50};
  std::size_t memory = 32u << 20;
};

/// A JavaScript expression, compiled once, immutable, usable from every thread. A plain path (`data.amount`,
/// `response.body.items[0].id`, `data["a b"]`) is looked up without the script engine: it keeps its value whatever its
/// size and is null where nothing is there.
///
/// Pure: no clock, no randomness, no I/O; nothing that one evaluation does is seen by the next.
class expression {
public:
  /// Refuses with `invalid_blueprint` and the engine's message.
  static expected<expression> compile(std::string_view source, std::shared_ptr<const library> functions);

  /// The value; `undefined` and functions come out as null, NaN and infinities as null. Refuses with `invalid_data`
  /// (the engine's code `expression_failed`): a throw, a bound passed, an integer beyond 2^53 read by a real
  /// expression, a value nested beyond 64 or larger than 16 MiB.
  expected<json> evaluate(const scope& values) const;

  /// `evaluate` and JavaScript's idea of truth.
  expected<bool> holds(const scope& values) const;

  const std::string& source() const;
  bool is_plain_path() const;
  /// The parts of a plain path, e.g. {"response", "body", "items", "0"}; empty otherwise.
  const std::vector<std::string>& path() const;
  /// First names that the source refers to as far as can be told (`data`, `secret`, ...): for checks when publishing.
  bool mentions(std::string_view name) const;
  /// True if the value does not depend on any name (a constant): for warnings.
  bool is_constant() const;

  struct program;

private:
  explicit expression(std::shared_ptr<const program> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const program> compiled_;
};

/// Bounds for every evaluation of this process; called once at start.
void set_expression_limits(expression_limits limits);

} // namespace troupe::blueprint
