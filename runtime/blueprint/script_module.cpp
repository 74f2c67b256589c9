#include "runtime/blueprint/script.hpp"

#include "runtime/blueprint/script_globals.hpp"
#include "runtime/blueprint/script_tokens.hpp"

#include <map>
#include <optional>

namespace troupe::blueprint {
namespace {

constexpr std::size_t source_size_max = 256u << 10;
constexpr expression_limits trial_limits{duration{100}, 32u << 20};

/// A module's source without its export clauses, and what they name: exported name to the name inside.
struct opened_module {
  std::string body;
  std::map<std::string, std::string> renamed;
};

tl::unexpected<error> refused(const std::string& module, std::string_view why) {
  return refuse(errc::invalid_blueprint, "function module " + module + ": " + std::string(why));
}

void blank(std::string& text, std::size_t from, std::size_t to) {
  for (; from < to; ++from) {
    if (text[from] != '\n') text[from] = ' ';
  }
}

/// Reads `{ a, b as c }` after the word at `index`; moves on to its last word. Null if it is no such clause.
std::optional<std::size_t> read_clause(const script_words& all, std::size_t index, std::string_view source,
                                       opened_module& opened) {
  const auto start = all.words[index].offset;
  const auto end = source.find('}', start);
  if (end == std::string_view::npos) return std::nullopt;
  std::vector<std::string> item;
  const auto close_item = [&] {
    if (item.size() == 1) opened.renamed[item[0]] = item[0];
    if (item.size() == 3 && item[1] == "as") opened.renamed[item[2]] = item[0];
    const bool known = item.empty() || item.size() == 1 || (item.size() == 3 && item[1] == "as");
    item.clear();
    return known;
  };
  std::size_t last = index;
  std::size_t at = all.words[index].offset + all.words[index].text.size();
  while (last + 1 < all.words.size() && all.words[last + 1].offset < end) {
    const auto& word = all.words[++last];
    if (source.substr(at, word.offset - at).find(',') != std::string_view::npos && !close_item()) return std::nullopt;
    item.emplace_back(word.text);
    at = word.offset + word.text.size();
  }
  if (!close_item()) return std::nullopt;
  blank(opened.body, start, end + 1);
  return last;
}

expected<opened_module> open_module(const std::string& name, const std::string& source) {
  const auto all = words_of(source);
  opened_module opened{source, {}};
  for (std::size_t index = 0; index < all.words.size(); ++index) {
    const auto& word = all.words[index];
    if (word.member || word.key) continue;
    if (word.text == "import") return refused(name, "expected no import: a module stands by itself");
    if (word.text != "export") continue;
    const auto after = source.find_first_not_of(" \t\r\n", word.offset + word.text.size());
    const char next = after == std::string::npos ? '\0' : source[after];
    if (next == '{') {
      const auto last = read_clause(all, index, source, opened);
      if (!last) return refused(name, "expected plain names in an export clause");
      index = *last;
    } else if (next == '*' || (index + 1 < all.words.size() && all.words[index + 1].text == "default")) {
      return refused(name, "expected exports by name, but found a default export or one of another module");
    } else {
      blank(opened.body, word.offset, word.offset + word.text.size());
    }
  }
  return opened;
}

/// What the engine itself says that the module exports: names whose values are functions. The module is run once for
/// it, within bounds.
expected<std::vector<std::string>> exported_functions(const std::string& name, const std::string& source) {
  script_engine engine(script_role::checking);
  JSContext* context = engine.context();
  const script_engine::evaluation bounds(engine, nullptr, trial_limits);
  JSValue compiled =
      JS_Eval(context, source.c_str(), source.size(), name.c_str(), JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
  if (JS_IsException(compiled)) return refused(name, engine.take_failure());
  auto* module = static_cast<JSModuleDef*>(JS_VALUE_GET_PTR(compiled));
  const script_value promise(context, JS_EvalFunction(context, compiled));
  if (promise.is_exception()) return refused(name, engine.take_failure());
  if (JS_PromiseState(context, promise.get()) != JS_PROMISE_FULFILLED) {
    JS_Throw(context, JS_PromiseResult(context, promise.get()));
    return refused(name, engine.take_failure());
  }
  const script_value space(context, JS_GetModuleNamespace(context, module));
  JSPropertyEnum* names = nullptr;
  std::uint32_t count = 0;
  if (space.is_exception() || JS_GetOwnPropertyNames(context, &names, &count, space.get(), JS_GPN_STRING_MASK) < 0) {
    return refused(name, engine.take_failure());
  }
  std::vector<std::string> result;
  for (std::uint32_t index = 0; index < count; ++index) {
    const script_value value(context, JS_GetProperty(context, space.get(), names[index].atom));
    const std::string* text = engine.property_name(names[index].atom);
    if (text && JS_IsFunction(context, value.get())) result.push_back(*text);
  }
  return result; // what is left allocated goes with the engine
}

/// Runs what will be run: it must give the same functions.
expected<void> try_factory(const std::string& name, const script_module& module) {
  script_engine engine(script_role::evaluating);
  JSContext* context = engine.context();
  const script_engine::evaluation bounds(engine, nullptr, trial_limits);
  const script_value factory(context, run_bytecode(context, module.factory));
  if (factory.is_exception()) return refused(name, engine.take_failure());
  const script_value exports(context, JS_Call(context, factory.get(), JS_UNDEFINED, 0, nullptr));
  if (exports.is_exception()) return refused(name, engine.take_failure());
  for (std::uint32_t index = 0; index < module.exports.size(); ++index) {
    const script_value value(context, JS_GetPropertyUint32(context, exports.get(), index));
    if (!JS_IsFunction(context, value.get()))
      return refused(name, "expected " + module.exports[index] + " to be a function");
  }
  return {};
}

} // namespace

expected<script_module> compile_module(const std::string& name, const std::string& source) {
  if (source.size() > source_size_max)
    return refused(name, "expected at most 256 KiB, but found " + std::to_string(source.size()) + " bytes");
  if (source.find("<!--") != std::string::npos || source.find("-->") != std::string::npos) {
    return refused(name, "expected no <!-- and no -->: scripts and modules read them differently");
  }
  auto opened = open_module(name, source);
  if (!opened) return tl::unexpected(std::move(opened).error());
  if (const auto parsed = check_module_syntax(source); !parsed) return refused(name, parsed.error().detail);
  auto exports = exported_functions(name, source);
  if (!exports) return tl::unexpected(std::move(exports).error());
  if (exports->empty()) return refused(name, "expected at least one exported function, but found none");
  std::string text = "(function(){\"use strict\";" + opened->body + "\n;return [";
  for (const auto& each : *exports) {
    const auto words = all_words_of(each);
    if (words.size() != 1 || words[0] != each || is_reserved_word(each))
      return refused(name, "expected a plain name, but found " + each);
    const auto renamed = opened->renamed.find(each);
    text.append(renamed == opened->renamed.end() ? each : renamed->second).append(",");
  }
  text.append("]})");
  auto factory = compile_script(text);
  if (!factory) return refused(name, factory.error().detail);
  script_module made{name, *std::move(exports), next_script_id(), *std::move(factory)};
  if (const auto tried = try_factory(name, made); !tried) return tl::unexpected(tried.error());
  return made;
}

} // namespace troupe::blueprint
