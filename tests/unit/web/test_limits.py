"""The moving window: what it counts, what it refuses, what it forgets."""

from __future__ import annotations

from aftercare.web.limits import Limit, Window


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
