"""What the machine found once, each as a case of its own."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import Engine, func, select

from aftercare.domain.errors import AftercareError, Reason
from aftercare.domain.policy_rules import load_rules
from aftercare.services import cases, drafts
from aftercare.services.console import case_desk, case_open
from aftercare.services.console.audit import Actor
from aftercare.services.console.case_open import Wish
from aftercare.services.drafts import Draft
from aftercare.store.desk import CaseActionRow
from aftercare.store.models import RefundRow
from aftercare.store.unit_of_work import read
from tests.trust.shop import Customer, make_customer, make_people, make_product

RULES = load_rules()


@pytest.fixture
def who(empty: Engine, now: datetime) -> Customer:
    make_product(empty)
    return make_customer(empty, now)


@pytest.fixture
def people(empty: Engine, now: datetime) -> list[Actor]:
    return make_people(empty, now)


def count(engine: Engine, table: type) -> int:
    with read(engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def open_return(engine: Engine, who: Customer, now: datetime, at: int) -> str:
    """Return the number of a return that waits for its goods."""
    asked = drafts.prepare(
        engine, who.viewer, Draft("refund", who.lines[at]), RULES, now
    )
    return cases.confirm(engine, who.viewer, asked.nonce, RULES, now).case_no


def test_one_key_with_another_amount_is_refused(
    empty: Engine, who: Customer, people: list[Actor], now: datetime
) -> None:
    case_no = open_return(empty, who, now, 4)
    case_desk.act(empty, people[0], case_no, "receive_goods", now, key="k1")

    def finish(amount: int | None) -> case_desk.Outcome:
        return case_desk.act(
            empty, people[0], case_no, "finish", now, key="k2", amount_fen=amount
        )

    first = finish(5_000)
    assert first.case["refunded_fen"] == finish(5_000).case["refunded_fen"] == 5_000
    with pytest.raises(AftercareError) as caught:
        finish(6_000)
    assert caught.value.reason is Reason.KEY_REUSED


@pytest.mark.parametrize(
    ("field", "value"),
    [("kind", "refund"), ("amount_fen", 200), ("detail", "other"), ("line", 1)],
)
def test_one_key_opens_one_wish(
    empty: Engine,
    who: Customer,
    people: list[Actor],
    now: datetime,
    field: str,
    value: object,
) -> None:
    wish = {"kind": "compensate", "reason": "other", "detail": "d", "amount_fen": 100}

    def ask(line: int = 0, **changed: object) -> case_desk.Outcome:
        content = Wish(who.viewer.conversation_id, **(wish | changed))  # type: ignore[arg-type]
        return case_open.open_for_customer(
            empty, people[0], who.lines[line], content, RULES, now, key="k"
        )

    first = ask()
    assert ask().case["case_no"] == first.case["case_no"]
    with pytest.raises(AftercareError) as caught:
        ask(**{field: value})  # type: ignore[arg-type]
    assert caught.value.reason is Reason.KEY_REUSED
    assert count(empty, RefundRow) == 1


def test_nobody_is_asked_to_allow_what_cannot_be_done(
    empty: Engine, who: Customer, people: list[Actor], now: datetime
) -> None:
    case_no = open_return(empty, who, now, 5)

    def refused(action: str, amount: int | None = None) -> Reason:
        with pytest.raises(AftercareError) as caught:
            case_desk.act(
                empty,
                people[0],
                case_no,
                action,
                now,
                key=f"{action}{amount}",
                amount_fen=amount,
            )
        return caught.value.reason

    # The goods are not back, and the amount is above what an agent may grant.
    assert refused("finish") is Reason.ILLEGAL_MOVE
    case_desk.act(empty, people[0], case_no, "receive_goods", now, key="got")
    assert refused("finish", 39_901) is Reason.OVER_PAID
    with read(empty) as session:
        waiting = select(CaseActionRow).where(CaseActionRow.state == "waiting")
        assert session.scalars(waiting).all() == []


def test_a_cancelled_case_waits_for_no_second_person(
    empty: Engine, who: Customer, people: list[Actor], now: datetime
) -> None:
    talk = who.viewer.conversation_id
    wish = Wish(talk, "compensate", "other", "", 30_000)
    asked = case_open.open_for_customer(
        empty, people[0], who.lines[1], wish, RULES, now, key="k"
    )
    assert asked.outcome == "second_person_needed" and asked.approval is not None
    cases.cancel(empty, who.viewer, asked.case["case_no"], now)
    with pytest.raises(AftercareError) as caught:
        case_desk.decide(empty, people[3], asked.approval["id"], True, now)
    assert caught.value.reason is Reason.CHANGED_MEANWHILE
    assert count(empty, RefundRow) == 0


def test_a_customer_and_an_agent_open_one_return(
    empty: Engine, who: Customer, people: list[Actor], now: datetime
) -> None:
    line = who.lines[4]
    asked = drafts.prepare(empty, who.viewer, Draft("refund", line), RULES, now)
    wish = Wish(who.viewer.conversation_id, "refund", "other")
    made = case_open.open_for_customer(
        empty, people[0], line, wish, RULES, now, key="k"
    )
    view = cases.confirm(empty, who.viewer, asked.nonce, RULES, now)
    assert view.case_no == made.case["case_no"]
    with pytest.raises(AftercareError) as caught:
        case_open.open_for_customer(
            empty, people[1], line, wish, RULES, now, key="other"
        )
    assert caught.value.reason is Reason.CHANGED_MEANWHILE
