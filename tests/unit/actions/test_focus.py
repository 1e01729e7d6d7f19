"""What is somebody else's is said to be, and nothing else is taken for it."""

from __future__ import annotations

from typing import Any

import pytest

from actions.answers import OrderStatus, TrackParcel
from actions.case import BeginCase
from actions.progress import RefundProgress
from actions.service import ReturnPolicy
from actions.stray import Clarify, StrayAnswer
from tests.unit.actions.conftest import Customer

OWN = "SD0000000100"


@pytest.mark.parametrize("name", ["friends_coat", "colleagues_parcel"])
@pytest.mark.parametrize(
    "action", [TrackParcel, OrderStatus, RefundProgress, Clarify, StrayAnswer]
)
def test_a_friends_thing_is_not_ones_own(
    anna: Customer, words: Any, say: Any, action: Any, name: str
) -> None:
    turn = anna.turn(words[name], things=(words["coat"],))
    answer = anna.hear(action(), turn)
    assert answer.text == say["of_another"]
    assert not answer.slots.get("focus")


def test_the_familys_is_looked_for_among_ones_own(
    anna: Customer, words: Any, say: Any
) -> None:
    told = anna.hear(TrackParcel(), anna.turn(words["husbands_parcel"])).text
    assert told == say["of_another"]
    for name in ("for_mother", "husbands_boots"):
        assert OWN in anna.hear(TrackParcel(), anna.turn(words[name])).text


def test_a_wish_for_a_friend_begins_nothing(
    anna: Customer, words: Any, say: Any
) -> None:
    answer = anna.hear(BeginCase(), anna.turn(words["friends_wish"], "request_refund"))
    assert answer.text == say["of_another"]
    assert answer.slots["outcome"] == "answered" and not answer.slots.get("line")


def test_the_coat_asked_for_is_not_the_dress(
    anna: Customer, words: Any, say: Any
) -> None:
    turn = anna.turn(words["coat_asked"], things=(words["coat_asked"][:2],))
    told = anna.hear(TrackParcel(), turn).text
    assert told == say["thing_unknown"].format(thing=words["coat_asked"][:2])


def test_a_term_is_of_the_thing_the_talk_is_about(anna: Customer, words: Any) -> None:
    shoes = anna.line(words["shoes"])
    anna.slots = {"focus": shoes.line_id}
    told = anna.hear(ReturnPolicy(), anna.turn(words["three_days"])).text
    assert shoes.title in told


def test_a_bare_size_goes_on_about_the_thing(anna: Customer, words: Any) -> None:
    anna.slots = {"focus": anna.line(words["shoes"]).line_id}
    for action in (Clarify(), StrayAnswer()):
        told = anna.hear(action, anna.turn(words["and_43"], "nlu_fallback")).text
        assert "43" in told and words["shoes_39"] in told
