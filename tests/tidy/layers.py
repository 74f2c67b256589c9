"""Who may include whom, and which library is included where."""

import re

from rule import Files, Rule
from tree import bare, is_code, is_product

LOWER = {"base", "blueprint", "engine"}
MIDDLE = LOWER | {"store", "http", "diagram", "bpmn"}
ALL_OF_RUNTIME = MIDDLE | {"transport"}
SEES = {
    "base": set(),
    "blueprint": {"base"},
    "engine": {"base", "blueprint"},
    "store": LOWER,
    "http": LOWER,
    "diagram": LOWER,
    "bpmn": LOWER,
    "transport": MIDDLE,
    "actors": ALL_OF_RUNTIME,
    "node": ALL_OF_RUNTIME | {"actors"},
    "cli": ALL_OF_RUNTIME,
    "main": ALL_OF_RUNTIME | {"actors", "node", "cli"},
}

# The files that may include a library (regular expressions on the whole path).
HOMES = {
    r"quickjs/": r"runtime/blueprint/(script\w*\.[ch]pp|pattern\.cpp)",
    r"idn2\.h": r"runtime/blueprint/\w+\.cpp",
    r"sqlite3\.h": r"runtime/store/sqlite\w*\.[ch]pp",
    r"pqxx/": r"runtime/store/postgres\w*\.[ch]pp",
    r"boost/": r"runtime/http/\w+\.[ch]pp",
    r"spdlog/": r"runtime/base/log\w*\.[ch]pp",
    r"openssl/": r"runtime/base/crypto\.cpp",
    r"CLI/": r"runtime/cli/\w+\.[ch]pp",
    r"prometheus/": r"actors/metrics(_reader)?\.[ch]pp",
    r"caf/": r"actors/\w+\.[ch]pp",
    r"regex": r"(?!)",
    r"iostream": r"(runtime/cli/\w+\.cpp|actors/main\.cpp)",
}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def layer_of(name: str) -> str | None:
    if match := re.fullmatch(r"runtime/(\w+)/[^/]+", name):
        return match.group(1)
    if name == "actors/main.cpp":
        return "main"
    if re.fullmatch(r"actors/node\w*\.[ch]pp", name):
        return "node"
    return "actors" if name.startswith("actors/") else None


def includes(files: Files, only=is_product):
    for name, text in files.items():
        if only(name):
            plain = bare(text)
            for match in INCLUDE.finditer(plain):
                yield name, plain.count("\n", 0, match.start()) + 1, match.group(1), match.group(2)


def check_layers(files: Files) -> list[str]:
    found = []
    for name, line, _, target in includes(files):
        if target.startswith("tests/"):
            found.append(f"{name}:{line}: nothing sees tests/, but this includes {target}")
        if not target.startswith(("runtime/", "actors/")):
            continue
        own, other = layer_of(name), layer_of(target)
        if own not in SEES:
            found.append(f"{name}:{line}: expected a folder that layers.py knows, but found {own}")
        elif other != own and other not in SEES[own]:
            found.append(f"{name}:{line}: {own} may not see {other}, but this includes {target}")
    return found


def check_from_the_root(files: Files) -> list[str]:
    found = []
    for name, line, quote, target in includes(files, is_code):
        if quote == '"' and not target.startswith("caf/") and target not in files:
            found.append(f'{name}:{line}: expected a path from the root of the project, but found "{target}"')
        if quote == "<" and target.startswith(("runtime/", "actors/", "tests/")):
            found.append(f'{name}:{line}: expected "{target}" in quotes, but found it in angle brackets')
    return found


def check_homes(files: Files) -> list[str]:
    found = []
    for name, line, _, target in includes(files):
        for library, home in HOMES.items():
            if re.match(library, target) and (library[-1] == "/" or re.fullmatch(library, target)):
                if not re.fullmatch(home, name):
                    found.append(f"{name}:{line}: {target} has another home: {home}")
    return found


RULES = [
    Rule("each layer includes only from itself and from the left", check_layers,
         planted=[{"runtime/base/a.hpp": '#include "runtime/engine/order.hpp"\n'},
                  {"runtime/store/a.cpp": '#include "runtime/http/server.hpp"\n'},
                  {"runtime/cli/a.cpp": '#include "actors/interfaces.hpp"\n'},
                  {"actors/order.cpp": '#include "actors/node.hpp"\n'},
                  {"actors/node.cpp": '#include "runtime/cli/commands.hpp"\n'},
                  {"runtime/engine/a.cpp": '  #  include "tests/support/skip.hpp"\n'},
                  {"runtime/elsewhere/a.cpp": '#include "runtime/base/json.hpp"\n'}],
         innocent=[{"runtime/engine/a.cpp": '#include "runtime/base/json.hpp"\n// #include "actors/order.hpp"\n'},
                   {"actors/main.cpp": '#include "actors/node.hpp"\n#include "runtime/cli/commands.hpp"\n'}]),
    Rule("includes are written from the root", check_from_the_root,
         planted=[{"runtime/base/a.cpp": '#include "a.hpp"\n', "runtime/base/a.hpp": ""},
                  {"tests/base/a.cpp": "#include <runtime/base/a.hpp>\n", "runtime/base/a.hpp": ""}],
         innocent=[{"runtime/base/a.cpp": '#include "runtime/base/a.hpp"\n', "runtime/base/a.hpp": ""}]),
    Rule("a library is included only in its home", check_homes,
         planted=[{"runtime/engine/a.cpp": "#include <boost/asio.hpp>\n"},
                  {"runtime/store/store.hpp": "#include <sqlite3.h>\n"},
                  {"actors/order.cpp": "#include <prometheus/counter.h>\n"},
                  {"runtime/transport/a.cpp": '#include "caf/all.hpp"\n'},
                  {"runtime/base/a.cpp": "#include <regex>\n"}],
         innocent=[{"runtime/store/sqlite_writer.cpp": "#include <sqlite3.h>\n"},
                   {"runtime/blueprint/script.cpp": "#include <quickjs/quickjs.h>\n"}]),
]
