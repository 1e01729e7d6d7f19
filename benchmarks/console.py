"""How long the console's lists take on 10,000 conversations, 200,000 messages.

Run: .venv/bin/python benchmarks/console.py [database URL]
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
from sqlalchemy import event, insert

from aftercare.services.console import dashboards, inbox, index, nlu, review, transcript
from aftercare.services.console.audit import SYSTEM
from aftercare.services.console.review import Filter
from aftercare.store.desk import HandoverRow
from aftercare.store.engine import make_engine
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.migrations import upgrade
from aftercare.store.unit_of_work import write

SEED = 20261124
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


def fill(engine: Any) -> None:
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


def main() -> None:
    """Fill, measure, print."""
    folder = tempfile.mkdtemp()
    url = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder}/bench.db"
    engine = make_engine(url)
    upgrade(engine)
    fill(engine)
    began = time.perf_counter()
    count = index.catch_up(engine)
    print(f"indexed {count} messages in {time.perf_counter() - began:.0f} s")
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
        "NLU inbox": lambda: nlu.inbox(engine, 50),
        "facets": lambda: review.facets(engine),
        "dashboards, a week": lambda: dashboards.dashboards(engine, *days, "day", NOW),
    }
    print(f"{platform.platform()}, Python {platform.python_version()}")
    print(f"SQLAlchemy {sqlalchemy.__version__}, {engine.dialect.name}, seed {SEED}")
    print(f"{TALKS} conversations, {TALKS * EACH} messages; median and worst of 7 runs")
    for name, run in work.items():
        times = []
        for _ in range(7):
            queries[0] = 0
            began = time.perf_counter()
            run()
            times.append((time.perf_counter() - began) * 1000)
        print(
            f"{name:24} {statistics.median(times):7.0f} ms {max(times):7.0f} ms"
            f" {queries[0]:4} queries"
        )


if __name__ == "__main__":
    main()
