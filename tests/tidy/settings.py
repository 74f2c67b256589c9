"""config/troupe.json shows every option at its default."""

import json
import re

from rule import Files, Rule

TABLE = "runtime/base/settings_options.cpp"
FILE = "config/troupe.json"
ROW = re.compile(r'\{"([a-z_.]+)",\s*\w+_option\{[^}]*\},\s*(?:R"\((.*?)\)"|"((?:[^"\\]|\\.)*)")', re.S)


def flat(value, name=""):
    if isinstance(value, dict) and value:
        return {key: leaf for field, inner in value.items() for key, leaf in flat(inner, f"{name}.{field}").items()}
    return {name[1:]: value}


def check(files: Files) -> list[str]:
    if TABLE not in files:
        return []
    options = {name: json.loads(raw or plain) for name, raw, plain in ROW.findall(files[TABLE])}
    if not options:
        return [f"{TABLE}:1: expected a table of options that settings.py can read, but found none"]
    if FILE not in files:
        return [f"{FILE}:1: expected every option of {TABLE} at its default, but found no file"]
    try:
        shown = flat(json.loads(re.sub(r"(?m)^[ \t]*//.*$", "", files[FILE])))
    except ValueError as problem:
        return [f"{FILE}:1: {problem}"]
    found = [f"{FILE}:1: expected {name} = {json.dumps(value)}, but found {json.dumps(shown[name])}"
             for name, value in options.items() if name in shown and shown[name] != value]
    found += [f"{FILE}:1: expected {name}, but found none" for name in options if name not in shown]
    # config.* and secrets.* are for users to fill
    found += [f"{FILE}:1: {name} is no option" for name in shown
              if name not in options and not re.match(r"(config|secrets)\b", name)]
    return found


ROWS = '{"a.b", text_option{X(a, b)}, R"("c")",\n "d"},\n{"a.e", number_option{X(a, e)}, "1", "f"},\n'
RULES = [
    Rule("the configuration shows every option at its default", check,
         planted=[{TABLE: ROWS}, {TABLE: ROWS, FILE: '{"a": {"b": "c"}}'}, {TABLE: "", FILE: "{}"},
                  {TABLE: ROWS, FILE: '{"a": {"b": "c", "e": 2}}'},
                  {TABLE: ROWS, FILE: '{"a": {"b": "c", "e": 1, "g": 1}}'}],
         innocent=[{TABLE: ROWS, FILE: '{\n  // h\n  "a": {"b": "c", "e": 1}, "secrets": {}, "config": {"x": 1}}'}]),
]
