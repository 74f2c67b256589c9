#include "runtime/blueprint/script_engine.hpp"

#include "runtime/blueprint/script_globals.hpp"
#include "runtime/blueprint/script_view.hpp"

#include <atomic>

namespace troupe::blueprint {
namespace {

constexpr std::size_t stack_max = 512u << 10;
/// So much may lie around after an evaluation before the cycles in it are looked for, and so much memory may be kept by
/// a runtime that is used again.
constexpr std::size_t garbage_max = 1u << 20;
constexpr std::size_t growth_max = 4u << 20;
constexpr std::size_t held_max = 16u << 20;
/// Of compiled functions that are kept a thread: half of these numbers at least.
constexpr std::size_t kept_functions_max = 512;
constexpr std::size_t kept_bytes_max = 2u << 20;
constexpr std::size_t kept_name_size_max = 100;
constexpr std::size_t message_size_max = 300;

std::atomic<std::int64_t> time_limit{expression_limits{}.time.count()};
std::atomic<std::size_t> memory_limit{expression_limits{}.memory};

script_memory& memory_of(JSMallocState* state) {
  return *static_cast<script_memory*>(state->opaque);
}

void* allocate(JSMallocState* state, std::size_t size) {
  void* block = memory_of(state).allocate(size);
  state->malloc_size = memory_of(state).used();
  return block;
}

void release(JSMallocState* state, void* block) {
  memory_of(state).release(block);
  state->malloc_size = memory_of(state).used();
}

void* reallocate(JSMallocState* state, void* block, std::size_t size) {
  void* moved = memory_of(state).reallocate(block, size);
  state->malloc_size = memory_of(state).used();
  return moved;
}

std::string text_of(JSContext* context, JSValueConst value) {
  std::size_t size = 0;
  const char* text = JS_ToCStringLen(context, &size, value);
  if (!text) {
    JS_FreeValue(context, JS_GetException(context));
    return {};
  }
  std::string result(text, std::min(size, message_size_max));
  JS_FreeCString(context, text);
  return result;
}

std::string property_text(JSContext* context, JSValueConst object, const char* name) {
  const script_value value(context, JS_GetPropertyStr(context, object, name));
  if (value.is_exception()) {
    JS_FreeValue(context, JS_GetException(context));
    return {};
  }
  return JS_IsString(value.get()) ? text_of(context, value.get()) : std::string();
}

/// What was thrown, in a line. Reading it may run code of the script: still within the bounds.
std::string describe_exception(JSContext* context) {
  const script_value thrown(context, JS_GetException(context));
  if (!JS_IsObject(thrown.get())) return "threw " + text_of(context, thrown.get());
  if (!JS_IsError(context, thrown.get())) return "threw an object";
  const auto name = property_text(context, thrown.get(), "name");
  const auto message = property_text(context, thrown.get(), "message");
  return message.empty() ? "threw " + name : name + ": " + message;
}

} // namespace

expression_limits current_expression_limits() {
  return {duration{time_limit.load()}, memory_limit.load()};
}

void set_expression_limits(expression_limits limits) {
  time_limit = limits.time.count();
  memory_limit = limits.memory;
}

script_engine::script_engine(script_role role) {
  constexpr JSMallocFunctions functions{allocate, release, reallocate, script_memory::usable_size};
  runtime_ = JS_NewRuntime2(&functions, &memory_);
  TROUPE_ASSERT(runtime_);
  context_ = JS_NewContextRaw(runtime_);
  TROUPE_ASSERT(context_);
  JS_SetRuntimeOpaque(runtime_, this);
  JS_SetStripInfo(runtime_, JS_STRIP_DEBUG);
  set_up(role);
  // After the set-up, which takes what it takes on a busy machine.
  JS_SetInterruptHandler(
      runtime_, [](JSRuntime*, void* self) { return static_cast<script_engine*>(self)->is_late() ? 1 : 0; }, this);
  retain(static_cast<std::ptrdiff_t>(memory_.used()));
}

script_engine::~script_engine() = default; // nothing of the runtime is asked any more: its memory goes as a whole

void script_engine::set_up(script_role role) {
  measure_stack();
  if (role == script_role::compiling) {
    JS_AddIntrinsicEval(context_);
    JS_AddIntrinsicRegExpCompiler(context_);
    return;
  }
  JS_AddIntrinsicBaseObjects(context_);
  JS_AddIntrinsicDate(context_);
  JS_AddIntrinsicRegExp(context_);
  JS_AddIntrinsicJSON(context_);
  JS_AddIntrinsicStringNormalize(context_);
  if (role == script_role::checking) {
    JS_AddIntrinsicEval(context_);
    JS_AddIntrinsicPromise(context_); // linking a module needs it
  }
  script_view::register_class(runtime_, context_);
  set_up_globals(*this);
}

script_engine& script_engine::this_thread() {
  thread_local std::unique_ptr<script_engine> engine;
  if (!engine || engine->is_worn()) {
    engine = nullptr;
    engine = std::make_unique<script_engine>(script_role::evaluating);
  }
  return *engine;
}

script_engine& script_engine::of(JSContext* context) {
  return *static_cast<script_engine*>(JS_GetRuntimeOpaque(JS_GetRuntime(context)));
}

script_engine::evaluation::evaluation(script_engine& engine, const scope* values, expression_limits limits)
    : engine_(engine) {
  engine.values_ = values;
  engine.limits_ = limits;
  ++engine.number_;
  engine.failure_.reset();
  engine.late_ = false;
  engine.timer_.reset(limits.time);
  engine.memory_.limit(engine.memory_.used() + limits.memory);
  engine.memory_.take_exhausted();
  engine.measure_stack();
}

script_engine::evaluation::~evaluation() {
  engine_.end();
}

void script_engine::measure_stack() {
  JS_UpdateStackTop(runtime_);
  const auto room = stack_room(stack_max);
  JS_SetMaxStackSize(runtime_, room > 0 ? room : 1); // nothing fits into one byte: every call is refused
}

void script_engine::end() {
  values_ = nullptr;
  ++number_;
  if (late_ || memory_.take_exhausted() || JS_IsJobPending(runtime_)) worn_ = true;
  if (worn_ || memory_.used() <= retained_ + garbage_max) return;
  JS_RunGC(runtime_);
  worn_ = memory_.used() > retained_ + growth_max || memory_.held() > retained_ + held_max;
}

JSValue script_engine::fail(std::string text) {
  if (!failure_) failure_ = std::move(text);
  JS_ThrowInternalError(context_, "%s", failure_->c_str());
  const JSValue thrown = JS_GetException(context_);
  JS_SetUncatchableError(context_, thrown, 1);
  return JS_Throw(context_, thrown);
}

bool script_engine::is_late() {
  if (!late_) late_ = timer_.expired();
  return late_;
}

std::string script_engine::take_failure() {
  if (late_) return "took longer than " + std::to_string(limits_.time.count()) + " ms";
  if (failure_) return *failure_;
  auto text = describe_exception(context_);
  if (late_) return take_failure(); // while it was being described
  return memory_.take_exhausted()
             ? (worn_ = true, "took more than " + std::to_string(limits_.memory >> 20) + " MiB of memory")
             : text;
}

const std::string* script_engine::read_name(name_slot& slot, JSAtom name) {
  JS_FreeAtom(context_, slot.atom);
  slot.atom = JS_DupAtom(context_, name);
  const script_value value(context_, JS_AtomToValue(context_, name));
  slot.symbol = JS_IsSymbol(value.get()) != 0;
  if (slot.symbol) return nullptr;
  std::size_t size = 0;
  const char* text = JS_ToCStringLen(context_, &size, value.get());
  if (!text) { // out of memory, which stays known; no name is like this one
    JS_FreeValue(context_, JS_GetException(context_));
    slot.text.clear();
    return nullptr;
  }
  slot.text.assign(text, size);
  JS_FreeCString(context_, text);
  return &slot.text;
}

const std::string* script_engine::property_name(JSAtom name) {
  auto& slot = names_[name % names_.size()];
  if (slot.atom == name) return slot.symbol ? nullptr : &slot.text;
  const std::string* text = read_name(rare_name_, name);
  if (!text && !rare_name_.symbol) return nullptr;
  if (text && text->size() > kept_name_size_max) return text;
  std::swap(slot, rare_name_);
  return text ? &slot.text : nullptr;
}

void script_engine::retain(std::ptrdiff_t bytes) {
  retained_ += static_cast<std::size_t>(bytes);
  JS_SetGCThreshold(runtime_, retained_ + growth_max);
}

const script_engine::loaded_function* script_engine::find(std::uint64_t program, std::uint64_t bound_names) {
  const auto in = [&](generation& functions) -> const loaded_function* {
    const auto entry = functions.find(program);
    if (entry == functions.end()) return nullptr;
    for (const auto& each : entry->second) {
      if (each.bound_names == bound_names) return &each;
    }
    return nullptr;
  };
  if (const auto* found = in(young_)) return found;
  const auto* found = in(old_);
  if (!found) return nullptr;
  // Moved whole: the other variants of the program are as much in use.
  auto node = old_.extract(program);
  const auto moved = young_.insert(std::move(node));
  if (!moved.inserted) {
    for (auto& each : moved.node.mapped())
      moved.position->second.push_back(each);
  }
  return in(young_);
}

void script_engine::keep(std::uint64_t program, loaded_function function) {
  if (young_.size() >= kept_functions_max || young_bytes_ + function.bytes > kept_bytes_max) {
    free_generation(old_);
    std::swap(old_, young_);
    young_bytes_ = 0;
  }
  young_bytes_ += function.bytes;
  retain(static_cast<std::ptrdiff_t>(function.bytes));
  young_[program].push_back(function);
}

void script_engine::free_generation(generation& functions) {
  for (auto& [program, variants] : functions) {
    for (auto& each : variants) {
      JS_FreeValue(context_, each.function);
      retain(-static_cast<std::ptrdiff_t>(each.bytes));
    }
  }
  functions.clear();
}

} // namespace troupe::blueprint
