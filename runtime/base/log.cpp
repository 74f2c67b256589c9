#include "runtime/base/log.hpp"

#include "runtime/base/json.hpp"
#include "runtime/base/time.hpp"

#include <algorithm>
#include <atomic>
#include <fmt/format.h>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <vector>

namespace troupe {

namespace {

constexpr std::size_t hidden_length_min = 4;
constexpr std::string_view hidden_mark = "***";

struct hidden_values {
  std::shared_mutex mutex;
  std::vector<std::string> values; ///< the longest first: one may be the beginning of another
};

hidden_values& hidden() {
  // Never destroyed, like the logger: a thread may still log while the process ends.
  static auto* instance = new hidden_values;
  return *instance;
}

spdlog::logger* new_logger() {
  auto* result = new spdlog::logger("troupe", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  result->set_level(spdlog::level::trace);
  result->set_pattern("%v");
  return result;
}

spdlog::logger& logger() {
  static auto* instance = new_logger();
  return *instance;
}

constexpr int level_off = 5;
std::atomic<int> level_least{static_cast<int>(log_level::info)};
std::atomic<bool> as_json{false};

constexpr std::string_view level_names[] = {"trace", "debug", "info", "warning", "error", "off"};

/// Control characters, quotes and line ends as JSON writes them, and DEL and the C1 controls (in UTF-8) too: a terminal
/// must not obey a log.
void append_escaped(std::string& line, std::string_view text) {
  auto quoted = to_text(json(text));
  auto inside = std::string_view{quoted}.substr(1, quoted.size() - 2);
  for (std::size_t i = 0; i < inside.size(); ++i) {
    auto byte = static_cast<unsigned char>(inside[i]);
    if (byte == 0x7f) {
      line += "\\u007f";
    } else if (byte == 0xc2 && i + 1 < inside.size() && static_cast<unsigned char>(inside[i + 1]) < 0xa0) {
      line += fmt::format("\\u{:04x}", static_cast<unsigned char>(inside[++i]));
    } else {
      line += inside[i];
    }
  }
}

void append_quoted(std::string& line, std::string_view text) {
  line += '"';
  append_escaped(line, text);
  line += '"';
}

bool is_plain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\'; });
}

std::string json_line(log_level level, std::string_view event, std::string_view text,
                      std::initializer_list<log_field> fields) {
  auto line = fmt::format(R"({{"time":"{}","level":"{}","event":)", to_iso8601(wall_clock_now()),
                          level_names[static_cast<std::size_t>(level)]);
  append_quoted(line, event);
  line += ",\"text\":";
  append_quoted(line, scrubbed(std::string{text}));
  for (auto& [name, value] : fields) {
    line += ',';
    append_quoted(line, name);
    line += ':';
    append_quoted(line, scrubbed(value));
  }
  line += '}';
  return line;
}

std::string text_line(log_level level, std::string_view event, std::string_view text,
                      std::initializer_list<log_field> fields) {
  auto line =
      fmt::format("{} {:<7} {}: ", to_iso8601(wall_clock_now()), level_names[static_cast<std::size_t>(level)], event);
  append_escaped(line, scrubbed(std::string{text}));
  for (auto& [name, value] : fields) {
    line += fmt::format(" {}=", name);
    auto shown = scrubbed(value);
    if (is_plain(shown)) {
      line += shown;
    } else {
      append_quoted(line, shown);
    }
  }
  return line;
}

} // namespace

void start_log(std::string_view level, std::string_view format) {
  auto found = std::find(std::begin(level_names), std::end(level_names), level);
  TROUPE_ASSERT(found != std::end(level_names));
  TROUPE_ASSERT(format == "text" || format == "json");
  static_assert(std::size(level_names) == level_off + 1);
  as_json = format == "json";
  level_least = static_cast<int>(found - std::begin(level_names));
}

void log(log_level level, std::string_view event, std::string_view text, std::initializer_list<log_field> fields) {
  if (static_cast<int>(level) < level_least.load(std::memory_order_relaxed)) return;
  auto line = as_json ? json_line(level, event, text, fields) : text_line(level, event, text, fields);
  logger().log(spdlog::level::info, spdlog::string_view_t{line.data(), line.size()});
}

void hide_in_logs(std::string_view value) {
  if (value.size() < hidden_length_min) return;
  auto& all = hidden();
  std::unique_lock guard{all.mutex};
  if (std::find(all.values.begin(), all.values.end(), value) != all.values.end()) return;
  auto longer = [&](const std::string& known) { return known.size() < value.size(); };
  all.values.emplace(std::find_if(all.values.begin(), all.values.end(), longer), value);
}

std::string scrubbed(std::string text) {
  auto& all = hidden();
  std::shared_lock guard{all.mutex};
  for (auto& value : all.values) {
    std::size_t done = 0;
    std::string result;
    for (auto at = text.find(value); at != std::string::npos; at = text.find(value, done)) {
      result.append(text, done, at - done).append(hidden_mark);
      done = at + value.size();
    }
    if (done != 0) text = result.append(text, done);
  }
  return text;
}

} // namespace troupe
