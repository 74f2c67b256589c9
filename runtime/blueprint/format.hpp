#pragma once

#include <string>
#include <string_view>

namespace troupe::blueprint {

/// One value of the keyword `format`: those of draft-07, and `uuid` and `duration`.
struct format {
  std::string_view name;
  std::string_view words; ///< for "expected ..."
  bool (*accepts)(std::string_view text);
  bool is_slow = false; ///< takes long enough for its time to be counted
};

/// nullptr for a name that no one knows: then the keyword says nothing (draft-07).
const format* find_format(std::string_view name);

/// RFC 3339: `date-time`, `full-date`, `full-time` with leap seconds only where they can be.
bool is_date_time(std::string_view text);
bool is_date(std::string_view text);
bool is_time(std::string_view text);
/// ISO 8601 durations with all their parts: `P1Y2M3DT4H5M6.5S`, `P2W`.
bool is_duration(std::string_view text);
bool is_uuid(std::string_view text);

/// Four decimal numbers without leading zeros (RFC 2673, section 3.2).
bool is_ipv4(std::string_view text);
/// RFC 4291, section 2.2, without a zone.
bool is_ipv6(std::string_view text);

/// RFC 1123: letters, digits and hyphens, 63 a label and 253 in all; `xn--` labels must be what IDNA 2008 encodes (RFC
/// 5890).
bool is_hostname(std::string_view text);
/// IDNA 2008 (RFC 5890 to 5893), context rules and right-to-left rules included.
bool is_idn_hostname(std::string_view text);

/// `Mailbox` of RFC 5321.
bool is_email(std::string_view text);
/// `Mailbox` of RFC 6531.
bool is_idn_email(std::string_view text);

/// RFC 6570.
bool is_uri_template(std::string_view text);
/// RFC 6901.
bool is_json_pointer(std::string_view text);
/// draft-handrews-relative-json-pointer-01.
bool is_relative_json_pointer(std::string_view text);

/// RFC 4648, section 4, padded, no line ends: the keyword `contentEncoding`. Decodes into `decoded` unless that is
/// nullptr.
bool is_base64(std::string_view text, std::string* decoded);

} // namespace troupe::blueprint
