#include "actors/gateway_filter.hpp"

namespace troupe::actors {

namespace {

/// `a:b` into name and value.
void read_label(query_reader& query, const std::string& text, store::order_filter& filter) {
  const auto colon = text.find(':');
  if (colon == std::string::npos || colon == 0)
    query.fault("label", "key:value", text);
  else
    filter.labels.emplace_back(text.substr(0, colon), text.substr(colon + 1));
}

/// The filter's fields as query parameters, so that one reader serves both: strings and numbers as they are, lists one
/// by one. What is none of these, or an empty list, is an empty value: a filter that says nothing would mean all.
http::request as_query(const json& filter) {
  http::request query;
  const auto add = [&query](const std::string& name, const json& value) {
    const auto is_plain = value.is_number() || value.is_boolean();
    query.query.emplace_back(name, value.is_string() ? value.get<std::string>() : is_plain ? value.dump() : "");
  };
  for (const auto& [name, value] : filter.items())
    if (value.is_array() && !value.empty())
      for (const auto& one : value)
        add(name, one);
    else
      add(name, value);
  return query;
}

} // namespace

store::order_filter read_filter(query_reader& query) {
  store::order_filter filter;
  for (const auto& text : query.texts("status")) {
    if (!engine::parse_status(text)) query.fault("status", "a status of orders", text);
    filter.status.push_back(text);
  }
  filter.workflow = query.word("workflow");
  filter.version = query.whole_number("version", 1, 1'000'000'000);
  filter.state = query.word("state");
  for (const auto& text : query.texts("label"))
    read_label(query, text, filter);
  filter.group = query.word("group");
  filter.error = query.word("error");
  filter.created_after = query.instant("created_after");
  filter.created_before = query.instant("created_before");
  filter.updated_after = query.instant("updated_after");
  filter.updated_before = query.instant("updated_before");
  return filter;
}

expected<void> check_filter(const json& filter) {
  const auto query = as_query(filter);
  query_reader reader(query);
  read_filter(reader);
  auto fine = reader.finish();
  if (!fine)
    return refuse(errc::invalid_data, "in `filter`: " + fine.error().detail,
                  {{"/filter", "the filters of GET /v1/orders", fine.error().detail}});
  return fine;
}

store::order_filter filter_from_json(const json& work) {
  const auto query = as_query(work.value("filter", json::object()));
  query_reader reader(query);
  return read_filter(reader);
}

} // namespace troupe::actors
