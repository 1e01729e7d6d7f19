"""Doubt is between what leads to different ends, not between names of one end."""

from __future__ import annotations

import pytest

from rasa_nlu.families import confidence, family_of, margin

FAMILIES = [["request_refund", "cancel_order"], ["ask_stock", "ask_price"]]


def test_two_names_of_one_end_are_no_doubt() -> None:
    ranking = [("request_refund", 0.47), ("cancel_order", 0.46), ("greet", 0.05)]
    assert confidence(ranking, FAMILIES) == pytest.approx(0.93)
    assert margin(ranking, FAMILIES) == pytest.approx(0.42)


def test_two_ends_are_doubt_however_many_names_one_has() -> None:
    ranking = [("request_refund", 0.4), ("ask_stock", 0.39), ("cancel_order", 0.2)]
    assert margin(ranking, FAMILIES) == pytest.approx(0.01)


def test_an_intent_without_a_family_stands_alone() -> None:
    assert family_of("greet", FAMILIES) == {"greet"}
    assert confidence([("greet", 0.3), ("thank", 0.3)], FAMILIES) == 0.3


def test_nothing_ranked_is_no_confidence() -> None:
    assert confidence([], FAMILIES) == 0.0
    assert margin([], FAMILIES) == 0.0
