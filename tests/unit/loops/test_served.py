"""How customers are served: rises in what is asked, answers of no help or late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine

from aftercare.services.alerts import desk, watch
from aftercare.services.alerts.evidence import evidence
from aftercare.services.console.audit import Actor
from aftercare.store.cases import CaseRow
from aftercare.store.knowledge import ArticleUseRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.models import OrderLineRow, OrderRow, ProductRow
from aftercare.store.quality import FindingRow
from aftercare.store.review import MessageIndexRow
from aftercare.store.unit_of_work import write
from analytics.alerts import Rate, spread_of, surprising
from tests.unit.loops.conftest import talk

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def ask(shop: Engine, now: datetime, counts: dict[tuple[str, int], int]) -> None:
    """Let so many customers ask each thing, so many days ago."""
    rows = [
        (intent, now - day * DAY - (n + 1) * MINUTE)
        for (intent, day), count in sorted(counts.items())
        for n in range(count)
    ]
    with write(shop) as session:
        for n in range(len(rows)):
            session.add(ConversationRow(id=f"q{n}", owner="bot", next_seq=2))
        session.flush()
        for n, (_, at) in enumerate(rows):
            session.add(
                MessageRow(
                    id=100_000 + n,
                    conversation_id=f"q{n}",
                    seq=1,
                    sender="customer",
                    text="-",
                    at=at,
                )
            )
        session.flush()
        for n, (intent, at) in enumerate(rows):
            session.add(
                MessageIndexRow(
                    message_id=100_000 + n,
                    conversation_id=f"q{n}",
                    at=at,
                    sender="customer",
                    intent=intent,
                    settled=True,
                )
            )


def raised(shop: Engine, *kinds: str) -> list[tuple[str, str]]:
    found = [(item["kind"], item["subject"]) for item in desk.listed(shop)]
    return sorted(pair for pair in found if pair[0] in kinds)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ({"ask_refund_progress": 18}, [("question_rise", "ask_refund_progress")]),
        # A busy day is no rise of each question, and nobody minds more greetings.
        ({"ask_refund_progress": 8, "ask_coupon": 24, "greet": 60}, []),
    ],
)
def test_a_question_that_rises_is_told_with_its_talks(
    shop: Engine,
    now: datetime,
    today: dict[str, int],
    expected: list[tuple[str, str]],
) -> None:
    rng = np.random.default_rng(3)
    usual = {"ask_refund_progress": 4, "ask_coupon": 12, "track_logistics": 20}
    counts = {
        (name, day): int(rng.poisson(rate))
        for day in range(27, 0, -1)
        for name, rate in usual.items()
    }
    counts |= {("track_logistics", 0): 40 if "greet" in today else 20}
    ask(shop, now, counts | {(name, 0): count for name, count in today.items()})
    watch.watch(shop, now)
    assert raised(shop, "question_rise") == expected
    for item in desk.listed(shop):
        if item["kind"] == "question_rise":
            assert item["figures"]["seen"] == 18 and len(item["examples"]) == 18
            place = evidence(shop, item["id"])["lists"][0]
            assert place["query"]["intent"] == "ask_refund_progress"


def test_what_comes_and_goes_by_itself_is_no_rise() -> None:
    steady = [4, 5, 3, 4, 6, 3, 4, 5, 4, 3, 5, 4, 4, 5]
    restless = [0, 14, 1, 9, 0, 0, 13, 2, 0, 11, 1, 0, 8, 0]
    could = [100.0] * len(steady)
    assert spread_of(steady, could) == 1.0
    assert spread_of(restless, could) > 4
    # One day of an earlier incident does not make the next one usual.
    assert spread_of([*steady[:-1], 40], could) < 3

    def judged(days: list[int]) -> list[str]:
        past = float(sum(could))
        rate = Rate("it", 16, 100, sum(days), past, spread_of(days, could))
        other = Rate("other", 50, 100, 50 * len(days), past)
        return [item.subject for item in surprising([rate, other])]

    assert judged(steady) == ["it"] and judged(restless) == []


def test_an_article_that_stopped_helping_is_told(shop: Engine, now: datetime) -> None:
    talk(shop, "asked", [("customer", "-", now - HOUR)])
    with write(shop) as session:
        for key in ("wrong", "right"):
            for n in range(40):
                recent = n < 10
                helped = n % 10 != 0 if key == "right" or not recent else n % 5 == 0
                at = now - (HOUR if recent else 10 * DAY) - n * MINUTE
                session.add(
                    ArticleUseRow(
                        conversation_id="asked",
                        seq=1,
                        at=at,
                        intent="ask_warranty",
                        article_key=key,
                        version=1,
                        score=0.9,
                        helpful=helped,
                    )
                )
    watch.watch(shop, now)
    assert raised(shop, "article_unhelpful") == [("article_unhelpful", "wrong")]
    found = desk.listed(shop)[0]
    assert (found["figures"]["seen"], found["figures"]["of"]) == (8, 10)
    assert found["examples"] == ["asked"]


@pytest.mark.parametrize(
    ("slow", "expected"),
    [
        (["li"], [("slow_replies", "li")]),
        # Most at once: people are missing, and no agent is to blame.
        (["li", "wu", "he"], [("slow_replies", "shop")]),
    ],
)
def test_who_lets_customers_wait_in_the_talk_is_told(
    shop: Engine,
    now: datetime,
    person: Callable[..., Actor],
    slow: list[str],
    expected: list[tuple[str, str]],
) -> None:
    people = {name: person(name, "agent") for name in ("li", "wu", "he", "xu")}
    for name, agent in people.items():
        for days, count in ((10, 40), (1, 20)):
            at = now - days * DAY
            said = [("agent", "-", at + n * MINUTE) for n in range(count)]
            talk(shop, f"{name}{days}", said, agent=agent)
    with write(shop) as session:
        for name in slow:
            for seq in range(8):
                session.add(_late(f"{name}1", seq, people[name], now - DAY))
    watch.watch(shop, now)
    names = {str(agent.account_id): name for name, agent in people.items()}
    found = raised(shop, "slow_replies")
    assert [(kind, names.get(who, who)) for kind, who in found] == expected


def _late(name: str, seq: int, agent: Actor, at: datetime) -> FindingRow:
    return FindingRow(
        conversation_id=name,
        seq=seq + 1,
        rule="late_reply",
        start=0,
        version="1",
        severity="medium",
        basis="b",
        speaker="customer",
        account_id=agent.account_id,
        sentence="s",
        words="w",
        live=False,
        at=at,
        state="open",
    )


@pytest.mark.parametrize(
    ("sale", "expected"), [(1, [("product_returns", "S0")]), (30, [])]
)
def test_goods_that_come_back_more_are_told_but_not_after_a_sale(
    shop: Engine, now: datetime, sale: int, expected: list[tuple[str, str]]
) -> None:
    """Four a day are sold of each of four; one in three days comes back."""
    with write(shop) as session:
        for n in range(4):
            session.add(
                ProductRow(
                    sku=f"S{n}-1",
                    spu=f"S{n}",
                    title=f"S{n}",
                    variant="-",
                    category="digital",
                    price_fen=100,
                )
            )
        session.flush()
        for day in range(41, 3, -1):
            for n in range(4):
                sold = 4 * sale if n == 0 and day in (5, 6, 7) else 4
                for piece in range(sold):
                    _sold(session, f"S{n}", day, piece, now)
        for day in range(27, 3, -1):
            for n in range(4):
                if (day + n) % 3 == 0:
                    _back(session, f"S{n}", day + 5, 0, now - day * DAY)
        for piece in range(9):
            _back(session, "S0", 5 + piece % 3, piece // 3, now - (1 + piece) * HOUR)
    watch.watch(shop, now)
    assert raised(shop, "product_returns") == expected


def _sold(session: Any, spu: str, day: int, piece: int, now: datetime) -> None:
    no, at = f"o{spu}-{day}-{piece}", now - day * DAY
    session.add(
        OrderRow(
            order_no=no,
            customer_id="C-DEMO-1",
            placed_at=at,
            paid_at=at,
            paid_fen=100,
            receiver_phone="-",
            receiver_region="-",
        )
    )
    session.flush()
    session.add(
        OrderLineRow(
            id=no, customer_id="C-DEMO-1", order_no=no, sku=f"{spu}-1", paid_fen=100
        )
    )
    session.flush()


def _back(session: Any, spu: str, day: int, piece: int, at: datetime) -> None:
    line = f"o{spu}-{day}-{piece}"
    session.add(
        CaseRow(
            case_no=f"AS-{line}-{at:%m%d%H}",
            idempotency_key=f"AS-{line}-{at:%m%d%H}",
            customer_id="C-DEMO-1",
            line_id=line,
            kind="return_refund",
            state="open",
            reason="dislike",
            freight="customer",
            rule="r",
            basis="b",
            opened_at=at,
        )
    )
