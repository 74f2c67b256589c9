#include "runtime/base/ids.hpp"
#include "runtime/blueprint/api_call.hpp"
#include "runtime/blueprint/catalogue_content.hpp"
#include "runtime/blueprint/parse.hpp"

#include <fmt/format.h>

namespace troupe::blueprint {

namespace {

json without_version(json definition) {
  if (definition.is_object()) definition.erase("version");
  return definition;
}

std::string_view id_field_of(published_kind kind, const json& document) {
  return kind == published_kind::api_call ? "api_call_id" : id_field(document);
}

std::optional<int> wanted_version(published_kind kind, const json& document) {
  if (kind == published_kind::function || !document.is_object()) return std::nullopt;
  auto version = document.find("version");
  return version != document.end() && version->is_number_integer() ? std::optional(version->get<int>()) : std::nullopt;
}

/// The id that stands in the document must be the one that it is published under.
expected<void> check_id(published_kind kind, const std::string& id, const json& document) {
  if (!is_definition_id(id))
    return refuse(
        errc::invalid_data,
        fmt::format("expected an id of a letter and then at most 127 letters, digits, `_` or `-`, but found {}",
                    describe(json(id))));
  if (kind == published_kind::function || !document.is_object()) return {};
  auto field = id_field_of(kind, document);
  auto written = document.find(field);
  if (written == document.end() || !written->is_string() || *written == id) return {};
  violation wrong{fmt::format("/{}", field), fmt::format("\"{}\", the id that it is published under", id),
                  describe(*written)};
  return refuse(errc::invalid_data, fmt::format("expected {}, but found {}", wrong.expected, wrong.found), {wrong});
}

std::string_view wanted_words(published_kind kind) {
  return kind == published_kind::blueprint  ? "a blueprint that can be published"
         : kind == published_kind::api_call ? "an API call that can be published"
                                            : "a function module that can be published";
}

tl::unexpected<error> refuse_version(int wanted, int newest) {
  violation wrong{"/version", fmt::format("{}, one more than the newest", newest + 1), fmt::format("{}", wanted)};
  auto why =
      wanted <= newest ? "which is there and differs: published versions never change" : "which would leave a gap";
  return refuse(errc::version_conflict,
                fmt::format("expected the version {}, but found {}, {}", wrong.expected, wanted, why), {wrong});
}

} // namespace

catalogue::content::candidate catalogue::content::read_blueprint(const json& document) const {
  candidate result;
  auto compiled = compile(document);
  result.findings = std::move(compiled.findings);
  if (!compiled.compiled) return result;
  result.definition = without_version(std::move(compiled.full));
  result.pins = compiled.compiled->pins;
  result.form = compiled.compiled->form;
  return result;
}

catalogue::content::candidate catalogue::content::read_call(const json& document) const {
  candidate result;
  if (depth_of(document) > definition_depth_max)
    result.findings.error("", "too_deep", "nest less",
                          fmt::format("at most {} arrays and objects inside each other", definition_depth_max), "more");
  else if (read_api_call(document, newest(), result.findings))
    result.definition = without_version(normalised_api_call(document));
  result.form = "full";
  return result;
}

catalogue::content::candidate catalogue::content::read_module(const std::string& id, const json& document) const {
  candidate result;
  result.form = "module";
  if (!document.is_string() || document.get_ref<const std::string&>().empty()) {
    result.findings.error("", "wrong_type", "send the source of an ES module", "the source of an ES module",
                          describe(document));
    return result;
  }
  const auto& source = document.get_ref<const std::string&>();
  if (source.size() > module_size_max) {
    result.findings.error("", "too_large", "split it into several modules",
                          fmt::format("at most {} bytes", module_size_max), fmt::format("{}", source.size()));
    return result;
  }
  auto compiled = library_with(id, source);
  if (!compiled) {
    result.findings.error("", "invalid_function", compiled.error().detail,
                          "an ES module that compiles and exports functions of new names",
                          "a module that cannot be published");
    return result;
  }
  auto exports = (*compiled)->exports_of(id);
  for (const auto& name : exports)
    if (is_reserved_name(name))
      result.findings.error("", "name_taken",
                            fmt::format("export `{}` under another name: expressions know it already", name),
                            "names that are free", fmt::format("`{}`", name));
  if (!result.findings.has_errors()) result.definition = {{"source", source}, {"exports", exports}};
  return result;
}

catalogue::content::candidate catalogue::content::read(published_kind kind, const std::string& id,
                                                       const json& document) const {
  return kind == published_kind::blueprint  ? read_blueprint(document)
         : kind == published_kind::api_call ? read_call(document)
                                            : read_module(id, document);
}

std::vector<finding> catalogue::findings_of(published_kind kind, const std::string& id, const json& document) const {
  return content_->read(kind, id, document).findings.all();
}

expected<publication> catalogue::prepare(published_kind kind, const std::string& id, const json& document,
                                         const std::string& by, const std::string& comment, time_point now) const {
  if (auto is_right = check_id(kind, id, document); !is_right) return tl::unexpected(is_right.error());
  auto wanted = content_->read(kind, id, document);
  if (wanted.findings.has_errors()) return refuse_findings(wanted_words(kind), wanted.findings.errors());

  std::shared_lock lock(content_->mutex);
  auto is_same = [&](const published& record) {
    return canonical(without_version(record.definition)) == canonical(wanted.definition);
  };
  const auto* newest = content_->find(kind, id, 0);
  int newest_version = newest ? newest->record.version : 0;
  auto version = wanted_version(kind, document);
  if (version && *version != newest_version + 1) {
    // A version that is there may be published again as it is: nothing happens, and its pins stay what they were.
    const auto* there = content_->find(kind, id, *version);
    if (there && is_same(there->record)) return publication{false, there->record, wanted.findings.warnings()};
    return refuse_version(*version, newest_version);
  }
  if (!version && newest && is_same(newest->record) && newest->record.pins == wanted.pins)
    return publication{false, newest->record, wanted.findings.warnings()};
  published record{kind,
                   id,
                   newest_version + 1,
                   now,
                   by,
                   comment,
                   wanted.form,
                   std::move(wanted.definition),
                   std::move(wanted.pins)};
  if (kind != published_kind::function) record.definition["version"] = record.version;
  return publication{true, std::move(record), wanted.findings.warnings()};
}

} // namespace troupe::blueprint
