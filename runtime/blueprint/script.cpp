#include "runtime/blueprint/script.hpp"

#include "runtime/blueprint/script_globals.hpp"
#include "runtime/blueprint/script_result.hpp"
#include "runtime/blueprint/script_tokens.hpp"
#include "runtime/blueprint/script_view.hpp"

#include <algorithm>
#include <array>

namespace troupe::blueprint {
namespace {

constexpr std::size_t source_size_max = 16u << 10;
constexpr std::size_t name_count_max = 64;
constexpr std::size_t variant_count_max = 16;

bool has_bit(std::uint64_t set, std::size_t index) {
  return (set >> index & 1) != 0;
}

} // namespace

std::uint64_t next_script_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

script::script(std::string source, std::shared_ptr<const library> functions)
    : source_(std::move(source)), library_(std::move(functions)), id_(next_script_id()) {}

expected<std::shared_ptr<const script>> script::compile(std::string source, std::shared_ptr<const library> functions) {
  if (source.size() > source_size_max) {
    return refuse(errc::invalid_blueprint,
                  "expected an expression of at most 16 KiB, but found " + std::to_string(source.size()) + " bytes");
  }
  std::shared_ptr<script> made(new script(std::move(source), std::move(functions)));
  made->find_names();
  if (made->names_.size() > name_count_max) {
    return refuse(errc::invalid_blueprint,
                  "expected at most 64 names in an expression, but found " + std::to_string(made->names_.size()));
  }
  // What is an expression between parentheses and between brackets cannot close either of them and go on as something
  // else.
  const name_set all = made->names_.empty() ? 0 : ~name_set{0} >> (64 - made->names_.size());
  const auto bracketed = made->compile_variant(all, '[', ']');
  if (!bracketed) return tl::unexpected(bracketed.error());
  const auto compiled = made->variant(all);
  if (!compiled) return tl::unexpected(compiled.error());
  return made;
}

void script::find_names() {
  const auto found = words_of(source_);
  if (found.doubtful) {
    for (auto& word : all_words_of(source_))
      mentioned_.insert(std::move(word));
  } else {
    for (const auto& word : found.words) {
      if (!word.member && !word.key) mentioned_.emplace(word.text);
    }
  }
  constant_ = !mentioned_.contains("now") && !mentioned_.contains("uuid");
  const auto& modules = library_->inside().modules;
  for (std::size_t module = 0; module < modules.size(); ++module) {
    const auto& exports = modules[module].exports;
    for (std::size_t index = 0; index < exports.size(); ++index) {
      if (mentioned_.contains(exports[index]))
        functions_.push_back({module, static_cast<std::uint32_t>(index), exports[index]});
    }
  }
  const auto is_function = [&](const std::string& name) {
    return std::any_of(functions_.begin(), functions_.end(), [&](const auto& each) { return each.name == name; });
  };
  for (const auto& name : mentioned_) {
    if (is_reserved_word(name) || name.find('\\') != std::string::npos) continue;
    if (!is_global_name(name) && !is_function(name)) names_.push_back(name);
  }
  constant_ = constant_ && names_.empty() && functions_.empty();
}

expected<bytecode> script::compile_variant(name_set bound, char open, char close) const {
  std::string text = "(function(";
  const auto add = [&](const std::string& name) { text.append(text.back() == '(' ? "" : ",").append(name); };
  for (std::size_t index = 0; index < names_.size(); ++index) {
    if (has_bit(bound, index)) add(names_[index]);
  }
  for (const auto& function : functions_)
    add(function.name);
  text.append("){\"use strict\";return ");
  text.append(1, open).append(source_).append("\n").append(1, close).append("})");
  return compile_script(text);
}

expected<std::shared_ptr<const bytecode>> script::variant(name_set bound) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [names, code] : variants_) {
    if (names == bound) return code;
  }
  auto compiled = compile_variant(bound, '(', ')');
  if (!compiled) return tl::unexpected(std::move(compiled).error());
  auto code = std::make_shared<const bytecode>(*std::move(compiled));
  if (variants_.size() < variant_count_max) variants_.emplace_back(bound, code);
  return code;
}

