#include "runtime/blueprint/script_compiler.hpp"

#include <memory>

namespace troupe::blueprint {
namespace {

/// Names that were met stay in a runtime's table: it is made anew before they are many.
constexpr int translations_max = 1000;

std::shared_ptr<script_engine> this_thread_compiler() {
  thread_local std::shared_ptr<script_engine> engine;
  thread_local int translations = 0;
  if (!engine || engine->is_worn() || ++translations > translations_max) {
    engine = nullptr;
    engine = std::make_shared<script_engine>(script_role::compiling);
    translations = 0;
  }
  return engine;
}

expected<bytecode> translate(std::string_view source, int flags) {
  const auto kept = this_thread_compiler();
  auto& engine = *kept;
  JSContext* context = engine.context();
  const script_engine::evaluation bounds(engine, nullptr, expression_limits{duration{1000}, 64u << 20});
  const std::string text(source); // ends with a zero, which the parser relies on
  const script_value code(context,
                          JS_Eval(context, text.c_str(), text.size(), "expression", flags | JS_EVAL_FLAG_COMPILE_ONLY));
  if (code.is_exception()) return refuse(errc::invalid_blueprint, engine.take_failure());
  if (flags & JS_EVAL_TYPE_MODULE) return bytecode{};
  std::size_t size = 0;
  std::uint8_t* written = JS_WriteObject(context, &size, code.get(), JS_WRITE_OBJ_BYTECODE);
  if (!written) return refuse(errc::invalid_blueprint, engine.take_failure());
  bytecode result(written, written + size);
  js_free(context, written);
  return result;
}

} // namespace

expected<bytecode> compile_script(std::string_view source) {
  return translate(source, JS_EVAL_TYPE_GLOBAL);
}

expected<void> check_module_syntax(std::string_view source) {
  auto result = translate(source, JS_EVAL_TYPE_MODULE);
  if (!result) return tl::unexpected(std::move(result).error());
  return {};
}

JSValue run_bytecode(JSContext* context, const bytecode& code) {
  JSValue function = JS_ReadObject(context, code.data(), code.size(), JS_READ_OBJ_BYTECODE);
  if (JS_IsException(function)) return function;
  return JS_EvalFunction(context, function);
}

} // namespace troupe::blueprint
