"""Several matters in one message; understanding is given, Rasa is not needed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

from rasa_channel.clauses import plan

SOURCE = Path(__file__).with_name("clauses_cases.yml")
CASES: list[dict[str, Any]] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))


def understanding(known: dict[str, str], confidence: float) -> Any:
    async def parse(text: str) -> dict[str, Any]:
        # Clauses are understood without the word that joined them on.
        name = next((n for t, n in known.items() if t.endswith(text)), "nlu_fallback")
        return {"intent": {"name": name, "confidence": confidence}}

    return parse


@pytest.mark.parametrize("case", CASES, ids=[str(i) for i in range(len(CASES))])
def test_what_is_handled_now_and_what_waits(case: dict[str, Any]) -> None:
    parse = understanding(case["know"], 0.9)
    found = asyncio.run(plan(case["text"], parse, in_form=case.get("form", False)))
    assert found.now == case["now"]
    assert [item["text"] for item in found.later] == case.get("later", [])


@pytest.mark.parametrize("case", CASES, ids=[str(i) for i in range(len(CASES))])
def test_a_doubtful_clause_is_never_taken_out(case: dict[str, Any]) -> None:
    parse = understanding(case["know"], 0.3)
    found = asyncio.run(plan(case["text"], parse, in_form=case.get("form", False)))
    assert (found.now, found.later) == ([case["text"]], [])
