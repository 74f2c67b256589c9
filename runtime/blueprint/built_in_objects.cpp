#include "runtime/blueprint/built_in_functions.hpp"

namespace troupe::blueprint {

namespace {

constexpr std::array table{
    built_in_function{"coalesce",
                      "coalesce(value, ...)",
                      "The first of the values that is not null.",
                      {{{"coalesce(null, 0, 1)", "0"}, {"coalesce(null)", "null"}}},
                      R"js(function coalesce(...values) {
        for (const each of values)
          if (each !== null && each !== undefined) return each;
        return null;
      })js"},
    built_in_function{"entries",
                      "entries(object)",
                      "The fields of an object as a list of their names and values.",
                      {{{"entries({ a: 1, b: 2 })", R"([{"name":"a","value":1},{"name":"b","value":2}])"}}},
                      R"js(function entries(object) {
        return Object.entries(objectOf("entries", object)).map(([name, value]) => ({ name, value }));
      })js"},
    built_in_function{"get",
                      "get(value, path, otherwise = null)",
                      "What is found at a path of names and indexes, or something else where nothing is there.",
                      {{{"get({ a: [{ b: 1 }] }, 'a[0].b')", "1"}, {"get({}, 'a.b', 'none')", "\"none\""}}},
                      R"js(function get(value, path, otherwise = null) {
        let found = value;
        for (const part of textOf("get", path).split(/[.[\]]+/).filter((each) => each !== "")) {
          found = fieldOf(found, part);
          if (found === null || found === undefined) return otherwise;
        }
        return found;
      })js"},
    built_in_function{"isEmpty",
                      "isEmpty(value)",
                      "True for null, an empty text, an empty list and an object without fields.",
                      {{{"isEmpty([])", "true"}, {"isEmpty({ a: 1 })", "false"}, {"isEmpty(0)", "false"}}},
                      R"js(function isEmpty(value) {
        if (value === null || value === undefined || value === "") return true;
        return typeof value === "object" && Object.keys(value).length === 0;
      })js"},
    built_in_function{"keys",
                      "keys(object)",
                      "The names of an object's fields.",
                      {{{"keys({ a: 1, b: 2 })", R"(["a","b"])"}}},
                      R"js(function keys(object) { return Object.keys(objectOf("keys", object)); })js"},
    built_in_function{"merge",
                      "merge(object, ...)",
                      "The fields of all the objects in one; of several of one name the last.",
                      {{{"merge({ a: 1, b: 1 }, { b: 2 })", R"({"a":1,"b":2})"}}},
                      R"js(function merge(...objects) {
        const result = {};
        for (const each of objects) {
          if (each === null || each === undefined) continue;
          for (const [name, value] of Object.entries(objectOf("merge", each))) put(result, name, value);
        }
        return result;
      })js"},
    built_in_function{"omit",
                      "omit(object, names)",
                      "The object without those fields.",
                      {{{"omit({ a: 1, b: 2 }, ['b'])", R"({"a":1})"}}},
                      R"js(function omit(object, names) {
        const unwanted = marks(listOf("omit", names));
        const result = {};
        for (const [name, value] of Object.entries(objectOf("omit", object)))
          if (!(marked(name) in unwanted)) put(result, name, value);
        return result;
      })js"},
    built_in_function{"pick",
                      "pick(object, names)",
                      "The object with those of its fields alone.",
                      {{{"pick({ a: 1, b: 2 }, ['b', 'c'])", R"({"b":2})"}}},
                      R"js(function pick(object, names) {
        objectOf("pick", object);
        const result = {};
        for (const name of listOf("pick", names))
          if (Object.hasOwn(object, textOf("pick", name))) put(result, name, object[name]);
        return result;
      })js"},
    built_in_function{
        "queryString",
        "queryString(object)",
        "The fields as the query of a url, encoded; a list is repeated, null is left out.",
        {{{"queryString({ name: 'A & B', tag: ['x', 'y'], none: null })", "\"name=A%20%26%20B&tag=x&tag=y\""}}},
        R"js(function queryString(object) {
        const parts = [];
        for (const [name, value] of Object.entries(objectOf("queryString", object)))
          for (const each of Array.isArray(value) ? value : [value])
            if (each !== null && each !== undefined)
              parts.push(`${encodeURIComponent(name)}=${encodeURIComponent(label(each))}`);
        return parts.join("&");
      })js"},
    built_in_function{"toJson",
                      "toJson(value)",
                      "The value as JSON in a text.",
                      {{{"toJson({ a: [1, 'x'] })", R"("{\"a\":[1,\"x\"]}")"}}},
                      R"js(function toJson(value) { return JSON.stringify(value ?? null); })js"},
    built_in_function{
        "uuid",
        "uuid(name)",
        "A UUID derived from the order and a name: the same again for the same order and name.",
        {{{"uuid('refund') === uuid('refund')", "true"}, {"uuid('refund') === uuid('payment')", "false"}}},
        ""},
    built_in_function{"values",
                      "values(object)",
                      "The values of an object's fields.",
                      {{{"values({ a: 1, b: 2 })", "[1,2]"}}},
                      R"js(function values(object) { return Object.values(objectOf("values", object)); })js"},
};

} // namespace

std::span<const built_in_function> object_functions() {
  return table;
}

} // namespace troupe::blueprint
