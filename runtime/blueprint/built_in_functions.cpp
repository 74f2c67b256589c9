#include "runtime/blueprint/built_in_functions.hpp"

#include <algorithm>
#include <vector>

namespace troupe::blueprint {

namespace {

constexpr std::string_view shared_source = R"js(
const named = (value) => value === null ? "null" : value === undefined ? "nothing" : Array.isArray(value) ? "a list"
  : typeof value === "object" ? "an object" : typeof value === "string" ? "a text"
  : typeof value === "number" ? `the number ${value}` : `a ${typeof value}`;
const wrong = (name, expected, found) => {
  throw new TypeError(`${name}: expected ${expected}, but found ${named(found)}`);
};
const listOf = (name, value) => Array.isArray(value) ? value : wrong(name, "a list", value);
const textOf = (name, value) => typeof value === "string" ? value : wrong(name, "a text", value);
const objectOf = (name, value) =>
  value !== null && typeof value === "object" && !Array.isArray(value) ? value : wrong(name, "an object", value);
const wholeOf = (name, value, least, most) => Number.isInteger(value) && value >= least && value <= most ? value
  : wrong(name, `a whole number from ${least} to ${most}`, value);
const from = (name, part, ...values) => {
  try {
    return part(...values);
  } catch (error) {
    throw new TypeError(`${name}: ${error.message}`);
  }
};
const fieldOf = (item, key) => item !== null && typeof item === "object" && Object.hasOwn(item, key) ? item[key] : null;
const picker = (name, key) => typeof key === "function" ? key : typeof key === "string" ? (item) => fieldOf(item, key)
  : wrong(name, "the name of a field, or a function", key);
const put = (object, key, value) => {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
};
const label = (value) => value !== null && typeof value === "object" ? JSON.stringify(value) : `${value}`;
const marked = (value) => value !== null && typeof value === "object" ? JSON.stringify(value) : `${typeof value} ${value}`;
const marks = (list) => {
  const result = Object.create(null);
  for (let index = 0; index < list.length; index++) result[marked(list[index])] = true;
  return result;
};
const compared = (name, left, right) => {
  const kind = typeof left;
  if (kind !== typeof right || kind !== "number" && kind !== "string" && kind !== "boolean")
    wrong(name, kind === "number" || kind === "string" ? `values of one kind, ${named(left)}`
      : "numbers or texts to compare", kind === "number" || kind === "string" ? right : left);
  return left < right ? -1 : left > right ? 1 : 0;
};
const extreme = (name, values, sign) => {
  const list = values.length === 1 && Array.isArray(values[0]) ? values[0] : values;
  let result = null;
  for (let index = 0; index < list.length; index++) {
    const value = list[index];
    if (index === 0 ? (compared(name, value, value), true) : compared(name, value, result) * sign > 0) result = value;
  }
  return result;
};
const sumOf = (name, list) => from(name, native.sum, list);

const currencyPlaces = (name, currency) => {
  if (typeof currency !== "string" || !/^[A-Z]{3}$/.test(currency))
    wrong(name, "a currency of three letters, such as EUR", currency);
  if ("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".includes(currency)) return 0;
  if ("BHD IQD JOD KWD LYD OMR TND".includes(currency)) return 3;
  return currency === "CLF" || currency === "UYW" ? 4 : 2;
};
const formatted = (name, value, places, separators) => {
  textOf(name, separators);
  const characters = [...separators];
  if (characters.length < 1 || characters.length > 2)
    wrong(name, "the sign between thousands and the decimal sign, such as \",.\"", separators);
  return from(name, native.format, value, places, characters.length === 2 ? characters[0] : "",
              characters[characters.length - 1]);
};

const millisecondsOf = (name, value) => from(name, native.milliseconds, textOf(name, value));
const instantOf = (name, milliseconds) => from(name, native.instant, milliseconds);
/// A date stays a date.
const like = (name, given, milliseconds) => {
  const result = instantOf(name, milliseconds);
  return given.length === 10 ? result.slice(0, 10) : result;
};
const dayLength = 86400000;
const months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
                "November", "December"];
const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const datePattern = /yyyy|yy|MMMM|MMM|MM|M|dd|d|EEEE|EEE|HH|H|hh|h|mm|m|ss|s|SSS|a|'[^']*'|[A-Za-z]|[^A-Za-z']+|'/g;
const digits = (value, count) => `${value}`.padStart(count, "0");
const dateParts = {
  __proto__: null,
  yyyy: (at) => digits(at.getUTCFullYear(), 4), yy: (at) => digits(at.getUTCFullYear() % 100, 2),
  MMMM: (at) => months[at.getUTCMonth()], MMM: (at) => months[at.getUTCMonth()].slice(0, 3),
  MM: (at) => digits(at.getUTCMonth() + 1, 2), M: (at) => `${at.getUTCMonth() + 1}`,
  dd: (at) => digits(at.getUTCDate(), 2), d: (at) => `${at.getUTCDate()}`,
  EEEE: (at) => weekdays[at.getUTCDay()], EEE: (at) => weekdays[at.getUTCDay()].slice(0, 3),
  HH: (at) => digits(at.getUTCHours(), 2), H: (at) => `${at.getUTCHours()}`,
  hh: (at) => digits((at.getUTCHours() + 11) % 12 + 1, 2), h: (at) => `${(at.getUTCHours() + 11) % 12 + 1}`,
  mm: (at) => digits(at.getUTCMinutes(), 2), m: (at) => `${at.getUTCMinutes()}`,
  ss: (at) => digits(at.getUTCSeconds(), 2), s: (at) => `${at.getUTCSeconds()}`,
  SSS: (at) => digits(at.getUTCMilliseconds(), 3), a: (at) => at.getUTCHours() < 12 ? "AM" : "PM"
};
const addedMonths = (name, given, count) => {
  const at = new Date(millisecondsOf(name, given));
  const day = at.getUTCDate();
  at.setUTCDate(1);
  at.setUTCMonth(at.getUTCMonth() + count);
  const last = new Date(at.getTime());
  last.setUTCMonth(last.getUTCMonth() + 1);
  last.setUTCDate(0);
  at.setUTCDate(Math.min(day, last.getUTCDate()));
  return like(name, given, at.getTime());
};
)js";

} // namespace

std::span<const built_in_function> built_in_functions() {
  static const std::vector<built_in_function> all = [] {
    std::vector<built_in_function> result;
    for (auto part : {list_functions(), number_functions(), object_functions(), text_functions(), time_functions()})
      result.insert(result.end(), part.begin(), part.end());
    std::sort(result.begin(), result.end(), [](const auto& left, const auto& right) { return left.name < right.name; });
    return result;
  }();
  return all;
}

std::string_view built_in_shared_source() {
  return shared_source;
}

} // namespace troupe::blueprint
