#define CAF_SUITE blueprint_examples
#include "tests/blueprint/sample.hpp"

#include "caf/test/dsl.hpp"

#include <filesystem>

using namespace troupe;
using namespace troupe::blueprint;
using namespace troupe::blueprint::sample;

namespace {

std::vector<std::string> files_in(const std::string& folder, const std::string& ending) {
  std::vector<std::string> result;
  for (const auto& each : std::filesystem::directory_iterator(test::source_folder() / folder))
    if (auto name = each.path().filename().string(); name.ends_with(ending) && !name.ends_with(".schema.json"))
      result.push_back(each.path().stem());
  std::sort(result.begin(), result.end());
  return result;
}

/// Everything in blueprints/, published.
struct fixture {
  catalogue all;
  fixture() {
    for (const auto& name : files_in("blueprints/functions", ".js"))
      publish(all, published_kind::function, name, read_text("blueprints/functions/" + name + ".js"));
    for (const auto& name : files_in("blueprints/api_calls", ".json"))
      publish(all, published_kind::api_call, name, read_json("blueprints/api_calls/" + name + ".json"));
    for (const auto& name : files_in("blueprints", ".json"))
      publish(all, published_kind::blueprint, name, read_json("blueprints/" + name + ".json"));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(example_tests, fixture)

CAF_TEST(every example publishes without a finding and normalised again it is itself) {
  auto names = files_in("blueprints", ".json");
  CAF_CHECK(names == (std::vector<std::string>{"checkout", "money-transfer", "money-transfer-reviewed"}));
  for (const auto& name : names) {
    CAF_MESSAGE(name);
    CAF_CHECK_EQUAL(text(json(found_in(read_json("blueprints/" + name + ".json"), all))), text(json::array()));
    auto again = all.prepare(published_kind::blueprint, name, all.find(name)->source, "test", "", noon());
    CAF_REQUIRE(again.has_value());
    CAF_CHECK(!again->is_new);
    CAF_CHECK_EQUAL(text(again->record.definition), text(all.find(name)->source));
  }
}

CAF_TEST(the money transfer has the states and the retries of its source) {
  auto found = all.find("money-transfer");
  std::vector<std::string> ids;
  for (const auto& each : found->states)
    ids.push_back(each.id);
  CAF_CHECK(ids == (std::vector<std::string>{"init", "verify", "process", "complete", "error"}));
  auto check = [&](const char* state, int count, std::int64_t delay, std::int64_t timeout) {
    for (const auto& each : found->find_state(state)->entry) {
      if (!std::holds_alternative<webhook_body>(each.body)) continue;
      CAF_CHECK_EQUAL(each.retry.count, count);
      if (count > 0) CAF_CHECK_EQUAL(each.retry.delay.count(), delay);
      CAF_CHECK_EQUAL(each.timeout.count(), timeout);
      CAF_CHECK(each.on_error == std::vector{policy::retry});
      CAF_CHECK(each.on_timeout == std::vector{policy::notify});
    }
  };
  check("init", 3, 10'000, 60'000);
  check("verify", 3, 5'000, 30'000);
  check("process", 0, 0, 60'000);
  CAF_CHECK(found->immutable.contains("transferId"));
  for (const auto& each : found->transitions)
    CAF_CHECK(each.trigger != trigger_kind::manual);
}

CAF_TEST(the schemas of the money transfer decide as their source says) {
  const auto& schema = *all.find("money-transfer")->find_state("verify")->data;
  json data = {{"transferId", "123e4567-e89b-42d3-a456-426614174000"},
               {"amount", 1000.0},
               {"currency", "USD"},
               {"sourceAccount", "ACCT12345678"},
               {"destinationAccount", "ACCT87654321"}};
  auto is_valid_with = [&](const char* field, const json& value) {
    auto changed = data;
    changed[field] = value;
    return schema.is_valid(changed);
  };
  CAF_CHECK(schema.is_closed());
  CAF_CHECK(schema.is_valid(data));
  CAF_CHECK(!is_valid_with("amount", 0));
  CAF_CHECK(is_valid_with("amount", 0.01));
  CAF_CHECK(!is_valid_with("currency", "usd"));
  CAF_CHECK(!is_valid_with("sourceAccount", "ACCT123"));
  CAF_CHECK(!is_valid_with("sourceAccount", "acct12345678"));
  CAF_CHECK(!is_valid_with("transferId", "tr-123e4567-e89b-12d3-a456-426614174000"));
  CAF_CHECK(!is_valid_with("more", 1));
}

CAF_TEST(the reviewed money transfer has three manual transitions) {
  auto found = all.find("money-transfer-reviewed");
  std::vector<std::string> events;
  for (const auto& each : found->transitions)
    if (each.trigger == trigger_kind::manual) events.push_back(each.event);
  CAF_CHECK(events == (std::vector<std::string>{"start", "verification_complete", "process_complete"}));
}

CAF_TEST(the checkout uses a custom function and every API call) {
  auto found = all.find("checkout");
  CAF_CHECK_EQUAL(found->form, "recipe");
  CAF_CHECK_EQUAL(found->pins["functions"].dump(), R"({"arrays":1})");
  CAF_CHECK_EQUAL(found->pins["api_calls"].size(), files_in("blueprints/api_calls", ".json").size());
}

CAF_TEST(every name in config that the examples read is in the configuration of the demo) {
  auto config = read_json("deploy/demo/config.json")["config"];
  std::set<std::string> missing;
  auto look = [&](const std::string& text) {
    for (auto at = text.find("config."); at != std::string::npos; at = text.find("config.", at + 1)) {
      auto begin = at + 7;
      auto name = text.substr(begin, text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", begin) - begin);
      if (!config.contains(name)) missing.insert(name);
    }
  };
  for (const auto& name : files_in("blueprints", ".json"))
    look(read_text("blueprints/" + name + ".json"));
  for (const auto& name : files_in("blueprints/api_calls", ".json"))
    look(read_text("blueprints/api_calls/" + name + ".json"));
  CAF_CHECK_EQUAL(text(json(missing)), text(json::array()));
}

CAF_TEST_FIXTURE_SCOPE_END()
