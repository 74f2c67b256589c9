#pragma once

#include "runtime/blueprint/expression.hpp"
#include "runtime/blueprint/script_bounds.hpp"
#include "runtime/blueprint/script_memory.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <quickjs/quickjs.h>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::blueprint {

/// What a runtime is for. `evaluating` cannot make code out of text: it only runs what was compiled. `checking` is
/// `evaluating` and compiles: modules are tried out in it once. `compiling` only translates.
enum class script_role { evaluating, checking, compiling };

/// QuickJS, one runtime with one context, for one thread: reduced intrinsics, every object that a script can reach
/// without making it frozen, so that nothing one evaluation does is seen by the next. After a bound was passed the
/// whole runtime is dropped (`is_worn`) and the thread starts another.
class script_engine {
public:
  explicit script_engine(script_role role);
  ~script_engine();
  script_engine(const script_engine&) = delete;
  script_engine& operator=(const script_engine&) = delete;

  /// The calling thread's, for evaluating; made anew when the last one is worn.
  static script_engine& this_thread();
  static script_engine& of(JSContext* context);

  JSContext* context() const { return context_; }
  bool is_worn() const { return worn_; }

  /// One evaluation: sets the bounds, and afterwards looks whether the runtime can be used again.
  class evaluation {
  public:
    evaluation(script_engine& engine, const scope* values, expression_limits limits);
    ~evaluation();
    evaluation(const evaluation&) = delete;
    evaluation& operator=(const evaluation&) = delete;

  private:
    script_engine& engine_;
  };

  /// Of the evaluation under way; null while there is none.
  const scope* values() const { return values_; }
  /// Different for each evaluation: what was made in an earlier one is told by it.
  std::uint64_t number() const { return number_; }
  /// Marks the evaluation under way as failed whatever becomes of it, and throws into the script.
  JSValue fail(std::string text);
  /// True when its time is up.
  bool is_late();
  /// Why the evaluation under way failed: a bound, a rule, or the exception that is pending (which is taken).
  std::string take_failure();
  bool has_failed() const { return failure_ || late_; }

  /// The text of a property's name, or null for a symbol. Valid until the next call.
  const std::string* property_name(JSAtom name);

  /// What stays allocated between evaluations has grown by so much (compiled functions that are kept).
  void retain(std::ptrdiff_t bytes);
  std::size_t memory_used() const { return memory_.used(); }

  /// Compiled functions by the id of their program and the names bound in them.
  struct loaded_function {
    std::uint64_t bound_names = 0;
    JSValue function = JS_UNDEFINED;
    std::size_t bytes = 0;
  };
  /// Null if it is not loaded here.
  const loaded_function* find(std::uint64_t program, std::uint64_t bound_names);
  /// Keeps it; what was not used for long is freed in exchange.
  void keep(std::uint64_t program, loaded_function function);

private:
  struct name_slot {
    JSAtom atom = JS_ATOM_NULL;
    bool symbol = false;
    std::string text;
  };
  using generation = std::unordered_map<std::uint64_t, std::vector<loaded_function>>;

  void set_up(script_role role);
  void measure_stack();
  void end();
  void free_generation(generation& functions);
  const std::string* read_name(name_slot& slot, JSAtom name);

  script_memory memory_;
  JSRuntime* runtime_ = nullptr;
  JSContext* context_ = nullptr;
  work_timer timer_{std::chrono::milliseconds(50)};
  const scope* values_ = nullptr;
  std::uint64_t number_ = 0;
  expression_limits limits_;
  /// A bound or a rule that the evaluation has broken. It stays broken, even if the script catches what was thrown.
  std::optional<std::string> failure_;
  bool late_ = false;
  bool worn_ = false;
  std::size_t retained_ = 0;
  std::array<name_slot, 256> names_;
  name_slot rare_name_;
  generation young_, old_;
  std::size_t young_bytes_ = 0;
};

/// The bounds of this process.
expression_limits current_expression_limits();

/// Frees its value when it goes.
class script_value {
public:
  script_value(JSContext* context, JSValue value) : context_(context), value_(value) {}
  ~script_value() { JS_FreeValue(context_, value_); }
  script_value(const script_value&) = delete;
  script_value& operator=(const script_value&) = delete;
  JSValue get() const { return value_; }
  bool is_exception() const { return JS_IsException(value_) != 0; }

private:
  JSContext* context_;
  JSValue value_;
};

} // namespace troupe::blueprint
