#include "runtime/blueprint/compilation.hpp"

#include "runtime/blueprint/called_functions.hpp"
#include "runtime/blueprint/script_globals.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace troupe::blueprint {

namespace {

constexpr std::size_t expression_size_max = 64u << 10;

constexpr auto names = std::to_array<std::string_view>(
    {"data", "state", "order", "variables", "event", "response", "error", "config", "secret"});
constexpr auto names_not_built = std::to_array<std::string_view>({"callback", "message", "file"});
constexpr auto words_of_the_language =
    std::to_array<std::string_view>({"true", "false", "null", "undefined", "NaN", "Infinity"});
constexpr auto denied_to_handlers =
    std::to_array<std::string_view>({"data", "state", "order", "variables", "event", "response", "error"});
constexpr auto denied_to_order_id =
    std::to_array<std::string_view>({"state", "order", "variables", "event", "response", "error", "config", "uuid"});

template <class Names> bool is_one_of(const Names& all, std::string_view name) {
  return std::find(all.begin(), all.end(), name) != all.end();
}

/// Violations of a part become findings of the whole.
void add_refusal(finding_list& findings, const error& refusal, const std::string& pointer, const std::string& code,
                 const std::string& wanted, const json& found) {
  if (refusal.violations.empty())
    findings.error(pointer, code, fmt::format("write {}: {}", wanted, refusal.detail), wanted, describe(found));
  for (const auto& each : refusal.violations)
    findings.error(pointer + each.pointer, code,
                   fmt::format("write {}: expected {}, but found {}", wanted, each.expected, each.found), each.expected,
                   each.found);
}

} // namespace

compilation::compilation(const references& around, finding_list& findings) : around_(around), findings_(findings) {
  for (const auto& each : around_.functions->functions())
    modules_of_.emplace(each.name, each.module);
}

std::optional<expression> compilation::expression_at(const json& source, const std::string& pointer, place where) {
  if (!source.is_string()) {
    findings_.error(pointer, "wrong_type", "write an expression as a string", "an expression in a string",
                    describe(source));
    return std::nullopt;
  }
  const auto& text = source.get_ref<const std::string&>();
  if (text.size() > expression_size_max) {
    findings_.error(pointer, "too_large", "move it into a custom function", "an expression of at most 65536 bytes",
                    fmt::format("{} bytes", text.size()));
    return std::nullopt;
  }
  auto compiled = expression::compile(text, around_.functions);
  if (!compiled) {
    add_refusal(findings_, compiled.error(), pointer, "invalid_expression", "an expression that compiles", source);
    return std::nullopt;
  }
  check_names(*compiled, pointer, where);
  check_functions(*compiled, pointer);
  return *compiled;
}

std::optional<value_template> compilation::template_at(const json& source, const std::string& pointer, place where) {
  auto compiled = value_template::compile(source, around_.functions);
  if (!compiled) {
    add_refusal(findings_, compiled.error(), pointer, "invalid_template", "a template that compiles", source);
    return std::nullopt;
  }
  compiled->for_each_expression([&](const std::string& inside, const expression& each) {
    check_names(each, pointer + inside, where);
    check_functions(each, pointer + inside);
  });
  return *compiled;
}

std::optional<schema> compilation::schema_at(const json& source, const std::string& pointer, bool closed_by_default) {
  auto compiled = schema::compile(source, {closed_by_default});
  if (compiled) return *compiled;
  add_refusal(findings_, compiled.error(), pointer, "invalid_schema", "a draft-07 schema that compiles", source);
  return std::nullopt;
}

std::optional<expression> compilation::expression_of(const object_reader& reader, std::string_view name, place where) {
  const json* source = reader.find(name);
  return source ? expression_at(*source, reader.at(name), where) : std::nullopt;
}

std::optional<expression> compilation::condition_of(const object_reader& reader, std::string_view name) {
  auto result = expression_of(reader, name);
  if (result && result->is_constant())
    findings_.warning(reader.at(name), "constant_condition",
                      "it is always the same: leave it out, or let it depend on something",
                      "a condition that depends on something", describe(*reader.find(name)));
  return result;
}

std::optional<schema> compilation::schema_of(const object_reader& reader, std::string_view name,
                                             bool closed_by_default) {
  const json* source = reader.find(name);
  return source ? schema_at(*source, reader.at(name), closed_by_default) : std::nullopt;
}

void compilation::check_names(const expression& compiled, const std::string& pointer, place where) {
  auto found = describe(json(compiled.source()));
  if (compiled.mentions("secret")) {
    bool is_allowed = where == place::request || where == place::handler;
    names_secrets_ = names_secrets_ || is_allowed;
    if (!is_allowed)
      findings_.error(pointer, "secret_not_allowed",
                      "use secrets only in `url`, `headers`, `payload` or `auth` of a request: they are never stored",
                      "an expression without `secret`", found);
  }
  auto refuse_denied = [&](const auto& denied, std::string_view instead) {
    for (auto name : denied)
      if (compiled.mentions(name))
        findings_.error(pointer, "name_not_available", fmt::format("`{}` is not there: use {}", name, instead),
                        std::string(instead), found);
  };
  if (where == place::handler) refuse_denied(denied_to_handlers, "`config` and `secret` alone");
  if (where == place::order_id) refuse_denied(denied_to_order_id, "`data` alone");
  if (!compiled.is_plain_path() || compiled.path().empty()) return;
  const auto& first = compiled.path().front();
  if (is_one_of(names_not_built, first))
    findings_.error(pointer, "not_built_yet", fmt::format("`{}` is not built yet: leave it out", first),
                    fmt::format("one of {}", fmt::join(names, ", ")), found);
  else if (!is_one_of(names, first) && !is_one_of(words_of_the_language, first) && !modules_of_.contains(first))
    findings_.warning(pointer, "unknown_name",
                      fmt::format("`{}` is no name that is there, so this is always null: did you mean `data.{}`?",
                                  first, compiled.source()),
                      fmt::format("a path that begins with one of {}", fmt::join(names, ", ")), found);
}

void compilation::check_functions(const expression& compiled, const std::string& pointer) {
  for (const auto& [function, module] : modules_of_)
    if (!module.empty() && compiled.mentions(function)) used_modules_.insert(module);
  if (compiled.is_plain_path()) return;
  for (const auto& name : called_functions(compiled.source())) {
    if (modules_of_.contains(name) || is_global_name(name)) continue;
    std::vector<std::string_view> known;
    for (const auto& [function, module] : modules_of_)
      known.push_back(function);
    auto nearest = nearest_name(name, known);
    findings_.error(pointer, "unknown_function",
                    nearest.empty()
                        ? fmt::format("publish a module that exports `{}`, or use a function that is there", name)
                        : fmt::format("did you mean `{}`? Else publish a module that exports `{}`", nearest, name),
                    "a function that is built in or published", fmt::format("`{}`", name));
  }
}

} // namespace troupe::blueprint
