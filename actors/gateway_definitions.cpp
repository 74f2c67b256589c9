#include "actors/gateway_context.hpp"
#include "actors/submission.hpp"

#include "runtime/base/crypto.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/blueprint/built_in_functions.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace troupe::actors {

namespace {

using blueprint::published;
using blueprint::published_kind;

json published_view(const published& one, bool whole) {
  json view = {{"id", one.id},    {"version", one.version}, {"published_at", to_iso8601(one.published_at)},
               {"by", one.by},    {"comment", one.comment}, {"form", one.form.empty() ? json() : json(one.form)},
               {"pins", one.pins}};
  if (whole) view["definition"] = one.definition;
  return view;
}

json built_in_view(const blueprint::built_in_function& one) {
  json examples = json::array();
  for (const auto& [expression, result] : one.examples)
    if (!expression.empty()) examples.push_back({{"expression", expression}, {"result", json::parse(result)}});
  return {{"name", one.name},
          {"module", nullptr},
          {"signature", one.signature},
          {"description", one.description},
          {"example", one.examples.front().expression},
          {"examples", std::move(examples)}};
}

json findings_view(const std::vector<blueprint::finding>& findings) {
  json items = json::array();
  for (const auto& one : findings)
    items.push_back(blueprint::to_json(one));
  return items;
}

std::string location_of(published_kind kind, const std::string& id) {
  switch (kind) {
  case published_kind::blueprint: return "/v1/blueprints/" + id;
  case published_kind::api_call: return "/v1/api-calls/" + id;
  case published_kind::function: return "/v1/functions/" + id;
  }
  return "/";
}

/// One page of a list that is in memory; the cursor is the key of the last one shown.
template <class Key>
void answer_page(const exchange& what, const std::vector<published>& all, const store::page_request& where,
                 Key key_of) {
  auto from = all.begin();
  if (!where.cursor.empty()) {
    from = std::ranges::find(all, where.cursor, key_of);
    if (from == all.end())
      return what.refuse(
          {errc::invalid_request, "query parameter `cursor`: expected the `next` of an earlier page", {}});
    ++from;
  }
  const auto end = from + std::min<std::ptrdiff_t>(where.limit, all.end() - from);
  json items = json::array();
  for (auto one = from; one != end; ++one)
    items.push_back(published_view(*one, false));
  what.answer(200, {{"items", std::move(items)}, {"next", end == all.end() ? json() : json(key_of(*(end - 1)))}});
}

/// A refused blueprint is answered with every finding.
void refuse_definition(const gateway_context& at, const exchange& what, published_kind kind, const json& document,
                       const error& reason) {
  if (reason.code != errc::invalid_blueprint || kind != published_kind::blueprint) return what.refuse(reason);
  auto problem = http::problem_document(reason, what.request().path);
  if (const auto findings = at.with.catalogue->validate(document); !findings.empty())
    problem["errors"] = findings_view(findings);
  what.answer(http::problem_response(std::move(problem)));
}

json publication_view(const blueprint::publication& made) {
  auto view = published_view(made.record, true);
  view["findings"] = findings_view(made.warnings);
  return view;
}

void answer_publication(const gateway_context& at, const exchange& what, const publish_definition& wanted,
                        const publish_answer& done) {
  if (done.value)
    return what.answer(done.value->is_new ? 201 : 200, publication_view(*done.value),
                       {{"Location", location_of(wanted.kind, wanted.id)}});
  if (done.value.error().code == errc::idempotency_conflict && wanted.request) return at.repeat(what, *wanted.request);
  refuse_definition(at, what, wanted.kind, wanted.document, done.value.error());
}

void publish(const gateway_context& at, const exchange& what, published_kind kind, json document) {
  query_reader query(what.request());
  auto comment = query.text("comment").value_or("");
  if (comment.size() > 1000) query.fault("comment", "at most 1000 bytes", comment);
  if (const auto fine = query.finish(); !fine) return what.refuse(fine.error());
  if (!is_definition_id(what.parameter(0)))
    return what.refuse(
        {errc::invalid_request,
         fmt::format("expected an id of [A-Za-z][A-Za-z0-9_-]{{0,127}} in the path, but found `{}`", what.parameter(0)),
         {}});
  publish_definition wanted{kind, what.parameter(0), std::move(document), std::move(comment), what.caller(), {}};
  const auto hash = request_hash_of({{"document", wanted.document}, {"comment", wanted.comment}});
  at.once(what, hash, [at, what, wanted = std::move(wanted)](std::optional<store::request_record> record) mutable {
    wanted.request = std::move(record);
    wanted.fill = [where = location_of(wanted.kind, wanted.id)](const blueprint::publication& made,
                                                                store::request_record& request) {
      request.status = 201;
      request.answer = to_text(publication_view(made));
      request.location = where;
    };
    at.ask(what, at.with.registry(), wanted,
           [at, what, wanted](const publish_answer& done) { answer_publication(at, what, wanted, done); });
  });
}

void publish_document(const gateway_context& at, const exchange& what, published_kind kind) {
  auto document = what.body();
  if (!document) return what.refuse(document.error());
  publish(at, what, kind, std::move(*document));
}

void list(const gateway_context& at, const exchange& what, published_kind kind) {
  query_reader query(what.request());
  const auto where = query.page(true);
  if (const auto fine = query.finish(); !fine) return what.refuse(fine.error());
  auto all = at.with.catalogue->list(kind);
  if (!where.ascending) std::ranges::reverse(all);
  answer_page(what, all, where, [](const published& one) { return one.id; });
}

void get(const gateway_context& at, const exchange& what, published_kind kind, int version) {
  query_reader query(what.request());
  if (const auto fine = query.finish(); !fine) return what.refuse(fine.error());
  const auto found = at.with.catalogue->read(kind, what.parameter(0), version);
  if (!found) return what.refuse(found.error());
  what.answer(200, published_view(*found, true));
}

} // namespace

