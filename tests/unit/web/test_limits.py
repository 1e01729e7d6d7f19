"""The moving window: what it counts, what it refuses, what it forgets."""

from __future__ import annotations

import pytest

from aftercare.settings import Settings
from aftercare.web.limits import SESSIONS_PER_ADDRESS, Limit, Limits, Window
from aftercare.web.origins import network_of


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_so_many_and_no_more_until_the_oldest_is_past() -> None:
    clock = Clock()
    window = Window(Limit(2, 10), clock)
    assert [window.hit("a") for _ in range(3)] == [True, True, False]
    assert window.hit("b")
    clock.now = 9.9
    assert not window.hit("a")
    clock.now = 10.0
    assert [window.hit("a") for _ in range(3)] == [True, True, False]


def test_what_is_refused_does_not_count() -> None:
    clock = Clock()
    window = Window(Limit(1, 10), clock)
    assert window.hit("a")
    clock.now = 5.0
    assert not window.hit("a")
    clock.now = 10.0
    assert window.hit("a")


def test_who_went_quiet_is_forgotten_and_who_speaks_is_not() -> None:
    clock = Clock()
    window = Window(Limit(5, 10), clock)
    for number in range(100):
        window.hit(str(number))
    clock.now = 9.0
    window.hit("0")
    clock.now = 11.0
    for _ in range(100):
        clock.now += 0.01
        window.hit("busy")
    assert len(window) == 2
    assert [window.hit("0") for _ in range(5)] == [True] * 4 + [False]


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:0DB8:0001:0002::1", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_an_address_counts_as_the_network_that_somebody_is_given(
    address: str, counted: str
) -> None:
    assert network_of(address) == counted


def test_another_address_of_the_same_network_is_no_fresh_limit() -> None:
    limits = Limits(Settings(talk_messages_per_10s=1000, address_messages_per_10s=3))
    opened = [
        limits.may_open(f"2001:db8::{number:x}")
        for number in range(SESSIONS_PER_ADDRESS.times + 1)
    ]
    assert opened == [True] * SESSIONS_PER_ADDRESS.times + [False]
    assert limits.may_open("2001:db8:0:1::1")
    said = [limits.may_speak(f"t{n}", f"2001:db8::{n}") for n in range(4)]
    assert said == [True] * 3 + [False]
    for number in range(1, 301):
        assert limits.may_connect(f"2001:db8::{number:x}")
    assert not limits.may_connect("2001:db8::ffff")
