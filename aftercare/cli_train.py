"""`aftercare train-analytics`: the shop's own models, trained and weighed."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from aftercare.services.analytics_models import versions

# It is kept as plain arrays, so it is trained beside those that are packed.
RECOMMEND = "recommend"


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Add the words of the verb."""
    parser.add_argument("--only", metavar="NAME", default=None)
    parser.add_argument("--list", action="store_true", help="the versions there are")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument(
        "--at", type=datetime.fromisoformat, default=None, help=argparse.SUPPRESS
    )


def run(engine: Engine, chosen: argparse.Namespace) -> int:
    """Do what was chosen; one line of JSON for each model."""
    from aftercare.services.training.registry import TRAINABLE, find
    from aftercare.services.training.run import train_all, train_one

    item = find(chosen.only) if chosen.only else None
    if chosen.only and item is None and chosen.only != RECOMMEND:
        names = ", ".join([*(known.name for known in TRAINABLE), RECOMMEND])
        sys.stderr.write(f"no such model: {chosen.only}; there are {names}\n")
        return 2
    now = chosen.at or datetime.now(UTC)
    if chosen.list:
        reports = versions(engine)
    elif chosen.here and item is not None:
        reports = [train_one(engine, item, now)]
    elif chosen.only == RECOMMEND:
        reports = [_recommend(engine, now)]
    else:
        reports = train_all(engine, now, chosen.only)
        reports += [] if chosen.only else [_recommend(engine, now)]
    for report in reports:
        sys.stdout.write(json.dumps(report, default=str, ensure_ascii=False) + "\n")
    broken = ("failed", "crashed", "timed_out")
    return int(any(report.get("state") in broken for report in reports))


def _recommend(engine: Engine, now: datetime) -> dict[str, Any]:
    from aftercare.services.recommend import train

    return {"name": RECOMMEND} | train(engine, now)
