#include "runtime/blueprint/script_globals.hpp"

#include "runtime/base/ids.hpp"
#include "runtime/blueprint/built_in_functions.hpp"
#include "runtime/blueprint/script_compiler.hpp"
#include "runtime/blueprint/script_natives.hpp"

#include <algorithm>
#include <set>

namespace troupe::blueprint {
namespace {

JSValue text_value(JSContext* context, const std::string& text) {
  return JS_NewStringLen(context, text.data(), text.size());
}

JSValue now(JSContext* context, JSValueConst, int, JSValueConst*) {
  const auto* values = script_engine::of(context).values();
  if (!values) return JS_ThrowTypeError(context, "now: there is no order here");
  return text_value(context, to_iso8601(values->now));
}

JSValue uuid(JSContext* context, JSValueConst, int count, JSValueConst* arguments) {
  const auto* values = script_engine::of(context).values();
  if (!values) return JS_ThrowTypeError(context, "uuid: there is no order here");
  if (count < 1 || !JS_IsString(arguments[0])) return JS_ThrowTypeError(context, "uuid: expected a name");
  std::size_t size = 0;
  const char* name = JS_ToCStringLen(context, &size, arguments[0]);
  if (!name) return JS_EXCEPTION;
  std::string seed(values->order_id);
  seed.append("/").append(name, size);
  JS_FreeCString(context, name);
  return text_value(context, uuid_from(seed));
}

/// Runs last in a new context. What it reaches through `roots` is everything: properties, accessors and prototypes, and
/// what only syntax leads to.
constexpr std::string_view freezing = R"js((function () {
  "use strict";
  const root = globalThis;
  const { apply, ownKeys, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
  const { defineProperty, freeze, isFrozen } = Object;
  for (const name of ["eval", "Promise", "queueMicrotask", "WebAssembly", "performance"]) delete root[name];
  delete Math.random;
  delete Date.now;

  const length_max = 4096; // these two are quadratic in combining marks
  const bound = (name, takes_text) => {
    const native = String.prototype[name];
    const bounded = { [name](argument) {
      if (this === undefined || this === null) throw new TypeError("expected a string");
      const text = `${this}`;
      const other = takes_text ? `${argument}` : argument;
      if (text.length > length_max || takes_text && other.length > length_max)
        throw new RangeError(`${name}: expected at most ${length_max} characters`);
      return apply(native, text, other === undefined ? [] : [other]);
    } };
    defineProperty(String.prototype, name, { value: bounded[name] });
  };
  bound("normalize", false);
  bound("localeCompare", true);

  const generator = (function* () {})();
  const found = [
    root, getPrototypeOf(generator), getPrototypeOf(function* () {}), getPrototypeOf([][Symbol.iterator]()),
    getPrototypeOf(""[Symbol.iterator]()), getPrototypeOf("".matchAll(/a/g)),
    (function () { return getOwnPropertyDescriptor(arguments, "callee").get; })()
  ];
  const visit = (value) => {
    if (value !== null && (typeof value === "object" || typeof value === "function") && !isFrozen(value)) {
      found[found.length] = freeze(value);
    }
  };
  for (let index = 0; index < found.length; index++) {
    const object = freeze(found[index]);
    visit(getPrototypeOf(object));
    const keys = ownKeys(object);
    for (let each = 0; each < keys.length; each++) {
      const property = getOwnPropertyDescriptor(object, keys[each]);
      visit(property.value);
      visit(property.get);
      visit(property.set);
    }
  }
})())js";

const bytecode& compiled_set_up() {
  static const bytecode compiled = [] {
    std::string source = "(function (native) {\n\"use strict\";\n";
    source += built_in_shared_source();
    for (const auto& function : built_in_functions()) {
      if (function.source.empty()) continue;
      source.append("Object.defineProperty(globalThis, \"").append(function.name).append("\", { value: ");
      source.append(function.source).append(" });\n");
    }
    source.append(freezing).append(";\n})");
    auto result = compile_script(source);
    TROUPE_ASSERT(result.has_value());
    return *std::move(result);
  }();
  return compiled;
}

} // namespace

void set_up_globals(script_engine& engine) {
  JSContext* context = engine.context();
  const script_value root(context, JS_GetGlobalObject(context));
  JS_DefinePropertyValueStr(context, root.get(), "now", JS_NewCFunction(context, now, "now", 0), 0);
  JS_DefinePropertyValueStr(context, root.get(), "uuid", JS_NewCFunction(context, uuid, "uuid", 1), 0);
  const auto& code = compiled_set_up();
  const script_value set_up(context, run_bytecode(context, code));
  TROUPE_ASSERT(!set_up.is_exception());
  const script_value natives(context, make_natives(context));
  JSValueConst argument = natives.get();
  const script_value result(context, JS_Call(context, set_up.get(), JS_UNDEFINED, 1, &argument));
  TROUPE_ASSERT(!result.is_exception());
}

bool is_global_name(std::string_view name) {
  static const std::set<std::string_view> names{"AggregateError",
                                                "Array",
                                                "BigInt",
                                                "Boolean",
                                                "Date",
                                                "Error",
                                                "EvalError",
                                                "Function",
                                                "Infinity",
                                                "InternalError",
                                                "Iterator",
                                                "JSON",
                                                "Math",
                                                "NaN",
                                                "Number",
                                                "Object",
                                                "RangeError",
                                                "ReferenceError",
                                                "Reflect",
                                                "RegExp",
                                                "String",
                                                "Symbol",
                                                "SyntaxError",
                                                "TypeError",
                                                "URIError",
                                                "decodeURI",
                                                "decodeURIComponent",
                                                "encodeURI",
                                                "encodeURIComponent",
                                                "escape",
                                                "globalThis",
                                                "isFinite",
                                                "isNaN",
                                                "parseFloat",
                                                "parseInt",
                                                "undefined",
                                                "unescape"};
  const auto functions = built_in_functions();
  const auto by_name = [](const auto& each, std::string_view wanted) { return each.name < wanted; };
  const auto found = std::lower_bound(functions.begin(), functions.end(), name, by_name);
  return names.contains(name) || (found != functions.end() && found->name == name);
}

bool is_reserved_word(std::string_view word) {
  static const std::set<std::string_view> words{
      "arguments", "async",   "await",  "break",    "case",    "catch",      "class",     "const",  "continue",
      "debugger",  "default", "delete", "do",       "else",    "enum",       "eval",      "export", "extends",
      "false",     "finally", "for",    "function", "if",      "implements", "import",    "in",     "instanceof",
      "interface", "let",     "new",    "null",     "package", "private",    "protected", "public", "return",
      "static",    "super",   "switch", "this",     "throw",   "true",       "try",       "typeof", "var",
      "void",      "while",   "with",   "yield"};
  return words.contains(word);
}

} // namespace troupe::blueprint
