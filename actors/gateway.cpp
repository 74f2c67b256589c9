#include "actors/gateway.hpp"

#include "actors/bulk.hpp"
#include "actors/caf_compat.hpp"
#include "actors/gateway_context.hpp"
#include "actors/metrics.hpp"
#include "runtime/base/log.hpp"
#include "runtime/http/router.hpp"

#include <array>
#include <caf/send.hpp>

namespace troupe::actors {

namespace {

struct route {
  const char* method;
  const char* pattern;
  route_handler handler; ///< null: a stream
};

constexpr route routes[] = {
    {"POST", "/v1/orders", submit_one},
    {"GET", "/v1/orders", list_orders},
    {"POST", "/v1/orders/bulk", nullptr},
    {"POST", "/v1/orders/reprocess", reprocess_many},
    {"GET", "/v1/orders/{id}", get_order},
    {"GET", "/v1/orders/{id}/history", get_history},
    {"POST", "/v1/orders/{id}/events", send_event},
    {"POST", "/v1/orders/{id}/cancel", cancel_one},
    {"POST", "/v1/orders/{id}/pause", pause_one},
    {"POST", "/v1/orders/{id}/resume", resume_one},
    {"POST", "/v1/orders/{id}/resolve", resolve_one},
    {"POST", "/v1/orders/{id}/reprocess", reprocess_one},
    {"GET", "/v1/operations/{id}", get_operation},
    {"GET", "/v1/operations/{id}/results", get_operation_results},
    {"POST", "/v1/operations/{id}/pause", pause_operation},
    {"POST", "/v1/operations/{id}/resume", resume_operation},
    {"POST", "/v1/operations/{id}/cancel", cancel_operation},
    {"GET", "/v1/blueprints", list_blueprints},
    {"POST", "/v1/blueprints/validate", validate_blueprint},
    {"PUT", "/v1/blueprints/{id}", publish_blueprint},
    {"GET", "/v1/blueprints/{id}", get_blueprint},
    {"GET", "/v1/blueprints/{id}/versions", list_blueprint_versions},
    {"GET", "/v1/blueprints/{id}/versions/{n}", get_blueprint_version},
    {"GET", "/v1/api-calls", list_api_calls},
    {"PUT", "/v1/api-calls/{id}", publish_api_call},
    {"GET", "/v1/api-calls/{id}", get_api_call},
    {"GET", "/v1/functions", list_functions},
    {"PUT", "/v1/functions/{module}", publish_function},
    {"GET", "/v1/functions/{module}", get_function},
    {"GET", "/v1/batches", list_batches},
    {"GET", "/v1/batches/{id}", get_batch},
    {"GET", "/metrics", get_metrics},
    {"GET", "/healthz", get_health},
    {"GET", "/readyz", get_readiness},
    {"GET", "/openapi.json", get_openapi},
};

const http::router& known_routes() {
  static const auto known = [] {
    http::router value;
    for (int i = 0; i < static_cast<int>(std::size(routes)); ++i)
      value.add(routes[i].method, routes[i].pattern, i);
    return value;
  }();
  return known;
}

/// HEAD is answered as GET, without the body.
std::string_view method_of(const http::request& what) {
  return what.method == "HEAD" ? "GET" : std::string_view(what.method);
}

class routed_application : public http::application {
public:
  explicit routed_application(services with) : with_(std::move(with)) {}

  bool is_streamed(const http::request& head) const override {
    const auto found = known_routes().find(method_of(head), head.path);
    return found && routes[found->handler].handler == nullptr;
  }

  std::vector<std::string> methods_of(std::string_view path) const override { return known_routes().methods_of(path); }

  void handle(http::request value, std::shared_ptr<http::responder> answer) override {
    auto to = with_.gateway();
    if (!to)
      return answer->answer(
          http::problem_response({errc::not_ready, "the node is starting or ending", {}}, value.path));
    caf::anon_send(to, http_call{std::make_shared<http::request>(std::move(value)), std::move(answer)});
  }

  void handle_stream(http::request head, std::shared_ptr<http::stream> body) override {
    if (auto to = with_.gateway()) {
      caf::anon_send(to, http_stream{std::make_shared<http::request>(std::move(head)), std::move(body)});
      return;
    }
    body->start(http::problem_response({errc::not_ready, "the node is starting or ending", {}}, head.path));
    body->finish();
  }

