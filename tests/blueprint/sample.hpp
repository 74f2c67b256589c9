#pragma once

#include "runtime/blueprint/catalogue.hpp"
#include "tests/support/source_folder.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

/// A blueprint that publishes, the smallest that has one of each, and what is found after it was changed.
namespace troupe::blueprint::sample {

inline json blueprint() {
  return json::parse(R"json({
    "stateMachineId": "sample",
    "states": [
      { "stateId": "begin", "baseStateType": "initial",
        "entryActions": [ { "actionId": "ask", "webhook": { "url": "http://127.0.0.1/ask" } } ] },
      { "stateId": "middle", "baseStateType": "intermediate" },
      { "stateId": "end", "baseStateType": "final" } ],
    "transitions": [
      { "transitionId": "go", "from": "begin", "to": "middle" },
      { "transitionId": "finish", "from": "middle", "to": "end", "trigger": "manual" } ] })json");
}

inline json api_call(const std::string& id) {
  return {{"api_call_id", id}, {"url", "http://127.0.0.1/" + id}, {"method", "POST"}};
}

inline time_point noon() {
  return *parse_iso8601("2026-11-23T12:00:00Z");
}

/// For comparisons: a failed check shows both texts.
inline std::string text(const json& value) {
  return value.dump();
}

/// Publishes it; an assertion if it cannot be.
inline published publish(catalogue& all, published_kind kind, const std::string& id, const json& document) {
  auto ready = all.prepare(kind, id, document, "test", "", noon());
  if (!ready) assertion_failed(ready.error().detail.c_str(), __FILE__, __LINE__);
  if (ready->is_new) {
    auto done = all.admit(ready->record);
    if (!done) assertion_failed(done.error().detail.c_str(), __FILE__, __LINE__);
  }
  return ready->record;
}

inline json patched(const json& document, const json& patch) {
  return document.patch(patch);
}
inline json with(const std::string& pointer, const json& value) {
  return patched(blueprint(), json::array({{{"op", "add"}, {"path", pointer}, {"value", value}}}));
}
inline json without(const std::string& pointer) {
  return patched(blueprint(), json::array({{{"op", "remove"}, {"path", pointer}}}));
}

inline std::string to_line(const finding& each) {
  return fmt::format("{} {} {}", each.level == finding::severity::error ? "error" : "warning", each.code, each.pointer);
}

inline std::vector<std::string> to_lines(const std::vector<finding>& findings) {
  std::vector<std::string> lines;
  for (const auto& each : findings)
    lines.push_back(to_line(each));
  return lines;
}

/// `error <code> <pointer>` of everything that is found.
inline std::vector<std::string> found_in(const json& document, const catalogue& all = catalogue{}) {
  return to_lines(all.validate(document));
}

/// True if exactly that is found, in whatever order.
inline bool finds(const json& document, std::vector<std::string> lines) {
  auto found = found_in(document);
  std::sort(found.begin(), found.end());
  std::sort(lines.begin(), lines.end());
  if (found == lines) return true;
  for (const auto& each : catalogue{}.validate(document))
    fmt::print(stderr, "found: {}: {} (expected {}, found {})\n", to_line(each), each.message, each.expected,
               each.found);
  return false;
}

inline std::string read_text(const std::string& path) {
  std::ifstream file(test::source_folder() / path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

inline json read_json(const std::string& path) {
  auto parsed = parse_exact_json(read_text(path));
  if (!parsed) assertion_failed((path + ": " + parsed.error().detail).c_str(), __FILE__, __LINE__);
  return *parsed;
}

} // namespace troupe::blueprint::sample
