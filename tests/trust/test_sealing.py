"""The record of what was done: every way of editing it behind our back is seen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select, update

from aftercare import doctor
from aftercare.cover import cover
from aftercare.services import rights
from aftercare.services.console import audit
from aftercare.services.console.audit import SYSTEM
from aftercare.settings import Settings
from aftercare.store.console import AuditHeadRow, AuditRow
from aftercare.store.sealing import broken, head_of
from aftercare.store.unit_of_work import read, write

ROWS = 6


@pytest.fixture
def recorded(empty: Engine, now: datetime) -> Engine:
    """A record of six rows, two of them of one transaction."""
    for number in range(ROWS - 2):
        with write(empty) as session:
            audit.record(
                session, SYSTEM, "a.b", now, f"t{number}", sum=number, by=("x",)
            )
    with write(empty) as session:
        audit.record(session, SYSTEM, "two", now)
        audit.record(session, SYSTEM, "rows", now, "in one")
    return empty


def test_an_honest_record_is_whole(recorded: Engine) -> None:
    assert list(broken(recorded)) == []
    assert head_of(recorded)[0] == ROWS


@pytest.mark.parametrize(
    "column", ["actor", "action", "target", "address", "at", "detail"]
)
def test_a_changed_row_shows(recorded: Engine, now: datetime, column: str) -> None:
    other: dict[str, Any] = {"at": now.replace(microsecond=1), "detail": {"sum": 9}}
    with write(recorded) as session:
        changed = update(AuditRow).where(AuditRow.place == 3)
        session.execute(changed.values(**{column: other.get(column, "other")}))
    assert list(broken(recorded)) == [
        "row 3 of the audit record is not what was written"
    ]


@pytest.mark.parametrize("place", [1, 3, ROWS])
def test_a_missing_row_shows(recorded: Engine, place: int) -> None:
    with write(recorded) as session:
        session.execute(delete(AuditRow).where(AuditRow.place == place))
    assert len(list(broken(recorded))) == 1


def test_rows_that_changed_places_show(recorded: Engine) -> None:
    with write(recorded) as session:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            moved = update(AuditRow).where(AuditRow.place == old)
            session.execute(moved.values(place=new))
    assert list(broken(recorded))


def test_a_row_slipped_in_shows(recorded: Engine, now: datetime) -> None:
    with write(recorded) as session:
        session.add(AuditRow(at=now, actor="nobody", action="x", target=""))
    assert list(broken(recorded)) == ["1 rows of the audit record were never sealed"]


def test_a_record_cut_short_differs_from_the_seal_that_was_noted(
    recorded: Engine,
) -> None:
    """Who cuts the end off and moves the head still differs from the noted seal."""
    noted = head_of(recorded)
    with write(recorded) as session:
        session.execute(delete(AuditRow).where(AuditRow.place > 4))
        last = session.scalar(select(AuditRow.seal).where(AuditRow.place == 4))
        session.execute(update(AuditHeadRow).values(place=4, seal=last))
    assert list(broken(recorded)) == []
    assert head_of(recorded) != noted


def test_rivals_make_one_chain(empty: Engine, now: datetime) -> None:
    rivals, each = 6, 5
    ready = Barrier(rivals)

    def act(name: int) -> None:
        ready.wait()
        for number in range(each):
            with write(empty) as session:
                audit.record(session, SYSTEM, "a.b", now, f"{name}-{number}")

    with ThreadPoolExecutor(rivals) as pool:
        list(pool.map(act, range(rivals)))
    assert list(broken(empty)) == []
    with read(empty) as session:
        places = sorted(session.scalars(select(AuditRow.place)))
    assert places == list(range(1, rivals * each + 1))


def test_what_is_undone_leaves_no_gap(recorded: Engine, now: datetime) -> None:
    with pytest.raises(RuntimeError), write(recorded) as session:
        audit.record(session, SYSTEM, "undone", now)
        raise RuntimeError
    with write(recorded) as session:
        audit.record(session, SYSTEM, "after", now)
    assert list(broken(recorded)) == []
    assert head_of(recorded)[0] == ROWS + 1


@pytest.mark.parametrize("empty", ["sqlite"], indirect=True)
def test_the_nightly_clean_up_notes_the_end_outside_the_database(
    recorded: Engine, now: datetime, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "aftercare.purge"):
        rights.purge(recorded, tmp_path, now, 365)
    (line,) = [one for one in caplog.records if one.msg == "audit record ends"]
    told = line.__dict__["fields"]
    assert told["rows"] == ROWS and cover(told["seal"]) == told["seal"]
    letters = str.maketrans("ghijklmnop", "0123456789")
    assert told["seal"].translate(letters) == head_of(recorded)[1]


@pytest.mark.parametrize("empty", ["sqlite"], indirect=True)
def test_the_doctor_says_so(
    recorded: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(state_dir=tmp_path, database_url=str(recorded.url))
    doctor.report(settings)
    assert "audit record" not in capsys.readouterr().out
    with write(recorded) as session:
        session.execute(delete(AuditRow).where(AuditRow.place == 2))
    assert doctor.report(settings) == 1
    assert "rows 2 to 2 of the audit record are gone" in capsys.readouterr().out
