"""A fortnight of a shop with planted incidents: `python -m benchmarks.fortnight`.

Five weeks of ordinary business teach, then two weeks are lived hour by hour on an
injected clock, the rows arriving as they would. Planted: a bad batch, a carrier's
strike, a ring of accounts, an agent who promises what is not there, refunds that
the law wants. It prints what was seen, when, and what was proposed; with
`--seeds n` the precision, recall and delay over n shops.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from aftercare.services import surveys
from aftercare.services.alerts import desk
from aftercare.services.alerts.mail import WORDS as MAIL
from aftercare.services.alerts.watch import watch
from aftercare.services.conversations import Message
from aftercare.services.quality import desk as quality
from aftercare.services.quality.check import check_ended, check_live
from aftercare.services.risk.notes import look_for_rings, write_notes
from aftercare.services.surveys import followups
from aftercare.services.surveys.figures import figures
from aftercare.store.engine import make_engine
from aftercare.store.migrations import upgrade
from aftercare.store.surveys import SurveyRow
from aftercare.store.unit_of_work import read
from benchmarks.fortnight_shop import (
    BAD,
    BEGIN,
    DAY,
    DAYS,
    HOUR,
    STRIKER,
    Shop,
    build,
)


@dataclass(frozen=True)
class Incident:
    """What was planted, when it began, and the alerts that would be right."""

    name: str
    begins: datetime
    ends: datetime
    kinds: frozenset[tuple[str, str]]


def incidents() -> list[Incident]:
    """Return what is planted and when."""

    def day(n: float) -> datetime:
        return BEGIN + n * DAY

    flood = {("volume_jump", "shop"), ("mood", "shop"), ("waits", "shop")}
    return [
        Incident("bad batch", day(3), day(14), frozenset({("product_faults", BAD)})),
        Incident(
            "carrier's strike",
            day(5),
            day(12),
            frozenset(
                {("carrier_silent", STRIKER), ("carrier_stall", STRIKER), *flood}
            ),
        ),
        Incident("ring of accounts", day(2), day(14), frozenset({("risk_ring", "*")})),
        Incident(
            "agent promises",
            day(4),
            day(14),
            frozenset({("unkept_promise", "1"), ("agent_findings", "1")}),
        ),
        Incident(
            "refunds owed by law",
            day(2),
            day(14),
            frozenset({("refund_due", "shop"), ("refund_overdue", "shop")}),
        ),
    ]


def live(engine: Engine, shop: Shop, step: timedelta = 3 * HOUR) -> None:
    """Live the two weeks: rows arrive, talks are checked, alerts are watched for."""
    now, end = BEGIN, BEGIN + DAYS * DAY
    shop.arrive(engine, now)
    check_ended(engine, now)
    night = None
    promises = sorted(moment for moment in shop.promises if moment > now)
    while now < end:
        now += step
        while promises and promises[0] <= now:
            moment = promises.pop(0)
            shop.arrive(engine, moment)
            check_live(engine, moment + timedelta(seconds=10))
        shop.arrive(engine, now)
        _rate(engine, shop, now)
        check_ended(engine, now)
        if night != now.date() and now.hour >= 21:  # five in the morning there
            night = now.date()
            write_notes(engine, now)
        look_for_rings(engine, now)
        watch(engine, now)


def _rate(engine: Engine, shop: Shop, now: datetime) -> None:
    """Let customers answer some of the surveys, the let down more often."""
    surveys.plan(engine, now)
    with read(engine) as session:
        waiting = {
            row.id: (row.conversation_id, row.token, row.account_id)
            for row in session.query(SurveyRow).filter(SurveyRow.state == "waiting")
        }
    for talk, token, account in waiting.values():
        if surveys.ask_on_visit(engine, talk, now) is None:
            continue
        let_down = account == 1 and now > BEGIN + 4 * DAY
        if shop.rng.random() < (0.6 if let_down else 0.3):
            score = 1 if let_down else int(shop.rng.choice([3, 4, 5, 5]))
            text = f'/rate_service{{"survey": "{token}", "score": "{score}"}}'
            surveys.answer_here(engine, talk, Message(9, "customer", text, now), now)


@dataclass(frozen=True)
class Outcome:
    """What came of a fortnight."""

    alerts: list[dict[str, Any]]
    first: dict[str, dict[str, Any] | None]
    false: list[dict[str, Any]]

    def delay(self, incident: Incident) -> float | None:
        """Return the hours from an incident's beginning to its first alert."""
        found = self.first[incident.name]
        if found is None:
            return None
        return float((found["raised_at"] - incident.begins) / HOUR)


