#include "runtime/blueprint/script_view.hpp"

#include <algorithm>
#include <charconv>
#include <new>
#include <optional>

namespace troupe::blueprint {

/// An object or array inside a view that was handed out: the same again at the next reading.
struct script_view::child {
  const json* source;
  JSValue value;
  child* next;
};

struct script_view::state {
  const json* source;
  std::uint64_t evaluation;
  child* children = nullptr;
  int child_count = 0;
  bool detached = false; ///< an ordinary object by now
  bool sealed = false;
};

namespace {

constexpr int child_count_max = 16;
constexpr int depth_max = 100;
constexpr std::size_t element_count_max = 1'000'000;
constexpr std::size_t elements_between_checks = 1024;
constexpr std::int64_t exact_max = std::int64_t{1} << 53;
constexpr int ordinary = JS_PROP_C_W_E | JS_PROP_HAS_CONFIGURABLE | JS_PROP_HAS_WRITABLE | JS_PROP_HAS_ENUMERABLE |
                         JS_PROP_HAS_VALUE | JS_PROP_NO_EXOTIC;
constexpr int computed = JS_PROP_CONFIGURABLE | JS_PROP_ENUMERABLE | JS_PROP_HAS_CONFIGURABLE | JS_PROP_HAS_ENUMERABLE |
                         JS_PROP_HAS_GET | JS_PROP_NO_EXOTIC;

JSClassID view_class() {
  static const JSClassID id = [] {
    JSClassID made = 0;
    return JS_NewClassID(&made);
  }();
  return id;
}

bool is_exact(const json& number) {
  if (number.is_number_unsigned()) return number.get<std::uint64_t>() <= static_cast<std::uint64_t>(exact_max);
  const auto value = number.get<std::int64_t>();
  return value >= -exact_max && value <= exact_max;
}

bool is_inexact_integer(const json& value) {
  return value.is_number_integer() && !is_exact(value);
}

/// The value of an array index as JavaScript writes it: no sign, no leading zero, less than 2^32 - 1.
std::optional<std::uint32_t> array_index(std::string_view key) {
  std::uint32_t value = 0;
  const auto [end, failed] = std::from_chars(key.data(), key.data() + key.size(), value);
  const bool whole = failed == std::errc() && end == key.data() + key.size();
  const bool canonical = key == "0" || (!key.empty() && key[0] >= '1' && key[0] <= '9');
  return whole && canonical && value < UINT32_MAX ? std::optional(value) : std::nullopt;
}

/// The keys as `Object.keys` gives them: array indices by value, then the others.
std::vector<const std::string*> in_property_order(const json& object) {
  std::vector<std::pair<std::uint32_t, const std::string*>> indices;
  std::vector<const std::string*> others;
  for (const auto& [key, value] : object.get_ref<const json::object_t&>()) {
    if (const auto index = array_index(key))
      indices.emplace_back(*index, &key);
    else
      others.push_back(&key);
  }
  if (indices.empty()) return others;
  std::sort(indices.begin(), indices.end());
  std::vector<const std::string*> result;
  result.reserve(object.size());
  for (const auto& [index, key] : indices)
    result.push_back(key);
  result.insert(result.end(), others.begin(), others.end());
  return result;
}

JSValue refuse_integer(JSContext* context, JSValueConst, int, JSValueConst*) {
  return script_engine::of(context).fail(
      "expected an integer of at most 2^53, but found a larger one: only a plain path keeps its value");
}

JSValue scalar(script_engine& engine, const json& source) {
  JSContext* context = engine.context();
  switch (source.type()) {
  case json::value_t::boolean: return JS_NewBool(context, source.get<bool>());
  case json::value_t::number_float: return JS_NewFloat64(context, source.get<double>());
  case json::value_t::number_integer:
  case json::value_t::number_unsigned:
    if (!is_exact(source)) return refuse_integer(context, JS_UNDEFINED, 0, nullptr);
    return JS_NewInt64(context, source.get<std::int64_t>());
  case json::value_t::string: {
    const auto& text = source.get_ref<const std::string&>();
    return JS_NewStringLen(context, text.data(), text.size());
  }
  default: return JS_NULL;
  }
}

/// Defines `name` of `object`; an integer that cannot be held as a getter that fails. Takes `value`.
bool define(JSContext* context, JSValueConst object, JSAtom name, const json& source, JSValue value) {
  int result;
  if (is_inexact_integer(source)) {
    const script_value getter(context, JS_NewCFunction(context, refuse_integer, "", 0));
    if (getter.is_exception()) return false;
    result = JS_DefineProperty(context, object, name, JS_UNDEFINED, getter.get(), JS_UNDEFINED, computed);
  } else {
    const script_value held(context, value);
    if (held.is_exception()) return false;
    result = JS_DefineProperty(context, object, name, held.get(), JS_UNDEFINED, JS_UNDEFINED, ordinary);
  }
  return result >= 0;
}

} // namespace

void script_view::register_class(JSRuntime* runtime, JSContext* context) {
  static JSClassExoticMethods methods = [] {
    JSClassExoticMethods made{};
    made.get_own_property = get_own_property;
    made.get_own_property_names = get_own_property_names;
    made.delete_property = delete_property;
    made.define_own_property = define_own_property;
    made.is_extensible = is_extensible;
    made.prevent_extensions = prevent_extensions;
    return made;
  }();
  JSClassDef definition{};
  definition.class_name = "Object";
  definition.finalizer = finalize;
  definition.gc_mark = mark;
  definition.exotic = &methods;
  TROUPE_ASSERT(JS_NewClass(runtime, view_class(), &definition) == 0);
  const script_value object(context, JS_NewObject(context));
  JS_SetClassProto(context, view_class(), JS_DupValue(context, JS_GetPrototype(context, object.get())));
}

JSValue script_view::of(script_engine& engine, const json& source) {
  return make(engine, source, 0);
}

JSValue script_view::make(script_engine& engine, const json& source, int depth) {
  if (source.is_object()) return make_object(engine, source);
  if (source.is_array()) return make_array(engine, source, depth);
  return scalar(engine, source);
}

JSValue script_view::make_object(script_engine& engine, const json& source) {
  JSContext* context = engine.context();
  void* memory = js_malloc(context, sizeof(state));
  if (!memory) return JS_EXCEPTION;
  JSValue object = JS_NewObjectClass(context, static_cast<int>(view_class()));
  if (JS_IsException(object)) {
    js_free(context, memory);
    return object;
  }
  JS_SetOpaque(object, new (memory) state{&source, engine.number()});
  return object;
}

JSValue script_view::make_array(script_engine& engine, const json& source, int depth) {
  JSContext* context = engine.context();
  if (depth > depth_max) return engine.fail("expected a value of at most 100 levels");
  if (source.size() > element_count_max) {
    return engine.fail("expected an array of at most 1,000,000 elements, but found " + std::to_string(source.size()));
  }
  JSValue array = JS_NewArray(context);
  if (JS_IsException(array)) return array;
  std::uint32_t index = 0;
  for (const auto& element : source) {
    bool defined = index % elements_between_checks != elements_between_checks - 1 || !engine.is_late();
    if (defined && is_inexact_integer(element)) {
      const JSAtom name = JS_NewAtomUInt32(context, index);
      defined = define(context, array, name, element, JS_UNDEFINED);
      JS_FreeAtom(context, name);
    } else if (defined) {
      JSValue value = make(engine, element, depth + 1);
      defined =
          !JS_IsException(value) && JS_DefinePropertyValueUint32(context, array, index, value, JS_PROP_C_W_E) >= 0;
    }
    if (!defined) {
      JS_FreeValue(context, array);
      return engine.is_late() ? engine.fail("") : JS_EXCEPTION;
    }
    ++index;
  }
  return array;
}

const json* script_view::unchanged(JSContext* context, JSValueConst value) {
  const auto* view = static_cast<state*>(JS_GetOpaque(value, view_class()));
  if (!view || view->detached || view->evaluation != script_engine::of(context).number()) return nullptr;
  for (const child* each = view->children; each; each = each->next) {
    if (!unchanged(context, each->value)) return nullptr;
  }
  return view->source;
}

JSValue script_view::member(script_engine& engine, state& view, const json& source) {
  if (!source.is_structured()) return scalar(engine, source);
  JSContext* context = engine.context();
  for (const child* each = view.children; each; each = each->next) {
    if (each->source == &source) return JS_DupValue(context, each->value);
  }
  JSValue value = make(engine, source, 0);
  if (JS_IsException(value)) return value;
  void* memory = js_malloc(context, sizeof(child));
  if (!memory) {
    JS_FreeValue(context, value);
    return JS_EXCEPTION;
  }
  view.children = new (memory) child{&source, JS_DupValue(context, value), view.children};
  ++view.child_count;
  return value;
}

script_view::state* script_view::open(JSContext* context, JSValueConst object) {
  auto* view = static_cast<state*>(JS_GetOpaque(object, view_class()));
  auto& engine = script_engine::of(context);
  if (view && (view->detached || view->evaluation == engine.number())) return view;
  engine.fail("expected a value of this evaluation, but found one of another");
  return nullptr;
}

bool script_view::detach(JSContext* context, JSValueConst object, state& view) {
  if (view.detached) return true;
  auto& engine = script_engine::of(context);
  view.detached = true;
  std::size_t count = 0;
  for (const auto& [key, source] : view.source->items()) {
    if (++count % elements_between_checks == 0 && engine.is_late()) {
      engine.fail("");
      return false;
    }
    JSValue value = is_inexact_integer(source) ? JS_UNDEFINED : member(engine, view, source);
    const JSAtom name = JS_NewAtomLen(context, key.data(), key.size());
    if (name == JS_ATOM_NULL) {
      JS_FreeValue(context, value);
      return false;
    }
    const bool defined = define(context, object, name, source, value);
    JS_FreeAtom(context, name);
    if (!defined) return false;
  }
  forget_children(JS_GetRuntime(context), view);
  return true;
}

void script_view::forget_children(JSRuntime* runtime, state& view) {
  child* each = view.children;
  view.children = nullptr;
  while (each) {
    child* next = each->next;
    JS_FreeValueRT(runtime, each->value);
    js_free_rt(runtime, each);
    each = next;
  }
}

int script_view::get_own_property(JSContext* context, JSPropertyDescriptor* found, JSValueConst object, JSAtom name) {
  state* view = open(context, object);
  if (!view) return -1;
  if (view->detached) return 0;
  auto& engine = script_engine::of(context);
  const std::string* key = engine.property_name(name);
  if (!key) return 0;
  const auto& members = view->source->get_ref<const json::object_t&>();
  const auto entry = members.find(*key);
  if (entry == members.end()) return 0;
  if (!found) return 1;
  if (entry->second.is_structured() && view->child_count >= child_count_max) {
    if (!detach(context, object, *view)) return -1;
    return JS_GetOwnProperty(context, found, object, name);
  }
  JSValue value = member(engine, *view, entry->second);
  if (JS_IsException(value)) return -1;
  *found = JSPropertyDescriptor{JS_PROP_C_W_E, value, JS_UNDEFINED, JS_UNDEFINED};
  return 1;
}

int script_view::get_own_property_names(JSContext* context, JSPropertyEnum** names, std::uint32_t* count,
                                        JSValueConst object) {
  *names = nullptr;
  *count = 0;
  state* view = open(context, object);
  if (!view) return -1;
  if (view->detached || view->source->empty()) return 0;
  auto* table = static_cast<JSPropertyEnum*>(js_malloc(context, sizeof(JSPropertyEnum) * view->source->size()));
  if (!table) return -1;
  std::uint32_t made = 0;
  for (const std::string* key : in_property_order(*view->source)) {
    const JSAtom name = JS_NewAtomLen(context, key->data(), key->size());
    if (name == JS_ATOM_NULL) {
      while (made > 0)
        JS_FreeAtom(context, table[--made].atom);
      js_free(context, table);
      return -1;
    }
    table[made++] = JSPropertyEnum{1, name};
  }
  *names = table;
  *count = made;
  return 0;
}

int script_view::delete_property(JSContext* context, JSValueConst object, JSAtom name) {
  state* view = open(context, object);
  if (!view) return -1;
  if (view->detached) return 1; // only asked when there is no such property
  if (!detach(context, object, *view)) return -1;
  return JS_DeleteProperty(context, object, name, 0);
}

int script_view::define_own_property(JSContext* context, JSValueConst object, JSAtom name, JSValueConst value,
                                     JSValueConst getter, JSValueConst setter, int flags) {
  state* view = open(context, object);
  if (!view || !detach(context, object, *view)) return -1;
  if (view->sealed) {
    if (!(flags & (JS_PROP_THROW | JS_PROP_THROW_STRICT))) return 0;
    JS_ThrowTypeError(context, "object is not extensible");
    return -1;
  }
  return JS_DefineProperty(context, object, name, value, getter, setter, flags | JS_PROP_NO_EXOTIC);
}

int script_view::is_extensible(JSContext* context, JSValueConst object) {
  const state* view = open(context, object);
  return !view ? -1 : view->sealed ? 0 : 1;
}

int script_view::prevent_extensions(JSContext* context, JSValueConst object) {
  state* view = open(context, object);
  if (!view || !detach(context, object, *view)) return -1;
  view->sealed = true;
  return 1;
}

void script_view::finalize(JSRuntime* runtime, JSValue object) {
  auto* view = static_cast<state*>(JS_GetOpaque(object, view_class()));
  if (!view) return;
  forget_children(runtime, *view);
  js_free_rt(runtime, view);
}

void script_view::mark(JSRuntime* runtime, JSValueConst object, JS_MarkFunc* mark_function) {
  const auto* view = static_cast<state*>(JS_GetOpaque(object, view_class()));
  if (!view) return;
  for (const child* each = view->children; each; each = each->next)
    JS_MarkValue(runtime, each->value, mark_function);
}

} // namespace troupe::blueprint
