"""A ring of returns is noted with its reasons, judged, and decides nothing."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select, update

from aftercare.domain.errors import AftercareError
from aftercare.services.alerts import desk as alerts
from aftercare.services.alerts.watch import watch
from aftercare.services.console.audit import Actor
from aftercare.services.risk import desk
from aftercare.services.risk.notes import write_notes
from aftercare.services.training import risk as training
from aftercare.settings import ROOT
from aftercare.store.models import OrderLineRow, OrderRow
from aftercare.store.unit_of_work import write
from tests.unit.loops.test_alerts import case

DAY = timedelta(days=1)


def plant(shop: Engine, now: datetime) -> list[str]:
    """Six accounts of one phone that send nearly everything back."""
    with write(shop) as session:
        ring = sorted(set(session.scalars(select(OrderRow.customer_id))))[10:16]
        session.execute(
            update(OrderRow)
            .where(OrderRow.customer_id.in_(ring))
            .values(receiver_phone="13900000000")
        )
        lines = session.scalars(
            select(OrderLineRow.id).where(OrderLineRow.customer_id.in_(ring))
        ).all()
        honest = session.scalars(
            select(OrderLineRow.id)
            .where(OrderLineRow.customer_id.not_in(ring))
            .limit(60)
        ).all()
    for line in lines:
        case(shop, line, now - DAY, reason="dislike")
    for line in honest:
        case(shop, line, now - 9 * DAY, reason="dislike")
    return ring


def test_a_ring_is_noted_judged_and_raised_without_a_name(
    shop: Engine, now: datetime, person: Callable[..., Actor]
) -> None:
    boss = person("boss")
    ring = plant(shop, now)
    assert write_notes(shop, now) == {"notes": 6, "rings": 1}
    assert write_notes(shop, now)["notes"] == 0
    notes = {n["customer_id"]: n for n in desk.listed(shop)}
    assert set(notes) == set(ring)
    first = notes[ring[0]]
    assert set(first["linked"]) == set(ring[1:])
    figures = first["figures"]["ring"]
    assert figures["members"] == 6 and figures["returned"] > 2 * figures["usual"]
    watch(shop, now)
    raised = [a for a in alerts.listed(shop) if a["kind"] == "risk_ring"]
    assert len(raised) == 1 and not any(name in str(raised) for name in ring)
    for name in ring[:4]:
        desk.judge(shop, boss, name, "bad", "same phone", now)
    desk.judge(shop, boss, ring[4], "fine", "", now)
    with pytest.raises(AftercareError):
        desk.judge(shop, boss, "nobody", "bad", "", now)
    told = desk.costs(shop)
    assert (told["judged"], told["bad"], told["fine"]) == (5, 4, 1)
    assert told["false_alarms"]["value"] == pytest.approx(0.2)
    assert sorted(desk.labels(shop).values()) == [0, 1, 1, 1, 1]
    # A verdict holds: the next night does not ask again.
    write_notes(shop, now + DAY)
    assert {n["customer_id"] for n in desk.listed(shop)} == {ring[5]}


def test_verdicts_reach_the_training(
    shop: Engine, now: datetime, person: Callable[..., Actor]
) -> None:
    plant(shop, now)
    write_notes(shop, now)
    boss = person("boss")
    for note in desk.listed(shop)[:3]:
        desk.judge(shop, boss, note["customer_id"], "bad", "", now)
    made = training.train(shop, now)
    assert made.metrics["verdicts"] == 3


def test_nothing_that_decides_or_speaks_knows_the_risk_desk() -> None:
    """Neither actions, nor cases, refunds, policy, gateway import it."""
    rooms = [
        *(ROOT / "actions").rglob("*.py"),
        *(ROOT / "aftercare" / "domain").rglob("*.py"),
        *(ROOT / "aftercare" / "web").glob("*.py"),
        *(ROOT / "aftercare" / "services").glob("*.py"),
        *(ROOT / "aftercare" / "services" / "console").glob("*.py"),
    ]
    assert len(rooms) > 60
    for file in rooms:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else []
            )
            wrong = ("aftercare.services.risk", "aftercare.store.risk")
            assert not any(name.startswith(wrong) for name in names), file
