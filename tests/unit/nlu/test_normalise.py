"""Normalising: one spelling, and annotations that still fit."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rasa_nlu.normalise import normalise

CASES = yaml.safe_load(Path(__file__).with_name("normalise.yml").read_text("utf-8"))


@pytest.mark.parametrize(("raw", "wanted"), [tuple(case) for case in CASES["pairs"]])
def test_many_spellings_become_one(raw: str, wanted: str) -> None:
    assert normalise(raw).text == wanted


@pytest.mark.parametrize("text", CASES["unchanged"])
def test_plain_text_stays(text: str) -> None:
    assert normalise(text).text == text


def test_a_span_moves_with_its_text() -> None:
    case = CASES["span"]
    done = normalise(case["text"])
    start = case["text"].index(case["marked"])
    span = done.span(start, start + len(case["marked"]))
    assert span is not None
    assert done.text[slice(*span)] == case["becomes"]


def test_a_span_of_nothing_left_is_none() -> None:
    assert normalise("\U0001f600abc").span(0, 1) is None


@given(st.text(max_size=40))
def test_twice_is_once_and_places_are_real(text: str) -> None:
    done = normalise(text)
    assert len(done.origin) == len(done.text)
    assert all(0 <= place < len(text) for place in done.origin)
    assert list(done.origin) == sorted(done.origin)
    assert normalise(done.text).text == done.text
