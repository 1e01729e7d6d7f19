"""The drill: back up, lose everything, restore, and compare row by row."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.backup import DUMP, back_up, restore
from aftercare.services.conversations import open_conversation, receive
from aftercare.services.rights import forget_customer
from aftercare.store.models import Base, CustomerRow
from aftercare.store.unit_of_work import read

ANNA, PLANTED = "C-DEMO-1", "planted-words-of-anna"


def dump(engine: Engine) -> str:
    """Return every row of every table, in order."""
    with read(engine) as session:
        rows = {
            name: sorted(map(repr, session.execute(select(table)).all()))
            for name, table in Base.metadata.tables.items()
        }
    return json.dumps(rows)


@pytest.fixture
def state(shop: Engine, tmp_path: Path, now: datetime) -> Path:
    """An installation's folder, with a customer's words and a file."""
    folder = tmp_path / "state"
    (folder / "files").mkdir(parents=True)
    (folder / "files" / "one").write_bytes(b"picture")
    receive(
        shop,
        conversation_id=open_conversation(shop, ANNA),
        customer_id=ANNA,
        client_id="c",
        text=PLANTED,
        now=now,
    )
    return folder


def lose(engine: Engine, state: Path) -> None:
    tables = [t.name for t in Base.metadata.tables.values()]
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"TRUNCATE {', '.join(tables)} CASCADE"))
        else:
            connection.execute(text("PRAGMA defer_foreign_keys=ON"))
            for table in tables:
                connection.execute(text(f"DELETE FROM {table}"))
    (state / "files" / "one").unlink()


def test_what_is_lost_comes_back(
    shop: Engine, state: Path, tmp_path: Path, now: datetime
) -> None:
    before = dump(shop)
    back_up(shop, state, tmp_path / "backup", now)
    lose(shop, state)
    assert dump(shop) != before
    assert restore(shop, state, tmp_path / "backup") == 0
    assert dump(shop) == before
    assert (state / "files" / "one").read_bytes() == b"picture"


def test_the_forgotten_stay_forgotten(
    shop: Engine, state: Path, tmp_path: Path, now: datetime
) -> None:
    back_up(shop, state, tmp_path / "backup", now)
    forget_customer(shop, state, ANNA, open_cases=True)
    assert restore(shop, state, tmp_path / "backup", replace=True) == 1
    assert PLANTED not in dump(shop)
    with read(shop) as session:
        assert session.get(CustomerRow, ANNA) is None


def test_nothing_is_overwritten_unasked(
    shop: Engine, state: Path, tmp_path: Path, now: datetime
) -> None:
    back_up(shop, state, tmp_path / "backup", now)
    before = dump(shop)
    with pytest.raises(AftercareError) as caught:
        restore(shop, state, tmp_path / "backup")
    assert caught.value.reason is Reason.ILLEGAL_MOVE
    assert dump(shop) == before


def test_a_changed_backup_is_refused(
    shop: Engine, state: Path, tmp_path: Path, now: datetime
) -> None:
    back_up(shop, state, tmp_path / "backup", now)
    with (tmp_path / "backup" / DUMP).open("ab") as file:
        file.write(b"x")
    before = dump(shop)
    with pytest.raises(AftercareError) as caught:
        restore(shop, state, tmp_path / "backup", replace=True)
    assert caught.value.reason is Reason.MALFORMED
    assert dump(shop) == before
