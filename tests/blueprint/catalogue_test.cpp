#define CAF_SUITE blueprint_catalogue
#include "tests/blueprint/sample.hpp"

#include "caf/test/dsl.hpp"

#include <thread>

using namespace troupe;
using namespace troupe::blueprint;
using namespace troupe::blueprint::sample;

namespace {

struct fixture {
  catalogue all;

  expected<publication> prepare(const json& document, const std::string& id = "sample") {
    return all.prepare(published_kind::blueprint, id, document, "test", "why", noon());
  }
  published put(const json& document, const std::string& id = "sample") {
    return publish(all, published_kind::blueprint, id, document);
  }
  published put_call(const json& document) {
    return publish(all, published_kind::api_call, document["api_call_id"], document);
  }
  published put_module(const std::string& id, const std::string& source) {
    return publish(all, published_kind::function, id, source);
  }

  /// The sample with an API call in its second state.
  static json calling(const json& data = nullptr) {
    auto document = sample::blueprint();
    json call = {{"api_call_id", "charge"}};
    if (!data.is_null()) call["data"] = data;
    document["states"][1]["entryActions"] = json::array({{{"actionId", "call"}, {"apiCall", call}}});
    return document;
  }
  const action& called(int version = 0) { return all.find("sample", version)->states[1].entry[0]; }
};

json scope_data() {
  return {{"amount", 5}, {"list", {7, 8}}};
}

json rendered(const value_template& value, const json& data) {
  scope around;
  around.values = {{"data", &data}};
  auto result = value.render(around);
  return result ? *result : json(result.error().detail);
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(catalogue_tests, fixture)

CAF_TEST(a blueprint is found once it is admitted) {
  CAF_CHECK(all.find("sample") == nullptr);
  auto ready = prepare(sample::blueprint());
  CAF_REQUIRE(ready.has_value());
  CAF_CHECK(ready->is_new);
  CAF_CHECK(all.find("sample") == nullptr);
  CAF_CHECK(all.admit(ready->record).has_value());
  auto found = all.find("sample");
  CAF_REQUIRE(found != nullptr);
  CAF_CHECK_EQUAL(found->id, "sample");
  CAF_CHECK_EQUAL(found->version, 1);
  CAF_CHECK(all.find("sample", 1) == found);
  CAF_CHECK(all.find("sample", 2) == nullptr);
  auto record = all.read(published_kind::blueprint, "sample");
  CAF_REQUIRE(record.has_value());
  CAF_CHECK_EQUAL(record->by, "test");
  CAF_CHECK_EQUAL(record->comment, "why");
  CAF_CHECK_EQUAL(record->form, "full");
  CAF_CHECK(record->published_at == noon());
}

CAF_TEST(what is not there is refused by its kind) {
  CAF_CHECK(all.read(published_kind::blueprint, "x").error().code == errc::unknown_blueprint);
  CAF_CHECK(all.read(published_kind::api_call, "x").error().code == errc::unknown_api_call);
  CAF_CHECK(all.read(published_kind::function, "x").error().code == errc::unknown_function);
  put(sample::blueprint());
  CAF_CHECK(all.read(published_kind::blueprint, "sample", 2).error().code == errc::unknown_blueprint);
}

CAF_TEST(without a version the same again is nothing and something else is the next) {
  put(sample::blueprint());
  auto again = prepare(sample::blueprint());
  CAF_REQUIRE(again.has_value());
  CAF_CHECK(!again->is_new);
  CAF_CHECK_EQUAL(again->record.version, 1);
  auto other = with("/name", "Other");
  CAF_CHECK_EQUAL(put(other).version, 2);
  CAF_CHECK_EQUAL(put(sample::blueprint()).version, 3);
  CAF_CHECK_EQUAL(all.versions(published_kind::blueprint, "sample").size(), 3u);
  CAF_CHECK_EQUAL(all.versions(published_kind::blueprint, "sample")[0].version, 3);
  CAF_CHECK_EQUAL(all.list(published_kind::blueprint).size(), 1u);
  CAF_CHECK_EQUAL(text(all.find("sample", 2)->source["name"]), text("Other"));
}

CAF_TEST(a given version is the next or one that is there and the same) {
  CAF_CHECK(prepare(with("/version", 2)).error().code == errc::version_conflict);
  CAF_CHECK_EQUAL(prepare(with("/version", 2)).error().violations.at(0).pointer, "/version");
  put(with("/version", 1));
  CAF_CHECK(!prepare(with("/version", 1))->is_new);
  auto other = with("/name", "Other");
  other["version"] = 1;
  CAF_CHECK(prepare(other).error().code == errc::version_conflict);
  other["version"] = 3;
  CAF_CHECK(prepare(other).error().code == errc::version_conflict);
  other["version"] = 2;
  CAF_CHECK_EQUAL(put(other).version, 2);
  CAF_CHECK(!prepare(with("/version", 1))->is_new);
  CAF_CHECK_EQUAL(put(with("/version", 3)).version, 3);
}

CAF_TEST(the id inside is the one that it is published under) {
  auto refused = prepare(sample::blueprint(), "other");
  CAF_CHECK(refused.error().code == errc::invalid_data);
  CAF_CHECK_EQUAL(refused.error().violations.at(0).pointer, "/stateMachineId");
  CAF_CHECK(prepare(sample::blueprint(), "a b").error().code == errc::invalid_data);
  json recipe = {{"workflow", "x"}, {"steps", json::array()}};
  CAF_CHECK_EQUAL(prepare(recipe, "y").error().violations.at(0).pointer, "/workflow");
}

CAF_TEST(findings refuse the publication and are there whole) {
  auto refused = prepare(with("/stats", 1));
  CAF_REQUIRE(!refused.has_value());
  CAF_CHECK(refused.error().code == errc::invalid_blueprint);
  CAF_CHECK_EQUAL(refused.error().violations.at(0).pointer, "/stats");
  CAF_CHECK(!refused.error().violations.at(0).expected.empty());
  auto whole = all.findings_of(published_kind::blueprint, "sample", with("/stats", 1));
  CAF_CHECK_EQUAL(whole.at(0).code, "unknown_field");
  auto warned = prepare(with("/globalErrorHandler", {{"onError", "escalate"}}));
  CAF_REQUIRE(warned.has_value());
  CAF_CHECK_EQUAL(warned->warnings.at(0).code, "nobody_told");
}

CAF_TEST(a blueprint keeps the versions of API calls that it was published with) {
  put_call(api_call("charge"));
  put(calling());
  CAF_CHECK_EQUAL(text(all.find("sample")->pins["api_calls"]["charge"]), text(1));
  auto changed = api_call("charge");
  changed["timeout"] = "PT7S";
  CAF_CHECK_EQUAL(put_call(changed).version, 2);
  CAF_CHECK_EQUAL(called(1).timeout.count(), 30'000);
  auto again = prepare(calling());
  CAF_REQUIRE(again.has_value());
  CAF_CHECK(again->is_new);
  CAF_CHECK_EQUAL(put(calling()).version, 2);
  CAF_CHECK_EQUAL(called(1).timeout.count(), 30'000);
  CAF_CHECK_EQUAL(called(2).timeout.count(), 7000);
  auto first = calling();
  first["version"] = 1;
  CAF_CHECK(!prepare(first)->is_new);
}

CAF_TEST(records admitted again compile with exactly their pins) {
  put_call(api_call("charge"));
  put_module("money", "export function cents(x) { return x * 100 }");
  put(calling({{"cents", "{{cents(data.amount)}}"}}));
  auto changed = api_call("charge");
  changed["timeout"] = "PT7S";
  put_call(changed);
  put_module("money", "export function cents(x) { return x * 1000 }");

  catalogue restarted;
  for (auto kind : {published_kind::function, published_kind::api_call, published_kind::blueprint})
    for (const auto& newest : all.list(kind)) {
      auto versions = all.versions(kind, newest.id);
      for (auto each = versions.rbegin(); each != versions.rend(); ++each)
        CAF_CHECK(restarted.admit(*each).has_value());
    }
  auto found = restarted.find("sample");
  CAF_REQUIRE(found != nullptr);
  CAF_CHECK_EQUAL(found->states[1].entry[0].timeout.count(), 30'000);
  const auto& body = std::get<webhook_body>(found->states[1].entry[0].body);
  CAF_CHECK_EQUAL(text(rendered(*body.payload, scope_data())), text((json{{"cents", 500}})));
  CAF_CHECK_EQUAL(text(found->pins), text(all.find("sample")->pins));
}

CAF_TEST(only the modules that are used are pinned) {
  put_module("money", "export function cents(x) { return x * 100 }");
  put_module("lists", "export function firstElement(list) { return list[0] }");
  put(with("/transitions/0/condition", "firstElement(data.list) > 1"));
  CAF_CHECK_EQUAL(all.find("sample")->pins["functions"].dump(), R"({"lists":1})");
  put_module("money", "export function cents(x) { return x * 1000 }");
  CAF_CHECK(!prepare(with("/transitions/0/condition", "firstElement(data.list) > 1"))->is_new);
  put_module("lists", "export function firstElement(list) { return list[1] }");
  CAF_CHECK(prepare(with("/transitions/0/condition", "firstElement(data.list) > 1"))->is_new);
}

CAF_TEST(names of functions are taken once) {
  put_module("lists", "export function firstElement(list) { return list[0] }");
  auto taken = all.prepare(published_kind::function, "others", "export function firstElement(list) { return list[1] }",
                           "test", "", noon());
  CAF_CHECK(taken.error().code == errc::invalid_blueprint);
  auto built_in =
      all.prepare(published_kind::function, "others", "export function uuid(x) { return x }", "test", "", noon());
  CAF_CHECK(built_in.error().code == errc::invalid_blueprint);
  auto reserved =
      all.prepare(published_kind::function, "others", "export function data(x) { return x }", "test", "", noon());
  CAF_CHECK(reserved.error().code == errc::invalid_blueprint);
  for (const json& broken :
       {json("export function (("), json("let x = 1"), json(""), json(7), json(std::string(300'000, ' '))})
    CAF_CHECK(all.prepare(published_kind::function, "others", broken, "test", "", noon()).error().code ==
              errc::invalid_blueprint);
  auto functions = all.functions();
  auto found =
      std::find_if(functions.begin(), functions.end(), [](const auto& each) { return each.name == "firstElement"; });
  CAF_REQUIRE(found != functions.end());
  CAF_CHECK_EQUAL(found->module, "lists");
  CAF_CHECK_EQUAL(text(all.read(published_kind::function, "lists")->definition["exports"]),
                  text((json::array({"firstElement"}))));
}

CAF_TEST(an API call is checked as strictly) {
  auto finds_in_call = [&](const json& patch, const std::vector<std::string>& lines) {
    auto document = api_call("charge");
    if (patch.is_object()) document.update(patch);
    auto found = to_lines(all.findings_of(published_kind::api_call, "charge", document));
    if (found != lines) CAF_MESSAGE(json(found).dump());
    return found == lines;
  };
  CAF_CHECK(finds_in_call({}, {}));
  CAF_CHECK(finds_in_call({{"uri", "x"}}, {"error unknown_field /uri"}));
  CAF_CHECK(finds_in_call({{"url", "example.org"}}, {"error invalid_value /url"}));
  CAF_CHECK(finds_in_call({{"data", "x"}}, {"error wrong_type /data"}));
  CAF_CHECK(finds_in_call({{"data", {{"a", {{"b", "{{a b}}"}}}}}}, {"error invalid_template /data/a/b"}));
  CAF_CHECK(finds_in_call({{"save", {{"a", "secret.X"}}}}, {"error secret_not_allowed /save/a"}));
  CAF_CHECK(finds_in_call({{"retryCount", 1001}}, {"error invalid_value /retryCount"}));
  CAF_CHECK(finds_in_call({{"callback", json::object()}}, {"error not_built_yet /callback"}));
  CAF_CHECK(finds_in_call({{"effect", "once"}}, {"error not_built_yet /effect"}));
  CAF_CHECK(finds_in_call({{"api_call_id", "a b"}}, {"error invalid_id /api_call_id"}));
  auto other = all.prepare(published_kind::api_call, "other", api_call("charge"), "test", "", noon());
  CAF_CHECK_EQUAL(other.error().violations.at(0).pointer, "/api_call_id");
}

CAF_TEST(API calls are versioned like blueprints) {
  put_call(api_call("charge"));
  CAF_CHECK(!all.prepare(published_kind::api_call, "charge", api_call("charge"), "test", "", noon())->is_new);
  auto changed = api_call("charge");
  changed["version"] = 1;
  CAF_CHECK(!all.prepare(published_kind::api_call, "charge", changed, "test", "", noon())->is_new);
  changed["method"] = "PUT";
  CAF_CHECK(all.prepare(published_kind::api_call, "charge", changed, "test", "", noon()).error().code ==
            errc::version_conflict);
  changed["version"] = 2;
  CAF_CHECK_EQUAL(put_call(changed).version, 2);
}

CAF_TEST(the data of a step is laid over that of its API call) {
  auto call = api_call("charge");
  call["data"] = {{"order", "{{order.order_id}}"}, {"amount", "{{data.amount}}"}};
  call["headers"] = {{"X-Key", "{{secret.KEY}}"}};
  put_call(call);
  put(calling({{"amount", "{{data.list[0]}}"}, {"more", true}}));
  const auto& body = std::get<webhook_body>(called().body);
  json order = {{"order_id", "o-1"}};
  auto data = scope_data();
  scope around;
  around.values = {{"data", &data}, {"order", &order}};
  CAF_CHECK_EQUAL(text(*body.payload->render(around)), text((json{{"order", "o-1"}, {"amount", 7}, {"more", true}})));
  CAF_CHECK_EQUAL(body.headers.size(), 1u);
  CAF_CHECK(!all.find("sample")->names_secrets);
}

CAF_TEST(the nearest wins) {
  auto call = api_call("charge");
  call.update({{"retryCount", 2},
               {"retryDelay", "PT2S"},
               {"timeout", "PT20S"},
               {"errors", {{{"code", "of_call"}, {"when", "response.status == 402"}}}},
               {"save", {{"a", "response.body.a"}}}});
  put_call(call);
  auto document = calling();
  document["globalErrorHandler"] = {{"onError", "escalate"}, {"onTimeout", {"retry", "abort"}}};
  document["globalCallbackHandler"] = {{"webhook", {{"url", "http://127.0.0.1/"}}}};
  document["states"][1].update({{"retryCount", 9},
                                {"retryDelay", "PT9S"},
                                {"retryBackoff", 3},
                                {"onError", "log"},
                                {"errors", {{{"code", "of_state"}, {"when", "response.status == 403"}}}}});
  document["states"][1]["entryActions"][0].update(
      {{"retryDelay", "PT10M"},
       {"errors", {{{"code", "of_action"}, {"when", "response.status == 404"}}}},
       {"save", {{"b", "response.body.b"}}}});
  put(document);
  const auto& action = called();
  CAF_CHECK(action.retry.given);
  CAF_CHECK_EQUAL(action.retry.count, 2);
  CAF_CHECK_EQUAL(action.retry.delay.count(), 600'000);
  CAF_CHECK_EQUAL(action.retry.delay_max.count(), 600'000);
  CAF_CHECK_EQUAL(action.retry.backoff, 3.0);
  CAF_CHECK_EQUAL(action.timeout.count(), 20'000);
  CAF_CHECK(action.on_error == std::vector{policy::log});
  CAF_CHECK(action.on_timeout == (std::vector{policy::retry, policy::abort}));
  CAF_REQUIRE_EQUAL(action.errors.size(), 3u);
  CAF_CHECK_EQUAL(action.errors[0].code + action.errors[1].code + action.errors[2].code, "of_actionof_callof_state");
  CAF_REQUIRE_EQUAL(action.save.size(), 2u);
  CAF_CHECK_EQUAL(action.save[0].field + action.save[1].field, "ab");
  const auto& plain = all.find("sample")->states[0].entry[0];
  CAF_CHECK(!plain.retry.given);
  CAF_CHECK_EQUAL(plain.retry.count, 0);
  CAF_CHECK_EQUAL(plain.retry.delay.count(), 1000);
  CAF_CHECK_EQUAL(plain.retry.delay_max.count(), 300'000);
  CAF_CHECK(plain.retry.is_worth("http_503") && plain.retry.is_worth("callback_timeout") &&
            !plain.retry.is_worth("http_400"));
  CAF_CHECK_EQUAL(plain.timeout.count(), 30'000);
  CAF_CHECK(plain.on_error == std::vector{policy::escalate});
}

CAF_TEST(handlers and triggers are compiled) {
  auto document = sample::blueprint();
  document["globalCallbackHandler"] = {{"webhook", {{"url", "{{config.callbacks}}"}}}};
  document["globalErrorHandler"] = {
      {"notify", {{"webhook", {{"url", "http://127.0.0.1/n"}, {"auth", {{"bearer", "{{secret.T}}"}}}}}}},
      {"escalate", {{"webhook", {{"url", "http://127.0.0.1/e"}}}}}};
  document["transitions"].push_back({{"transitionId", "stop"},
                                     {"from", "*"},
                                     {"to", "end"},
                                     {"priority", 5},
                                     {"trigger", {{"type", "manual"}, {"event", "halt"}, {"onInvalid", "fail"}}}});
  put(document);
  auto found = all.find("sample");
  CAF_CHECK(found->callback && found->notify_to && found->escalate_to);
  CAF_CHECK_EQUAL(found->notify_to->headers.at(0).first, "Authorization");
  CAF_CHECK(found->names_secrets);
  const auto* stop = found->find_transition("stop");
  CAF_REQUIRE(stop != nullptr);
  CAF_CHECK(stop->from == (std::vector<std::string>{"begin", "middle"}));
  CAF_CHECK_EQUAL(stop->event, "halt");
  CAF_CHECK(stop->fail_on_invalid);
  CAF_CHECK(found->find_state("middle")->manual == (std::vector<std::size_t>{2, 1}));
  CAF_CHECK(found->find_state("begin")->automatic == (std::vector<std::size_t>{0}));
  CAF_CHECK_EQUAL(found->find_transition("finish")->event, "finish");
  CAF_CHECK(found->find_state("nowhere") == nullptr);
}

CAF_TEST(an unreadable record among good ones leaves the others there) {
  auto good = put(sample::blueprint());
  catalogue other;
  auto bad = good;
  bad.version = 2;
  bad.definition["states"] = 7;
  CAF_CHECK(other.admit(good).has_value());
  CAF_CHECK(other.admit(bad).error().code == errc::invalid_blueprint);
  CAF_CHECK(other.find("sample", 1) != nullptr);
  CAF_CHECK(other.find("sample", 2) == nullptr);
  CAF_CHECK(other.find("sample") == nullptr);
  auto next = other.prepare(published_kind::blueprint, "sample", sample::blueprint(), "test", "", noon());
  CAF_REQUIRE(next.has_value());
  CAF_CHECK_EQUAL(next->record.version, 3);
  CAF_CHECK(other.admit(good).has_value());
  bad.version = 1;
  CAF_CHECK(other.admit(bad).error().code == errc::version_conflict);
}

CAF_TEST(an inline blueprint keeps its pins whatever is published later) {
  put_call(api_call("charge"));
  auto first = all.compile_inline(calling(), false);
  CAF_REQUIRE(first.has_value());
  CAF_CHECK(*all.compile_inline(calling(), false) == *first);
  auto changed = api_call("charge");
  changed["timeout"] = "PT7S";
  put_call(changed);
  auto later = all.compile_inline(calling(), false);
  CAF_REQUIRE(later.has_value());
  CAF_CHECK_EQUAL((*later)->states[1].entry[0].timeout.count(), 7000);
  auto kept = all.compile_inline((*first)->source, false);
  CAF_REQUIRE(kept.has_value());
  CAF_CHECK_EQUAL((*kept)->states[1].entry[0].timeout.count(), 30'000);
  CAF_CHECK_EQUAL(text((*kept)->source), text((*first)->source));
  auto forged = calling();
  forged["x-pins"] = {{"api_calls", {{"charge", "new"}}}};
  CAF_CHECK(all.compile_inline(forged, false).error().code == errc::invalid_blueprint);
  forged["x-pins"] = {{"api_calls", {{"charge", 3}}}};
  CAF_CHECK(all.compile_inline(forged, false).error().code == errc::invalid_blueprint);
}

CAF_TEST(an inline blueprint may name no secrets unless who submits it may publish) {
  auto document = with("/states/0/entryActions/0/webhook/headers", {{"X-Key", "{{secret.KEY}}"}});
  CAF_CHECK(all.compile_inline(document, true).has_value());
  CAF_CHECK(all.compile_inline(document, false).error().code == errc::forbidden);
  CAF_CHECK(all.compile_inline(json(7), true).error().code == errc::invalid_blueprint);
}

CAF_TEST(more inline blueprints than are kept are compiled again) {
  for (int i = 0; i < 100; ++i)
    CAF_CHECK(all.compile_inline(with("/x-number", i), false).has_value());
}

CAF_TEST(reading while publishing is safe) {
  put(sample::blueprint());
  std::atomic<bool> over = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i)
    readers.emplace_back([&] {
      while (!over) {
        auto found = all.find("sample");
        if (!found || found->states.size() != 3) std::abort();
        if (all.list(published_kind::blueprint).empty()) std::abort();
      }
    });
  for (int i = 0; i < 30; ++i)
    put(with("/x-number", i));
  over = true;
  for (auto& each : readers)
    each.join();
  CAF_CHECK_EQUAL(all.find("sample")->version, 31);
}

CAF_TEST_FIXTURE_SCOPE_END()
