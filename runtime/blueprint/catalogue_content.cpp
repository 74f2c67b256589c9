#include "runtime/blueprint/catalogue_content.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace troupe::blueprint {

namespace {

constexpr std::size_t libraries_max = 256; ///< beyond it, those that nobody uses are forgotten

constexpr auto reserved_names =
    std::to_array<std::string_view>({"data", "state", "order", "variables", "event", "message", "file", "response",
                                     "error", "callback", "config", "secret", "now", "uuid"});

std::string key_of(const std::map<std::string, int>& modules) {
  return canonical(json(modules));
}

} // namespace

bool is_reserved_name(std::string_view name) {
  return std::find(reserved_names.begin(), reserved_names.end(), name) != reserved_names.end();
}

const catalogue::content::entry* catalogue::content::find(published_kind kind, std::string_view id, int version) const {
  auto found = of(kind).find(id);
  if (found == of(kind).end() || found->second.empty()) return nullptr;
  if (version == 0) return &found->second.rbegin()->second;
  auto one = found->second.find(version);
  return one == found->second.end() ? nullptr : &one->second;
}

std::map<std::string, int> catalogue::content::newest_modules() const {
  std::shared_lock lock(mutex);
  std::map<std::string, int> result;
  for (const auto& [id, all] : of(published_kind::function))
    for (auto each = all.rbegin(); each != all.rend(); ++each)
      if (each->second.is_readable) {
        result.emplace(id, each->first);
        break;
      }
  return result;
}

expected<std::vector<library::module_source>>
catalogue::content::sources_of(const std::map<std::string, int>& modules) const {
  std::shared_lock lock(mutex);
  std::vector<library::module_source> result;
  for (const auto& [id, version] : modules) {
    const auto* one = find(published_kind::function, id, version);
    if (!one || !one->is_readable)
      return refuse(
          errc::invalid_blueprint,
          fmt::format("expected version {} of the function module {}, but found none that can be read", version, id));
    result.push_back({id, one->record.definition.at("source").get<std::string>()});
  }
  return result;
}

expected<std::shared_ptr<const library>>
catalogue::content::library_of(const std::map<std::string, int>& modules) const {
  if (modules.empty()) return library::built_in();
  auto key = key_of(modules);
  std::lock_guard lock(library_mutex_);
  if (auto known = libraries_.find(key); known != libraries_.end())
    if (auto alive = known->second.lock()) return alive;
  auto sources = sources_of(modules);
  if (!sources) return tl::unexpected(sources.error());
  auto compiled = library::compile(std::move(*sources));
  if (!compiled) return compiled;
  if (libraries_.size() >= libraries_max)
    std::erase_if(libraries_, [](const auto& each) { return each.second.expired(); });
  libraries_[key] = *compiled;
  return compiled;
}

expected<std::shared_ptr<const library>> catalogue::content::library_with(const std::string& module,
                                                                          const std::string& source) const {
  auto modules = newest_modules();
  modules.erase(module);
  auto sources = sources_of(modules);
  if (!sources) return tl::unexpected(sources.error());
  sources->push_back({module, source});
  return library::compile(std::move(*sources));
}

references catalogue::content::newest() const {
  auto modules = newest_modules();
  auto functions = library_of(modules);
  if (!functions) {
    // Only a store that something else wrote can have modules that exclude each other: then as many as go together.
    std::map<std::string, int> kept;
    for (const auto& each : modules) {
      kept.insert(each);
      if (auto with = library_of(kept))
        functions = with;
      else
        kept.erase(each.first);
    }
    modules = kept;
  }
  {
    std::lock_guard lock(library_mutex_);
    newest_ = functions ? *functions : library::built_in(); // kept alive for the next look
  }
  auto find_call = [this](std::string_view id) -> std::optional<api_call_version> {
    std::shared_lock lock(mutex);
    const auto* one = find(published_kind::api_call, id, 0);
    if (!one || !one->is_readable) return std::nullopt;
    return api_call_version{one->record.version, one->document};
  };
  return {functions ? *functions : library::built_in(), modules, find_call};
}

expected<references> catalogue::content::pinned(const json& pins) const {
  auto versions_in = [&](const char* name) {
    std::map<std::string, int> result;
    if (!pins.is_object() || !pins.contains(name) || !pins[name].is_object()) return result;
    for (auto item = pins[name].begin(); item != pins[name].end(); ++item)
      if (item->is_number_integer()) result.emplace(item.key(), item->get<int>());
    return result;
  };
  auto modules = versions_in("functions");
  auto functions = library_of(modules);
  if (!functions) return tl::unexpected(functions.error());
  auto find_call = [this, calls = versions_in("api_calls")](std::string_view id) -> std::optional<api_call_version> {
    auto pin = calls.find(std::string(id));
    if (pin == calls.end()) return std::nullopt;
    std::shared_lock lock(mutex);
    const auto* one = find(published_kind::api_call, id, pin->second);
    if (!one || !one->is_readable) return std::nullopt;
    return api_call_version{pin->second, one->document};
  };
  return references{*functions, modules, find_call};
}

compiled_blueprint catalogue::content::compile(const json& written) const {
  auto around = newest();
  auto result = compile_blueprint(written, around);
  if (!result.compiled || around.modules.empty()) return result;
  auto pins = result.compiled->pins;
  auto exact = pinned(pins);
  if (!exact) {
    result.findings.error("", "broken_function",
                          fmt::format("publish the function modules that it uses again: {}", exact.error().detail),
                          "function modules that compile", "one that does not");
    result.compiled = nullptr;
    return result;
  }
  result = compile_blueprint(written, *exact);
  if (result.compiled) result.compiled->pins = pins;
  return result;
}

std::optional<definition_ptr> catalogue::content::find_inline(const std::string& hash) const {
  std::lock_guard lock(inline_mutex_);
  auto found = std::find_if(inline_.begin(), inline_.end(), [&](const auto& each) { return each.first == hash; });
  if (found == inline_.end()) return std::nullopt;
  inline_.splice(inline_.begin(), inline_, found);
  return found->second;
}

void catalogue::content::keep_inline(const std::string& hash, definition_ptr compiled) const {
  std::lock_guard lock(inline_mutex_);
  inline_.emplace_front(hash, std::move(compiled));
  if (inline_.size() > inline_max) inline_.pop_back();
}

void catalogue::content::forget_inline() const {
  std::lock_guard lock(inline_mutex_);
  inline_.clear();
}

} // namespace troupe::blueprint
