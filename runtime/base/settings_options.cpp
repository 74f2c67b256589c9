#include "runtime/base/settings_options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <numeric>

namespace troupe {

namespace {

constexpr std::array<std::string_view, 6> log_levels{"trace", "debug", "info", "warning", "error", "off"};
constexpr std::array<std::string_view, 2> log_formats{"text", "json"};

constexpr std::int64_t kib = 1 << 10;
constexpr std::int64_t mib = 1 << 20;
constexpr std::int64_t gib = 1 << 30;
constexpr std::int64_t second = 1'000;
constexpr std::int64_t hour = 3'600 * second;

#define TROUPE_PLACE(section, field)                                                                                   \
  [](settings & all) -> auto& {                                                                                        \
    return all.section.field;                                                                                          \
  }

/// The one place for names, types, defaults, bounds and meanings. Types follow from the fields.
const option options[] = {
    {"http.listen", text_option{TROUPE_PLACE(http, listen)}, R"("127.0.0.1:8180")",
     "Host and port to listen on; port 0 takes a free one. An IPv6 address stands in brackets."},
    {"http.threads", number_option{TROUPE_PLACE(http, threads)}, "1",
     "Threads for requests, webhooks and their deadlines.", 1, 64},
    {"http.connections", number_option{TROUPE_PLACE(http, connections)}, "4096",
     "Connections at once; one more is answered 503 and closed.", 1, 1'000'000},
    {"http.pipeline", number_option{TROUPE_PLACE(http, pipeline)}, "32",
     "Requests of one connection that are under way at once; more are not read.", 1, 1'024},
    {"http.body_limit", number_option{TROUPE_PLACE(http, body_limit)}, "1048576",
     "Bytes of a request's body; beyond them it is answered 413. Bulk submissions are streamed.", kib, gib},
    {"http.header_limit", number_option{TROUPE_PLACE(http, header_limit)}, "16384",
     "Bytes of a request's line and headers; beyond them it is answered 431.", kib, 16 * mib},
    {"http.drain_limit", number_option{TROUPE_PLACE(http, drain_limit)}, "67108864",
     "Bytes of a refused body that are read, so that the client sees the answer.", 0, 1'024 * gib},
    {"http.spool_memory", number_option{TROUPE_PLACE(http, spool_memory)}, "1048576",
     "Bytes of one streamed answer that wait in memory for a client that does not read.", kib, gib},
    {"http.spool_limit", number_option{TROUPE_PLACE(http, spool_limit)}, "1073741824",
     "Bytes of one streamed answer that wait in memory and in a temporary file; beyond them the connection is closed.",
     kib, 1'024 * gib},
    {"http.spool_folder", text_option{TROUPE_PLACE(http, spool_folder)}, R"("")",
     "Where those temporary files are; empty: TMPDIR, or else /tmp."},
    {"http.header_timeout", duration_option{TROUPE_PLACE(http, header_timeout)}, R"("PT10S")",
     "From the first byte of a request to the end of its headers.", 1, hour},
    {"http.body_timeout", duration_option{TROUPE_PLACE(http, body_timeout)}, R"("PT30S")",
     "For a whole body; for a streamed one between two reads.", 1, hour},
    {"http.idle_timeout", duration_option{TROUPE_PLACE(http, idle_timeout)}, R"("PT1M15S")",
     "Between two requests on one connection.", 1, 24 * hour},
    {"http.write_timeout", duration_option{TROUPE_PLACE(http, write_timeout)}, R"("PT30S")",
     "For a client that does not read its answer.", 1, hour},
    {"store.url", text_option{TROUPE_PLACE(store, url)}, R"("sqlite:troupe.db")",
     "Where orders and their histories are kept: sqlite: and a path."},
    {"store.free_min", number_option{TROUPE_PLACE(store, free_min)}, "8388608",
     "Bytes of free disk space; below them submissions are answered 503.", 0, 1'024 * gib},
    {"store.readers", number_option{TROUPE_PLACE(store, readers)}, "3",
     "Connections for reading, side by side; the first is for the runtime alone.", 2, 64},
    {"store.group_limit", number_option{TROUPE_PLACE(store, group_limit)}, "1024",
     "Appends that are made durable by one transaction.", 1, 100'000},
    {"store.kept_limit", number_option{TROUPE_PLACE(store, kept_limit)}, "100000",
     "Appends that wait while the store is away; beyond them they are refused.", 1, 10'000'000},
    {"batch.size", number_option{TROUPE_PLACE(batch, size)}, "256", "Orders that one batch takes up.", 1, 100'000},
    {"batch.lanes", number_option{TROUPE_PLACE(batch, lanes)}, "4",
     "Batches side by side; with 1 a batch is awaited before the next begins.", 1, 256},
    {"batch.interval", duration_option{TROUPE_PLACE(batch, interval)}, R"("PT1M")",
     "How long until pending orders are looked for again, if nothing wakes the batches before.", 10, 24 * hour},
    {"batch.wake", switch_option{TROUPE_PLACE(batch, wake)}, "true", "Whether a submission wakes the batches at once."},
    {"order.park_after", duration_option{TROUPE_PLACE(order, park_after)}, R"("PT1S")",
     "A retry that waits longer than this gives its actor up until it is due.", 0, 24 * hour},
    {"order.recoveries", number_option{TROUPE_PLACE(order, recoveries)}, "5",
     "Crashes of an order without progress, until it is tried alone and then escalated.", 1, 1'000},
    {"orders.pending_limit", number_option{TROUPE_PLACE(orders, pending_limit)}, "1000000",
     "Orders that wait to begin; beyond them submissions are answered 429.", 1, 1'000'000'000},
    {"orders.awaits_limit", number_option{TROUPE_PLACE(orders, awaits_limit)}, "10000",
     "Requests that wait for an order to settle; beyond them they are answered at once.", 1, 1'000'000},
    {"expression.time", duration_option{TROUPE_PLACE(expression, time)}, R"("PT0.05S")",
     "For one evaluation of an expression.", 1, 60 * second},
    {"expression.memory", number_option{TROUPE_PLACE(expression, memory)}, "33554432",
     "Bytes for one evaluation of an expression.", mib, gib},
    {"webhook.connections_per_host", number_option{TROUPE_PLACE(webhook, connections_per_host)}, "64",
     "Connections to one host at once; more calls wait their turn.", 1, 65'536},
    {"webhook.waiting_limit", number_option{TROUPE_PLACE(webhook, waiting_limit)}, "100000",
     "Calls that wait for a connection; beyond them they fail.", 1, 10'000'000},
    {"webhook.response_limit", number_option{TROUPE_PLACE(webhook, response_limit)}, "4194304",
     "Bytes of an answer's body; beyond them the call fails.", kib, gib},
    {"webhook.idle", duration_option{TROUPE_PLACE(webhook, idle)}, R"("PT30S")",
     "An unused connection is closed after this time.", 0, hour},
    {"webhook.allow", list_option{TROUPE_PLACE(webhook, allow)}, "[]",
     "CIDR blocks that may be called; empty: every address but link-local and cloud metadata ones."},
    {"webhook.certificate_authorities", text_option{TROUPE_PLACE(webhook, certificate_authorities)}, R"("")",
     "PEM file of the authorities that https servers are checked against; empty: the system's."},
    {"outbox.attempts", number_option{TROUPE_PLACE(outbox, attempts)}, "20",
     "Tries for one notification, with growing pauses.", 1, 1'000},
    {"outbox.in_flight", number_option{TROUPE_PLACE(outbox, in_flight)}, "64", "Notifications that are sent at once.",
     1, 10'000},
    {"shutdown.grace", duration_option{TROUPE_PLACE(shutdown, grace)}, R"("PT10S")",
     "For what is under way at an orderly end.", 0, hour},
    {"log.level", text_option{TROUPE_PLACE(log, level)}, R"("info")", "The least that is logged.", 0, 0, log_levels},
    {"log.format", text_option{TROUPE_PLACE(log, format)}, R"("text")", "Lines for people, or a JSON object a line.", 0,
     0, log_formats},
    {"node.name", text_option{TROUPE_PLACE(node, name)}, R"("node")", "What this node is called in batches and logs."},
};

#undef TROUPE_PLACE

struct section {
  std::string_view name;
  std::string_view meaning;
};

constexpr section sections[] = {
    {"http", "The HTTP server."},
    {"store", "Where everything is kept."},
    {"batch", "How pending orders are taken up."},
    {"order", "One order."},
    {"orders", "All orders together."},
    {"expression", "Bounds for the expressions and functions of blueprints."},
    {"webhook", "Calls that orders make."},
    {"outbox", "Callbacks and notifications."},
    {"shutdown", "SIGTERM and SIGINT."},
    {"log", "What is written to stderr."},
    {"node", "This server among others."},
};

/// Levenshtein's.
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t k = 1; k <= right.size(); ++k) {
      auto changed = diagonal + (left[i - 1] == right[k - 1] ? 0u : 1u);
      diagonal = row[k];
      row[k] = std::min({row[k] + 1, row[k - 1] + 1, changed});
    }
  }
  return row.back();
}

bool is_within(const option& which, std::int64_t value) {
  return value >= which.least && value <= which.most;
}

struct assignment {
  settings& into;
  const option& which;
  const json& value;

  bool operator()(text_option place) const {
    if (!value.is_string()) return false;
    auto& text = value.get_ref<const std::string&>();
    auto& choices = which.choices;
    if (!choices.empty() && std::find(choices.begin(), choices.end(), text) == choices.end()) return false;
    if (text.find('\0') != std::string::npos) return false;
    place(into) = text;
    return true;
  }

  bool operator()(number_option place) const {
    if (!value.is_number_integer()) return false;
    if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max())
      return false;
    if (!is_within(which, value.get<std::int64_t>())) return false;
    place(into) = value.get<std::int64_t>();
    return true;
  }

  bool operator()(switch_option place) const {
    if (!value.is_boolean()) return false;
    place(into) = value.get<bool>();
    return true;
  }

  bool operator()(duration_option place) const {
    if (!value.is_string()) return false;
    auto parsed = parse_duration(value.get_ref<const std::string&>());
    if (!parsed || !is_within(which, parsed->count())) return false;
    place(into) = *parsed;
    return true;
  }

  bool operator()(list_option place) const {
    if (!value.is_array()) return false;
    if (!std::all_of(value.begin(), value.end(), [](const json& item) { return item.is_string(); })) return false;
    place(into) = value.get<std::vector<std::string>>();
    return true;
  }
};

} // namespace

std::span<const option> all_options() {
  return options;
}

std::string_view meaning_of_section(std::string_view name) {
  auto found = std::find_if(std::begin(sections), std::end(sections), [&](auto& each) { return each.name == name; });
  return found == std::end(sections) ? std::string_view{} : found->meaning;
}

const option* find_option(std::string_view name) {
  auto found = std::find_if(std::begin(options), std::end(options), [&](auto& each) { return each.name == name; });
  return found == std::end(options) ? nullptr : &*found;
}

std::string_view nearest_option(std::string_view name) {
  // Longer than every name: what is left cannot make another one the nearest.
  name = name.substr(0, 64);
  auto nearer = [&](auto& left, auto& right) { return distance(name, left.name) < distance(name, right.name); };
  return std::min_element(std::begin(options), std::end(options), nearer)->name;
}

std::string words_for(const option& which) {
  if (!which.choices.empty()) return fmt::format("one of {}", fmt::join(which.choices, ", "));
  if (std::holds_alternative<text_option>(which.place)) return "a string";
  if (std::holds_alternative<switch_option>(which.place)) return "true or false";
  if (std::holds_alternative<list_option>(which.place)) return "a list of strings";
  if (std::holds_alternative<number_option>(which.place))
    return fmt::format("a whole number from {} to {}", which.least, which.most);
  return fmt::format("an ISO 8601 duration from {} to {}", to_iso8601(duration{which.least}),
                     to_iso8601(duration{which.most}));
}

bool assign(settings& into, const option& which, const json& value) {
  return std::visit(assignment{into, which, value}, which.place);
}

std::optional<json> value_from_text(const option& which, std::string_view text) {
  if (std::holds_alternative<number_option>(which.place)) {
    std::int64_t number = 0;
    auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (wrong != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return json(number);
  }
  if (std::holds_alternative<switch_option>(which.place)) {
    if (text != "true" && text != "false") return std::nullopt;
    return json(text == "true");
  }
  if (!std::holds_alternative<list_option>(which.place)) return json(text);
  if (text.starts_with('[')) {
    auto parsed = parse_json(text);
    return parsed ? std::optional{std::move(parsed->value)} : std::nullopt;
  }
  json list = json::array();
  while (!text.empty()) {
    auto comma = std::min(text.find(','), text.size());
    list.push_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return list;
}

} // namespace troupe
