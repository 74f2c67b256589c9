#pragma once

#include "runtime/blueprint/script_engine.hpp"

namespace troupe::blueprint {

/// JSON as a script sees it. Scalars are copied; an array becomes a real array at once (its objects stay lazy, so that
/// `Array.isArray`, `sort` and `push` are what people expect); an object becomes a view: its members are looked up in
/// the JSON when they are read. The first change to a view turns it into an ordinary object of its own: the JSON is
/// never written to. An integer that a double cannot hold fails the evaluation when it is read, and not before.
class script_view {
public:
  /// Once a runtime.
  static void register_class(JSRuntime* runtime, JSContext* context);
  /// `source` must outlive the evaluation. An exception if a bound is passed.
  static JSValue of(script_engine& engine, const json& source);
  /// The JSON behind a value, if it is a view that was not changed and whose members were not either; else null.
  static const json* unchanged(JSContext* context, JSValueConst value);

private:
  struct child;
  struct state;

  static JSValue make_object(script_engine& engine, const json& source);
  static JSValue make_array(script_engine& engine, const json& source, int depth);
  static JSValue make(script_engine& engine, const json& source, int depth);
  static JSValue member(script_engine& engine, state& view, const json& source);
  static state* open(JSContext* context, JSValueConst object);
  static bool detach(JSContext* context, JSValueConst object, state& view);
  static void forget_children(JSRuntime* runtime, state& view);

  static int get_own_property(JSContext*, JSPropertyDescriptor*, JSValueConst, JSAtom);
  static int get_own_property_names(JSContext*, JSPropertyEnum**, std::uint32_t*, JSValueConst);
  static int delete_property(JSContext*, JSValueConst, JSAtom);
  static int define_own_property(JSContext*, JSValueConst, JSAtom, JSValueConst, JSValueConst, JSValueConst, int);
  static int is_extensible(JSContext*, JSValueConst);
  static int prevent_extensions(JSContext*, JSValueConst);
  static void finalize(JSRuntime*, JSValue);
  static void mark(JSRuntime*, JSValueConst, JS_MarkFunc*);
};

} // namespace troupe::blueprint
