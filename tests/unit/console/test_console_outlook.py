"""What is to come, and what is behind each bar of a report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from aftercare.domain.calendar import SHOP_ZONE
from aftercare.services.console import dashboards, review
from aftercare.services.console.audit import SYSTEM, Actor
from aftercare.services.console.desk import step
from aftercare.services.console.outlook import outlook
from aftercare.services.console.review import Filter
from aftercare.store.cases import CaseRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.models import OrderLineRow
from aftercare.store.planning import PlanDayRow, PlanRow
from aftercare.store.surveys import SurveyRow
from aftercare.store.unit_of_work import write

QUEUE = {
    "queue_length": 1,
    "position": 1,
    "agents_online": 1,
    "agents_free": 0,
    "cap": 8,
}


def test_a_shop_without_a_past_is_promised_nothing(
    empty: Engine, now: datetime
) -> None:
    found = outlook(empty, now)
    assert found["contacts"] == {"basis": "none", "past": [], "ahead": []}
    assert found["wait_by_hour"] == []
    assert found["wait_now"]["expected_s"] is None


def test_contacts_come_from_the_weeks_before_until_a_night_has_planned(
    empty: Engine, now: datetime
) -> None:
    _weeks(empty, now)
    found = outlook(empty, now)["contacts"]
    assert found["basis"] == "recent" and len(found["past"]) == 28
    first = found["ahead"][0]
    assert first["day"] == now.astimezone(SHOP_ZONE).date()
    for day in found["ahead"]:
        assert day["low95"] <= day["low80"] <= day["high80"] <= day["high95"]
    # Twice as many on each Saturday, as in the weeks before.
    by_day = {day["day"].weekday(): day["expected"] for day in found["ahead"][:7]}
    assert by_day[5] > 1.4 * by_day[2]
    _plan(empty, now)
    found = outlook(empty, now)["contacts"]
    assert found["basis"] == "plan" and found["ahead"][0]["expected"] == 42


def test_waits_by_hour_follow_the_shop_s_clock(empty: Engine, now: datetime) -> None:
    with write(empty) as session:
        session.add(ConversationRow(id="t", owner="bot"))
        session.flush()
        for number in range(40):
            # At eight in the evening 300 s, at noon 60 s.
            late = number % 2
            at = now - timedelta(days=1 + number // 2) + timedelta(hours=8 * late)
            waited = timedelta(seconds=300 if late else 60)
            step(session, "t", "asked", SYSTEM, at, queue=QUEUE)
            step(session, "t", "taken", SYSTEM, at + waited)
    hours = {item["hour"]: item for item in outlook(empty, now)["wait_by_hour"]}
    assert len(hours) == 24
    assert hours[20]["expected_s"] > 1.5 * hours[12]["expected_s"]
    for item in hours.values():
        assert item["lo80_s"] <= item["expected_s"] <= item["hi80_s"]


def test_each_bar_finds_the_conversations_behind_it(
    shop: Engine, now: datetime, talks: Any, actor_of: Callable[..., Actor]
) -> None:
    talk = talks.make("x", now=now)
    other = talks.make("y", now=now)
    refund = {"intent": {"name": "request_refund", "confidence": 0.9}}
    talks.reply(talk, 1, "ok", now, refund)
    talks.reply(other, 1, "ok", now, {"intent": {"name": "greet", "confidence": 0.9}})
    with write(shop) as session:
        session.add(_rating(talk, 2, now))
        session.add(_rating(other, 5, now))
        session.add(_case(session, talk, now))

    def ids(**wanted: Any) -> list[str]:
        page = review.search(shop, Filter(**wanted), now, None, 50)
        return [row["id"] for row in page["items"]]

    assert ids(family="refund") == [talk] and ids(family="talk") == [other]
    assert ids(satisfaction="low") == [talk] and ids(satisfaction="middle") == []
    assert ids(case_reason="size") == [talk]
    assert ids(agent=999) == []
    day = now.date()
    found = dashboards.dashboards(shop, day, day, "day", now)
    assert {x["family"] for x in found["resolved"]["by_family"]} == {"refund", "talk"}
    rated = found["satisfaction"]
    assert (rated["count"], rated["mean"], rated["content"]) == (2, 3.5, 0.5)
    assert rated["low"] < 0.5 < rated["high"]
    ages = {item["age"]: item["count"] for item in found["cases"]["by_age"]}
    assert ages == {"overdue": 1, "today": 0, "soon": 0, "week": 0, "later": 0}


@pytest.mark.parametrize("wanted", ["low", "middle", "high"])
def test_a_rating_is_in_one_band(wanted: str) -> None:
    low, high = review.SCORES[wanted]
    others = [band for name, band in review.SCORES.items() if name != wanted]
    assert all(high < first or last < low for first, last in others)


def _weeks(engine: Engine, now: datetime) -> None:
    with write(engine) as session:
        for back in range(1, 57):
            day = now - timedelta(days=back)
            for number in range(8 if day.weekday() == 5 else 4):
                talk = f"d{back}-{number}"
                session.add(ConversationRow(id=talk, owner="bot", next_seq=2))
                session.flush()
                session.add(
                    MessageRow(
                        conversation_id=talk,
                        seq=1,
                        sender="customer",
                        text="x",
                        at=day + timedelta(minutes=number),
                    )
                )


def _plan(engine: Engine, now: datetime) -> None:
    with write(engine) as session:
        today = now.astimezone(SHOP_ZONE).date()
        plan = PlanRow(first=today, made_at=now, detail={})
        session.add(plan)
        session.flush()
        zero = dict.fromkeys(
            ("refund_fen", "refund_low_fen", "refund_high_fen", "refund_naive_fen"), 0
        )
        session.add(
            PlanDayRow(
                plan_id=plan.id,
                day=today,
                ahead=0,
                contacts=42,
                low80=30,
                high80=50,
                low95=20,
                high95=60,
                naive=40,
                why={},
                slots={},
                **zero,
            )
        )


def _rating(talk: str, score: int, now: datetime) -> SurveyRow:
    return SurveyRow(
        subject_kind="handover",
        subject=talk,
        conversation_id=talk,
        state="answered",
        due_at=now,
        token=talk[:40],
        answered_at=now,
        score=score,
        reasons=[],
    )


def _case(session: Any, talk: str, now: datetime) -> CaseRow:
    line = session.scalars(select(OrderLineRow).limit(1)).one()
    return CaseRow(
        case_no="AS-OUTLOOK-1",
        idempotency_key="outlook:1",
        conversation_id=talk,
        customer_id=line.customer_id,
        line_id=line.id,
        kind="return_refund",
        state="goods_received",
        reason="size",
        detail="",
        amount_fen=100,
        freight="buyer",
        rule="r",
        basis="b",
        deadline=(now - timedelta(days=2)).date(),
        needs_human=True,
        opened_at=now,
    )
