"""From every released schema, with rows in it, killed half-way: nothing changes."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, inspect, select, text
from sqlalchemy.exc import OperationalError

from aftercare.services.backup import back_up, restore
from aftercare.settings import ROOT
from aftercare.store.engine import make_engine
from aftercare.store.migrations import config_for, upgrade
from aftercare.store.models import Base
from tests.postgres import Cluster

DYING = Path(__file__).with_name("migrate_and_die.py")
REVISIONS = [
    script.revision
    for script in ScriptDirectory.from_config(
        config_for(make_engine("sqlite://"))
    ).walk_revisions()
][::-1]
MONEY = ("refund", "order_line", "shop_order", "aftersales_case", "case_event")
KEPT = ("customer", *MONEY, "conversation", "message")
ROWS = 40
SOAK = os.environ.get("AFTERCARE_SOAK") == "1"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'old.db'}"
    else:
        postgres: Cluster = request.getfixturevalue("postgres")
        yield postgres.create()


def fill(engine: Engine) -> None:
    """Write rows by the schema that is there, not by today's models."""
    found = MetaData()
    found.reflect(engine)
    at = datetime(2026, 11, 1, 4, 0)
    with engine.begin() as connection:
        for number in range(ROWS):
            key = f"{number:04d}"
            for name, values in row_of(key, number).items():
                table = found.tables[name]
                known = {k: v for k, v in values.items() if k in table.c}
                for column in table.c:
                    if column.name not in known and not column.nullable:
                        if not (column.autoincrement is True or column.identity):
                            known.setdefault(column.name, filler(column, at))
                if name in ("refund", "case_event", "message"):
                    known["id"] = number + 1
                connection.execute(table.insert().values(**known))


def row_of(key: str, number: int) -> dict[str, dict[str, Any]]:
    """Return one customer's rows, parents first."""
    return {
        "customer": {"id": f"C{key}", "name": f"n{key}", "phone": f"139{key}0000"},
        "product": {"sku": f"S{key}", "spu": "P", "price_fen": 1000 + number},
        "shop_order": {
            "order_no": f"O{key}",
            "customer_id": f"C{key}",
            "paid_fen": 1000 + number,
        },
        "order_line": {
            "id": f"L{key}",
            "customer_id": f"C{key}",
            "order_no": f"O{key}",
            "sku": f"S{key}",
            "quantity": 1,
            "paid_fen": 1000 + number,
            "refunded_fen": 500 + number,
        },
        "conversation": {"id": f"T{key}", "customer_id": f"C{key}", "owner": "bot"},
        "message": {
            "conversation_id": f"T{key}",
            "seq": 1,
            "sender": "customer",
            "text": f"\u552e\u540e {key}",
            "payload": {"k": number},
        },
        "aftersales_case": {
            "case_no": f"A{key}",
            "idempotency_key": f"k{key}",
            "customer_id": f"C{key}",
            "line_id": f"L{key}",
            "amount_fen": 500 + number,
        },
        "case_event": {"case_no": f"A{key}", "before": "open", "after": "done"},
        "refund": {
            "idempotency_key": f"r{key}",
            "case_no": f"A{key}",
            "line_id": f"L{key}",
            "amount_fen": 500 + number,
        },
    }


def filler(column: Any, at: datetime) -> Any:
    """Return a value for a column that must have one."""
    kind = column.type.python_type
    return {str: "x", int: 0, bool: False, float: 0.0, dict: {}, bytes: b""}.get(
        kind, at if kind is datetime else at.date()
    )


def sums(engine: Engine, columns: dict[str, list[str]]) -> dict[str, str]:
    """Return a checksum of each table over the columns it had at first."""
    found = MetaData()
    found.reflect(engine, only=list(columns))
    made = {}
    with engine.connect() as connection:
        for name, kept in columns.items():
            table = found.tables[name]
            rows = connection.execute(select(*(table.c[c] for c in kept)))
            data = sorted(json.dumps(list(row), default=str) for row in rows)
            assert len(data) == ROWS
            made[name] = hashlib.sha256("\n".join(data).encode()).hexdigest()
    return made


def columns_of(engine: Engine) -> dict[str, list[str]]:
    found = inspect(engine)
    return {name: [c["name"] for c in found.get_columns(name)] for name in KEPT}


def run(url: str, last: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(DYING), url, str(last)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def is_newest(engine: Engine) -> bool:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        return compare_metadata(context, Base.metadata) == []


# A server takes the statements one by one as a file does: some will do for it.
SOME = REVISIONS if SOAK else sorted({*REVISIONS[::4], REVISIONS[-1]})
PAIRS = [("sqlite", one) for one in REVISIONS]
PAIRS += [("postgresql", one) for one in SOME]


@pytest.mark.parametrize(("url", "revision"), PAIRS, indirect=["url"])
def test_every_released_schema_comes_up_with_its_rows(url: str, revision: str) -> None:
    engine = make_engine(url)
    upgrade(engine, revision)
    fill(engine)
    kept = columns_of(engine)
    before = sums(engine, kept)
    upgrade(engine)
    upgrade(engine)
    assert is_newest(engine)
    assert sums(engine, kept) == before
    engine.dispose()


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9] if SOAK else [0.5])
def test_a_killed_upgrade_is_done_again(url: str, part: float) -> None:
    engine = make_engine(url)
    upgrade(engine, REVISIONS[0])
    fill(engine)
    kept = columns_of(engine)
    before = sums(engine, kept)
    changes = 60
    died = run(url, int(changes * part))
    assert died.returncode == -signal.SIGKILL, died.stderr
    # Nothing is half done: either revision is whole.
    assert sums(engine, kept) == before
    engine.dispose()
    again = run(url, 10**6)
    assert again.returncode == 0, again.stderr
    assert int(again.stdout) >= changes
    assert is_newest(engine)
    assert sums(engine, kept) == before
    engine.dispose()


def test_two_upgrades_at_once_are_one(url: str) -> None:
    command = [sys.executable, str(DYING), url, str(10**6)]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    both = [subprocess.Popen(command, env=env) for _ in range(2)]
    assert [one.wait(120) for one in both] == [0, 0]
    assert is_newest(make_engine(url))


def test_an_upgrade_waits_longer_for_the_file_than_a_turn_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aftercare.store.engine.BUSY_TIMEOUT_MS", 20)
    url = f"sqlite:///{tmp_path / 'new.db'}"
    mine = make_engine(url)
    other = make_engine(url).connect()
    other.execute(text("CREATE TABLE held (x INTEGER)"))
    # A turn would have given up by then, as the next line shows.
    with pytest.raises(OperationalError, match="locked"), mine.begin():
        pass
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(upgrade, mine)
        with pytest.raises(TimeoutError):
            done.result(0.5)
        other.rollback()
        done.result(60)
    assert is_newest(mine)
    with mine.connect() as again:
        held = again.connection.cursor().execute("PRAGMA busy_timeout").fetchone()
    assert held == (20,)
    other.close()


def test_a_backup_of_an_old_schema_comes_back_as_today(
    url: str, tmp_path: Path, now: datetime
) -> None:
    engine = make_engine(url)
    upgrade(engine, REVISIONS[0])
    fill(engine)
    kept = columns_of(engine)
    before = sums(engine, kept)
    back_up(engine, tmp_path / "state", tmp_path / "backup", now)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM refund"))
    restore(engine, tmp_path / "state", tmp_path / "backup", replace=True)
    assert is_newest(engine)
    assert sums(engine, kept) == before
    engine.dispose()
