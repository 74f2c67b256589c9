#include "runtime/blueprint/catalogue.hpp"

#include "runtime/base/crypto.hpp"
#include "runtime/blueprint/api_call.hpp"
#include "runtime/blueprint/catalogue_content.hpp"

#include <fmt/format.h>

namespace troupe::blueprint {

namespace {

errc unknown_code(published_kind kind) {
  return kind == published_kind::blueprint  ? errc::unknown_blueprint
         : kind == published_kind::api_call ? errc::unknown_api_call
                                            : errc::unknown_function;
}

std::string_view words_for(published_kind kind) {
  return kind == published_kind::blueprint  ? "blueprint"
         : kind == published_kind::api_call ? "API call"
                                            : "function module";
}

/// Pins as an inline definition carries them: `{ "api_calls": { id: version }, "functions": { module: version } }`.
bool is_pins(const json& value) {
  if (!value.is_object()) return false;
  for (auto kind = value.begin(); kind != value.end(); ++kind) {
    if ((kind.key() != "api_calls" && kind.key() != "functions") || !kind->is_object()) return false;
    for (const auto& version : *kind)
      if (!version.is_number_integer() || version < 1 || version > 1'000'000'000) return false;
  }
  return true;
}

} // namespace

std::string_view to_string(published_kind kind) {
  switch (kind) {
  case published_kind::blueprint: return "blueprint";
  case published_kind::api_call: return "api_call";
  case published_kind::function: return "function";
  }
  return "blueprint";
}

catalogue::catalogue() : content_(std::make_unique<content>()) {}
catalogue::~catalogue() = default;

definition_ptr catalogue::find(std::string_view id, int version) const {
  std::shared_lock lock(content_->mutex);
  const auto* one = content_->find(published_kind::blueprint, id, version);
  return one ? one->compiled : nullptr;
}

expected<published> catalogue::read(published_kind kind, std::string_view id, int version) const {
  std::shared_lock lock(content_->mutex);
  if (const auto* one = content_->find(kind, id, version)) return one->record;
  if (version == 0 || !content_->find(kind, id, 0))
    return refuse(unknown_code(kind),
                  fmt::format("expected the id of a published {}, but found {}", words_for(kind), describe(json(id))));
  return refuse(unknown_code(kind), fmt::format("expected a version of the {} {} that is there, but found {}",
                                                words_for(kind), id, version));
}

std::vector<published> catalogue::versions(published_kind kind, std::string_view id) const {
  std::shared_lock lock(content_->mutex);
  std::vector<published> result;
  auto found = content_->of(kind).find(id);
  if (found == content_->of(kind).end()) return result;
  for (auto each = found->second.rbegin(); each != found->second.rend(); ++each)
    result.push_back(each->second.record);
  return result;
}

std::vector<published> catalogue::list(published_kind kind) const {
  std::shared_lock lock(content_->mutex);
  std::vector<published> result;
  for (const auto& [id, all] : content_->of(kind))
    if (!all.empty()) result.push_back(all.rbegin()->second.record);
  return result;
}

std::vector<library::function> catalogue::functions() const {
  return content_->newest().functions->functions();
}

std::vector<finding> catalogue::validate(const json& document) const {
  return content_->compile(document).findings.all();
}

expected<void> catalogue::admit(const published& record) {
  content::entry entry{record, true, nullptr, nullptr};
  std::optional<error> problem;
  if (record.kind == published_kind::blueprint) {
    auto around = content_->pinned(record.pins);
    auto result = around ? compile_blueprint(record.definition, *around) : compiled_blueprint{};
    if (!around)
      problem = around.error();
    else if (!result.compiled)
      problem = refuse_findings(
                    fmt::format("version {} of the blueprint {} to be as it was published", record.version, record.id),
                    result.findings.errors())
                    .value();
    if (result.compiled) {
      result.compiled->version = record.version;
      result.compiled->form = record.form;
      result.compiled->pins = record.pins;
      entry.compiled = std::move(result.compiled);
    }
  } else if (record.kind == published_kind::api_call) {
    finding_list findings;
    read_api_call(record.definition, content_->newest(), findings);
    // The functions that it calls are those that a blueprint pins beside it, not the newest.
    auto errors = findings.errors();
    std::erase_if(errors, [](const finding& each) { return each.code == "unknown_function"; });
    if (!errors.empty())
      problem =
          refuse_findings(
              fmt::format("version {} of the API call {} to be as it was published", record.version, record.id), errors)
              .value();
    entry.document = std::make_shared<const json>(record.definition);
  } else {
    auto source = record.definition.is_object() ? record.definition.value("source", json()) : json();
    auto compiled = source.is_string() ? library::compile({{record.id, source.get<std::string>()}})
                                       : refuse(errc::invalid_blueprint, "expected a module's source, but found none");
    if (!compiled) problem = compiled.error();
  }
  entry.is_readable = !problem;
  {
    std::unique_lock lock(content_->mutex);
    auto& all = content_->of(record.kind)[record.id];
    auto [place, is_new] = all.emplace(record.version, entry);
    if (!is_new && (canonical(place->second.record.definition) != canonical(record.definition) ||
                    place->second.record.pins != record.pins))
      return refuse(errc::version_conflict,
                    fmt::format("expected a new version of the {} {}, but found version {}, which is there and differs",
                                words_for(record.kind), record.id, record.version));
  }
  if (record.kind != published_kind::blueprint) content_->forget_inline();
  if (problem) return tl::unexpected(*problem);
  return {};
}

expected<definition_ptr> catalogue::compile_inline(const json& document, bool may_name_secrets) const {
  auto hash = sha256_hex(canonical(document));
  auto known = content_->find_inline(hash);
  if (!known) {
    const json* pins = document.is_object() && document.contains("x-pins") ? &document["x-pins"] : nullptr;
    compiled_blueprint result;
    if (!pins) {
      result = content_->compile(document);
    } else if (auto around =
                   is_pins(*pins)
                       ? content_->pinned(*pins)
                       : refuse(
                             errc::invalid_blueprint,
                             "expected `x-pins` with versions of API calls and functions, but found something else")) {
      result = compile_blueprint(document, *around);
    } else {
      return tl::unexpected(around.error());
    }
    if (!result.compiled) return refuse_findings("a blueprint that can be performed", result.findings.errors());
    if (pins) result.compiled->pins = *pins;
    result.compiled->source["x-pins"] = result.compiled->pins;
    known = result.compiled;
    content_->keep_inline(hash, *known);
  }
  if ((*known)->names_secrets && !may_name_secrets)
    return refuse(errc::forbidden, "expected an inline blueprint that names no secrets, for only who may publish can "
                                   "use them, but found one that does");
  return *known;
}

} // namespace troupe::blueprint
