"""From a plan to what came of it, by the shop's clock, on a real database."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from sqlalchemy import Engine, select

from aftercare.domain.calendar import shop_day
from aftercare.domain.cases import CaseKind, CaseState
from aftercare.domain.errors import AftercareError
from aftercare.services.console import options
from aftercare.services.console.audit import SYSTEM, Actor
from aftercare.services.planning import nightly, parts, rota, view
from aftercare.services.planning.history import contacts, known_contacts
from aftercare.services.planning.nightly import make_plan
from aftercare.services.planning.past import past as past_plans
from aftercare.services.planning.view import WhatIf
from aftercare.store.cases import CaseRow
from aftercare.store.console import AccountRow
from aftercare.store.models import OrderLineRow, ProductRow
from aftercare.store.planning import PartRow, PlanDayRow, PlanRow
from aftercare.store.unit_of_work import read, write
from tests.conftest import NOW
from tests.unit.planning.conftest import Past, quick
from tests.unit.store.test_held_short import Probe

TODAY = shop_day(NOW)
# The whole way runs on both databases, its parts on one.
one_kind = pytest.mark.parametrize("shop", ["sqlite"], indirect=True)


@pytest.fixture
def agents(shop: Engine) -> list[Actor]:
    made = []
    for name in ("one", "two", "three"):
        with write(shop) as session:
            row = AccountRow(
                login=name,
                name=name,
                password_hash="-",
                role="agent",
                created_at=NOW,
            )
            session.add(row)
            session.flush()
            made.append(Actor(row.id, name, name, "agent"))
    return made


@one_kind
def test_without_four_weeks_nothing_is_promised(shop: Engine) -> None:
    Past(shop).days(NOW - timedelta(days=10), 10)
    assert make_plan(shop, NOW)["state"] == "too_few_days"
    assert view.plan(shop) == {"state": "none"}


def test_a_plan_becomes_an_outcome(
    shop: Engine, past: Past, agents: list[Actor]
) -> None:
    made = make_plan(shop, NOW, quick())
    assert made["state"] == "planned"
    again = make_plan(shop, NOW, quick())
    assert again == made
    with read(shop) as session:
        assert len(session.scalars(select(PlanRow)).all()) == 1
    planned = view.plan(shop)
    assert [d["day"] for d in planned["days"]] == [
        TODAY + timedelta(days=n) for n in range(14)
    ]
    for item in planned["days"]:
        assert item["low95"] <= item["low80"] <= item["contacts"] <= item["high80"]
        assert item["refund_low_fen"] < item["refund_fen"] < item["refund_high_fen"]
    # Saturdays and Sundays of this shop are the busiest, and the plan knows.
    by_day = {d["day"].weekday(): d["contacts"] for d in planned["days"]}
    assert min(by_day[5], by_day[6]) > max(by_day[n] for n in range(5))
    # Nobody works yet: all the need is a gap.
    assert planned["total"]["missing_hours"] == planned["total"]["need_hours"] > 0

    # The days pass; the night after, what came stands beside what was planned.
    came = past.days(NOW, 14)
    later = NOW + timedelta(days=14)
    assert make_plan(shop, later, quick())["scored"] == 14
    found = past_plans(shop, later)
    assert found["groups"]["all"]["days"] == 14
    errors = found["groups"]["all"]
    assert 0 < errors["contacts"]["wape"] < 0.25
    assert errors["in80"] >= 0.5 and errors["in95"] >= 0.75
    assert errors["people"]["off"] < 1
    with read(shop) as session:
        rows = session.scalars(
            select(PlanDayRow).where(PlanDayRow.came.is_not(None)).order_by("day")
        ).all()
        assert [row.came for row in rows] == came
        assert all(row.refund_came_fen is not None for row in rows)


@one_kind
def test_each_number_says_why(shop: Engine, past: Past) -> None:
    make_plan(shop, NOW, quick())
    day = view.day(shop, TODAY + timedelta(days=2))
    # The parts sum to the median; the mean of a skewed law lies a little off.
    assert sum(day["why"].values()) == pytest.approx(day["contacts"], rel=0.1)
    assert len(day["slots"]) == 48
    total = sum(slot["contacts"] for slot in day["slots"])
    assert total == pytest.approx(day["contacts"], rel=0.02)
    assert day["work"]["talk_s"] == pytest.approx(600, rel=0.05)
    assert day["work"]["share"] == pytest.approx(1 / 3, abs=0.05)
    with pytest.raises(AftercareError):
        view.day(shop, TODAY - timedelta(days=1))


@one_kind
def test_the_rota_closes_gaps_and_illness_opens_them(
    shop: Engine, past: Past, agents: list[Actor]
) -> None:
    make_plan(shop, NOW, quick())
    before = view.plan(shop)["total"]["missing_hours"]
    day_shift, late = [rota.Shift(480, 1020)], [rota.Shift(900, 1380)]
    for ahead in range(7):
        day = TODAY + timedelta(days=ahead)
        rota.set_day(shop, SYSTEM, agents[0].account_id or 0, day, day_shift, NOW)
        rota.set_day(shop, SYSTEM, agents[1].account_id or 0, day, late, NOW)
    half = view.plan(shop)["total"]["missing_hours"]
    made = rota.copy_week(shop, SYSTEM, TODAY + timedelta(days=7), NOW)
    assert made == 14
    assert rota.copy_week(shop, SYSTEM, TODAY + timedelta(days=7), NOW) == 0
    full = view.plan(shop)
    assert before > half > full["total"]["missing_hours"]
    ill = view.plan(shop, WhatIf(ill=2))
    assert ill["total"]["missing_hours"] == before
    assert ill["total"]["contacts"] == full["total"]["contacts"]
    with pytest.raises(AftercareError):
        over = [rota.Shift(480, 1020), rota.Shift(900, 1380)]
        rota.set_day(shop, SYSTEM, agents[0].account_id or 0, TODAY, over, NOW)


@one_kind
@pytest.mark.parametrize("seen", [True, False])
def test_sliders_change_contacts_people_and_money(shop: Engine, seen: bool) -> None:
    """A festival does what the last one did, or what is assumed if none did."""
    sale_days = {date(2026, 11, n): 2.0 for n in range(11, 22)} if seen else {}
    Past(shop).days(NOW - timedelta(days=70), 70, busy=sale_days)
    options.change(shop, SYSTEM, {"at_once": 1}, NOW)
    make_plan(shop, NOW, quick())
    plain = view.plan(shop)
    assert plain["basis"]["assumed"] is not seen
    peak = TODAY + timedelta(days=5)
    sale = view.plan(shop, WhatIf(festival=1, festival_on=peak))
    at = {d["day"]: d for d in sale["days"]}[peak]
    usual = {d["day"]: d for d in plain["days"]}[peak]
    assert at["contacts"] > 1.3 * usual["contacts"]
    assert at["need_hours"] > usual["need_hours"]
    assert sale["refunds"]["total_fen"] > plain["refunds"]["total_fen"]
    recalled = view.plan(shop, WhatIf(recall=1_000, recall_on=TODAY))
    more = recalled["total"]["contacts"] - plain["total"]["contacts"]
    assert more == pytest.approx(350, abs=3)
    why = view.day(shop, TODAY, WhatIf(recall=1_000, recall_on=TODAY))["why"]
    assert why["what_if_recall"] > 100


@one_kind
def test_who_writes_again_within_hours_is_one_contact(shop: Engine, past: Past) -> None:
    with read(shop) as session:
        moments = contacts(session, NOW - timedelta(days=1), NOW)
        counted = known_contacts(session, TODAY)
    assert len(moments) == len(set(moments))
    assert counted is not None and len(counted.days) == 70


@one_kind
def test_parts_are_ordered_by_what_they_cost(shop: Engine) -> None:
    found = {p["part_no"]: p for p in parts.proposals(shop, NOW)}
    battery, tips = found["PT-BATTERY"], found["PT-EARTIP"]
    assert battery["order"] > 0 and tips["order"] == 0
    assert battery["service_now"] < battery["service"]
    assert battery["cost_too_few_fen"] < battery["cost_too_few_now_fen"]
    assert sum(battery["why"]["weeks"]) > 20


def repair(shop: Engine, spu: str, number: int, state: str = CaseState.OPEN) -> str:
    with write(shop) as session:
        line = session.scalars(
            select(OrderLineRow)
            .join(ProductRow, ProductRow.sku == OrderLineRow.sku)
            .where(ProductRow.spu == spu)
            .limit(1)
        ).one()
        row = CaseRow(
            case_no=f"R{number}",
            idempotency_key=f"R{number}",
            customer_id=line.customer_id,
            line_id=line.id,
            kind=CaseKind.REPAIR,
            state=state,
            reason="defect",
            freight="shop",
            rule="warranty",
            basis="-",
            opened_at=NOW,
        )
        session.add(row)
        return row.case_no


def test_a_waiting_repair_owes_its_part_until_it_is_taken_once(shop: Engine) -> None:
    before = {p["part_no"]: p for p in parts.proposals(shop, NOW)}
    numbers = [repair(shop, "P-FAN", n) for n in range(3)]
    after = {p["part_no"]: p for p in parts.proposals(shop, NOW)}
    assert after["PT-MOTOR"]["owed"] == pytest.approx(3, abs=0.1)
    assert after["PT-MOTOR"]["order"] > before["PT-MOTOR"]["order"]
    for expected in (True, False):
        done = parts.take_part(shop, SYSTEM, numbers[0], "PT-MOTOR", 1, NOW)
        assert done is expected
    with read(shop) as session:
        assert session.get_one(PartRow, "PT-MOTOR").on_hand == 1
    with pytest.raises(AftercareError):
        parts.take_part(shop, SYSTEM, numbers[1], "PT-MOTOR", 5, NOW)


@one_kind
def test_a_naive_plan_repeats_last_weeks_accident_and_ours_does_not(
    shop: Engine,
) -> None:
    made = Past(shop)
    odd = {TODAY - timedelta(days=n): 4.0 for n in (4, 5)}
    made.days(NOW - timedelta(days=70), 70, busy=odd)
    make_plan(shop, NOW, quick())
    made.days(NOW, 7)
    later = NOW + timedelta(days=7)
    make_plan(shop, later, quick())
    errors = past_plans(shop, later)["groups"]["all"]
    assert errors["contacts"]["ratio"] < 0.5
    assert errors["people"]["off"] < errors["people"]["naive_off"]


def test_money_is_wider_for_all_days_than_days_alone_would_say() -> None:
    import pandas as pd

    from analytics.forecast import expected_money

    frame = pd.DataFrame({"median": [20.0] * 14, "high80": [26.0] * 14})
    amounts = np.random.default_rng(0).uniform(2_000, 20_000, 300)
    found = expected_money(frame, amounts)
    assert found.total == pytest.approx(20 * 14 * amounts.mean(), rel=0.06)
    alone = np.sqrt(((found.high80 - found.low80) ** 2).sum())
    assert found.total_high80 - found.total_low80 > 1.5 * alone


@one_kind
def test_what_came_is_worked_out_before_it_is_written(
    shop: Engine, past: Past, agents: list[Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_plan(shop, NOW, quick())
    past.days(NOW, 14)
    probe = Probe(shop)
    monkeypatch.setattr(nightly, "_off", probe.around(nightly._off))
    assert make_plan(shop, NOW + timedelta(days=14), quick())["scored"] == 14
    assert len(probe.free) == 28 and all(probe.free)
