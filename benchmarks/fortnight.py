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
from collections import Counter
from dataclasses import dataclass, replace
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
from benchmarks.fortnight_build import build
from benchmarks.fortnight_incidents import Incident, incidents
from benchmarks.fortnight_plot import DAYS, FIRST, SECOND, THIRD, Plot
from benchmarks.fortnight_shop import BEGIN, DAY, HOUR, Shop


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
            and incident.begins <= item["raised_at"] <= incident.ends + incident.slack
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
        print(f"seed {seed}, {'planted' if planted else 'quiet'}")
        if planted:
            if said:
                first = (said[0] - BEGIN) / DAY
                print(f"first promise: day {first:.2f} of {len(said)}")
            _seen(outcome, plot)
        _tell(outcome, planted)
        if planted:
            _figures(engine)
        engine.dispose()
    return outcome


def _seen(outcome: Outcome, plot: Plot) -> None:
    for incident in incidents(plot):
        found = outcome.first[incident.name]
        delay = outcome.delay(incident)
        seen = "never" if found is None else f"{found['kind']} after {delay:.1f} h"
        print(
            f"{incident.name}: began day {(incident.begins - BEGIN) / DAY:.1f}: {seen}"
        )


def _tell(outcome: Outcome, planted: bool) -> None:
    for item in outcome.alerts:
        day = (item["raised_at"] - BEGIN) / DAY
        figures_ = item["figures"]
        kind = MAIL["kinds"].get(item["kind"], item["kind"])
        print(
            f"  day {day:5.2f} {item['kind']} {kind} {item['subject']}: "
            f"{figures_.get('seen')} (usual {figures_.get('usual', '-')})"
            f" -> {MAIL['propose'].get(item['kind'], '')}"
            f"{'  FALSE' if planted and item in outcome.false else ''}",
            flush=True,
        )


def _figures(engine: Engine) -> None:
    end = BEGIN + DAYS * DAY
    told = figures(engine, BEGIN, end)
    print(
        f"surveys: {told['asked']} asked, {told['answered']} answered, {told['csat']}"
    )
    print(f"follow-ups open: {len(followups.listed(engine, end))}")
    print(f"quality: {quality.summary(engine, BEGIN, end)['agents']}")


PLOTS = {"first": FIRST, "second": SECOND, "third": THIRD}


def main() -> None:
    """Run one fortnight, or several for the figures."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--seeds", type=int, default=1)
    wanted.add_argument("--from-seed", type=int, default=0)
    wanted.add_argument("--plot", choices=sorted(PLOTS), default="first")
    wanted.add_argument("--step", type=float, default=3, help="hours between looks")
    wanted.add_argument("--rough", type=float, default=0, help="sd of a day's factor")
    wanted.add_argument("--only", choices=("planted", "quiet"))
    chosen = wanted.parse_args()
    started, step = time.monotonic(), chosen.step * HOUR
    plot = replace(PLOTS[chosen.plot], rough=chosen.rough)
    seeds = range(chosen.from_seed, chosen.from_seed + chosen.seeds)
    if chosen.only != "quiet":
        _planted([run(seed, step=step, plot=plot) for seed in seeds], plot)
    if chosen.only != "planted":
        quiet = [run(seed, planted=False, step=step, plot=plot) for seed in seeds]
        rung = Counter(item["kind"] for outcome in quiet for item in outcome.alerts)
        days = DAYS * len(quiet)
        print(
            f"alerts in {len(quiet)} quiet fortnights: {rung.total()}, "
            f"{rung.total() / days:.2f} a day, {dict(rung)}"
        )
    print(f"{time.monotonic() - started:.0f} s")


def _planted(outcomes: list[Outcome], plot: Plot) -> None:
    raised = sum(len(o.alerts) for o in outcomes)
    false = sum(len(o.false) for o in outcomes)
    print(f"alerts {raised}, false {false}, precision {1 - false / max(raised, 1):.3f}")
    for incident in incidents(plot):
        delays = [o.delay(incident) for o in outcomes]
        known = sorted(d for d in delays if d is not None)
        middle = f"{known[len(known) // 2]:.0f} h" if known else "-"
        print(f"{incident.name}: seen {len(known)} of {len(delays)}, median {middle}")


if __name__ == "__main__":
    main()
