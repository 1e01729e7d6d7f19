"""The standing report on transfers (GB/T 47746-2026, clause 5), both ways."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, func, select

from aftercare.services.transfer import Trigger
from aftercare.store.desk import DeskEventRow
from aftercare.store.quality import FindingRow
from aftercare.store.unit_of_work import read

FIVE = (
    Trigger.REPEATED_FAILURE,
    Trigger.REFUSED_BOT,
    Trigger.PERSONAL_DATA,
    Trigger.SAFETY,
    Trigger.NO_ANSWER,
)
# What the audit calls the same.
SAME = {"failed": Trigger.REPEATED_FAILURE, "late_reply": Trigger.NO_ANSWER}
AGAIN = timedelta(hours=1)
TAKEN = ("taken", "assigned", "stepped_in")


def transfers(engine: Engine, first: datetime, last: datetime) -> dict[str, Any]:
    """Return, for [first, last), the transfers made and owed, and the reverse cases.

    Reverse cases are transfers that did not help: given back and asked for again
    within an hour, forgotten by who took them, never taken at all.
    """
    with read(engine) as session:
        events = session.scalars(
            select(DeskEventRow)
            .where(DeskEventRow.at >= first, DeskEventRow.at < last)
            .order_by(DeskEventRow.id)
        ).all()
        missed = session.execute(
            select(FindingRow.rule, func.count())
            .where(
                FindingRow.at >= first,
                FindingRow.at < last,
                FindingRow.state != "rejected",
                FindingRow.rule.startswith("handover_owed.")
                | (FindingRow.rule == "late_reply"),
            )
            .group_by(FindingRow.rule)
        ).all()
    made = Counter(
        str((event.detail or {}).get("trigger") or "asked")
        for event in events
        if event.kind == "asked"
    )
    owed: Counter[str] = Counter()
    for rule, count in missed:
        name = rule.removeprefix("handover_owed.")
        owed[SAME.get(name, name)] += count
    names = [*FIVE, *sorted((set(made) | set(owed)) - set(FIVE))]
    return {
        "triggers": [
            {"trigger": n, "made": made.get(n, 0), "missed": owed.get(n, 0)}
            for n in names
        ],
        "reverse": _reverse(list(events)),
    }


def _reverse(events: list[DeskEventRow]) -> dict[str, int]:
    given: dict[str, datetime] = {}
    waits: dict[str, datetime] = {}
    counts = Counter(again=0, forgotten=0, never_taken=0)
    for event in events:
        talk = event.conversation_id
        if event.kind == "asked":
            if talk in given and event.at - given.pop(talk) <= AGAIN:
                counts["again"] += 1
            waits[talk] = event.at
        elif event.kind in TAKEN:
            waits.pop(talk, None)
        elif event.kind == "lease_expired":
            counts["forgotten"] += 1
        elif event.kind in ("given_back", "closed"):
            given[talk] = event.at
            if event.kind == "closed" and talk in waits:
                del waits[talk]
                counts["never_taken"] += 1
    return dict(counts)
