#include "runtime/blueprint/compile.hpp"

#include "runtime/blueprint/definition_reader.hpp"
#include "runtime/blueprint/graph_check.hpp"
#include "runtime/blueprint/parse.hpp"

#include <algorithm>

namespace troupe::blueprint {

namespace {

/// Where something is wrong nothing is doubtful besides.
void add_doubts(const json& full, const references& around, finding_list& findings) {
  finding_list doubts;
  check_policies(full, around, doubts);
  check_data_flow(full, around, doubts);
  for (const auto& doubt : doubts.warnings()) {
    bool is_wrong = std::any_of(findings.errors().begin(), findings.errors().end(),
                                [&](const finding& each) { return each.pointer == doubt.pointer; });
    if (!is_wrong) findings.add(doubt);
  }
}

} // namespace

compiled_blueprint compile_blueprint(const json& written, const references& around) {
  compiled_blueprint result;
  auto knows = [&](std::string_view id) { return around.find_api_call(id).has_value(); };
  auto form = parse(written, knows, result.findings);
  if (!form) return result;
  finding_list inside;
  check_graph(form->document, inside);
  result.compiled = read_definition(form->document, around, inside);
  add_doubts(form->document, around, inside);
  if (result.compiled) check_doubts(*result.compiled, inside);
  for (auto& each : form->pointers.written(inside, written).all())
    result.findings.add(std::move(each));
  if (result.findings.has_errors()) result.compiled = nullptr;
  if (result.compiled) result.compiled->form = form->form;
  result.full = std::move(form->document);
  return result;
}

} // namespace troupe::blueprint
