#include "runtime/blueprint/built_in_functions.hpp"

#include <array>

namespace troupe::blueprint {

std::span<const built_in_function> built_in_functions() {
  static constexpr std::array table{
      built_in_function{"first", "The first element of a list, null if it is empty.",
                        "first([1, 2, 3]) === 1 && first([]) === null",
                        R"js(function first(list) {
        if (!Array.isArray(list)) throw new TypeError("first: expected a list");
        return list.length > 0 ? list[0] : null;
      })js"},
      built_in_function{"last", "The last element of a list, null if it is empty.",
                        "last([1, 2, 3]) === 3 && last([]) === null",
                        R"js(function last(list) {
        if (!Array.isArray(list)) throw new TypeError("last: expected a list");
        return list.length > 0 ? list[list.length - 1] : null;
      })js"},
      built_in_function{
          "now", "The time of the event being decided, as text in UTC: the same again when the history is replayed.",
          "now() === new Date(now()).toISOString()", ""},
      built_in_function{"sum", "The sum of a list of numbers, 0 if it is empty.",
                        "sum([1, 2, 3.5]) === 6.5 && sum([]) === 0",
                        R"js(function sum(list) {
        if (!Array.isArray(list)) throw new TypeError("sum: expected a list of numbers");
        let total = 0;
        for (let index = 0; index < list.length; index++) {
          const value = list[index];
          if (typeof value !== "number") throw new TypeError(`sum: expected a number at ${index}, but found ${value === null ? "null" : typeof value}`);
          total += value;
        }
        return total;
      })js"},
      built_in_function{"uuid", "A UUID derived from the order and a name: the same again for the same order and name.",
                        "uuid('refund') === uuid('refund') && uuid('refund') !== uuid('payment')", ""},
  };
  return table;
}

} // namespace troupe::blueprint
