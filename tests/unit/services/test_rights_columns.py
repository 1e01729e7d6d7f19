"""A word planted in every column of every table that holds customers.

The tables are read from the models, so a new column is planted without being named
here: who adds one and forgets it fails this test.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import JSON, Column, Engine, Table, create_engine, func, select, update

from aftercare.services import rights
from aftercare.services.rights.holdings import OWNED
from aftercare.settings import ROOT
from aftercare.store.engine import make_engine
from aftercare.store.migrations import upgrade
from aftercare.store.models import Base, UtcDateTime
from aftercare.store.unit_of_work import read, write

ME = "C-canary"
KEYS = {
    "customer": ME,
    "order": "O-canary",
    "shipment": "S-canary",
    "line": "L-canary",
    "case": "A-canary",
    "conversation": "T-canary",
    "message": 1,
}
# By the names that columns have everywhere.
BY_NAME = {
    "customer_id": ME,
    "order_no": "O-canary",
    "shipment_id": "S-canary",
    "line_id": "L-canary",
    "case_no": "A-canary",
    "conversation_id": "T-canary",
    "message_id": 1,
}
# Records of transactions stay (E-commerce Law art. 31); what in them says who goes.
STAYS = ("refund", "order_line", "shop_order", "aftersales_case", "case_event")
STAYS += ("case_action",)
GOES = {
    "shop_order.receiver_phone",
    "shop_order.receiver_region",
    "aftersales_case.detail",
    "aftersales_case.conversation_id",
    "case_action.note",
}
RETENTION = yaml.safe_load((ROOT / "docs/retention.yml").read_text("utf-8"))


def value(table: Table, column: Column[Any], now: datetime) -> Any:
    """Return what stands in a column: a key, a number, or a planted word."""
    for key in column.foreign_keys:
        if key.column.table.name not in OWNED:
            return (
                f"{key.column.table.name}-1"
                if key.column.type.python_type is str
                else 1
            )
    name = f"{table.name}.{column.name}"
    own, kind = OWNED.get(table.name, ("", ""))
    if column.name == own:
        return KEYS[kind]
    if column.name in BY_NAME:
        return BY_NAME[column.name]
    if isinstance(column.type, JSON):
        return {"word": f"planted:{name}:"}
    if isinstance(column.type, UtcDateTime):
        return now
    sort = column.type.python_type
    if sort is str:
        return f"planted:{name}:"
    plain: dict[type, Any] = {int: 1, bool: True, float: 1.0, bytes: b"x"}
    return plain.get(sort, date(2026, 11, 1))


@pytest.fixture
def planted(tmp_path: Path, now: datetime) -> Iterator[Engine]:
    engine = make_engine(f"sqlite:///{tmp_path / 'planted.db'}")
    upgrade(engine)
    # Without our settings SQLite lets rows point at nothing.
    plain = create_engine(engine.url)
    with plain.begin() as connection:
        for name in OWNED:
            table = Base.metadata.tables[name]
            row = {c.name: value(table, c, now) for c in table.c}
            connection.execute(table.insert().values(**row))
    plain.dispose()
    yield engine
    engine.dispose()


def words(engine: Engine) -> dict[str, str]:
    """Return the planted words that are left, by where they stand."""
    left = {}
    with read(engine) as session:
        for name in Base.metadata.tables:
            table = Base.metadata.tables[name]
            for row in session.execute(select(table)).mappings():
                for column, held in row.items():
                    text = json.dumps(held, default=str)
                    if "planted:" in text or "-canary" in text:
                        left[f"{name}.{column}"] = text
    return left


def test_the_copy_holds_every_column(
    planted: Engine, tmp_path: Path, now: datetime
) -> None:
    before = words(planted)
    assert len(before) > 100
    url = f"sqlite:///{tmp_path / 'none.db'}"
    copy = json.dumps(rights.export_customer(planted, ME, url, now))
    missing = [where for where, text in before.items() if text.strip('"{}') not in copy]
    assert missing == []


def left_over(engine: Engine) -> list[str]:
    """Return the places that should be empty and are not."""
    return [
        where
        for where, text in words(engine).items()
        if where in GOES or ME in text or where.split(".")[0] not in STAYS
    ]


def test_forgetting_leaves_no_column(planted: Engine, tmp_path: Path) -> None:
    rights.forget_customer(planted, tmp_path, ME, open_cases=True)
    assert left_over(planted) == []
    with read(planted) as session:
        refund = Base.metadata.tables["refund"]
        assert session.scalar(select(func.count()).select_from(refund)) == 1


def test_forgetting_leaves_no_column_after_a_backup_came_back(
    planted: Engine, tmp_path: Path
) -> None:
    file = Path(str(planted.url.database))
    with planted.connect() as connection:
        connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(file, tmp_path / "backup.db")
    rights.forget_customer(planted, tmp_path, ME, open_cases=True)
    back = make_engine(f"sqlite:///{tmp_path / 'backup.db'}")
    assert left_over(back)
    assert rights.forget_again(back, tmp_path) == 1
    assert left_over(back) == []
    back.dispose()


def test_a_purged_talk_leaves_no_column_of_its_own(
    planted: Engine, tmp_path: Path, now: datetime
) -> None:
    from datetime import timedelta

    with write(planted) as session:
        talk = Base.metadata.tables["conversation"]
        session.execute(update(talk).values(owner="bot"))
    gone = rights.purge(planted, tmp_path, now + timedelta(days=400), 365)
    assert gone["conversations"] == 1
    with read(planted) as session:
        for name, (column, kind) in OWNED.items():
            if kind in ("conversation", "message"):
                table = Base.metadata.tables[name]
                held = session.execute(select(table.c[column])).scalars().all()
                assert not held, name


def test_every_column_has_a_purpose_and_an_end() -> None:
    for name in OWNED:
        entry = RETENTION["tables"][name]
        assert entry["keep"] in RETENTION["keep"] and entry["why"]
        named = {*entry.get("personal", []), *entry.get("codes", [])}
        columns = set(Base.metadata.tables[name].c.keys())
        assert named == columns, (name, named ^ columns)
