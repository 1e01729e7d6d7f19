"""Refunds: once per key, never over what was paid, never another's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.refunds import Refund, refund_line
from aftercare.store.models import (
    CustomerRow,
    OrderLineRow,
    OrderRow,
    ProductRow,
    RefundRow,
)


@pytest.fixture
def engine(empty: Engine) -> Engine:
    engine = empty
    now = datetime(2026, 11, 1, tzinfo=UTC)
    with Session(engine) as session, session.begin():
        session.add(CustomerRow(id="anna", name="a", phone="1", created_at=now))
        session.add(
            ProductRow(
                sku="s", spu="s", title="t", variant="v", category="food", price_fen=1
            )
        )
        session.flush()
        session.add(
            OrderRow(
                order_no="AC1",
                customer_id="anna",
                placed_at=now,
                paid_at=now,
                paid_fen=10_000,
                receiver_phone="1",
                receiver_region="r",
            )
        )
        session.flush()
        session.add(
            OrderLineRow(
                id="l1", customer_id="anna", order_no="AC1", sku="s", paid_fen=10_000
            )
        )
    return engine


def ask(
    engine: Engine,
    key: str,
    amount: int = 6_000,
    who: str = "anna",
    line: str = "l1",
) -> Refund:
    return refund_line(
        engine,
        customer_id=who,
        line_id=line,
        amount_fen=amount,
        rule="no_reason_return",
        idempotency_key=key,
    )


def rows(engine: Engine) -> list[int]:
    with Session(engine) as session:
        return list(session.scalars(select(RefundRow.amount_fen)))


def refused(engine: Engine, **request: object) -> Reason:
    with pytest.raises(AftercareError) as caught:
        ask(engine, **request)  # type: ignore[arg-type]
    return caught.value.reason


def test_the_same_key_gives_the_same_row(engine: Engine) -> None:
    assert ask(engine, "k") == ask(engine, "k")
    assert rows(engine) == [6_000]


def test_a_key_with_other_content_is_refused(engine: Engine) -> None:
    ask(engine, "k")
    assert refused(engine, key="k", amount=5_000) is Reason.KEY_REUSED
    assert rows(engine) == [6_000]


def test_never_over_what_was_paid(engine: Engine) -> None:
    ask(engine, "a")
    assert refused(engine, key="b", amount=4_001) is Reason.OVER_PAID
    ask(engine, "c", amount=4_000)
    assert rows(engine) == [6_000, 4_000]


def test_anothers_line_and_no_line_look_the_same(engine: Engine) -> None:
    assert refused(engine, key="a", who="bob") is Reason.NOT_FOUND
    assert refused(engine, key="a", line="l9") is Reason.NOT_FOUND
    assert rows(engine) == []


@pytest.mark.parametrize("amount", [0, -1])
def test_no_refund_of_nothing(engine: Engine, amount: int) -> None:
    assert refused(engine, key="a", amount=amount) is Reason.AMOUNT_NOT_POSITIVE
    assert rows(engine) == []


def test_twenty_clients_confirm_at_once(engine: Engine) -> None:
    barrier = Barrier(20)

    def click(_: int) -> Refund:
        barrier.wait()
        return ask(engine, "one-button")

    with ThreadPoolExecutor(20) as pool:
        got = set(pool.map(click, range(20)))
    assert len(got) == 1
    assert rows(engine) == [6_000]


def test_rivals_with_different_keys_never_pass_what_was_paid(engine: Engine) -> None:
    barrier = Barrier(8)

    def click(i: int) -> bool:
        barrier.wait()
        try:
            ask(engine, f"tab-{i}", amount=3_000)
        except AftercareError as error:
            assert error.reason is Reason.OVER_PAID
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(click, range(8))) == 3
    assert rows(engine) == [3_000] * 3