  http::response problem(int status, std::string_view detail) const override {
    return http::problem_response(http::problem_document(status, code_of(status), detail, ""));
  }

  void answered(const http::request& value, int status, std::chrono::nanoseconds took) override {
    const auto found = known_routes().find(method_of(value), value.path);
    with_.metrics->http_answered(value.method, found ? found->pattern : "unknown", status, took);
  }

private:
  static std::string_view code_of(int status) {
    switch (status) {
    case 404: return "unknown_route";
    case 405: return "method_not_allowed";
    case 413: return "body_too_large";
    case 503: return "not_ready";
    default: return status >= 500 ? "internal" : "invalid_request";
    }
  }

  services with_;
};

} // namespace

std::shared_ptr<http::application> make_application(services with) {
  return std::make_shared<routed_application>(std::move(with));
}

gateway_state::gateway_state(gateway_actor::pointer self, services with) : self_(self), with_(std::move(with)) {}

gateway_actor::behavior_type gateway_state::make_behavior() {
  expect_no_exceptions(self_, name);
  return {
      [this](const http_call& call) { handle(call); },
      [this](const http_stream& stream) { handle_stream(stream); },
  };
}

void gateway_state::handle(const http_call& call) {
  const auto found = known_routes().find(method_of(*call.request), call.request->path);
  if (!found)
    return call.answer->answer(http::problem_response(
        {errc::unknown_route, "expected a path of this API, but found `" + call.request->path.substr(0, 200) + "`", {}},
        call.request->path));
  std::vector<std::string> parameters(found->parameters.begin(), found->parameters.end());
  routes[found->handler].handler({self_, with_}, exchange(call, std::move(parameters)));
}

void gateway_state::handle_stream(const http_stream& stream) {
  query_reader query(*stream.head);
  const auto group = query.text("group").value_or("");
  if (group.size() > 128) query.fault("group", "at most 128 bytes", group);
  if (const auto fine = query.finish(); !fine) {
    stream.body->start(http::problem_response(fine.error(), stream.head->path));
    stream.body->finish();
    return;
  }
  self_->spawn<bulk_actor::stateful_impl<bulk_state>>(with_, stream, std::string("anonymous"), group);
}

void gateway_context::once(const exchange& what, const std::string& body_hash,
                           const std::function<void(std::optional<store::request_record>)>& go) const {
  const auto* key = what.request().fields.find("Idempotency-Key");
  if (key == nullptr) return go(std::nullopt);
  if (key->empty() || key->size() > 255)
    return what.refuse({errc::invalid_request, "expected `Idempotency-Key` to have from 1 to 255 characters", {}});
  store::request_record record{
      what.caller(), what.request().method + " " + what.request().path, *key, body_hash, 0, "", "", with.clock()};
  ask(what, with.reader(), read_request{record.caller, record.route, record.key},
      [at = *this, what, record, go](const request_answer& found) {
        if (!found.value) return what.refuse(found.value.error());
        if (*found.value)
          at.answer_again(what, record, **found.value);
        else
          go(record);
      });
}

void gateway_context::answer_again(const exchange& what, const store::request_record& wanted,
                                   const store::request_record& first) const {
  if (first.body_hash != wanted.body_hash)
    return what.refuse({errc::idempotency_conflict,
                        "expected the body that this `Idempotency-Key` came with first, but found another",
                        {}});
  http::response value;
  value.status = first.status;
  value.body = first.answer;
  if (!first.location.empty()) value.fields.emplace_back("Location", first.location);
  what.answer(std::move(value));
}

void gateway_context::repeat(const exchange& what, const store::request_record& lost) const {
  ask(what, with.reader(), read_request{lost.caller, lost.route, lost.key},
      [at = *this, what, lost](const request_answer& found) {
        if (!found.value) return what.refuse(found.value.error());
        if (*found.value)
          at.answer_again(what, lost, **found.value);
        else
          what.refuse(
              {errc::not_ready, "the request that carried this `Idempotency-Key` first has not ended: try again", {}});
      });
}

} // namespace troupe::actors
