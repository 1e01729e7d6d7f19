"""How long the console's lists take on 10,000 conversations, 200,000 messages.

Run: .venv/bin/python -m benchmarks.console [--fill] [database URL]
     .venv/bin/python -m benchmarks.console --copy FROM TO

Without an address a fresh SQLite file is filled and measured. With one, --fill
fills it and ends; without --fill what was filled before is measured. --copy puts
the rows of one filled database into another, new one. Each list is asked for by
its route, by an admin who is signed in: what is measured is the whole answer.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy
from fastapi.testclient import TestClient
from sqlalchemy import Engine, delete, event, insert, select, text

from aftercare.services.console import index, transcript
from aftercare.settings import Settings
from aftercare.store.engine import make_engine
from aftercare.store.messages import MessageRow
from aftercare.store.migrations import upgrade
from aftercare.store.models import Base
from aftercare.web.console import guard
from aftercare.web.console.app import create_console
from aftercare.web.gateway import Gateway
from benchmarks.console_data import (
    EACH,
    LONG,
    NOW,
    PASSWORD,
    SEED,
    TALKS,
    Filler,
    intents,
    texts,
)

RUNS = 7
NEXT_ID = "SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
WEEK = {"from": str(NOW.date() - timedelta(days=6)), "to": str(NOW.date())}
QUARTER = {"from": str(NOW.date() - timedelta(days=91)), "to": str(NOW.date())}


def lists() -> dict[str, tuple[str, dict[str, Any]]]:
    """Return each list by its name: its route and its query."""
    find, names = "/review/conversations", intents()
    steps = {"steps": f"intent:{names[0]},action:action_1", **WEEK}
    return {
        "inbox, all": ("/inbox", {"tab": "all"}),
        "inbox, waiting": ("/inbox", {"tab": "waiting"}),
        "inbox, mine": ("/inbox", {"tab": "mine"}),
        "review, newest": (find, {}),
        "review, Chinese text": (find, {"q": texts()[0][:3]}),
        "review, two characters": (find, {"q": texts()[0][:2]}),
        "review, pinyin": (find, {"q": "tuikuan"}),
        "review, initials": (find, {"q": "tk"}),
        "review, intent, unsure": (find, {"intent": names[3], "max_confidence": 0.3}),
        "review, action and slot": (find, {"action": "action_1", "slot": "reason"}),
        "review, unhappy": (find, {"sentiment": "negative"}),
        "review, hours of a week": (find, WEEK | {"hour_from": 9, "hour_to": 18}),
        "review, not reviewed": (find, {"review": "none"}),
        "messages of a talk": ("/conversations/talk-7/messages", {}),
        "end of 2,000 messages": (f"/conversations/{LONG}/messages", {}),
        "cases": ("/cases", {"state": "all"}),
        "cases, waiting": ("/cases", {"state": "waiting"}),
        "NLU inbox": ("/nlu/inbox", {}),
        "facets": ("/review/facets", {}),
        "dashboards, a day": (
            "/dashboards",
            {"from": WEEK["to"], "to": WEEK["to"], "bucket": "hour"},
        ),
        "dashboards, a week": ("/dashboards", WEEK),
        "dashboards, 92 days": ("/dashboards", QUARTER),
        "outlook": ("/outlook", {}),
        "funnel, a week": ("/funnel", steps),
        "funnel, 92 days": ("/funnel", steps | QUARTER),
        "customers": ("/customers", {}),
        "a customer": ("/customers/C00001", {}),
        "satisfaction": ("/satisfaction", WEEK),
        "follow-ups": ("/followups", {}),
        "quality": ("/quality", WEEK),
        "quality, findings": ("/quality/findings", {}),
        "quality, to review": ("/quality/reviews", {}),
        "alerts": ("/alerts", {}),
        "risk": ("/risk", {}),
        "returns": ("/returns", {}),
        "returns, notes": ("/returns/notes", {}),
        "knowledge": ("/articles", {}),
        "people": ("/people", {}),
        "audit": ("/audit", {}),
        "models": ("/models", {}),
    }


def measure(engine: Engine) -> None:
    """Print median and worst of RUNS runs of each list, and its queries.

    `own` is the median processor time of this process: all of it on SQLite, without
    the server's share on PostgreSQL; what others do on the machine is not in it.
    """
    queries = [0]
    event.listen(
        engine,
        "before_cursor_execute",
        lambda *_: queries.__setitem__(0, queries[0] + 1),
    )
    http = signed_in(engine)
    print(f"{platform.platform()}, Python {platform.python_version()}")
    print(f"SQLAlchemy {sqlalchemy.__version__}, {engine.dialect.name}, seed {SEED}")
    print(f"{TALKS} conversations, {TALKS * EACH} messages; load {os.getloadavg()[0]}")
    for name, (path, query) in lists().items():
        times, work = [], []
        for _ in range(RUNS):
            queries[0] = 0
            began, busy = time.perf_counter(), time.process_time()
            found = http.get(path, params=query)
            times.append((time.perf_counter() - began) * 1000)
            work.append((time.process_time() - busy) * 1000)
            if found.status_code != 200:
                raise SystemExit(f"{path}: {found.status_code} {found.text[:200]}")
        print(
            f"{name:24} {statistics.median(times):7.0f} ms {max(times):7.0f} ms"
            f" {statistics.median(work):6.0f} ms own"
            f" {queries[0]:4} queries {len(found.content) // 1024:5} KiB",
            flush=True,
        )


def signed_in(engine: Engine) -> TestClient:
    """Return a browser in which an admin has signed in; its clock stands at NOW."""
    settings = Settings(
        state_dir=Path(tempfile.mkdtemp()),
        database_url=str(engine.url),
        shop_jwt_secret="s" * 40,
        internal_secret="i" * 40,
    )
    gateway = Gateway(settings, engine, {"malformed": "?"})
    app = create_console(settings, engine, gateway)
    http = TestClient(app, base_url="http://console.test")
    signed = http.post("/session", json={"login": "admin-0", "password": PASSWORD})
    if signed.status_code != 200:
        raise SystemExit(signed.text)
    app.dependency_overrides[guard.now_of] = lambda: NOW
    return http


def drawn_moods(rows: Sequence[MessageRow]) -> dict[int, float]:
    """Return how customers feel by chance: reading it is not measured here."""
    asked = (row.id for row in rows if row.sender == "customer")
    return {key: Random(key).uniform(-1, 1) for key in asked}


def copy(source: Engine, target: Engine) -> None:
    """Put the rows of a filled database into a new one."""
    upgrade(target)
    with target.begin() as into:  # what migrations lay down is in the source too
        for table in reversed(Base.metadata.sorted_tables):
            into.execute(delete(table))
    for table in Base.metadata.sorted_tables:
        with source.connect() as have, target.begin() as into:
            for part in have.execute(select(table)).mappings().partitions(2_000):
                into.execute(insert(table), [dict(row) for row in part])
            if target.dialect.name == "postgresql" and "id" in table.c:
                if table.c.id.autoincrement is True:
                    into.execute(text(NEXT_ID.format(table=table.name)))
    with target.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(
            text("ANALYZE")
        )


def main() -> None:
    """Fill, copy or measure, and print."""
    given = [item for item in sys.argv[1:] if not item.startswith("--")]
    if "--copy" in sys.argv:
        copy(make_engine(given[0]), make_engine(given[1]))
        return
    url = given[0] if given else f"sqlite:///{tempfile.mkdtemp()}/bench.db"
    engine = make_engine(url)
    if "--fill" in sys.argv or not given:
        upgrade(engine)
        Filler(engine).fill()
        began = time.perf_counter()
        count = index.catch_up(engine, drawn_moods)
        spent = time.perf_counter() - began
        print(f"indexed {count} messages in {spent:.0f} s", flush=True)
    if "--fill" not in sys.argv:
        transcript.warm()
        measure(engine)


if __name__ == "__main__":
    main()
