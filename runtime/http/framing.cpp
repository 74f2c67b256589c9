#include "runtime/http/framing.hpp"

#include "runtime/http/characters.hpp"

#include <charconv>
#include <optional>

namespace troupe::http {

namespace {

bool is_port(std::string_view text) {
  unsigned value = 0;
  if (text.size() > 5 || !std::all_of(text.begin(), text.end(), is_digit)) return false;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value <= 65535;
}

bool is_host_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
  });
}

bool is_bracketed_address(std::string_view text) {
  if (text.size() < 4 || text.front() != '[' || text.back() != ']') return false;
  text = text.substr(1, text.size() - 2);
  return text.find(':') != std::string_view::npos && std::all_of(text.begin(), text.end(), [](char c) {
           return hexadecimal_value(c) >= 0 || c == ':' || c == '.';
         });
}

/// Reads one field after the other; what they say together is judged at the end.
class framing_reader {
public:
  explicit framing_reader(bool is_1_1) : is_1_1_(is_1_1) {}

  accepted<void> take(std::string_view name, std::string_view value) {
    // The lengths of the six names differ but for two: most fields cost one comparison of numbers.
    switch (name.size()) {
    case 4:
      if (equal_without_case(name, "host")) return take_host(value);
      break;
    case 6:
      if (is_1_1_ && equal_without_case(name, "expect")) take_expect(value);
      break;
    case 10:
      if (equal_without_case(name, "connection")) take_connection(value);
      break;
    case 14:
      if (equal_without_case(name, "content-length")) return take_length(value);
      break;
    case 17:
      if (equal_without_case(name, "transfer-encoding")) return take_coding(value);
      break;
    default: break;
    }
    return {};
  }

  accepted<framing> finish() {
    if (is_1_1_ && !host_seen_) return refuse_with(400, "expected a Host header");
    if (coding_seen_ && !is_1_1_) return refuse_with(400, "expected no Transfer-Encoding in HTTP/1.0");
    if (coding_seen_ && length_)
      return refuse_with(400, "expected Content-Length or Transfer-Encoding, but found both");
    if (unknown_coding_) return refuse_with(501, "expected no transfer coding but chunked");
    result_.chunked = coding_seen_;
    result_.length = length_.value_or(0);
    result_.keep_alive = is_1_1_ ? !close_seen_ : keep_alive_seen_ && !close_seen_;
    return result_;
  }

private:
  accepted<void> take_host(std::string_view value) {
    if (host_seen_) return refuse_with(400, "expected one Host header, but found several");
    if (!is_host(value)) return refuse_with(400, "expected a Host header with a host and perhaps a port");
    host_seen_ = true;
    return {};
  }

  void take_expect(std::string_view value) {
    if (equal_without_case(value, "100-continue"))
      result_.expects_continue = true;
    else
      result_.expects_unknown = true;
  }

  void take_connection(std::string_view value) {
    for_each_element(value, [this](std::string_view option) {
      if (equal_without_case(option, "close")) close_seen_ = true;
      if (equal_without_case(option, "keep-alive")) keep_alive_seen_ = true;
    });
  }

  accepted<void> take_length(std::string_view value) {
    if (length_) return refuse_with(400, "expected one Content-Length, but found several");
    std::uint64_t length = 0;
    auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), length);
    bool is_plain = failure == std::errc{} && end == value.data() + value.size() && value.size() <= 19 &&
                    (value.front() != '0' || value.size() == 1);
    if (!is_plain) return refuse_with(400, "expected a Content-Length of decimal digits");
    length_ = length;
    return {};
  }

  accepted<void> take_coding(std::string_view value) {
    if (coding_seen_) return refuse_with(400, "expected one Transfer-Encoding, but found several");
    coding_seen_ = true;
    int chunked = 0;
    bool any = false;
    bool chunked_last = false;
    for_each_element(value, [&](std::string_view coding) {
      any = true;
      chunked_last = equal_without_case(coding, "chunked");
      chunked += chunked_last ? 1 : 0;
      unknown_coding_ = unknown_coding_ || !chunked_last;
    });
    if (!any || chunked > 1 || (chunked == 1 && !chunked_last))
      return refuse_with(400, "expected a Transfer-Encoding that ends with one chunked");
    return {};
  }

  bool is_1_1_;
  framing result_;
  bool host_seen_ = false;
  bool close_seen_ = false;
  bool keep_alive_seen_ = false;
  bool coding_seen_ = false;
  bool unknown_coding_ = false;
  std::optional<std::uint64_t> length_;
};

} // namespace

bool is_host(std::string_view value) {
  if (value.starts_with('[')) {
    auto end = value.find(']');
    if (end == std::string_view::npos || !is_bracketed_address(value.substr(0, end + 1))) return false;
    auto rest = value.substr(end + 1);
    return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
  }
  auto colon = value.find(':');
  if (!is_host_name(value.substr(0, colon))) return false;
  return colon == std::string_view::npos || is_port(value.substr(colon + 1));
}

accepted<framing> framing_of(const headers& fields, bool is_1_1) {
  framing_reader reader{is_1_1};
  for (const auto& [name, value] : fields.all())
    if (auto taken = reader.take(name, value); !taken) return tl::unexpected(taken.error());
  return reader.finish();
}

} // namespace troupe::http
