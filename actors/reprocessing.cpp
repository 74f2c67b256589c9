#include "actors/reprocessing.hpp"

#include "actors/exchange.hpp"

#include <fmt/format.h>

namespace troupe::actors {

namespace {

expected<int> version_number(const json& version, int latest) {
  if (version.is_null() || version == "same") return 0;
  if (version == "latest") return latest;
  if (version.is_number_integer() && version >= 1 && version <= 1'000'000'000) return version.get<int>();
  if (version.is_string()) {
    const auto& text = version.get_ref<const std::string&>();
    if (const auto number = whole_number_of(text, 1, 1'000'000'000)) return *number;
  }
  return refuse(errc::invalid_data,
                fmt::format("expected `version` to be {}, but found {}", version_choices, describe(version)),
                {{"/version", version_choices, describe(version)}});
}

} // namespace

bool is_version_choice(const json& version) {
  return version_number(version, 1).has_value();
}

expected<engine::reprocess_order> resolve_reprocess(const services& with, const engine::order& order,
                                                    engine::reprocess_order wanted, const json& version) {
  const auto newest = with.catalogue->find(order.workflow);
  const auto number = version_number(version, newest == nullptr ? 0 : newest->version);
  if (!number) return tl::unexpected<error>(number.error());
  if (*number != 0 && with.catalogue->find(order.workflow, *number) == nullptr)
    return refuse(
        errc::invalid_data,
        fmt::format("expected `version` to be a published version of `{}`, but found {}", order.workflow, *number),
        {{"/version", "a published version of " + order.workflow, std::to_string(*number)}});
  wanted.target_version = *number == order.version ? 0 : *number;
  wanted.version = version.is_null() ? "same" : version.is_string() ? version.get<std::string>() : version.dump();
  return wanted;
}

} // namespace troupe::actors
