#include "runtime/blueprint/built_in_functions.hpp"
#include "runtime/blueprint/script.hpp"
#include "runtime/blueprint/script_globals.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace troupe::blueprint {
namespace {

/// Names of values: a function of that name could not be told from them.
bool is_value_name(std::string_view name) {
  static const std::set<std::string_view> names{"data", "state",    "order", "variables", "event",  "message",
                                                "file", "response", "error", "callback",  "config", "secret"};
  return names.contains(name);
}

} // namespace

expected<std::shared_ptr<const library>> library::compile(std::vector<module_source> modules) {
  auto made = std::make_shared<compiled>();
  std::map<std::string, std::string> taken; // name to the module that has it
  error all{errc::invalid_blueprint, "", {}};
  const auto report = [&](const std::string& module, std::string text) {
    all.violations.push_back({"/" + pointer_token(module), "a module of functions", std::move(text)});
  };
  for (const auto& [name, source] : modules) {
    auto module = compile_module(name, source);
    if (!module) {
      report(name, module.error().detail);
      continue;
    }
    for (const auto& each : module->exports) {
      const bool reserved = is_global_name(each) || is_value_name(each);
      if (reserved)
        report(name, "the name " + each + ", which is taken by the expression language");
      else if (const auto [entry, added] = taken.emplace(each, name); !added)
        report(name, "the name " + each + ", which is taken by the module " + entry->second);
    }
    made->modules.push_back(*std::move(module));
  }
  if (!all.violations.empty()) {
    all.detail = "expected modules of functions, but found " + all.violations.front().found;
    return tl::unexpected(std::move(all));
  }
  return std::shared_ptr<const library>(new library(std::move(made)));
}

std::shared_ptr<const library> library::built_in() {
  static const std::shared_ptr<const library> instance(new library(std::make_shared<compiled>()));
  return instance;
}

std::vector<library::function> library::functions() const {
  std::vector<function> result;
  for (const auto& each : built_in_functions()) {
    result.push_back(
        {std::string(each.name), "", std::string(each.description), std::string(each.examples.front().expression)});
  }
  for (const auto& module : compiled_->modules) {
    for (const auto& name : module.exports)
      result.push_back({name, module.name, "", ""});
  }
  return result;
}

std::vector<std::string> library::exports_of(std::string_view module) const {
  const auto& modules = compiled_->modules;
  const auto found =
      std::find_if(modules.begin(), modules.end(), [&](const auto& each) { return each.name == module; });
  return found == modules.end() ? std::vector<std::string>() : found->exports;
}

} // namespace troupe::blueprint
