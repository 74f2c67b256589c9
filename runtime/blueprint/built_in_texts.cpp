#include "runtime/blueprint/built_in_functions.hpp"

namespace troupe::blueprint {

namespace {

constexpr std::array table{
    built_in_function{"base64Decode",
                      "base64Decode(text)",
                      "The text that base64 stands for (either alphabet, with or without padding).",
                      {{{"base64Decode('aMOpbGxv')", "\"h\u00e9llo\""}, {"base64Decode('aGk')", "\"hi\""}}},
                      R"js(function base64Decode(text) {
        return from("base64Decode", native.unbase64, text);
      })js"},
    built_in_function{"base64Encode",
                      "base64Encode(text)",
                      "The UTF-8 of a text as base64 (RFC 4648).",
                      {{{"base64Encode('user:pass')", "\"dXNlcjpwYXNz\""}}},
                      R"js(function base64Encode(text) {
        return from("base64Encode", native.base64, text, "base64");
      })js"},
    built_in_function{"base64UrlEncode",
                      "base64UrlEncode(text)",
                      "The UTF-8 of a text as base64 for urls, without padding (RFC 4648, section 5).",
                      {{{"base64UrlEncode('a?>b')", "\"YT8-Yg\""}}},
                      R"js(function base64UrlEncode(text) {
        return from("base64UrlEncode", native.base64, text, "base64url");
      })js"},
    built_in_function{"capitalize",
                      "capitalize(text)",
                      "The text with its first letter in upper case.",
                      {{{"capitalize('order')", "\"Order\""}}},
                      R"js(function capitalize(text) {
        const [head = "", ...tail] = textOf("capitalize", text);
        return head.toUpperCase() + tail.join("");
      })js"},
    built_in_function{"contains",
                      "contains(text or list, part)",
                      "Whether a text has that part, or a list that element.",
                      {{{"contains('checkout', 'out')", "true"}, {"contains([1, 2], 3)", "false"}}},
                      R"js(function contains(whole, part) {
        if (Array.isArray(whole)) return marked(part) in marks(whole);
        return textOf("contains", whole).includes(textOf("contains", part));
      })js"},
    built_in_function{"endsWith",
                      "endsWith(text, end)",
                      "Whether a text ends so.",
                      {{{"endsWith('invoice.pdf', '.pdf')", "true"}}},
                      R"js(function endsWith(text, end) {
        return textOf("endsWith", text).endsWith(textOf("endsWith", end));
      })js"},
    built_in_function{"hmacSha256",
                      "hmacSha256(key, text, encoding = \"hex\")",
                      "The HMAC with SHA-256 of a text; `encoding` is hex, base64 or base64url.",
                      {{{"hmacSha256('key', 'The quick brown fox jumps over the lazy dog')",
                         "\"f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8\""}}},
                      R"js(function hmacSha256(key, text, encoding = "hex") {
        return from("hmacSha256", native.hmac, key, text, encoding);
      })js"},
    built_in_function{"isBlank",
                      "isBlank(text)",
                      "True for null and for a text of nothing but blanks.",
                      {{{"isBlank('  ')", "true"}, {"isBlank('a')", "false"}, {"isBlank(null)", "true"}}},
                      R"js(function isBlank(text) {
        return text === null || text === undefined || textOf("isBlank", text).trim() === "";
      })js"},
    built_in_function{"length",
                      "length(value)",
                      "How many characters a text has, elements a list, fields an object.",
                      {{{"length('h\u00e9llo')", "5"}, {"length([1, 2])", "2"}, {"length({ a: 1 })", "1"}}},
                      R"js(function length(value) {
        if (Array.isArray(value)) return value.length;
        if (typeof value === "string") return [...value].length;
        if (value === null || typeof value !== "object") wrong("length", "a text, a list or an object", value);
        return Object.keys(value).length;
      })js"},
    built_in_function{"lower",
                      "lower(text)",
                      "The text in lower case.",
                      {{{"lower('ABC')", "\"abc\""}}},
                      R"js(function lower(text) { return textOf("lower", text).toLowerCase(); })js"},
    built_in_function{"mask",
                      "mask(text, shown = 4)",
                      "The text with stars for all but its last characters.",
                      {{{"mask('4111111111111111')", "\"************1111\""}, {"mask('secret', 0)", "\"******\""}}},
                      R"js(function mask(text, shown = 4) {
        wholeOf("mask", shown, 0, 1000);
        const characters = [...textOf("mask", text)];
        const hidden = Math.max(0, characters.length - shown);
        return "*".repeat(hidden) + characters.slice(hidden).join("");
      })js"},
    built_in_function{"matches",
                      "matches(text, pattern)",
                      "Whether a regular expression is found in the text; ^ and $ are its begin and end.",
                      {{{"matches('ACCT1234', '^[A-Z0-9]{8,}$')", "true"}, {"matches('acct', '^[A-Z]+$')", "false"}}},
                      R"js(function matches(text, pattern) {
        return new RegExp(textOf("matches", pattern), "u").test(textOf("matches", text));
      })js"},
    built_in_function{"padEnd",
                      "padEnd(value, length, fill = \" \")",
                      "The value as a text of at least that length, filled up at its end.",
                      {{{"padEnd('ab', 4, '.')", "\"ab..\""}}},
                      R"js(function padEnd(value, length, fill = " ") {
        return label(value).padEnd(wholeOf("padEnd", length, 0, 10000), textOf("padEnd", fill));
      })js"},
    built_in_function{"padStart",
                      "padStart(value, length, fill = \" \")",
                      "The value as a text of at least that length, filled up at its begin.",
                      {{{"padStart(42, 6, '0')", "\"000042\""}}},
                      R"js(function padStart(value, length, fill = " ") {
        return label(value).padStart(wholeOf("padStart", length, 0, 10000), textOf("padStart", fill));
      })js"},
    built_in_function{"replace",
                      "replace(text, part, other)",
                      "The text with every occurrence of a part replaced.",
                      {{{"replace('a-b-c', '-', '/')", "\"a/b/c\""}}},
                      R"js(function replace(text, part, other) {
        textOf("replace", other);
        if (textOf("replace", part) === "") wrong("replace", "a part that is not empty", part);
        return textOf("replace", text).replaceAll(part, () => other);
      })js"},
    built_in_function{"sha256",
                      "sha256(text, encoding = \"hex\")",
                      "The SHA-256 of the UTF-8 of a text; `encoding` is hex, base64 or base64url.",
                      {{{"sha256('abc')", "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\""},
                        {"sha256('abc', 'base64')", "\"ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=\""}}},
                      R"js(function sha256(text, encoding = "hex") {
        return from("sha256", native.sha256, text, encoding);
      })js"},
    built_in_function{"split",
                      "split(text, separator)",
                      "The parts of a text between the separators.",
                      {{{"split('a,b,c', ',')", R"(["a","b","c"])"}}},
                      R"js(function split(text, separator) {
        return textOf("split", text).split(textOf("split", separator));
      })js"},
    built_in_function{"startsWith",
                      "startsWith(text, begin)",
                      "Whether a text begins so.",
                      {{{"startsWith('TX-123', 'TX-')", "true"}}},
                      R"js(function startsWith(text, begin) {
        return textOf("startsWith", text).startsWith(textOf("startsWith", begin));
      })js"},
    built_in_function{"toText",
                      "toText(value)",
                      "The value as a text: texts as they are, null as nothing, anything else as JSON.",
                      {{{"toText(12.5)", "\"12.5\""}, {"toText(null)", "\"\""}, {"toText([1])", "\"[1]\""}}},
                      R"js(function toText(value) {
        return value === null || value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
      })js"},
    built_in_function{"trim",
                      "trim(text)",
                      "The text without blanks at its begin and end.",
                      {{{"trim('  a b ')", "\"a b\""}}},
                      R"js(function trim(text) { return textOf("trim", text).trim(); })js"},
    built_in_function{"truncate",
                      "truncate(text, length, mark = \"\u2026\")",
                      "The text cut to at most so many characters, with a mark at the end if something is missing.",
                      {{{"truncate('a long message', 7)", "\"a long\u2026\""}, {"truncate('short', 7)", "\"short\""}}},
                      R"js(function truncate(text, length, mark = "\u2026") {
        wholeOf("truncate", length, 0, 1000000);
        const characters = [...textOf("truncate", text)];
        const end = [...textOf("truncate", mark)];
        if (characters.length <= length) return text;
        return characters.slice(0, Math.max(0, length - end.length)).concat(end).slice(0, length).join("");
      })js"},
    built_in_function{"upper",
                      "upper(text)",
                      "The text in upper case.",
                      {{{"upper('abc')", "\"ABC\""}}},
                      R"js(function upper(text) { return textOf("upper", text).toUpperCase(); })js"},
};

} // namespace

std::span<const built_in_function> text_functions() {
  return table;
}

} // namespace troupe::blueprint
