"""An exchange offered before a refund, through the real system, against its control."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from aftercare.domain.cases import CaseKind
from aftercare.services.returns import exchange
from aftercare.store.cases import CaseRow
from aftercare.store.unit_of_work import read
from tests.integration.stack import Stack, Talk

WORDS: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "conversations" / "offer.yml").read_text("utf-8")
)


def kinds(stack: Stack, line_id: str) -> list[str]:
    with read(stack.engine) as session:
        rows = select(CaseRow.kind).where(CaseRow.line_id == line_id)
        return list(session.scalars(rows))


def test_the_offer_is_made_to_one_group_and_counted(stack: Stack) -> None:
    offered, held = WORDS["offered"], WORDS["held"]
    assert exchange.arm_of(offered["line"]) == exchange.OFFERED
    assert exchange.arm_of(held["line"]) == exchange.HELD
    before = exchange.measured(stack.engine)

    talk = Talk(stack, WORDS["customer"])
    for text in held["say"]:
        talk.say(text)
    shown = [button["title"] for button in talk.buttons]
    assert WORDS["confirm"] in shown
    assert not any(held["no_button"] in title for title in shown)
    assert held["done"] in "".join(talk.press(WORDS["confirm"]))
    talk.close()

    talk = Talk(stack, WORDS["customer"])
    for text in offered["say"]:
        talk.say(text)
    shown = [button["title"] for button in talk.buttons]
    # The refund stays as near as it was: its button is the first.
    assert shown.index(WORDS["confirm"]) < shown.index(offered["button"])
    assert offered["done"] in "".join(talk.press(offered["button"]))
    assert held["done"] in "".join(talk.press(WORDS["confirm"]))
    talk.close()

    assert kinds(stack, offered["line"]) == [CaseKind.EXCHANGE]
    assert kinds(stack, held["line"]) == [CaseKind.RETURN_REFUND]
    after = exchange.measured(stack.engine)
    made = {key: after[key] - before[key] for key in ("waiting", "shown", "accepted")}
    assert made == {"waiting": 2, "shown": 1, "accepted": 1}