def judge(engine: Engine) -> Outcome:
    """Match the alerts raised with the incidents planted."""
    alerts = sorted(desk.listed(engine), key=lambda item: item["raised_at"])
    right: set[int] = set()
    first: dict[str, dict[str, Any] | None] = {}
    for incident in incidents():
        mine = [
            item
            for item in alerts
            if {(item["kind"], item["subject"]), (item["kind"], "*")} & incident.kinds
            and incident.begins <= item["raised_at"] <= incident.ends + 2 * DAY
        ]
        right |= {item["id"] for item in mine}
        first[incident.name] = mine[0] if mine else None
    return Outcome(alerts, first, [a for a in alerts if a["id"] not in right])


def fresh_engine(folder: Path) -> Engine:
    """Return an empty shop in a folder."""
    engine = make_engine(f"sqlite:///{folder / 'fortnight.db'}")
    upgrade(engine)
    return engine


def run(seed: int, *, planted: bool = True, step: timedelta = 3 * HOUR) -> Outcome:
    """Live one fortnight in a database of its own, and print it."""
    with tempfile.TemporaryDirectory() as folder:
        engine = fresh_engine(Path(folder))
        live(engine, build(seed, planted=planted), step)
        outcome = judge(engine)
        if planted:
            _tell(engine, outcome)
        engine.dispose()
    return outcome


def _tell(engine: Engine, outcome: Outcome) -> None:
    for incident in incidents():
        found = outcome.first[incident.name]
        delay = outcome.delay(incident)
        seen = "never" if found is None else f"{found['kind']} after {delay:.0f} h"
        print(
            f"{incident.name}: began day {(incident.begins - BEGIN) / DAY:.0f}: {seen}"
        )
    for item in outcome.alerts:
        day = (item["raised_at"] - BEGIN) / DAY
        figures_ = item["figures"]
        kind = MAIL["kinds"].get(item["kind"], item["kind"])
        print(
            f"  day {day:5.2f} {item['kind']} {kind} {item['subject']}: "
            f"{figures_.get('seen')} (usual {figures_.get('usual', '-')})"
            f" -> {MAIL['propose'].get(item['kind'], '')}"
            f"{'  FALSE' if item in outcome.false else ''}"
        )
    end = BEGIN + DAYS * DAY
    told = figures(engine, BEGIN, end)
    print(
        f"surveys: {told['asked']} asked, {told['answered']} answered, {told['csat']}"
    )
    print(f"follow-ups open: {len(followups.listed(engine, end))}")
    print(f"quality: {quality.summary(engine, BEGIN, end)['agents']}")


def main() -> None:
    """Run one fortnight, or several for the figures."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--seeds", type=int, default=1)
    chosen = wanted.parse_args()
    started = time.monotonic()
    outcomes = [run(seed) for seed in range(chosen.seeds)]
    quiet = [run(seed, planted=False) for seed in range(chosen.seeds)]
    raised = sum(len(o.alerts) for o in outcomes)
    false = sum(len(o.false) for o in outcomes)
    print(f"alerts {raised}, false {false}, precision {1 - false / max(raised, 1):.3f}")
    rung = sum(len(outcome.alerts) for outcome in quiet)
    print(f"alerts in {chosen.seeds} quiet fortnights: {rung}")
    for incident in incidents():
        delays = [o.delay(incident) for o in outcomes]
        known = sorted(d for d in delays if d is not None)
        middle = f"{known[len(known) // 2]:.0f} h" if known else "-"
        print(f"{incident.name}: seen {len(known)} of {len(delays)}, median {middle}")
    print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
