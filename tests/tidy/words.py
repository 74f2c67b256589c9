"""What is not written: calls that cannot be bounded or tested, notes to oneself, paths of one machine."""

import re

from rule import Files, Rule
from tree import bare, is_code, is_product, lines_with

# (what is banned, where it is banned, where it is allowed nevertheless, why)
EVERYWHERE = r"(runtime|actors)/.*"
NOWHERE = r"(?!)"
CALLS = [
    (r"std::w?c?s?regex\b", EVERYWHERE, NOWHERE, "it overflows the stack on long input: pattern.hpp"),
    (r"(?<![\w.>:])s?rand\s*\(", EVERYWHERE, NOWHERE, "crypto.hpp has random bytes"),
    (r"std::random_device\b", EVERYWHERE, NOWHERE, "crypto.hpp has random bytes"),
    (r"(?<![\w.>])(std::)?(system|popen)\s*\(", EVERYWHERE, NOWHERE, "nothing starts a shell"),
    (r"\b(gmtime|localtime|asctime|ctime|mktime)\s*\(", EVERYWHERE, NOWHERE, "not safe in threads: time.hpp"),
    (r"\b(strcpy|strcat|sprintf|vsprintf|gets|strtok)\s*\(", EVERYWHERE, NOWHERE, "without a bound"),
    (r"\b(std::sto(i|l|ll|ul|ull|f|d|ld)|atoi|atol|atof)\s*\(", EVERYWHERE, NOWHERE, "throws or hides errors: std::from_chars"),
    (r"\bgetenv\s*\(", EVERYWHERE, r"runtime/(base|cli)/.*|actors/main\.cpp", "settings come in one place"),
    (r"(\.|->)\s*await\s*\(", r"actors/.*", NOWHERE, "makes an actor deaf, even to kill: .then"),
    (r"\baout\s*\(", EVERYWHERE, NOWHERE, "log.hpp"),
    (r"\b(sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\(", r"(actors|runtime/(engine|blueprint|base|store|http))/.*",
     NOWHERE, "blocks a thread that others wait for: run_delayed"),
    (r"\b(steady|system|high_resolution)_clock::now\s*\(", r"(actors|runtime/(engine|blueprint))/.*", NOWHERE,
     "cannot be tested: the actor's clock, or the time passed in"),
    (r"std::(cout|cerr|clog)\b|(?<![\w.>])(std::)?f?printf\s*\(|\bfmt::print\s*\(", EVERYWHERE,
     r"runtime/cli/.*|actors/main\.cpp|runtime/base/(log\w*|error)\.cpp", "log.hpp"),
    (r"\bthrow\b", r"(actors|runtime/(engine|transport|diagram|bpmn))/.*", NOWHERE, "errors are values"),
    (r"\.\s*detach\s*\(\s*\)", EVERYWHERE, r"runtime/http/name_lookup\.cpp", "a thread that nobody joins; the system's resolver cannot be ended"),
    (r"\busing\s+namespace\s+std\s*;", EVERYWHERE, NOWHERE, "names of their own"),
    (r"\bCAF_TEST_DISABLED\b", r"tests/.*", NOWHERE, "a disabled test is deleted"),
    (r"\breplies_to\b|\breacts_to\b", r"actors/.*", NOWHERE, "gone in CAF 1.0: caf::result<T>(...)"),
]

NAMES = r"(?i)(helper|util|manager|impl|misc)"
# Files that must name what they ban or quote.
ABOUT_WORDS = re.compile(r"tests/tidy/.*|LICENSE")


def check_calls(files: Files) -> list[str]:
    found = []
    for name, text in files.items():
        if not is_code(name):
            continue
        plain = bare(text)
        for pattern, where, allowed, why in CALLS:
            if re.fullmatch(where, name) and not re.fullmatch(allowed, name):
                for line in lines_with(pattern, plain):
                    found.append(f"{name}:{line}: {pattern} is not used here ({why})")
    return found


def check_notes(files: Files) -> list[str]:
    found = []
    for name, text in files.items():
        if not ABOUT_WORDS.fullmatch(name):
            for line in lines_with(r"\b(TODO|FIXME|XXX|HACK)\b", text):
                found.append(f"{name}:{line}: no notes to oneself: do it, or say in the README what is not there")
    return found


