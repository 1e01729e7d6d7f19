"""A thing whose money was given back, and a parcel that came, are not asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import update

from actions.answers import OrderStatus, TrackParcel
from actions.asks import AskLine, speaker_text
from actions.texts import texts
from aftercare.store.models import OrderLineRow
from aftercare.store.unit_of_work import write
from tests.unit.actions.conftest import Customer

WORDS: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("words.yml").read_text("utf-8")
)["called_off"]


@pytest.fixture
def cooker(anna: Customer) -> str:
    """Anna's rice cooker, refunded before it was sent."""
    line = anna.line(WORDS["cooker"])
    with write(anna.engine) as session:
        session.execute(
            update(OrderLineRow)
            .where(OrderLineRow.id == line.line_id)
            .values(refunded_fen=OrderLineRow.paid_fen)
        )
    return line.line_id


def test_it_is_no_choice_of_a_form(anna: Customer, cooker: str) -> None:
    anna.slots["case_kind"] = "exchange"
    answer = anna.hear(AskLine(), anna.turn(""))
    assert answer.slots["offered"]
    assert cooker not in answer.slots["offered"]
    assert not any(cooker in payload for payload in answer.payloads)


def test_before_the_refund_it_is_a_choice(anna: Customer) -> None:
    anna.slots["case_kind"] = "exchange"
    answer = anna.hear(AskLine(), anna.turn(""))
    assert anna.line(WORDS["cooker"]).line_id in answer.slots["offered"]


def test_its_order_says_refunded(anna: Customer, cooker: str) -> None:
    answer = anna.hear(OrderStatus(), anna.turn(WORDS["cooker"]))
    assert texts()["labels"]["fulfilment"]["refunded"] in answer.text
    assert texts()["labels"]["fulfilment"]["unshipped"] not in answer.text


def test_its_parcel_will_not_come(anna: Customer, cooker: str) -> None:
    answer = anna.hear(TrackParcel(), anna.turn(WORDS["where_cooker"]))
    title = anna.line(WORDS["cooker"]).title
    assert answer.text == speaker_text("track_called_off").format(title=title)


def test_where_is_it_means_what_moves_not_what_came(anna: Customer) -> None:
    anna.slots["focus"] = anna.line(WORDS["dress"]).line_id
    answer = anna.hear(TrackParcel(), anna.turn(WORDS["where"]))
    assert WORDS["boots"] in answer.text
    assert WORDS["dress"] not in answer.text


def test_the_thing_pointed_at_is_meant(anna: Customer) -> None:
    anna.slots["focus"] = anna.line(WORDS["dress"]).line_id
    answer = anna.hear(TrackParcel(), anna.turn(WORDS["where_this"]))
    assert WORDS["dress"] in answer.text
