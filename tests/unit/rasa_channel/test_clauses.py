"""Several matters in one message; understanding is given, Rasa is not needed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

from rasa_channel.clauses import plan
from rasa_channel.wording import says_yes

SOURCE = Path(__file__).with_name("clauses_cases.yml")
CASES: list[dict[str, Any]] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
WORDS: dict[str, list[str]] = yaml.safe_load(
    SOURCE.with_name("yes.yml").read_text(encoding="utf-8")
)


def understanding(case: dict[str, Any], confidence: float) -> Any:
    async def parse(text: str) -> dict[str, Any]:
        # Clauses are understood without the word that joined them on.
        known = case["know"].items()
        name = next((n for t, n in known if t.endswith(text)), "nlu_fallback")
        things = [
            {"entity": "product", "value": thing}
            for thing in case.get("things", [])
            if thing in text
        ]
        intent = {"name": name, "confidence": confidence}
        return {"intent": intent, "entities": things}

    return parse


@pytest.mark.parametrize("case", CASES, ids=[str(i) for i in range(len(CASES))])
def test_what_is_handled_now_and_what_waits(case: dict[str, Any]) -> None:
    parse = understanding(case, 0.9)
    found = asyncio.run(plan(case["text"], parse, in_form=case.get("form", False)))
    assert found.now == case["now"]
    assert [item["text"] for item in found.later] == case.get("later", [])
    assert found.apart is case.get("apart", False)


@pytest.mark.parametrize("case", CASES, ids=[str(i) for i in range(len(CASES))])
def test_a_doubtful_clause_is_never_taken_out(case: dict[str, Any]) -> None:
    parse = understanding(case | {"things": []}, 0.3)
    found = asyncio.run(plan(case["text"], parse, in_form=case.get("form", False)))
    assert (found.now, found.later) == ([case["text"]], [])


@pytest.mark.parametrize("text", WORDS["no_person"])
def test_who_wants_no_person_gets_the_rest_answered(text: str) -> None:
    asked = WORDS["asked"][0]
    parse = understanding({"know": {asked: "track_logistics"}}, 0.9)
    for whole in (f"{text} {asked}", f"{asked} {text}"):
        assert asyncio.run(plan(whole, parse, in_form=False)).now == [asked]


@pytest.mark.parametrize("text", WORDS["agrees"])
def test_a_bare_yes_is_one(text: str) -> None:
    assert says_yes(text)


@pytest.mark.parametrize("text", WORDS["more_than_yes"])
def test_a_yes_with_more_in_it_is_read_as_a_message(text: str) -> None:
    assert not says_yes(text)
