#include "runtime/blueprint/built_in_functions.hpp"

namespace troupe::blueprint {

namespace {

constexpr std::array table{
    built_in_function{"add",
                      "add(number, ...)",
                      "The numbers added up as decimals: without the errors of binary fractions.",
                      {{{"add(0.1, 0.2)", "0.3"}, {"0.1 + 0.2 === 0.3", "false"}}},
                      R"js(function add(...numbers) { return sumOf("add", numbers); })js"},
    built_in_function{"average",
                      "average(list)",
                      "The mean of a list of numbers, null if it is empty.",
                      {{{"average([1, 2, 6])", "3"}, {"average([])", "null"}}},
                      R"js(function average(list) {
        listOf("average", list);
        return list.length > 0 ? sumOf("average", list) / list.length : null;
      })js"},
    built_in_function{"clamp",
                      "clamp(number, least, most)",
                      "The number, or the bound that it is beyond.",
                      {{{"clamp(12, 0, 10)", "10"}, {"clamp(-1, 0, 10)", "0"}}},
                      R"js(function clamp(number, least, most) {
        for (const each of [number, least, most])
          if (typeof each !== "number") wrong("clamp", "a number", each);
        return Math.min(Math.max(number, least), most);
      })js"},
    built_in_function{"divide",
                      "divide(number, divisor, places = 2)",
                      "The quotient, rounded to so many places as decimals are (halves away from zero).",
                      {{{"divide(10, 3)", "3.33"}, {"divide(1, 8, 2)", "0.13"}}},
                      R"js(function divide(number, divisor, places = 2) {
        return from("divide", native.divide, number, divisor, wholeOf("divide", places, 0, 20));
      })js"},
    built_in_function{
        "formatMoney",
        "formatMoney(amount, currency, separators = \",.\")",
        "An amount (a number, or a text of one, of any length) with as many places as ISO 4217 gives the currency, "
        "halves rounded away from zero. `separators`: the sign between thousands, if any, and the decimal sign.",
        {{{"formatMoney(1234.5, 'EUR')", "\"1,234.50 EUR\""},
          {"formatMoney(1234567, 'JPY', '.,')", "\"1.234.567 JPY\""},
          {"formatMoney('12345678901234567890.125', 'USD', '.')", "\"12345678901234567890.13 USD\""}}},
        R"js(function formatMoney(amount, currency, separators = ",.") {
        const places = currencyPlaces("formatMoney", currency);
        return `${formatted("formatMoney", amount, places, separators)} ${currency}`;
      })js"},
    built_in_function{
        "formatNumber",
        "formatNumber(number, places = 0, separators = \",.\")",
        "A number (or a text of one) with so many places after the point, halves rounded away from zero. "
        "`separators`: the sign between thousands, if any, and the decimal sign.",
        {{{"formatNumber(1234567.891, 2)", "\"1,234,567.89\""}, {"formatNumber(0.5, 2, ',')", "\"0,50\""}}},
        R"js(function formatNumber(number, places = 0, separators = ",.") {
        return formatted("formatNumber", number, wholeOf("formatNumber", places, 0, 100), separators);
      })js"},
    built_in_function{"fromMinorUnits",
                      "fromMinorUnits(units, currency)",
                      "An amount given in the smallest unit of its currency (ISO 4217), in the currency itself.",
                      {{{"fromMinorUnits(1999, 'EUR')", "19.99"}, {"fromMinorUnits(1999, 'JPY')", "1999"}}},
                      R"js(function fromMinorUnits(units, currency) {
        const places = currencyPlaces("fromMinorUnits", currency);
        wholeOf("fromMinorUnits", units, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
        return from("fromMinorUnits", native.divide, units, 10 ** places, places);
      })js"},
    built_in_function{"max",
                      "max(list)",
                      "The greatest of a list of numbers, or of texts (times in ISO 8601 too); null if it is empty.",
                      {{{"max([3, 10, 2])", "10"}, {"max(['2024-01-10', '2023-12-31'])", "\"2024-01-10\""}}},
                      R"js(function max(...values) { return extreme("max", values, 1); })js"},
    built_in_function{"min",
                      "min(list)",
                      "The least of a list of numbers, or of texts (times in ISO 8601 too); null if it is empty.",
                      {{{"min([3, 10, 2])", "2"}, {"min([])", "null"}}},
                      R"js(function min(...values) { return extreme("min", values, -1); })js"},
    built_in_function{
        "minorUnits",
        "minorUnits(amount, currency)",
        "An amount in the smallest unit of its currency (ISO 4217), as payment services want it. An amount that has "
        "more places than the currency is refused.",
        {{{"minorUnits(19.99, 'EUR')", "1999"}, {"minorUnits('0.29', 'USD')", "29"}, {"minorUnits(5, 'KWD')", "5000"}}},
        R"js(function minorUnits(amount, currency) {
        const places = currencyPlaces("minorUnits", currency);
        if (from("minorUnits", native.places, amount) > places)
          wrong("minorUnits", `an amount of at most ${places} places`, amount);
        const units = native.multiply(from("minorUnits", native.number, amount), 10 ** places);
        return wholeOf("minorUnits", units, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
      })js"},
    built_in_function{"multiply",
                      "multiply(number, ...)",
                      "The product of the numbers as decimals: without the errors of binary fractions.",
                      {{{"multiply(1.1, 1.1)", "1.21"}, {"multiply(19.99, 3)", "59.97"}}},
                      R"js(function multiply(...numbers) {
        let result = 1;
        for (const each of numbers) result = from("multiply", native.multiply, result, each);
        return result;
      })js"},
    built_in_function{"round",
                      "round(number, places = 0)",
                      "The number rounded as it is written in decimals, halves away from zero.",
                      {{{"round(1.005, 2)", "1.01"}, {"round(-2.5)", "-3"}, {"round(1234, -2)", "1200"}}},
                      R"js(function round(number, places = 0) {
        return from("round", native.round, number, wholeOf("round", places, -400, 400));
      })js"},
    built_in_function{"subtract",
                      "subtract(number, other)",
                      "The difference of two numbers as decimals: without the errors of binary fractions.",
                      {{{"subtract(0.3, 0.1)", "0.2"}}},
                      R"js(function subtract(number, other) {
        if (typeof other !== "number") wrong("subtract", "a number", other);
        return sumOf("subtract", [number, -other]);
      })js"},
    built_in_function{"sum",
                      "sum(list)",
                      "The sum of a list of numbers, added up as decimals; 0 if it is empty.",
                      {{{"sum([1, 2, 3.5])", "6.5"}, {"sum([0.1, 0.2])", "0.3"}, {"sum([])", "0"}}},
                      R"js(function sum(list) { return sumOf("sum", listOf("sum", list)); })js"},
    built_in_function{"sumBy",
                      "sumBy(list, key)",
                      "The sum of a field (or of a function) of every element, added up as decimals.",
                      {{{"sumBy([{ price: 0.1 }, { price: 0.2 }], 'price')", "0.3"},
                        {"sumBy([{ price: 2, n: 3 }], i => i.price * i.n)", "6"}}},
                      R"js(function sumBy(list, key) {
        const pick = picker("sumBy", key);
        return sumOf("sumBy", listOf("sumBy", list).map((each) => pick(each)));
      })js"},
    built_in_function{"toNumber",
                      "toNumber(text)",
                      "The number that a text is, as JSON writes numbers; anything else is refused.",
                      {{{"toNumber('12.50')", "12.5"}, {"toNumber(3)", "3"}}},
                      R"js(function toNumber(text) { return from("toNumber", native.number, text); })js"},
};

} // namespace

std::span<const built_in_function> number_functions() {
  return table;
}

} // namespace troupe::blueprint
