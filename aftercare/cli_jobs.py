"""`aftercare jobs`: scheduled work, seen and done by hand."""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import UTC, datetime

from sqlalchemy import Engine

from aftercare import logs, scheduler
from aftercare.services.jobs import JOBS, find, recent
from aftercare.settings import Settings

# Scheduled work waits for customers. Not by more: a run that holds the write lock
# and gets no processor keeps everybody waiting for it. The scheduler itself writes
# too, and does little else: it is not put behind.
NICENESS = 5


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Add the words of the verb."""
    what = parser.add_subparsers(dest="what", required=True)
    what.add_parser("list", help="the jobs, when each was last due")
    what.add_parser("runs", help="the newest runs and how they ended")
    what.add_parser("loop", help="do what is due, for ever (`up` starts this)")
    one = what.add_parser("do", help="do one job now")
    one.add_argument("name", choices=[job.name for job in JOBS])
    one.add_argument("--due", type=datetime.fromisoformat, default=None)
    one.add_argument("--run", type=int, default=None, help=argparse.SUPPRESS)
    one.add_argument("--worker", default="hand", help=argparse.SUPPRESS)


def run(engine: Engine, settings: Settings, chosen: argparse.Namespace) -> int:
    """Do what was chosen; return the exit code."""
    now = datetime.now(UTC)
    if chosen.what == "loop":
        logs.configure(settings, "jobs")
        scheduler.loop(engine, settings)
    elif chosen.what == "do":
        if find(chosen.name) is None:
            sys.stderr.write(f"no such job: {chosen.name}\n")
            return 2
        if chosen.run is not None:
            os.nice(NICENESS)
        due = chosen.due or now
        result = scheduler.do(
            engine, settings, chosen.name, due, chosen.run, chosen.worker
        )
        _say(result)
    elif chosen.what == "runs":
        for row in recent(engine):
            _say(row)
    else:
        for job in JOBS:
            _say({"job": job.name, "last_due": job.schedule.latest(now)})
    return 0


def _say(row: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
