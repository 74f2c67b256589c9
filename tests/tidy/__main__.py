"""Checks the rules of the tree that a compiler does not: `python3 tests/tidy`.

Each rule is two tests: that it holds, and that it finds what is planted for it. Ends with one line of totals."""

import sys
from pathlib import Path

import layers
import places
import settings
import sizes
import tree
import words


def self_test(rule) -> list[str]:
    found = [f"{rule.name}: found nothing in the planted {files}" for files in rule.planted if not rule.check(files)]
    if not rule.planted:
        found.append(f"{rule.name}: nothing is planted")
    for files in rule.innocent:
        found += [f"{rule.name}: an innocent file is blamed: {violation}" for violation in rule.check(files)]
    return found


def main() -> int:
    files = tree.read(Path(__file__).resolve().parents[2])
    passed = failed = 0
    for module in (layers, sizes, words, places, settings):
        for rule in module.RULES:
            for title, violations in ((rule.name, rule.check(files)), (f"{rule.name} (planted)", self_test(rule))):
                passed, failed = (passed, failed + 1) if violations else (passed + 1, failed)
                if violations:
                    print(f"!! {title}")
                    for violation in violations:
                        print(f"   {violation}")
    print(f"tidy: {passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


sys.exit(main())
