"""Which of the customer's things a message points at."""

from __future__ import annotations

from typing import Any

from actions.pointing import find_line, find_lines, find_ordinal, find_variant, is_yes
from actions.several import named_apart
from aftercare.services.orders import every_variant, recent_lines
from tests.unit.actions.conftest import Customer


def test_a_number_of_ones_own_decides_alone(anna: Customer, words: Any) -> None:
    lines = recent_lines(anna.engine, anna.viewer)
    number = words["own_boots_number"]
    found = find_line(words["shoes"], (number,), lines, [])
    assert found is not None and found.order_no == number
    assert find_lines(words["shoes"], (words["foreign_number"],), lines, []) == []


def test_a_word_of_two_things_means_both(ben: Customer, words: Any) -> None:
    lines = recent_lines(ben.engine, ben.viewer)
    assert len(find_lines(words["phones"], (), lines, [])) == 2


def test_an_ordinal_needs_something_shown(words: Any) -> None:
    assert find_ordinal(words["second"], 0) is None
    assert find_ordinal(words["second"], 3) == 1
    assert find_ordinal(words["that_one"], 1) == 0
    assert find_ordinal(words["that_one"], 2) is None
    assert is_yes(words["that_one"])


def test_a_variant_needs_all_its_words_or_the_most(anna: Customer, words: Any) -> None:
    every = every_variant(anna.engine, anna.line(words["shoes"]))
    found = find_variant(words["shoes_39"], every)
    assert found is not None and found.variant == words["shoes_39"]


def test_things_listed_are_told_apart_in_their_order(
    anna: Customer, ben: Customer, words: Any
) -> None:
    lines = recent_lines(anna.engine, anna.viewer)
    both = [anna.line(words["pot"]), anna.line(words["boots"])]
    assert named_apart(words["both_away"], lines) == both
    assert named_apart(words["one_away"], lines) == []
    # Two phones: the word names neither, and one thing alone is no list.
    mine = recent_lines(ben.engine, ben.viewer)
    assert named_apart(words["phones_away"], mine) == []
