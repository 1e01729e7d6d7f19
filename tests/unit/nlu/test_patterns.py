"""Entities by pattern: the product's own patterns, read from its data."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from aftercare.settings import ROOT
from rasa_nlu.patterns import compile_all, find

CASES = yaml.safe_load(Path(__file__).with_name("patterns.yml").read_text("utf-8"))


def lines(text: str) -> list[str]:
    return [line.removeprefix("- ") for line in text.splitlines()]


@pytest.fixture(scope="module")
def patterns() -> list[tuple[str, re.Pattern[str]]]:
    regexes, lookups = [], []
    files = [ROOT / "data" / "nlu" / "entities.yml"]
    files += sorted((ROOT / "data" / "lookups").glob("*.yml"))
    for path in files:
        for item in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
            if "regex" in item:
                regexes += [(item["regex"], p) for p in lines(item["examples"])]
            if "lookup" in item:
                lookups.append((item["lookup"], lines(item["examples"])))
    return compile_all(regexes, lookups)


@pytest.mark.parametrize("case", CASES["texts"], ids=lambda case: str(case["text"]))
def test_what_is_found(
    case: dict[str, object], patterns: list[tuple[str, re.Pattern[str]]]
) -> None:
    text = str(case["text"])
    found = [f"{name}={text[a:b]}" for name, a, b in find(text, patterns)]
    assert found == case["found"]


def test_the_longest_reading_wins() -> None:
    made = compile_all([("number", "[0-9]+")], [("thing", ["12a", "2"])])
    assert find("x12a", made) == [("thing", 1, 4)]


def test_of_equals_the_first_pattern_wins() -> None:
    made = compile_all([("first", "ab"), ("second", "ab")], [])
    assert find("ab", made) == [("first", 0, 2)]
