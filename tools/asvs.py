"""Check the ASVS mapping: every item has one entry, every named test exists.

The number of items is the standard's (5.0.0): 70 of level 1, 183 of level 2.
`python tools/asvs.py` prints the counts and fails where less is mapped.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "docs" / "security" / "asvs.yml"
ITEMS = {"level1": 70, "level2": 183}
KINDS = ("test", "doc", "none", "reason")
LEAST_LEVEL_2 = 0.95


def main() -> int:
    """Check everything, print what was found, return the exit code."""
    source = yaml.safe_load(SOURCE.read_text("utf-8"))
    problems: list[str] = []
    for level, number in ITEMS.items():
        items = source[level]
        for name, entry in items.items():
            problems += [f"{name}: {text}" for text in wrong(entry, source["files"])]
        found = Counter(next(iter(entry)) for entry in items.values())
        applies = number - found["none"]
        met = found["test"] + found["doc"]
        mapped = met + found["reason"]
        sys.stdout.write(
            f"{level}: {len(items)} of {number} items; {applies} apply, "
            f"{found['test']} by a test, {found['doc']} by a document, "
            f"{found['reason']} by a dated reason\n"
        )
        if level == "level1" and len(items) != number:
            problems.append(f"{level}: {number - len(items)} items have no entry")
        if mapped < LEAST_LEVEL_2 * applies:
            problems.append(f"{level}: only {mapped} of {applies} are mapped")
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


def wrong(entry: dict[str, Any], files: dict[str, str]) -> list[str]:
    """Return what is wrong with an entry."""
    kind = next(iter(entry))
    if kind not in KINDS or len(entry) != 1 or not entry[kind]:
        return ["has not exactly one of test, doc, none, reason"]
    if kind == "doc" and not (ROOT / entry["doc"]).exists():
        return [f"no document {entry['doc']}"]
    if kind == "test":
        place, _, name = str(entry["test"]).partition("::")
        path = files.get(place, place)
        if name not in tests_of(path):
            return [f"no test {path}::{name}"]
    return []


@cache
def tests_of(path: str) -> frozenset[str]:
    """Return the names of the test functions of a file."""
    file = ROOT / path
    if not file.exists():
        return frozenset()
    tree = ast.parse(file.read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(item.name for item in ast.walk(tree) if isinstance(item, kinds))


if __name__ == "__main__":
    raise SystemExit(main())
