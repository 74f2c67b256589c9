#include "runtime/blueprint/built_in_functions.hpp"

namespace troupe::blueprint {

namespace {

constexpr std::array table{
    built_in_function{"chunk",
                      "chunk(list, size)",
                      "The list cut into lists of that size; the last one has what is left.",
                      {{{"chunk([1, 2, 3, 4, 5], 2)", "[[1,2],[3,4],[5]]"}}},
                      R"js(function chunk(list, size) {
        listOf("chunk", list);
        wholeOf("chunk", size, 1, 1000000);
        const result = [];
        for (let index = 0; index < list.length; index += size) result.push(list.slice(index, index + size));
        return result;
      })js"},
    built_in_function{"compact",
                      "compact(list)",
                      "The list without nulls.",
                      {{{"compact([1, null, 0, ''])", "[1,0,\"\"]"}}},
                      R"js(function compact(list) {
        return listOf("compact", list).filter((each) => each !== null && each !== undefined);
      })js"},
    built_in_function{"countBy",
                      "countBy(list, key)",
                      "How many elements there are of each value of a field (or of a function of the element).",
                      {{{"countBy([{ kind: 'a' }, { kind: 'b' }, { kind: 'a' }], 'kind')", "{\"a\":2,\"b\":1}"},
                        {"countBy([1, 2, 3], n => n % 2 == 0 ? 'even' : 'odd')", "{\"even\":1,\"odd\":2}"}}},
                      R"js(function countBy(list, key) {
        const pick = picker("countBy", key);
        const result = {};
        for (const each of listOf("countBy", list)) {
          const group = label(pick(each));
          put(result, group, Object.hasOwn(result, group) ? result[group] + 1 : 1);
        }
        return result;
      })js"},
    built_in_function{"difference",
                      "difference(list, other)",
                      "The elements of the first list that the second one does not have.",
                      {{{"difference([1, 2, 3], [2])", "[1,3]"}}},
                      R"js(function difference(list, other) {
        const present = marks(listOf("difference", other));
        return listOf("difference", list).filter((each) => !(marked(each) in present));
      })js"},
    built_in_function{"first",
                      "first(list)",
                      "The first element of a list, null if it is empty.",
                      {{{"first([1, 2, 3])", "1"}, {"first([])", "null"}}},
                      R"js(function first(list) {
        listOf("first", list);
        return list.length > 0 ? list[0] : null;
      })js"},
    built_in_function{"flatten",
                      "flatten(list)",
                      "The elements of the lists in a list, as one list.",
                      {{{"flatten([[1, 2], [3], 4])", "[1,2,3,4]"}}},
                      R"js(function flatten(list) {
        return listOf("flatten", list).flat();
      })js"},
    built_in_function{"groupBy",
                      "groupBy(list, key)",
                      "The elements by the value of a field (or of a function of the element): an object of lists.",
                      {{{"groupBy([{ sku: 'a', n: 1 }, { sku: 'b', n: 2 }, { sku: 'a', n: 3 }], 'sku')",
                         R"({"a":[{"n":1,"sku":"a"},{"n":3,"sku":"a"}],"b":[{"n":2,"sku":"b"}]})"},
                        {"groupBy([1, 2, 3], n => n > 1 ? 'many' : 'one')", R"({"many":[2,3],"one":[1]})"}}},
                      R"js(function groupBy(list, key) {
        const pick = picker("groupBy", key);
        const result = {};
        for (const each of listOf("groupBy", list)) {
          const group = label(pick(each));
          if (Object.hasOwn(result, group)) result[group].push(each);
          else put(result, group, [each]);
        }
        return result;
      })js"},
    built_in_function{"intersection",
                      "intersection(list, other)",
                      "The elements of the first list that the second one has too.",
                      {{{"intersection([1, 2, 3], [3, 2])", "[2,3]"}}},
                      R"js(function intersection(list, other) {
        const present = marks(listOf("intersection", other));
        return listOf("intersection", list).filter((each) => marked(each) in present);
      })js"},
    built_in_function{"join",
                      "join(list, separator = \", \")",
                      "The elements as one text, with a separator between them.",
                      {{{"join(['a', 'b', 3])", "\"a, b, 3\""}, {"join(['a', 'b'], '-')", "\"a-b\""}}},
                      R"js(function join(list, separator = ", ") {
        return listOf("join", list).map((each) => each === null ? "" : label(each)).join(textOf("join", separator));
      })js"},
    built_in_function{"keyBy",
                      "keyBy(list, key)",
                      "The elements by the value of a field: an object of elements; of several the last.",
                      {{{"keyBy([{ id: 'a', n: 1 }, { id: 'b', n: 2 }], 'id').b.n", "2"}}},
                      R"js(function keyBy(list, key) {
        const pick = picker("keyBy", key);
        const result = {};
        for (const each of listOf("keyBy", list)) put(result, label(pick(each)), each);
        return result;
      })js"},
    built_in_function{"last",
                      "last(list)",
                      "The last element of a list, null if it is empty.",
                      {{{"last([1, 2, 3])", "3"}, {"last([])", "null"}}},
                      R"js(function last(list) {
        listOf("last", list);
        return list.length > 0 ? list[list.length - 1] : null;
      })js"},
    built_in_function{"pluck",
                      "pluck(list, field)",
                      "The value of one field of every element, null where there is none.",
                      {{{"pluck([{ sku: 'a' }, { sku: 'b' }, {}], 'sku')", R"(["a","b",null])"}}},
                      R"js(function pluck(list, field) {
        textOf("pluck", field);
        return listOf("pluck", list).map((each) => fieldOf(each, field));
      })js"},
    built_in_function{"range",
                      "range(start, end)",
                      "The whole numbers from start up to, but not with, end (at most 100,000); range(end) begins "
                      "with 0.",
                      {{{"range(3)", "[0,1,2]"}, {"range(2, 5)", "[2,3,4]"}}},
                      R"js(function range(start, end) {
        const [begin, beyond] = end === undefined ? [0, start] : [start, end];
        wholeOf("range", begin, -1000000000000, 1000000000000);
        wholeOf("range", beyond, begin, begin + 100000);
        const result = [];
        for (let value = begin; value < beyond; value++) result.push(value);
        return result;
      })js"},
    built_in_function{
        "sortBy",
        "sortBy(list, key, descending = false)",
        "The elements by the value of a field (or of a function of the element), nulls last; equals stay in their "
        "order.",
        {{{"sortBy([{ n: 2 }, { n: 1 }], 'n')", R"([{"n":1},{"n":2}])"},
          {"pluck(sortBy([{ n: 1 }, { n: null }, { n: 3 }], 'n', true), 'n')", "[3,1,null]"}}},
        R"js(function sortBy(list, key, descending = false) {
        const pick = picker("sortBy", key);
        const sign = descending ? -1 : 1;
        return listOf("sortBy", list).map((each) => [pick(each) ?? null, each]).sort(([left], [right]) => {
          if (left === null || right === null) return (left === null ? 1 : 0) - (right === null ? 1 : 0);
          return sign * compared("sortBy", left, right);
        }).map(([, each]) => each);
      })js"},
    built_in_function{
        "unique",
        "unique(list, key)",
        "The list without what is in it a second time; with a key, by the value of that field.",
        {{{"unique([1, 2, 1])", "[1,2]"}, {"unique([{ id: 1, n: 1 }, { id: 1, n: 2 }], 'id')", R"([{"id":1,"n":1}])"}}},
        R"js(function unique(list, key) {
        const pick = key === undefined ? (each) => each : picker("unique", key);
        const present = Object.create(null);
        return listOf("unique", list).filter((each) => {
          const mark = marked(pick(each));
          return mark in present ? false : present[mark] = true;
        });
      })js"},
};

} // namespace

std::span<const built_in_function> list_functions() {
  return table;
}

} // namespace troupe::blueprint
