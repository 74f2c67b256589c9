#include "actors/exchange.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace troupe::actors {

void exchange::answer(int status, json body, std::vector<std::pair<std::string, std::string>> fields) const {
  http::response value;
  value.status = status;
  value.body = to_text(body);
  drop(body);
  value.fields = std::move(fields);
  responder_->answer(std::move(value));
}

expected<json> exchange::body(bool empty_as_object) const {
  if (empty_as_object && request_->body.empty()) return json::object();
  return parse_exact_json(request_->body);
}

std::optional<int> whole_number_of(std::string_view text, int least, int most) {
  int value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size() || value < least || value > most) return std::nullopt;
  return value;
}

query_reader::query_reader(const http::request& from) {
  entries_.reserve(from.query.size());
  for (const auto& [name, value] : from.query)
    entries_.push_back({name, value});
}

std::vector<std::string> query_reader::texts(std::string_view name) {
  std::vector<std::string> found;
  for (auto& one : entries_)
    if (one.name == name) {
      one.taken = true;
      found.push_back(one.value);
    }
  return found;
}

std::optional<std::string> query_reader::text(std::string_view name) {
  auto found = texts(name);
  if (found.empty()) return std::nullopt;
  if (found.size() > 1) fault(name, "one value", fmt::format("{} of them", found.size()));
  return std::move(found.front());
}

std::string query_reader::word(std::string_view name) {
  auto found = text(name);
  if (!found) return {};
  if (found->empty()) fault(name, "a value", "an empty one");
  return std::move(*found);
}

std::optional<int> query_reader::whole_number(std::string_view name, int least, int most) {
  const auto found = text(name);
  if (!found) return std::nullopt;
  if (const auto value = whole_number_of(*found, least, most)) return value;
  fault(name, fmt::format("a whole number from {} to {}", least, most), *found);
  return std::nullopt;
}

std::optional<time_point> query_reader::instant(std::string_view name) {
  const auto found = text(name);
  if (!found) return std::nullopt;
  if (auto value = parse_iso8601(*found)) return *value;
  fault(name, "an instant like 2024-01-10T14:30:00Z", *found);
  return std::nullopt;
}

std::optional<duration> query_reader::length(std::string_view name, duration most) {
  const auto found = text(name);
  if (!found) return std::nullopt;
  const auto value = parse_duration(*found);
  if (value && *value <= most) return *value;
  fault(name, fmt::format("an ISO 8601 duration of at most {}", to_iso8601(most)), *found);
  return std::nullopt;
}

std::optional<std::string> query_reader::word(std::string_view name, std::initializer_list<std::string_view> words) {
  auto found = text(name);
  if (found && std::ranges::find(words, *found) == words.end()) {
    fault(name, fmt::format("one of {}", fmt::join(words, ", ")), *found);
    return std::nullopt;
  }
  return found;
}

store::page_request query_reader::page(bool ascending) {
  store::page_request where;
  where.limit = whole_number("limit", 1, 1000).value_or(100);
  where.ascending = ascending;
  if (const auto order = word("order", {"asc", "desc"})) where.ascending = *order == "asc";
  where.cursor = word("cursor");
  const auto is_fine = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; };
  if (!std::ranges::all_of(where.cursor, is_fine)) fault("cursor", "the `next` of an earlier page", where.cursor);
  return where;
}

void query_reader::fault(std::string_view name, std::string_view expected_text, std::string_view found) {
  if (fault_) return;
  fault_ =
      error{errc::invalid_request,
            fmt::format("query parameter `{}`: expected {}, but found `{}`", name, expected_text, found.substr(0, 200)),
            {}};
}

expected<void> query_reader::finish() const {
  if (fault_) return tl::unexpected<error>(*fault_);
  for (const auto& one : entries_)
    if (!one.taken)
      return refuse(
          errc::invalid_request,
          fmt::format("expected only query parameters that this call knows, but found `{}`", one.name.substr(0, 200)));
  return {};
}

body_reader::body_reader(const json& body) : body_(body) {
  if (!body.is_object()) violations_.push_back({"", "an object", describe(body)});
}

const json* body_reader::take(std::string_view name, std::string_view expected_text,
                              bool (json::*is)() const noexcept) {
  taken_.emplace_back(name);
  if (!body_.is_object()) return nullptr;
  const auto found = body_.find(name);
  if (found == body_.end() || found->is_null()) return nullptr;
  if (is == nullptr || ((*found).*is)()) return &*found;
  fault(name, expected_text, describe(*found));
  return nullptr;
}

const json* body_reader::any(std::string_view name) {
  return take(name, "", nullptr);
}
const json* body_reader::object(std::string_view name) {
  return take(name, "an object", &json::is_object);
}
const json* body_reader::array(std::string_view name) {
  return take(name, "an array", &json::is_array);
}

std::optional<std::string> body_reader::text(std::string_view name, std::size_t most) {
  const auto* found = take(name, "a string", &json::is_string);
  if (found == nullptr) return std::nullopt;
  auto value = found->get<std::string>();
  if (value.size() > most)
    fault(name, fmt::format("a string of at most {} bytes", most), fmt::format("one of {}", value.size()));
  return value;
}

std::optional<bool> body_reader::truth(std::string_view name) {
  const auto* found = take(name, "true or false", &json::is_boolean);
  if (found == nullptr) return std::nullopt;
  return found->get<bool>();
}

std::optional<double> body_reader::positive(std::string_view name) {
  const auto* found = take(name, "a number above 0", &json::is_number);
  if (found == nullptr) return std::nullopt;
  const auto value = found->get<double>();
  if (!(value > 0)) fault(name, "a number above 0", describe(*found));
  return value;
}

void body_reader::fault(std::string_view name, std::string_view expected_text, std::string_view found) {
  violations_.push_back({"/" + pointer_token(name), std::string(expected_text), std::string(found)});
}

expected<void> body_reader::finish() const {
  auto all = violations_;
  if (body_.is_object())
    for (const auto& [name, value] : body_.items())
      if (std::ranges::find(taken_, name) == taken_.end() && all.size() < 100)
        all.push_back({"/" + pointer_token(name), "a field that this call knows", "`" + name.substr(0, 200) + "`"});
  if (all.empty()) return {};
  auto detail =
      fmt::format("expected {} at `{}`, but found {}", all.front().expected, all.front().pointer, all.front().found);
  return refuse(errc::invalid_data, std::move(detail), std::move(all));
}

} // namespace troupe::actors
