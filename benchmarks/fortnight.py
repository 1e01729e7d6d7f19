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

from aftercare.scheduler import look_live
from aftercare.services import surveys
from aftercare.services.alerts import desk
from aftercare.services.alerts.mail import WORDS as MAIL
from aftercare.services.alerts.watch import watch
from aftercare.services.conversations import Message
from aftercare.services.quality import desk as quality
from aftercare.services.quality.check import check_ended
from aftercare.services.risk.notes import look_for_rings, write_notes
from aftercare.services.surveys import followups
from aftercare.services.surveys.figures import figures
from aftercare.store.engine import make_engine
from aftercare.store.migrations import upgrade
from aftercare.store.surveys import SurveyRow
from aftercare.store.unit_of_work import read
from benchmarks.fortnight_plot import DAYS, FIRST, SECOND, Plot
from benchmarks.fortnight_shop import BEGIN, DAY, HOUR, Shop, build


@dataclass(frozen=True)
class Incident:
    """What was planted, when it began, and the alerts that would be right."""

    name: str
    begins: datetime
    ends: datetime
    kinds: frozenset[tuple[str, str]]


def incidents(plot: Plot = FIRST) -> list[Incident]:
    """Return what is planted and when."""

    def day(n: float) -> datetime:
        return BEGIN + n * DAY

    flood = {("volume_jump", "shop"), ("mood", "shop"), ("waits", "shop")}
    striker, promiser = plot.striker, str(plot.promiser)
    found = [
        Incident(
            "bad batch",
            *map(day, plot.bad_days),
            frozenset({("product_faults", plot.bad)}),
        ),
        Incident(
            "carrier's strike",
            day(plot.strike[0]),
            day(plot.strike[1] + 1),
            frozenset(
                {("carrier_silent", striker), ("carrier_stall", striker), *flood}
            ),
        ),
        Incident(
            "ring of accounts",
            day(plot.ring_back[0]),
            day(14),
            frozenset({("risk_ring", "*")}),
        ),
        Incident(
            "agent promises",
            day(plot.promises_from),
            day(14),
            frozenset({("unkept_promise", promiser), ("agent_findings", promiser)}),
        ),
        Incident(
            "refunds owed by law",
            day(plot.owed_from),
            day(14),
            frozenset({("refund_due", "shop"), ("refund_overdue", "shop")}),
        ),
    ]
    if plot.surge is not None:
        surge = day(plot.surge)
        found.append(Incident("festival", surge, surge + DAY, frozenset(flood)))
    return found


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
            look_live(engine, moment + timedelta(seconds=10), None)
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
        promising = now > BEGIN + shop.plot.promises_from * DAY
        let_down = account == shop.plot.promiser and promising
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


def judge(engine: Engine, plot: Plot = FIRST) -> Outcome:
    """Match the alerts raised with the incidents planted."""
    alerts = sorted(desk.listed(engine), key=lambda item: item["raised_at"])
    right: set[int] = set()
    first: dict[str, dict[str, Any] | None] = {}
    for incident in incidents(plot):
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


def run(
    seed: int, *, planted: bool = True, step: timedelta = 3 * HOUR, plot: Plot = FIRST
) -> Outcome:
    """Live one fortnight in a database of its own, and print it."""
    with tempfile.TemporaryDirectory() as folder:
        engine = fresh_engine(Path(folder))
        shop = build(seed, planted=planted, plot=plot)
        said = sorted(moment for moment in shop.promises if moment > BEGIN)
        live(engine, shop, step)
        outcome = judge(engine, plot)
        if planted:
            if said:
                print(
                    f"first promise: day {(said[0] - BEGIN) / DAY:.2f} of {len(said)}"
                )
            _tell(engine, outcome, plot)
        engine.dispose()
    return outcome


def _tell(engine: Engine, outcome: Outcome, plot: Plot) -> None:
    for incident in incidents(plot):
        found = outcome.first[incident.name]
        delay = outcome.delay(incident)
        seen = "never" if found is None else f"{found['kind']} after {delay:.1f} h"
        print(
            f"{incident.name}: began day {(incident.begins - BEGIN) / DAY:.1f}: {seen}"
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
    wanted.add_argument("--second", action="store_true", help="the other fortnight")
    wanted.add_argument("--step", type=float, default=3, help="hours between looks")
    chosen = wanted.parse_args()
    started, step = time.monotonic(), chosen.step * HOUR
    plot, seeds = SECOND if chosen.second else FIRST, range(chosen.seeds)
    outcomes = [run(seed, step=step, plot=plot) for seed in seeds]
    quiet = [run(seed, planted=False, step=step, plot=plot) for seed in seeds]
    raised = sum(len(o.alerts) for o in outcomes)
    false = sum(len(o.false) for o in outcomes)
    print(f"alerts {raised}, false {false}, precision {1 - false / max(raised, 1):.3f}")
    rung = sum(len(outcome.alerts) for outcome in quiet)
    print(f"alerts in {chosen.seeds} quiet fortnights: {rung}")
    for incident in incidents(plot):
        delays = [o.delay(incident) for o in outcomes]
        known = sorted(d for d in delays if d is not None)
        middle = f"{known[len(known) // 2]:.0f} h" if known else "-"
        print(f"{incident.name}: seen {len(known)} of {len(delays)}, median {middle}")
    print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
