"""No pattern that reads a customer's text hangs on 1,000 characters made for it.

Python's `re` backtracks: a pattern such as (a+)+b takes exponential time (CWE-1333).
Every pattern of the words files and every compiled one of the packages is tried with
repetitions of its own characters, the worst that one who has read the source can send.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

import actions
import aftercare
import analytics
from aftercare.settings import ROOT

LONGEST = 1_000
# A turn has 8 s; a pattern that is linear needs a thousandth of that.
HANGS_S = 1.0
WORDS = ("actions/messages/words.yml", "rasa_channel/clauses.yml")
SIGNS = re.compile(r"[|+*{\[]")
READ = re.compile("[\u4e00-\u9fffA-Za-z0-9 ]")
ALWAYS = ("a", "1", " ", ".", "@", "[", "\u3002", "ab", "1a", "a ")


def strings(found: Any) -> Iterator[str]:
    """Yield every string of a tree of lists and maps."""
    if isinstance(found, dict):
        for value in found.values():
            yield from strings(value)
    elif isinstance(found, list):
        for value in found:
            yield from strings(value)
    elif isinstance(found, str):
        yield found


def of_the_words() -> Iterator[str]:
    """Yield the patterns of the words files."""
    for name in WORDS:
        tree = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
        for text in strings(tree):
            if text.startswith("re:") or SIGNS.search(text):
                yield text.removeprefix("re:")


def of_the_packages() -> Iterator[str]:
    """Yield the patterns that the packages compile when they are imported."""
    for package in (actions, aftercare, analytics):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if found.name.endswith("__main__") or "migrations" in found.name:
                continue
            for value in vars(importlib.import_module(found.name)).values():
                several = value if isinstance(value, list | tuple) else [value]
                yield from (x.pattern for x in several if _is_of_text(x))


def _is_of_text(value: Any) -> bool:
    return isinstance(value, re.Pattern) and isinstance(value.pattern, str)


def slowest(pattern: str, length: int = LONGEST) -> float:
    """Return the longest that a pattern takes over a hostile text, in seconds of the
    processor: how busy the machine is otherwise is not asked."""
    read = re.compile(pattern)
    signs = sorted(set(READ.findall(pattern)))
    longest = 0.0
    for piece in (*ALWAYS, *signs, "".join(signs[:4])):
        text = (piece * length)[: length - 1] + "!"
        begun = time.process_time()
        for _ in read.finditer(text):
            pass
        longest = max(longest, time.process_time() - begun)
        if longest > HANGS_S:
            break
    return longest


def test_a_pattern_that_backtracks_is_seen() -> None:
    # Twenty signs are enough: each one more doubles the time.
    assert slowest("(a+)+b", 20) > 10 * slowest("a+b", 20)


@pytest.mark.parametrize("source", [of_the_words, of_the_packages])
def test_no_pattern_hangs(source: Any) -> None:
    patterns = sorted(set(source()))
    assert len(patterns) > 30
    hanging = {p for p in patterns if slowest(p) > HANGS_S}
    assert not hanging
