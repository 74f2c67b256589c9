#define CAF_SUITE base_time

#include "runtime/base/time.hpp"

#include "caf/test/dsl.hpp"

using namespace troupe;

namespace {

std::string again(std::string_view text) {
  auto value = parse_iso8601(text);
  return value ? to_iso8601(*value) : "refused";
}

std::string duration_again(std::string_view text) {
  auto value = parse_duration(text);
  return value ? to_iso8601(*value) : "refused";
}

} // namespace

CAF_TEST(instants are written in UTC with milliseconds) {
  CAF_CHECK_EQUAL(to_iso8601(time_point{duration{0}}), "1970-01-01T00:00:00.000Z");
  CAF_CHECK_EQUAL(to_iso8601(time_point{duration{1'704'897'000'123}}), "2024-01-10T14:30:00.123Z");
  CAF_CHECK_EQUAL(to_iso8601(time_point{duration{-1}}), "1969-12-31T23:59:59.999Z");
}

CAF_TEST(instants are read with any offset and any number of digits) {
  CAF_CHECK_EQUAL(again("2024-01-10T14:30:00Z"), "2024-01-10T14:30:00.000Z");
  CAF_CHECK_EQUAL(again("2024-01-10t14:30:00.5z"), "2024-01-10T14:30:00.500Z");
  CAF_CHECK_EQUAL(again("2024-01-10T14:30:00.123999Z"), "2024-01-10T14:30:00.123Z");
  CAF_CHECK_EQUAL(again("2024-01-10T14:30:00+05:30"), "2024-01-10T09:00:00.000Z");
  CAF_CHECK_EQUAL(again("2024-01-01T00:00:00+00:01"), "2023-12-31T23:59:00.000Z");
  CAF_CHECK_EQUAL(again("2024-02-29T23:59:59-23:59"), "2024-03-01T23:58:59.000Z");
}

CAF_TEST(a leap second is the second after it and only at the end of a day) {
  CAF_CHECK_EQUAL(again("2016-12-31T23:59:60Z"), "2017-01-01T00:00:00.000Z");
  CAF_CHECK_EQUAL(again("2016-12-31T15:59:60.5-08:00"), "2017-01-01T00:00:00.500Z");
  CAF_CHECK_EQUAL(again("2016-12-31T22:59:60Z"), "refused");
}

CAF_TEST(what is no instant is refused) {
  for (auto text :
       {"", "2024", "2024-01-10", "2024-01-10 14:30:00Z", "2024-01-10T14:30Z", "2024-01-10T14:30:00",
        "2024-13-10T14:30:00Z", "2023-02-29T14:30:00Z", "2024-01-10T24:00:00Z", "2024-01-10T14:60:00Z",
        "2024-01-10T14:30:61Z", "2024-01-10T14:30:00.Z", "2024-01-10T14:30:00+24:00", "2024-01-10T14:30:00+0100",
        "2024-01-10T14:30:00Z ", " 2024-01-10T14:30:00Z", "+2024-01-10T14:30:00Z"})
    CAF_CHECK_EQUAL(again(text), "refused");
}

CAF_TEST(durations are read to the letter of ISO 8601) {
  CAF_CHECK_EQUAL(duration_again("PT10S"), "PT10S");
  CAF_CHECK_EQUAL(duration_again("P1DT12H"), "P1DT12H");
  CAF_CHECK_EQUAL(duration_again("PT0.5S"), "PT0.5S");
  CAF_CHECK_EQUAL(duration_again("PT0,25S"), "PT0.25S");
  CAF_CHECK_EQUAL(duration_again("P2W"), "P14D");
  CAF_CHECK_EQUAL(duration_again("PT36H"), "P1DT12H");
  CAF_CHECK_EQUAL(duration_again("PT1.5H"), "PT1H30M");
  CAF_CHECK_EQUAL(duration_again("PT0S"), "PT0S");
  CAF_CHECK_EQUAL(duration_again("P36525D"), "P36525D");
  CAF_CHECK_EQUAL(duration_again("PT0.0019S"), "PT0.001S");
}

CAF_TEST(what is no duration or has no fixed length is refused) {
  for (auto text : {"",
                    "P",
                    "PT",
                    "P1",
                    "1S",
                    "PT1",
                    "P1DT",
                    "P1Y",
                    "P1M",
                    "P1Y2M",
                    "P1M1D",
                    "PT1S1H",
                    "PT1H1H",
                    "P1H",
                    "PT1D",
                    "P1W1D",
                    "P1WT1H",
                    "-PT1S",
                    "+PT1S",
                    "PT-1S",
                    "pt1s",
                    "PT1s",
                    "PT.5S",
                    "PT1.S",
                    "PT0.5H1M",
                    "PT1S ",
                    "P36526D",
                    "PT99999999999999999999999S",
                    "P9223372036854775807W",
                    "PT1..5S",
                    "PTT1S",
                    "P1DT1DT1H"})
    CAF_CHECK_EQUAL(duration_again(text), "refused");
}

CAF_TEST(the refusal says what was expected and what was found) {
  CAF_CHECK_EQUAL(parse_duration("P1M").error().detail,
                  "expected an ISO 8601 duration such as PT10S or P1DT12H (years and months have no fixed length), but "
                  "found \"P1M\"");
  CAF_CHECK_EQUAL(parse_iso8601("soon").error().detail,
                  "expected a date and time such as 2024-01-10T14:30:00Z, but found \"soon\"");
}
