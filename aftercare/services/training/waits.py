"""Waits for a person: the queue as it stood when each customer joined it."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select

from aftercare.services.training.trainable import TooFewError, Trained
from aftercare.services.waiting import LEARN_FROM, talks_since
from aftercare.store.desk import DeskEventRow
from aftercare.store.unit_of_work import read
from analytics.waiting import QueueState, WaitModel, WaitRecord

FEWEST = 100
HELD_OUT = 0.2
ANSWERED = frozenset({"taken", "assigned", "stepped_in"})
GONE = frozenset({"closed", "given_back"})


def train(engine: Engine, now: datetime) -> Trained:
    """Fit on the waits of the last weeks; measure on the newest fifth.

    Raises:
        TooFewError: fewer than FEWEST customers waited.
    """
    with read(engine) as session:
        since = now - LEARN_FROM
        events = session.execute(
            select(
                DeskEventRow.conversation_id,
                DeskEventRow.kind,
                DeskEventRow.at,
                DeskEventRow.detail,
            )
            .where(
                DeskEventRow.at >= since,
                DeskEventRow.kind.in_(ANSWERED | GONE | {"asked"}),
            )
            .order_by(DeskEventRow.id)
        ).all()
        talks = talks_since(session, since)
    records = past_waits([tuple(event) for event in events])
    if len(records) < FEWEST:
        raise TooFewError(len(records), FEWEST)
    cut = int(len(records) * (1 - HELD_OUT))
    newest = [record for record in records[cut:] if record.answered]

    def rmse(model: WaitModel) -> float:
        gaps = [_gap(model, record) for record in newest]
        return math.sqrt(sum(gap * gap for gap in gaps) / max(len(gaps), 1))

    earlier = WaitModel().fit(records[:cut], talks)
    usual = sum(r.wait_s for r in records[:cut]) / cut
    metrics = {
        "rmse_s": rmse(earlier),
        "rmse_mean_s": math.sqrt(
            sum((r.wait_s - usual) ** 2 for r in newest) / max(len(newest), 1)
        ),
    }
    return Trained(WaitModel().fit(records, talks), len(records), metrics, rmse)


def past_waits(events: list[tuple[Any, ...]]) -> list[WaitRecord]:
    """Return the waits whose queue was noted; events are (talk, kind, at, detail)."""
    joined: dict[str, tuple[datetime, QueueState]] = {}
    records: list[WaitRecord] = []
    for talk, kind, at, detail in events:
        queue = (detail or {}).get("queue")
        if kind == "asked":
            joined.pop(talk, None)
            if queue:
                joined[talk] = (at, QueueState(at=at, **queue))
        elif talk in joined:
            since, state = joined.pop(talk)
            waited = max((at - since) / timedelta(seconds=1), 0.0)
            records.append(WaitRecord(state, waited, kind in ANSWERED))
    return records


def _gap(model: WaitModel, record: WaitRecord) -> float:
    guess = model.predict(record.state).expected_s
    return record.wait_s - (guess if guess is not None else 0.0)
