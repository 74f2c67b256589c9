#pragma once

#include "runtime/blueprint/expression.hpp"
#include "runtime/blueprint/script_compiler.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <set>

namespace troupe::blueprint {

/// A module of custom functions as it is run: its source as the body of a function that returns the exported functions.
/// Each evaluation calls it afresh, so that no variable of the module's lives longer than one evaluation.
struct script_module {
  std::string name;
  std::vector<std::string> exports;
  std::uint64_t id = 0;
  bytecode factory;
};

/// Refuses with `invalid_blueprint` what does not compile or run, imports, exports nothing callable, or exports what is
/// no plain name.
expected<script_module> compile_module(const std::string& name, const std::string& source);

struct library::compiled {
  std::vector<script_module> modules;
};

/// A real expression: a function of the names that it mentions and that are there, compiled once for each set of them.
class script {
public:
  static expected<std::shared_ptr<const script>> compile(std::string source, std::shared_ptr<const library> functions);

  expected<json> evaluate(const scope& values) const;
  expected<bool> holds(const scope& values) const;

  bool mentions(std::string_view name) const;
  bool is_constant() const;

private:
  struct used_function {
    std::size_t module;
    std::uint32_t index; ///< among the module's exports
    std::string name;
  };
  /// Which of `names_` have a value: a bit each.
  using name_set = std::uint64_t;

  script(std::string source, std::shared_ptr<const library> functions);
  void find_names();
  expected<std::shared_ptr<const bytecode>> variant(name_set bound) const;
  expected<bytecode> compile_variant(name_set bound, char open, char close) const;

  /// Calls the function and hands its value to `use`, within the bounds.
  template <class Use> expected<void> run(const scope& values, Use use) const;
  JSValue call(script_engine& engine, JSValueConst function, const std::vector<const json*>& arguments) const;
  JSValue loaded(script_engine& engine, const bytecode& code, std::uint64_t id, name_set bound) const;

  std::string source_;
  std::shared_ptr<const library> library_;
  std::vector<std::string> names_;
  std::set<std::string, std::less<>> mentioned_;
  std::vector<used_function> functions_;
  bool constant_ = false;
  std::uint64_t id_;
  mutable std::mutex mutex_;
  mutable std::vector<std::pair<name_set, std::shared_ptr<const bytecode>>> variants_;
};

/// For whatever is kept by thread and id: never the same twice in a process.
std::uint64_t next_script_id();

} // namespace troupe::blueprint
