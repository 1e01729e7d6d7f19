"""Many guests who guess at one order are one guesser: its number counts them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, select

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services import proof_tries, rights
from aftercare.services.access import Proof, Viewer, prove_order
from aftercare.services.proof_tries import DAY_TRIES, HOUR_TRIES
from aftercare.store.cases import GuestProofRow, OrderTryRow
from aftercare.store.models import OrderRow
from aftercare.store.unit_of_work import read, write

ORDER, TAIL, OTHER = "8800000000010001", "0011", "8800000000010002"
NONE = "8800000009999999"
HOUR = timedelta(hours=1)


def attempt(shop: Engine, talk: str, proof: Proof, now: datetime) -> Reason | None:
    """Try once, each time as another guest; return why it was refused."""
    try:
        prove_order(shop, Viewer(talk, None), proof, "k" * 32, now)
    except AftercareError as error:
        return error.reason
    return None


def spend(
    shop: Engine, order_no: str, now: datetime, tries: int
) -> list[Reason | None]:
    return [
        attempt(shop, f"{now:%d%H}-{order_no}-{n}", Proof(order_no, "9876"), now)
        for n in range(tries)
    ]


def test_a_number_is_locked_for_every_guest_whether_it_exists_or_not(
    shop: Engine, now: datetime
) -> None:
    real = spend(shop, ORDER, now, HOUR_TRIES + 2)
    assert real == spend(shop, NONE, now, HOUR_TRIES + 2)
    assert real[:HOUR_TRIES] == [Reason.NOT_FOUND] * HOUR_TRIES
    assert real[HOUR_TRIES:] == [Reason.TOO_MANY_TRIES] * 2
    # Locked means locked: the right digits open nothing, and see nothing later.
    right = Proof(ORDER, TAIL)
    assert attempt(shop, "fresh", right, now) is Reason.TOO_MANY_TRIES
    assert attempt(shop, "fresh", Proof(OTHER, "0000"), now) is Reason.NOT_FOUND
    assert attempt(shop, "next hour", right, now + HOUR) is None


def test_a_guesser_who_waits_each_hour_is_stopped_for_a_day(
    shop: Engine, now: datetime
) -> None:
    for hour in range(DAY_TRIES // HOUR_TRIES):
        spend(shop, ORDER, now + hour * HOUR, HOUR_TRIES)
    right = Proof(ORDER, TAIL)
    assert attempt(shop, "owner", right, now + 20 * HOUR) is Reason.TOO_MANY_TRIES
    assert attempt(shop, "owner", right, now + 25 * HOUR) is None


def test_guessers_at_one_moment_are_all_counted(shop: Engine, now: datetime) -> None:
    rivals = 2 * HOUR_TRIES
    ready = Barrier(rivals)

    def guess(number: int) -> Reason | None:
        ready.wait()
        return attempt(shop, f"rival {number}", Proof(ORDER, "9876"), now)

    with ThreadPoolExecutor(rivals) as pool:
        found = list(pool.map(guess, range(rivals)))
    assert found.count(Reason.NOT_FOUND) == HOUR_TRIES
    assert found.count(Reason.TOO_MANY_TRIES) == rivals - HOUR_TRIES


@pytest.mark.parametrize("shop", ["sqlite"], indirect=True)
def test_counts_name_no_number_and_go_after_two_days(
    shop: Engine, now: datetime, tmp_path: Path
) -> None:
    spend(shop, ORDER, now, 1)
    with read(shop) as session:
        (row,) = session.scalars(select(OrderTryRow))
    assert ORDER not in row.order_key and row.tries == 1
    for days, left in ((1, 1), (3, 0)):
        rights.purge(shop, tmp_path, now + timedelta(days=days), 365)
        with read(shop) as session:
            count = session.scalar(select(func.count()).select_from(OrderTryRow))
        assert count == left


def test_one_network_cannot_go_through_number_after_number(
    shop: Engine, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof_tries, "NETWORK_HOUR_TRIES", 6)
    monkeypatch.setattr(proof_tries, "NETWORK_DAY_TRIES", 9)

    def knock(number: int, network: str | None, at: datetime) -> Reason | None:
        given = Proof(f"88{number:014d}", "0000")
        viewer = Viewer(f"{network}-{at:%d%H}-{number}", None, network)
        try:
            prove_order(shop, viewer, given, "k" * 32, at)
        except AftercareError as error:
            return error.reason
        return None

    refused = [knock(number, "a", now) for number in range(8)]
    assert refused == [Reason.NOT_FOUND] * 6 + [Reason.TOO_MANY_TRIES] * 2
    # The right digits open nothing either; from elsewhere they do.
    right = Proof(ORDER, TAIL)
    with pytest.raises(AftercareError) as caught:
        prove_order(shop, Viewer("t1", None, "a"), right, "k" * 32, now)
    assert caught.value.reason is Reason.TOO_MANY_TRIES
    prove_order(shop, Viewer("t2", None, "b"), right, "k" * 32, now)
    # An hour later the day's limit still stands.
    assert knock(20, "a", now + HOUR) is Reason.TOO_MANY_TRIES
    assert knock(21, "a", now + 25 * HOUR) is Reason.NOT_FOUND


@pytest.mark.parametrize("tail", ["----", "", "0000"])
@pytest.mark.parametrize("order_no", [NONE, ORDER])
def test_nothing_proves_an_order_that_is_not_there_or_has_no_phone(
    shop: Engine, now: datetime, order_no: str, tail: str
) -> None:
    """Else a number could be proved before its order is imported."""
    with write(shop) as session:
        session.get_one(OrderRow, ORDER).receiver_phone = ""
    assert attempt(shop, "t", Proof(order_no, tail), now) is Reason.NOT_FOUND
    with read(shop) as session:
        assert session.get_one(GuestProofRow, "t").order_no is None
