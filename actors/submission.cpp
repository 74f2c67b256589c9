#include "actors/submission.hpp"

#include "runtime/base/crypto.hpp"
#include "runtime/base/ids.hpp"

#include <fmt/format.h>

namespace troupe::actors {

namespace {

expected<int> version_of(const json& body) {
  const auto found = body.find("version");
  if (found == body.end() || found->is_null()) return 0;
  if (found->is_number_integer() && *found >= 1 && *found <= 1'000'000'000) return found->get<int>();
  return refuse(errc::invalid_data,
                fmt::format("expected `version` to be a whole number of at least 1, but found {}", describe(*found)),
                {{"/version", "a whole number of at least 1", describe(*found)}});
}

error below_blueprint(error reason) {
  for (auto& one : reason.violations)
    one.pointer = "/blueprint" + one.pointer;
  return reason;
}

/// The definition that the order is to perform.
expected<blueprint::definition_ptr> definition_for(const services& with, const json& body) {
  if (const auto own = body.find("blueprint"); own != body.end() && !own->is_null())
    return with.catalogue->compile_inline(*own, true).map_error(below_blueprint);
  const auto named = body.contains("workflow") ? body.find("workflow") : body.find("Workflow");
  if (named == body.end() || !named->is_string()) {
    const auto found = named == body.end() ? std::string("nothing") : describe(*named);
    return refuse(errc::invalid_data,
                  fmt::format("expected `workflow` to be the id of a published blueprint, but found {}", found),
                  {{"/workflow", "the id of a published blueprint", found}});
  }
  const auto version = version_of(body);
  if (!version) return tl::unexpected<error>(version.error());
  const auto& workflow = named->get_ref<const std::string&>();
  if (auto found = with.catalogue->find(workflow, *version)) return found;
  const auto wanted = *version == 0 ? workflow : fmt::format("{} version {}", workflow, *version);
  return refuse(
      errc::unknown_workflow,
      fmt::format("expected `workflow` to be the id of a published blueprint, but found `{}`", wanted.substr(0, 200)));
}

} // namespace

std::string request_hash_of(const json& body) {
  return sha256_hex(canonical(body));
}

expected<prepared_submission> prepare_submission(const services& with, submission what, time_point now) {
  if (!what.body.is_object())
    return refuse(errc::invalid_data, "expected the submission to be an object, but found " + describe(what.body),
                  {{"", "an object", describe(what.body)}});
  const auto definition = definition_for(with, what.body);
  if (!definition) return tl::unexpected<error>(definition.error());
  const engine::context around{**definition, *with.environment, now, with.settings->park_after};
  auto order_id = engine::choose_order_id(what.body, around, new_uuid_v7());
  if (!order_id) return tl::unexpected<error>(order_id.error());
  auto hash = request_hash_of(what.body);
  engine::submit_order wanted{std::move(*order_id),  std::move(what.body),  hash,
                              std::move(what.group), std::move(what.trace), std::move(what.caller)};
  auto decided = engine::decide_submission(wanted, around);
  if (!decided) return tl::unexpected<error>(decided.error());
  const store::lease under{shard_of(wanted.order_id), 0};
  const auto told = engine::notifications(engine::order{}, decided->events, around);
  auto append = store::make_append(under, 0, std::move(*decided), told, false);
  auto order = append.after;
  return prepared_submission{std::make_shared<store::operation>(std::move(append)), std::move(order), std::move(hash)};
}

submission_verdict verdict_of(const store::append& done, const std::string& request_hash) {
  if (done.outcome) return submission_verdict::accepted;
  const auto code = done.outcome.error().code;
  const auto repeated = code == errc::duplicate_order && done.existing_hash == request_hash;
  return repeated || code == errc::outcome_unknown ? submission_verdict::look : submission_verdict::refused;
}

std::optional<std::string> named_order(const json& body) {
  if (!body.is_object()) return std::nullopt;
  const auto found = body.find("order_id");
  if (found == body.end() || !found->is_string() || !is_order_id(found->get_ref<const std::string&>()))
    return std::nullopt;
  return found->get<std::string>();
}

expected<order_ptr> same_order(const expected<store::stored_order>& found, const std::string& request_hash,
                               const error& otherwise) {
  if (found && found->value.request_hash == request_hash) return std::make_shared<const engine::order>(found->value);
  return tl::unexpected<error>(otherwise);
}

} // namespace troupe::actors
