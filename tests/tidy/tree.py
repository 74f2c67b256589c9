"""The text of the project's files, and C++ with its comments and strings taken out."""

import re
import subprocess
from pathlib import Path


def read(root: Path) -> dict[str, str]:
    """Every text file that git would commit, by its path from the root."""
    listing = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True, stdout=subprocess.PIPE).stdout
    files = {}
    for name in sorted(filter(None, listing.decode().split("\0"))):
        path = root / name
        if path.is_symlink() or not path.is_file():
            continue
        try:
            files[name] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return files


def is_code(name: str) -> bool:
    return name.endswith((".cpp", ".hpp"))


def is_product(name: str) -> bool:
    return is_code(name) and name.startswith(("runtime/", "actors/"))


TOKENS = re.compile(
    r'(?P<raw>R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")'
    r'|(?P<string>"(?:\\.|[^"\\\n])*")'
    r"|(?P<number>\b[0-9][0-9a-fA-FxX.]*(?:'[0-9a-fA-F]+)+)"
    r"|(?P<character>'(?:\\.|[^'\\\n])+')"
    r"|(?P<comment>//[^\n]*|/\*.*?\*/)", re.S)


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def bare(text: str, keep_comments: bool = False) -> str:
    """The code with comments, and what is inside of strings, blanked; every line stays where it is. Includes are kept."""
    def replace(match: re.Match) -> str:
        found = match.group(0)
        if match.lastgroup == "number" or (keep_comments and match.lastgroup == "comment"):
            return found
        if match.lastgroup == "comment":
            return _blank(found)
        line_begin = match.string.rfind("\n", 0, match.start()) + 1
        if re.match(r"[ \t]*#[ \t]*include\b", match.string[line_begin:match.start()]):
            return found
        return '"' + _blank(found[1:-1]) + '"'
    return TOKENS.sub(replace, text)


def lines_with(pattern: str, text: str) -> list[int]:
    return [text.count("\n", 0, match.start()) + 1 for match in re.finditer(pattern, text)]
