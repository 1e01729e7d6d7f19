"""Our own examples: one meaning each, and none of the held-out ones among them."""

from __future__ import annotations

import re

import pytest
import yaml

from aftercare.settings import ROOT

MARK = re.compile(r"\[([^\]]+)\]\([a-z_]+\)")


def examples(pattern: str) -> list[tuple[str, str]]:
    found = []
    for path in sorted(ROOT.glob(pattern)):
        for item in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
            for line in item["examples"].splitlines() if "intent" in item else ():
                found.append((MARK.sub(r"\1", line.removeprefix("- ")), item["intent"]))
    return found


@pytest.fixture(scope="module")
def trained() -> dict[str, str]:
    return dict(examples("data/nlu/*.yml"))


def test_no_text_has_two_intents() -> None:
    seen: dict[str, str] = {}
    for text, intent in examples("data/nlu/*.yml"):
        assert seen.setdefault(text, intent) == intent, text


def test_held_out_means_held_out(trained: dict[str, str]) -> None:
    held = examples("tests/nlu/heldout.yml")
    assert len(held) >= 300
    assert [text for text, _ in held if text in trained] == []


def test_every_intent_is_trained_and_held_out(trained: dict[str, str]) -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
    assert set(trained.values()) == set(domain["intents"])
    assert {i for _, i in examples("tests/nlu/heldout.yml")} == set(domain["intents"])
