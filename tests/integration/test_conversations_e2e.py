"""Whole conversations through the real system."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.stack import Stack, Talk

FOLDER = Path(__file__).parent / "conversations"
TALKS: list[dict[str, Any]] = [
    talk
    for name in ("customers", "several", "heard")
    for talk in yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("talk", TALKS, ids=[str(i) for i in range(len(TALKS))])
def test_conversation(stack: Stack, talk: dict[str, Any]) -> None:
    customer = Talk(stack, talk["customer"])
    for turn in talk["turns"]:
        said = customer.press(turn["press"]) if "press" in turn else None
        answer = "\n".join(customer.say(turn["say"]) if said is None else said)
        for words in turn.get("expect", []):
            assert str(words) in answer, (talk["name"], turn)
        for words in turn.get("never", []):
            assert words not in answer, (talk["name"], turn)
        shown = [button["title"] for button in customer.buttons]
        for words in turn.get("shows", []):
            assert any(words in title for title in shown), (talk["name"], turn, shown)
        for words in turn.get("hides", []):
            assert not any(words in x for x in shown), (talk["name"], turn, shown)
    customer.close()
