#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

enum class log_level { trace, debug, info, warning, error };

/// Called once, before anything is logged: `level` one of trace, debug, info, warning, error, off; `format` `text` or
/// `json`. Writes to stderr.
void start_log(std::string_view level, std::string_view format);

using log_field = std::pair<std::string_view, std::string>;

/// One line: `event` is a stable id (`order_crashed`) that people search for, `text` a sentence, `fields` name and
/// value. Control characters are escaped. Values given to `hide_in_logs` never appear.
void log(log_level level, std::string_view event, std::string_view text, std::initializer_list<log_field> fields = {});

/// From now on this value (a secret, at least 4 characters) is written as `***` wherever it would appear in a line.
void hide_in_logs(std::string_view value);

/// Replaces every hidden value inside `text` by `***`: for what is recorded or answered.
std::string scrubbed(std::string text);

} // namespace troupe
