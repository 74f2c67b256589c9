#include "runtime/blueprint/built_in_functions.hpp"

namespace troupe::blueprint {

namespace {

constexpr std::array table{
    built_in_function{"addDays",
                      "addDays(time, days)",
                      "The time so many days later, or earlier if negative. A date stays a date.",
                      {{{"addDays('2024-02-28', 2)", "\"2024-03-01\""},
                        {"addDays('2024-01-10T14:30:00Z', -1)", "\"2024-01-09T14:30:00.000Z\""}}},
                      R"js(function addDays(time, days) {
        wholeOf("addDays", days, -3000000, 3000000);
        return like("addDays", time, millisecondsOf("addDays", time) + days * dayLength);
      })js"},
    built_in_function{"addDuration",
                      "addDuration(time, duration)",
                      "The instant that is an ISO 8601 duration later, in UTC.",
                      {{{"addDuration('2024-01-10T14:30:00Z', 'P1DT12H')", "\"2024-01-12T02:30:00.000Z\""},
                        {"addDuration('2024-01-10', 'PT90S')", "\"2024-01-10T00:01:30.000Z\""}}},
                      R"js(function addDuration(time, duration) {
        const span = from("addDuration", native.span, duration);
        return instantOf("addDuration", millisecondsOf("addDuration", time) + span);
      })js"},
    built_in_function{"addMonths",
                      "addMonths(time, months)",
                      "The same day so many months later (or earlier), or the month's last if it has no such day.",
                      {{{"addMonths('2024-01-31', 1)", "\"2024-02-29\""},
                        {"addMonths('2024-03-15T08:00:00Z', -3)", "\"2023-12-15T08:00:00.000Z\""}}},
                      R"js(function addMonths(time, months) {
        return addedMonths("addMonths", time, wholeOf("addMonths", months, -100000, 100000));
      })js"},
    built_in_function{"addYears",
                      "addYears(time, years)",
                      "The same day so many years later (or earlier), or the month's last if it has no such day.",
                      {{{"addYears('2024-02-29', 1)", "\"2025-02-28\""}}},
                      R"js(function addYears(time, years) {
        return addedMonths("addYears", time, 12 * wholeOf("addYears", years, -9999, 9999));
      })js"},
    built_in_function{"dateOf",
                      "dateOf(time)",
                      "The date of an instant, in UTC.",
                      {{{"dateOf('2024-01-10T23:30:00-02:00')", "\"2024-01-11\""}}},
                      R"js(function dateOf(time) {
        return instantOf("dateOf", millisecondsOf("dateOf", time)).slice(0, 10);
      })js"},
    built_in_function{"dayOfWeek",
                      "dayOfWeek(time)",
                      "1 for Monday to 7 for Sunday, in UTC.",
                      {{{"dayOfWeek('2024-01-10')", "3"}}},
                      R"js(function dayOfWeek(time) {
        return (new Date(millisecondsOf("dayOfWeek", time)).getUTCDay() + 6) % 7 + 1;
      })js"},
    built_in_function{"daysBetween",
                      "daysBetween(begin, end)",
                      "How many whole days lie between two times; negative if the end is first.",
                      {{{"daysBetween('2024-02-28', '2024-03-01')", "2"},
                        {"daysBetween('2024-01-10T12:00:00Z', '2024-01-12T11:00:00Z')", "1"}}},
                      R"js(function daysBetween(begin, end) {
        const span = millisecondsOf("daysBetween", end) - millisecondsOf("daysBetween", begin);
        return Math.trunc(span / dayLength) + 0;
      })js"},
    built_in_function{"durationBetween",
                      "durationBetween(begin, end)",
                      "The time between two instants as an ISO 8601 duration; the end may not be first.",
                      {{{"durationBetween('2024-01-10T12:00:00Z', '2024-01-11T13:30:00Z')", "\"P1DT1H30M\""}}},
                      R"js(function durationBetween(begin, end) {
        const span = millisecondsOf("durationBetween", end) - millisecondsOf("durationBetween", begin);
        if (span < 0) wrong("durationBetween", "an end that is not before its begin", end);
        return native.spanText(span);
      })js"},
    built_in_function{"epochSeconds",
                      "epochSeconds(time)",
                      "Seconds since 1970-01-01T00:00:00Z.",
                      {{{"epochSeconds('2024-01-10T14:30:00Z')", "1704897000"}}},
                      R"js(function epochSeconds(time) {
        return millisecondsOf("epochSeconds", time) / 1000;
      })js"},
    built_in_function{
        "formatDate",
        "formatDate(time, pattern = \"yyyy-MM-dd\")",
        "The time in UTC as the pattern says: yyyy yy MMMM MMM MM M dd d EEEE EEE HH H hh h mm m ss s SSS a; other "
        "letters stand between ' and '.",
        {{{"formatDate('2024-01-05T14:30:00Z', 'dd.MM.yyyy HH:mm')", "\"05.01.2024 14:30\""},
          {"formatDate('2024-01-05T14:30:00Z', \"EEEE, d MMMM yyyy 'at' h:mm a\")",
           "\"Friday, 5 January 2024 at 2:30 PM\""}}},
        R"js(function formatDate(time, pattern = "yyyy-MM-dd") {
        const at = new Date(millisecondsOf("formatDate", time));
        return textOf("formatDate", pattern).replace(datePattern, (part) => {
          if (part in dateParts) return dateParts[part](at);
          if (part.length > 1 && part.startsWith("'")) return part === "''" ? "'" : part.slice(1, -1);
          if (/[A-Za-z']/.test(part)) throw new TypeError(`formatDate: expected a pattern, but found ${part} in it`);
          return part;
        });
      })js"},
    built_in_function{"fromEpochSeconds",
                      "fromEpochSeconds(seconds)",
                      "The instant so many seconds after 1970-01-01T00:00:00Z.",
                      {{{"fromEpochSeconds(1704897000)", "\"2024-01-10T14:30:00.000Z\""}}},
                      R"js(function fromEpochSeconds(seconds) {
        if (typeof seconds !== "number") wrong("fromEpochSeconds", "a number", seconds);
        return instantOf("fromEpochSeconds", Math.round(seconds * 1000));
      })js"},
    built_in_function{"isAfter",
                      "isAfter(time, other)",
                      "Whether the first time is later than the second, whatever their offsets.",
                      {{{"isAfter('2024-01-10T12:00:00+02:00', '2024-01-10T11:00:00Z')", "false"}}},
                      R"js(function isAfter(time, other) {
        return millisecondsOf("isAfter", time) > millisecondsOf("isAfter", other);
      })js"},
    built_in_function{"isBefore",
                      "isBefore(time, other)",
                      "Whether the first time is earlier than the second, whatever their offsets.",
                      {{{"isBefore('2024-01-10', '2024-01-10T00:00:01Z')", "true"}}},
                      R"js(function isBefore(time, other) {
        return millisecondsOf("isBefore", time) < millisecondsOf("isBefore", other);
      })js"},
    built_in_function{
        "now",
        "now()",
        "The time of the event being decided, as text in UTC: the same again when the history is replayed.",
        {{{"now() === new Date(now()).toISOString()", "true"}}},
        ""},
    built_in_function{
        "parseDate",
        "parseDate(text, pattern)",
        "The instant that a text gives in UTC, written as the pattern says: yyyy MM dd HH mm ss SSS and signs "
        "between them.",
        {{{"parseDate('05.01.2024 14:30', 'dd.MM.yyyy HH:mm')", "\"2024-01-05T14:30:00.000Z\""},
          {"dateOf(parseDate('20240105', 'yyyyMMdd'))", "\"2024-01-05\""}}},
        R"js(function parseDate(text, pattern) {
        textOf("parseDate", text);
        const found = { __proto__: null, yyyy: "1970", MM: "01", dd: "01", HH: "00", mm: "00", ss: "00", SSS: "000" };
        let at = 0;
        for (const part of textOf("parseDate", pattern).match(datePattern) ?? []) {
          const taken = text.slice(at, at + part.length);
          const fits = part in found ? /^[0-9]+$/.test(taken) && taken.length === part.length
            : taken === part && !/[A-Za-z']/.test(part);
          if (!fits) throw new TypeError(`parseDate: expected ${part} at ${at}, but found "${taken}"`);
          if (part in found) found[part] = taken;
          at += part.length;
        }
        if (at !== text.length) throw new TypeError(`parseDate: expected the end at ${at}, but found "${text.slice(at, at + 20)}"`);
        const { yyyy, MM, dd, HH, mm, ss, SSS } = found;
        return instantOf("parseDate", millisecondsOf("parseDate", `${yyyy}-${MM}-${dd}T${HH}:${mm}:${ss}.${SSS}Z`));
      })js"},
    built_in_function{"secondsBetween",
                      "secondsBetween(begin, end)",
                      "How many seconds lie between two times; negative if the end is first.",
                      {{{"secondsBetween('2024-01-10T12:00:00Z', '2024-01-10T12:01:30.500Z')", "90.5"}}},
                      R"js(function secondsBetween(begin, end) {
        return (millisecondsOf("secondsBetween", end) - millisecondsOf("secondsBetween", begin)) / 1000;
      })js"},
    built_in_function{"startOf",
                      "startOf(time, unit)",
                      "The begin of the minute, hour, day, week (Monday), month or year that the time lies in, in UTC.",
                      {{{"startOf('2024-01-10T14:30:15Z', 'day')", "\"2024-01-10T00:00:00.000Z\""},
                        {"startOf('2024-01-10', 'week')", "\"2024-01-08\""},
                        {"startOf('2024-02-10', 'year')", "\"2024-01-01\""}}},
                      R"js(function startOf(time, unit) {
        const milliseconds = millisecondsOf("startOf", time);
        const at = new Date(milliseconds);
        const day = Math.floor(milliseconds / dayLength) * dayLength;
        switch (unit) {
          case "minute": return like("startOf", time, Math.floor(milliseconds / 60000) * 60000);
          case "hour": return like("startOf", time, Math.floor(milliseconds / 3600000) * 3600000);
          case "day": return like("startOf", time, day);
          case "week": return like("startOf", time, day - (at.getUTCDay() + 6) % 7 * dayLength);
          case "month": return like("startOf", time, day - (at.getUTCDate() - 1) * dayLength);
          case "year": return like("startOf", time, new Date(day - (at.getUTCDate() - 1) * dayLength).setUTCMonth(0));
        }
        return wrong("startOf", "minute, hour, day, week, month or year", unit);
      })js"},
    built_in_function{"subtractDuration",
                      "subtractDuration(time, duration)",
                      "The instant that is an ISO 8601 duration earlier, in UTC.",
                      {{{"subtractDuration('2024-01-10T14:30:00Z', 'PT45M')", "\"2024-01-10T13:45:00.000Z\""}}},
                      R"js(function subtractDuration(time, duration) {
        const span = from("subtractDuration", native.span, duration);
        return instantOf("subtractDuration", millisecondsOf("subtractDuration", time) - span);
      })js"},
    built_in_function{"toUtc",
                      "toUtc(time)",
                      "An instant with any offset, or a date, as text in UTC with milliseconds.",
                      {{{"toUtc('2024-01-10T16:30:00+02:00')", "\"2024-01-10T14:30:00.000Z\""}}},
                      R"js(function toUtc(time) { return instantOf("toUtc", millisecondsOf("toUtc", time)); })js"},
};

} // namespace

std::span<const built_in_function> time_functions() {
  return table;
}

} // namespace troupe::blueprint