JSValue script::loaded(script_engine& engine, const bytecode& code, std::uint64_t id, name_set bound) const {
  const auto before = engine.memory_used();
  const JSValue function = run_bytecode(engine.context(), code);
  if (JS_IsException(function)) return function;
  const auto after = engine.memory_used();
  engine.keep(id, {bound, JS_DupValue(engine.context(), function), after > before ? after - before : 0});
  return function;
}

JSValue script::call(script_engine& engine, JSValueConst function, const std::vector<const json*>& arguments) const {
  JSContext* context = engine.context();
  std::vector<JSValue> values;
  values.reserve(arguments.size() + functions_.size());
  JSValue result = JS_UNDEFINED;
  const auto add = [&](JSValue value) {
    if (JS_IsException(value))
      result = value;
    else
      values.push_back(value);
    return !JS_IsException(result);
  };
  bool complete = std::all_of(arguments.begin(), arguments.end(),
                              [&](const json* each) { return add(script_view::of(engine, *each)); });
  const script_module* module = nullptr;
  JSValue exports = JS_UNDEFINED;
  for (auto each = functions_.begin(); complete && each != functions_.end(); ++each) {
    if (module != &library_->inside().modules[each->module]) {
      module = &library_->inside().modules[each->module];
      const auto* kept = engine.find(module->id, 0);
      const script_value factory(context, kept ? JS_DupValue(context, kept->function)
                                               : loaded(engine, module->factory, module->id, 0));
      JS_FreeValue(context, exports);
      exports = factory.is_exception() ? JS_EXCEPTION : JS_Call(context, factory.get(), JS_UNDEFINED, 0, nullptr);
    }
    complete = add(JS_IsException(exports) ? JS_EXCEPTION : JS_GetPropertyUint32(context, exports, each->index));
  }
  if (complete) result = JS_Call(context, function, JS_UNDEFINED, static_cast<int>(values.size()), values.data());
  JS_FreeValue(context, exports);
  for (const JSValue& value : values)
    JS_FreeValue(context, value);
  return result;
}

template <class Use> expected<void> script::run(const scope& values, Use use) const {
  name_set bound = 0;
  std::vector<const json*> arguments;
  for (std::size_t index = 0; index < names_.size(); ++index) {
    for (const auto& [name, value] : values.values) {
      if (!value || name != names_[index]) continue;
      bound |= name_set{1} << index;
      arguments.push_back(value);
      break;
    }
  }
  auto& engine = script_engine::this_thread();
  const auto failed = [](std::string why) { return refuse(errc::invalid_data, std::move(why)); };
  std::shared_ptr<const bytecode> code;
  const auto* kept = engine.find(id_, bound);
  if (!kept) {
    auto compiled = variant(bound);
    if (!compiled) return tl::unexpected(std::move(compiled).error());
    code = *std::move(compiled);
  }
  const script_engine::evaluation bounds(engine, &values, current_expression_limits());
  JSContext* context = engine.context();
  const script_value function(context, kept ? JS_DupValue(context, kept->function) : loaded(engine, *code, id_, bound));
  if (function.is_exception()) return failed(engine.take_failure());
  const script_value result(context, call(engine, function.get(), arguments));
  if (result.is_exception() || !use(engine, result.get()) || engine.has_failed()) return failed(engine.take_failure());
  return {};
}

expected<json> script::evaluate(const scope& values) const {
  json result;
  const auto done =
      run(values, [&](script_engine& engine, JSValueConst value) { return to_json(engine, value, result); });
  if (!done) return tl::unexpected(done.error());
  return result;
}

expected<bool> script::holds(const scope& values) const {
  int result = 0;
  const auto done = run(values, [&](script_engine& engine, JSValueConst value) {
    result = JS_ToBool(engine.context(), value);
    return result >= 0;
  });
  if (!done) return tl::unexpected(done.error());
  return result != 0;
}

bool script::mentions(std::string_view name) const {
  return mentioned_.contains(name);
}

bool script::is_constant() const {
  return constant_;
}

} // namespace troupe::blueprint
