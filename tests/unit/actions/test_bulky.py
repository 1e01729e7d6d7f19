"""Nobody is asked to send a fridge by parcel, and a new case answers "how long?"."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.case import SubmitCase
from actions.preview import AskConfirmed
from actions.progress import CaseProgress
from actions.service import WaitTime, WayBack
from actions.texts import texts
from tests.unit.actions.conftest import Answer, Customer

WORDS: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("words.yml").read_text("utf-8")
)["bulky"]
SHOP = texts()["shop"]


def repair(who: Customer, thing: str) -> tuple[Answer, Answer]:
    """Order a repair; return what was asked to be confirmed and what was done."""
    line = who.line(thing).line_id
    who.slots |= {"case_kind": "repair", "line": line, "detail": WORDS["fault"]}
    asked = who.hear(AskConfirmed(), who.turn(""))
    who.slots |= {"confirmed": asked.slots["nonce"], "outcome": None}
    return asked, who.hear(SubmitCase(), who.turn("", "affirm"))


def test_a_fridge_is_repaired_where_it_stands(ben: Customer) -> None:
    asked, done = repair(ben, WORDS["fridge"])
    assert texts()["labels"]["freight_bulky"]["seller"] in asked.text
    assert SHOP["return_address"] not in done.text
    assert SHOP["visit_within"] in done.text
    assert texts()["labels"]["after_goods"]["repair_bulky"] in done.text


def test_a_phone_is_sent_in(ben: Customer) -> None:
    asked, done = repair(ben, WORDS["phone"])
    assert texts()["labels"]["freight"]["seller"] in asked.text
    assert SHOP["return_address"] in done.text
    assert SHOP["visit_within"] not in done.text


def test_its_progress_waits_for_the_visit(ben: Customer) -> None:
    repair(ben, WORDS["fridge"])
    told = ben.hear(CaseProgress(), ben.turn(WORDS["how_far"])).text
    states = texts()["labels"]["case_state"]
    assert states["awaiting_goods_bulky"] in told
    assert states["awaiting_goods"] not in told
    assert SHOP["return_address"] not in told


@pytest.mark.parametrize("asked", WORDS["way_back"])
def test_the_way_back_is_a_visit(ben: Customer, asked: str) -> None:
    repair(ben, WORDS["fridge"])
    told = ben.hear(WayBack(), ben.turn(asked)).text
    assert SHOP["visit_within"] in told and SHOP["return_address"] not in told


def test_how_long_after_a_case_means_the_case(ben: Customer) -> None:
    _, done = repair(ben, WORDS["fridge"])
    assert done.slots["topic"] == SubmitCase.action_name
    told = ben.hear(WaitTime(), ben.turn(WORDS["how_long"], "ask_wait_time")).text
    assert texts()["labels"]["case_state"]["awaiting_goods_bulky"] in told


def test_how_long_for_a_person_means_the_person(ben: Customer) -> None:
    repair(ben, WORDS["fridge"])
    told = ben.hear(WaitTime(), ben.turn(WORDS["how_long_person"])).text
    assert told.startswith(texts()["say"]["wait_head"])
