"""A file over 400 lines or a function over 60 is two things."""

import re

from rule import Files, Rule
from tree import bare, is_product

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60


def check_files(files: Files) -> list[str]:
    found = []
    for name, text in files.items():
        lines = text.count("\n")
        if is_product(name) and lines > FILE_LINES_MAX:
            found.append(f"{name}:{lines}: expected at most {FILE_LINES_MAX} lines, but found {lines}")
    return found


def closing(text: str, position: int) -> int:
    """The position after the bracket that closes the one at `position`."""
    depth = 0
    for index in range(position, len(text)):
        if text[index] in "({[":
            depth += 1
        elif text[index] in ")}]":
            depth -= 1
            if depth == 0:
                return index + 1
    return len(text)


def functions(text: str):
    """Name, first line and last line of every function outside of functions; `text` without comments and strings."""
    text = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", lambda match: re.sub(r"[^\n]", " ", match.group(0)), text, flags=re.M)
    position = head = 0
    while position < len(text):
        letter = text[position]
        if letter == "(":
            position = closing(text, position)
        elif letter in ";}":
            position += 1
            head = position
        elif letter == "{":
            header = text[head:position]
            if re.search(r"\bnamespace\b|\bextern\s+\"", header):
                position += 1
                head = position
            elif re.search(r"\b(class|struct|union|enum)\b", header) and not re.search(r"\)[^()]*$", header):
                position += 1
                head = position
            elif "(" not in header or re.search(r"=\s*$", header) or re.search(r"[)\w]\s*:[^:].*[\w>]$", header, re.S):
                position = closing(text, position)  # an initializer: the head goes on behind it
            else:
                end = closing(text, position)
                first = head + len(header) - len(header.lstrip())
                name = re.search(r"([\w:~]+|operator[^(]*)\s*\(", header)
                yield (name.group(1) if name else "?", text.count("\n", 0, first) + 1, text.count("\n", 0, end) + 1)
                position = head = end
        else:
            position += 1


def check_functions(files: Files) -> list[str]:
    found = []
    for name, text in files.items():
        if is_product(name):
            for function, first, last in functions(bare(text)):
                if last - first + 1 > FUNCTION_LINES_MAX:
                    found.append(f"{name}:{first}: expected at most {FUNCTION_LINES_MAX} lines of {function}, "
                                 f"but found {last - first + 1}")
    return found


BODY = "  work();\n" * 59
LONG = "{\n" + BODY + "}\n"
RULES = [
    Rule("files have at most 400 lines", check_files, planted=[{"runtime/base/a.cpp": "\n" * 401}],
         innocent=[{"runtime/base/a.cpp": "\n" * 400}, {"tests/base/a.cpp": "\n" * 401}]),
    Rule("functions have at most 60 lines", check_functions,
         planted=[{"runtime/base/a.cpp": "namespace troupe {\nvoid a() " + LONG + "}\n"},
                  {"runtime/base/a.cpp": "struct b c(int d = 1) const " + LONG},
                  {"actors/a.cpp": "a::a(int b) : c_{b}, d_(b), e_{{b}} " + LONG},
                  {"actors/a.hpp": "class a {\npublic:\n  void b() " + LONG + "};\n"},
                  {"runtime/base/a.cpp": "#define X(a) \\\n  { a\ntemplate <class A>\nauto a(A b = {}) -> int " + LONG}],
         innocent=[{"runtime/base/a.cpp": "namespace troupe {\n" + "void a() {\n  work();\n}\n" * 40 + "}\n"},
                   {"runtime/base/a.cpp": "constexpr int table[] = {\n" + "  1,\n" * 80 + "};\nvoid a() {}\n"},
                   {"runtime/base/a.cpp": "struct a {\n" + "  int b = f();\n" * 80 + "};\n"}]),
]