void publish_blueprint(const gateway_context& at, const exchange& what) {
  publish_document(at, what, published_kind::blueprint);
}
void publish_api_call(const gateway_context& at, const exchange& what) {
  publish_document(at, what, published_kind::api_call);
}
void publish_function(const gateway_context& at, const exchange& what) {
  publish(at, what, published_kind::function, what.request().body);
}

void validate_blueprint(const gateway_context& at, const exchange& what) {
  query_reader query(what.request());
  if (const auto fine = query.finish(); !fine) return what.refuse(fine.error());
  const auto document = what.body();
  if (!document) return what.refuse(document.error());
  what.answer(200, {{"findings", findings_view(at.with.catalogue->validate(*document))}});
}

void list_blueprints(const gateway_context& at, const exchange& what) {
  list(at, what, published_kind::blueprint);
}
void list_api_calls(const gateway_context& at, const exchange& what) {
  list(at, what, published_kind::api_call);
}

void get_blueprint(const gateway_context& at, const exchange& what) {
  get(at, what, published_kind::blueprint, 0);
}
void get_api_call(const gateway_context& at, const exchange& what) {
  get(at, what, published_kind::api_call, 0);
}
void get_function(const gateway_context& at, const exchange& what) {
  get(at, what, published_kind::function, 0);
}

void list_blueprint_versions(const gateway_context& at, const exchange& what) {
  query_reader query(what.request());
  const auto where = query.page(false);
  if (const auto fine = query.finish(); !fine) return what.refuse(fine.error());
  auto all = at.with.catalogue->versions(published_kind::blueprint, what.parameter(0));
  if (all.empty())
    return what.refuse({errc::unknown_blueprint,
                        fmt::format("expected a published blueprint, but found no `{}`", what.parameter(0)),
                        {}});
  if (where.ascending) std::ranges::reverse(all);
  answer_page(what, all, where, [](const published& one) { return std::to_string(one.version); });
}

void get_blueprint_version(const gateway_context& at, const exchange& what) {
  const auto& text = what.parameter(1);
  const auto version = whole_number_of(text, 1, 1'000'000'000);
  if (!version)
    return what.refuse(
        {errc::unknown_blueprint, fmt::format("expected a version's number, but found `{}`", text.substr(0, 200)), {}});
  get(at, what, published_kind::blueprint, *version);
}

void list_functions(const gateway_context& at, const exchange& what) {
  query_reader query(what.request());
  if (const auto fine = query.finish(); !fine) return what.refuse(fine.error());
  json items = json::array();
  for (const auto& one : blueprint::built_in_functions())
    items.push_back(built_in_view(one));
  for (const auto& one : at.with.catalogue->functions())
    if (!one.module.empty())
      items.push_back({{"name", one.name},
                       {"module", one.module},
                       {"signature", nullptr},
                       {"description", one.description},
                       {"example", one.example},
                       {"examples", json::array()}});
  what.answer(200, {{"items", std::move(items)}, {"next", nullptr}});
}

} // namespace troupe::actors