def check_machine(files: Files) -> list[str]:
    patterns = [(r"(?<![\w.$}])/(work|root|home)/\w", "the path of one machine"),
                (r"\b(deb\.debian\.org|security\.debian\.org|pypi\.org|registry\.npmjs\.org|repo1?\.maven\.org)\b",
                 "the host of a registry: the machine's own settings say where")]
    found = []
    for name, text in files.items():
        if not ABOUT_WORDS.fullmatch(name):
            for pattern, what in patterns:
                for line in lines_with(pattern, text):
                    found.append(f"{name}:{line}: {what}")
    return found


def check_names(files: Files) -> list[str]:
    found = []
    for name, text in files.items():
        if is_code(name):
            if re.search(NAMES, name.rsplit("/", 1)[-1]):
                found.append(f"{name}:1: a name that says what it is, not that it {re.search(NAMES, name).group(0)}s")
        if is_product(name):
            for line in lines_with(r"\b(class|struct)\s+\w*" + NAMES[4:] + r"\w*\b", bare(text)):
                found.append(f"{name}:{line}: a type's name says what it is ({NAMES[4:]} do not)")
    return found


def check_commented_out(files: Files) -> list[str]:
    found = []
    for name, text in files.items():
        if is_product(name):
            for line in lines_with(r"(?m)^[ \t]*//(?!/)[^\n]*[)\w=]\s*[;{][ \t]*$", bare(text, keep_comments=True)):
                found.append(f"{name}:{line}: no commented-out code")
    return found


def check_pragma(files: Files) -> list[str]:
    return [f"{name}:1: expected #pragma once on the first line" for name, text in files.items()
            if name.endswith(".hpp") and not text.startswith("#pragma once\n")]


RULES = [
    Rule("calls that cannot be bounded or tested are not used", check_calls,
         planted=[{"runtime/base/a.cpp": "std::regex a;\n"}, {"runtime/store/a.cpp": "int a = rand();\n"},
                  {"runtime/http/a.cpp": 'std::system("x");\n'}, {"runtime/base/a.cpp": "gmtime(&a);\n"},
                  {"actors/a.cpp": "request(a).await(b);\n"}, {"actors/a.cpp": "aout(self) << 1;\n"},
                  {"actors/a.cpp": "std::this_thread::sleep_for(a);\n"},
                  {"actors/a.cpp": "auto a = std::chrono::steady_clock::now();\n"},
                  {"runtime/engine/a.cpp": "auto a = std::chrono::system_clock::now();\n"},
                  {"runtime/http/a.cpp": "std::cout << 1;\n"}, {"runtime/http/a.cpp": 'printf("x");\n'},
                  {"runtime/engine/a.cpp": "throw a{};\n"}, {"runtime/base/a.cpp": "auto a = std::stoi(b);\n"},
                  {"runtime/http/a.cpp": "std::thread{b}.detach();\n"}, {"tests/a/b.cpp": "CAF_TEST_DISABLED(a) {}\n"}],
         innocent=[{"runtime/base/a.cpp": "// std::regex\nauto a = \"throw rand()\"; int operand(); operand(1);\n"},
                   {"runtime/cli/a.cpp": "std::cout << 1;\n"}, {"runtime/base/a.cpp": "to_system(a); snprintf(a, 1, b);\n"},
                   {"actors/a.cpp": "auto a = self->clock().now();\n"}]),
    Rule("no notes to oneself", check_notes, planted=[{"runtime/base/a.cpp": "// TODO\n"}, {"README.md": "FIXME: x\n"}]),
    Rule("nothing of one machine", check_machine,
         planted=[{"deploy/a": "cd /work/x\n"}, {"a.md": "from deb.debian.org\n"}, {"a.json": '"/home/me/x"\n'}],
         innocent=[{"deploy/a": "$HOME/work/x ./work/x build/home/x\n"}]),
    Rule("names say what a thing is", check_names,
         planted=[{"runtime/base/json_util.cpp": ""}, {"runtime/base/a.hpp": "class order_manager {};\n"}],
         innocent=[{"actors/a.cpp": "spawn<a::stateful_impl<b>>();\n"}]),
    Rule("no commented-out code", check_commented_out,
         planted=[{"runtime/base/a.cpp": "  // work(a);\n"}, {"runtime/base/a.cpp": "// if (a) {\n"}],
         innocent=[{"runtime/base/a.cpp": "// it works; and so on\n/// a contract;\n"}]),
    Rule("headers are read once", check_pragma, planted=[{"runtime/base/a.hpp": "#include <a>\n#pragma once\n"}]),
]
