"""What stands beside the code: READMEs, scripts that parse, JSON that parses."""

import json
import re
import subprocess

from rule import Files, Rule
from tree import is_code


def check_readmes(files: Files) -> list[str]:
    folders = {name.rsplit("/", 1)[0] for name in files
               if is_code(name) and name.startswith(("runtime/", "actors/"))} | {"deploy", "tests"}
    return [f"{folder}/README.md:1: expected a page that says what the folder is for, but found none"
            for folder in sorted(folders)
            if f"{folder}/README.md" not in files and any(name.startswith(f"{folder}/") for name in files)]


def check_scripts(files: Files) -> list[str]:
    found = []
    for name, text in files.items():
        if text.startswith(("#!/usr/bin/env bash", "#!/bin/bash")):
            outcome = subprocess.run(["bash", "-n"], input=text.encode(), stderr=subprocess.PIPE)
            if outcome.returncode != 0:
                found.append(f"{name}:1: {outcome.stderr.decode().strip()}")
        elif name.endswith(".py"):
            try:
                compile(text, name, "exec")
            except (SyntaxError, ValueError) as problem:
                found.append(f"{name}:1: {problem}")
        elif text.startswith("#!"):
            found.append(f"{name}:1: expected bash or Python, but found {text.splitlines()[0]}")
    return found


def check_json(files: Files) -> list[str]:
    found = []
    for name, text in files.items():
        if name.endswith(".json") and not name.startswith("tests/"):
            try:
                json.loads(re.sub(r"(?m)^[ \t]*//.*$", "", text) if name.startswith("config/") else text)
            except ValueError as problem:
                found.append(f"{name}:1: {problem}")
    return found


def check_patches(files: Files) -> list[str]:
    return [f"{name}:1: expected the reason before the first ---, but found none" for name, text in files.items()
            if name.endswith(".patch") and not re.match(r"(?!---|diff )\w.{40,}?^(---|diff )", text, re.S | re.M)]


RULES = [
    Rule("each folder with code has its page", check_readmes, planted=[{"runtime/base/a.cpp": ""}],
         innocent=[{"runtime/base/a.cpp": "", "runtime/base/README.md": ""}]),
    Rule("scripts parse", check_scripts,
         planted=[{"deploy/a": "#!/usr/bin/env bash\nif\n"}, {"deploy/a": "#!/bin/sh\n"}, {"tests/a.py": "if\n"}],
         innocent=[{"tests/a.py": "#!/usr/bin/env python3\npass\n"}]),
    Rule("JSON files parse", check_json, planted=[{"blueprints/a.json": "{,}"}],
         innocent=[{"tests/a.json": "{,}"}, {"config/troupe.json": "{\n  // a comment\n}"}]),
    Rule("patches say why", check_patches, planted=[{"deploy/patches/a.patch": "--- a/x\n+++ b/x\n"}]),
]
