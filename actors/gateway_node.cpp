#include "actors/gateway_context.hpp"
#include "actors/metrics.hpp"
#include "runtime/http/openapi.hpp"

namespace troupe::actors {

namespace {

void answer_text(const exchange& what, std::string content_type, std::string text) {
  http::response value;
  value.content_type = std::move(content_type);
  value.body = std::move(text);
  what.answer(std::move(value));
}

bool has_no_query(const exchange& what) {
  const auto fine = query_reader(what.request()).finish();
  if (!fine) what.refuse(fine.error());
  return fine.has_value();
}

} // namespace

void get_metrics(const gateway_context& at, const exchange& what) {
  if (has_no_query(what)) answer_text(what, "text/plain; version=0.0.4; charset=utf-8", at.with.metrics->text());
}

void get_health(const gateway_context&, const exchange& what) {
  if (has_no_query(what)) what.answer(200, {{"status", "alive"}});
}

void get_readiness(const gateway_context& at, const exchange& what) {
  if (!has_no_query(what)) return;
  const auto& condition = *at.with.condition;
  if (condition.is_stopping) return what.refuse({errc::not_ready, "the node is shutting down", {}});
  if (!condition.is_store_ready)
    return what.refuse({errc::not_ready, "the store cannot be written: it is away, or its disk is full", {}});
  what.answer(200, {{"status", "ready"}});
}

void get_openapi(const gateway_context&, const exchange& what) {
  if (has_no_query(what)) answer_text(what, "application/json", std::string(http::openapi_document()));
}

} // namespace troupe::actors
