#include "runtime/cli/output.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

namespace troupe::cli {

namespace {

/// Columns that a text takes, colour sequences and continuation bytes not counted.
std::size_t width_of(const std::string& text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b')
      i = std::min(text.find('m', i), text.size() - 1);
    else if ((static_cast<unsigned char>(text[i]) & 0xC0u) != 0x80u)
      ++width;
  }
  return width;
}

/// Control characters of a stranger's data must not reach a terminal.
std::string printable(std::string text) {
  std::ranges::replace_if(
      text, [](char byte) { return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f; }, ' ');
  return text;
}

} // namespace

output::output(bool as_json)
    : as_json_(as_json), is_terminal_(isatty(STDOUT_FILENO) == 1),
      has_colours_(is_terminal_ && std::getenv("NO_COLOR") == nullptr) {}

void output::table(const std::vector<std::string>& titles, const std::vector<std::vector<std::string>>& rows) const {
  if (!is_terminal_) {
    for (const auto& row : rows)
      fmt::print("{}\n", fmt::join(row, "\t"));
    return;
  }
  std::vector<std::size_t> widths;
  for (const auto& title : titles)
    widths.push_back(width_of(title));
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], width_of(row[i]));
  const auto print = [&](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size(); ++i)
      fmt::print("{}{}", row[i], i + 1 == row.size() ? "\n" : std::string(widths[i] - width_of(row[i]) + 2, ' '));
  };
  print(titles);
  for (const auto& row : rows)
    print(row);
}

void output::fields(const std::vector<std::pair<std::string, std::string>>& all) const {
  std::size_t width = 0;
  for (const auto& [name, value] : all)
    width = std::max(width, name.size());
  for (const auto& [name, value] : all)
    fmt::print("{:<{}}  {}\n", name, is_terminal_ ? width : name.size(), value);
}

void output::value(const json& document) const {
  fmt::print("{}\n", document.dump(is_terminal_ ? 2 : -1, ' ', false, json::error_handler_t::replace));
}

void output::line(const std::string& text) const {
  fmt::print("{}\n", text);
}

std::string output::status(const std::string& text) const {
  if (!has_colours_) return text;
  const auto colour = text == "completed" || text == "settled"                             ? 32
                      : text == "failed" || text == "rolled_back" || text == "interrupted" ? 31
                      : text == "escalated" || text == "cancelled" || text == "paused"     ? 33
                                                                                           : 36;
  return fmt::format("\x1b[{}m{}\x1b[0m", colour, text);
}

void output::complain(const std::string& text) {
  fmt::print(stderr, "troupe: {}\n", printable(text));
}

void output::problem(const json& document) const {
  if (as_json_) {
    fmt::print(stderr, "{}\n", to_text(document));
    return;
  }
  if (!document.is_object() || !document.contains("detail"))
    return complain("the server refused: " + to_text(document));
  complain(fmt::format("{} {}: {}", cell(document.value("status", json())), cell(document.value("title", json())),
                       cell(document["detail"])));
  for (const auto& one : document.value("errors", json::array())) {
    if (one.contains("message"))
      complain(fmt::format("  {} {}: {} (expected {}, but found {})", cell(one.value("severity", json("error"))),
                           cell(one["pointer"]), cell(one["message"]), cell(one["expected"]), cell(one["found"])));
    else
      complain(fmt::format("  {}: expected {}, but found {}", cell(one["pointer"]), cell(one["expected"]),
                           cell(one["found"])));
  }
}

std::string cell(const json& value) {
  if (value.is_null()) return "-";
  return printable(value.is_string() ? value.get<std::string>() : to_text(value));
}

} // namespace troupe::cli
