"""Of all processes one holds a lease, until it gives it back or its time is over."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import Engine

from aftercare.store import leases

OVER, LONG = -1.0, 600.0
RIVALS = 8


def test_a_lease_is_one_holders_until_it_is_over(empty: Engine) -> None:
    assert leases.take(empty, "talk", "a", LONG)
    assert not leases.take(empty, "talk", "b", LONG)
    assert leases.take(empty, "talk", "a", LONG)  # one's own, again
    assert leases.take(empty, "other", "b", LONG)
    assert leases.take(empty, "talk", "a", OVER)
    assert leases.take(empty, "talk", "b", LONG)
    assert not leases.take(empty, "talk", "a", LONG)


def test_only_who_holds_it_gives_it_back(empty: Engine) -> None:
    for name in ("one", "two"):
        assert leases.take(empty, name, "a", LONG)
    leases.release(empty, "b")
    leases.release(empty, "b", "one")
    assert not leases.take(empty, "one", "b", LONG)
    leases.release(empty, "a", "one")
    assert leases.take(empty, "one", "b", LONG)
    assert not leases.take(empty, "two", "b", LONG)
    leases.release(empty, "a")
    assert leases.take(empty, "two", "b", LONG)


def test_what_is_over_is_not_prolonged(empty: Engine) -> None:
    """Another may have it by now: who was away for too long begins anew."""
    assert leases.take(empty, "held", "a", LONG)
    assert leases.take(empty, "over", "a", OVER)
    assert leases.take(empty, "theirs", "b", LONG)
    assert leases.renew(empty, "a", LONG) == 1
    assert leases.take(empty, "over", "b", LONG)
    assert leases.renew(empty, "a", OVER) == 1
    assert leases.take(empty, "held", "b", LONG)


def test_of_rivals_at_one_moment_one_holds_it(empty: Engine) -> None:
    ready = Barrier(RIVALS)

    def rival(number: int) -> bool:
        ready.wait()
        return leases.take(empty, "talk", f"rival {number}", LONG)

    with ThreadPoolExecutor(RIVALS) as pool:
        assert sum(pool.map(rival, range(RIVALS))) == 1


def test_long_ended_ones_are_dropped(empty: Engine) -> None:
    assert leases.take(empty, "old", "a", -100.0)
    assert leases.take(empty, "held", "a", LONG)
    assert leases.drop_old(empty, 50.0) == 1
    assert not leases.take(empty, "held", "b", LONG)
