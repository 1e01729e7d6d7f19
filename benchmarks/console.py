"""How long the console's lists take on 10,000 conversations, 200,000 messages.

Run: .venv/bin/python -m benchmarks.console [--fill] [database URL]

Without an address a fresh SQLite file is filled and measured. With one, --fill
fills it and ends; without --fill what was filled before is measured.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy
import yaml
from sqlalchemy import Engine, event, insert

from aftercare.services.console import (
    case_views,
    dashboards,
    inbox,
    index,
    nlu,
    review,
    transcript,
)
from aftercare.services.console.audit import SYSTEM
from aftercare.services.console.review import Filter
from aftercare.store.desk import HandoverRow
from aftercare.store.engine import make_engine
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.migrations import upgrade
from aftercare.store.unit_of_work import write

SEED = 20261124
RUNS = 7
LONG = "talk-long"
TALKS, EACH = int(os.environ.get("TALKS", "10000")), 20
NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
INTENTS = [f"intent_{number}" for number in range(60)]
OWNERS = ("bot", "waiting", "human", "closed")


def texts() -> list[str]:
    """Return the shop's own training sentences, to have real Chinese to search."""
    found: list[str] = []
    for path in sorted((Path(__file__).parent.parent / "data/nlu").glob("*.yml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            lines = str(item.get("examples", "")).splitlines()
            found += [line.removeprefix("- ") for line in lines if line]
    return found


def fill(engine: Engine) -> None:
    """Write the conversations of thirty days."""
    random, said = Random(SEED), texts()
    for start in range(0, TALKS, 500):
        talks, desks, messages = [], [], []
        for number in range(start, start + 500):
            owner = random.choices(OWNERS, (50, 3, 2, 45))[0]
            began = NOW - timedelta(seconds=random.randrange(30 * 86_400))
            talk = f"talk-{number}"
            talks.append({"id": talk, "owner": owner, "next_seq": EACH + 1})
            desks.append(
                {
                    "conversation_id": talk,
                    "waiting_since": began if owner == "waiting" else None,
                }
            )
            for seq in range(1, EACH + 1):
                at = began + timedelta(seconds=20 * seq)
                customer = seq % 2 == 1
                left = owner == "human" and seq == EACH - 1
                intent = {
                    "name": random.choice(INTENTS),
                    "confidence": random.random(),
                }
                messages.append(
                    {
                        "conversation_id": talk,
                        "seq": seq,
                        "sender": "customer" if customer else "bot",
                        "text": random.choice(said),
                        "at": at,
                        "answered_at": at if customer and not left else None,
                        "understanding": {"intent": intent} if customer else None,
                    }
                )
        with write(engine) as session:
            session.execute(insert(ConversationRow), talks)
            session.execute(insert(HandoverRow), desks)
            session.execute(insert(MessageRow), messages)


def long_talk(engine: Engine) -> None:
    """Write one conversation of 2,000 messages."""
    random, said = Random(SEED + 1), texts()
    with write(engine) as session:
        talk = {"id": LONG, "owner": "closed", "next_seq": 2_001}
        session.execute(insert(ConversationRow), [talk])
        session.execute(
            insert(MessageRow),
            [
                {
                    "conversation_id": LONG,
                    "seq": seq,
                    "sender": ("bot", "customer")[seq % 2],
                    "text": random.choice(said),
                    "at": NOW - timedelta(days=40) + timedelta(seconds=seq),
                    "answered_at": NOW - timedelta(days=39) if seq % 2 else None,
                }
                for seq in range(1, 2_001)
            ],
        )


def measure(engine: Engine) -> None:
    """Print median and worst of RUNS runs of each list, and its queries."""
    queries = [0]
    event.listen(
        engine,
        "before_cursor_execute",
        lambda *_: queries.__setitem__(0, queries[0] + 1),
    )
    days = (NOW.date() - timedelta(days=6), NOW.date())
    said = texts()[0][:3]

    def find(**wanted: Any) -> Callable[[], Any]:
        return lambda: review.search(engine, Filter(**wanted), NOW, None, 50)

    work: dict[str, Callable[[], Any]] = {
        "inbox all": lambda: inbox.page(engine, SYSTEM, NOW),
        "inbox waiting": lambda: inbox.page(engine, SYSTEM, NOW, tab="waiting"),
        "review newest": find(),
        "review Chinese text": find(q=said),
        "review pinyin": find(q="tuikuan"),
        "review intent, unsure": find(intent=INTENTS[3], max_confidence=0.3),
        "review hours of a week": find(first=days[0], last=days[1], hour_from=9),
        "messages of a talk": lambda: transcript.messages(engine, SYSTEM, "talk-7"),
        "end of 2,000 messages": lambda: transcript.messages(engine, SYSTEM, LONG),
        "cases": lambda: case_views.cases(engine, NOW, "all", None, 0, 50),
        "NLU inbox": lambda: nlu.inbox(engine, 50),
        "facets": lambda: review.facets(engine),
        "dashboards, a week": lambda: dashboards.dashboards(engine, *days, "day", NOW),
    }
    print(f"{platform.platform()}, Python {platform.python_version()}")
    print(f"SQLAlchemy {sqlalchemy.__version__}, {engine.dialect.name}, seed {SEED}")
    print(f"{TALKS} conversations, {TALKS * EACH} messages; load {os.getloadavg()[0]}")
    for name, run in work.items():
        times = []
        for _ in range(RUNS):
            queries[0] = 0
            began = time.perf_counter()
            run()
            times.append((time.perf_counter() - began) * 1000)
        print(
            f"{name:24} {statistics.median(times):7.0f} ms {max(times):7.0f} ms"
            f" {queries[0]:4} queries",
            flush=True,
        )


def main() -> None:
    """Fill, measure, print."""
    given = [item for item in sys.argv[1:] if not item.startswith("--")]
    url = given[0] if given else f"sqlite:///{tempfile.mkdtemp()}/bench.db"
    engine = make_engine(url)
    if "--fill" in sys.argv or not given:
        upgrade(engine)
        fill(engine)
        long_talk(engine)
        began = time.perf_counter()
        count = index.catch_up(engine)
        spent = time.perf_counter() - began
        print(f"indexed {count} messages in {spent:.0f} s", flush=True)
    if "--fill" not in sys.argv:
        transcript.warm()
        measure(engine)


if __name__ == "__main__":
    main()
