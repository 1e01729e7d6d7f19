"""An import keeps no customer waiting, and what changes meanwhile stays as it is."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from aftercare.services import importer, rights
from aftercare.services.conversations import open_conversation
from aftercare.services.importer import import_folder
from aftercare.services.refunds import refund_line
from aftercare.store.models import (
    Base,
    CarrierEventRow,
    CustomerRow,
    OrderLineRow,
    OrderRow,
    ProductRow,
    ShipmentRow,
)
from aftercare.store.unit_of_work import read
from tests.unit.importer.test_import import folder  # noqa: F401  the good files
from tests.unit.store.test_held_short import Probe

TABLES = (
    *(CustomerRow, ProductRow, OrderRow),
    *(ShipmentRow, OrderLineRow, CarrierEventRow),
)
# A function of the same name hides the module in its package.
writing = import_module("aftercare.services.importer.write")
sqlite = pytest.mark.parametrize("empty", ["sqlite"], indirect=True)


def keys(engine: Engine) -> dict[str, list[Any]]:
    """Return every row of a shop's data."""

    def plain(table: type[Base]) -> list[Any]:
        with read(engine) as session:
            rows = session.execute(select(table.__table__)).all()
        names = [column.name for column in table.__table__.columns]
        skip = names.index("id") if table is CarrierEventRow else None
        return sorted(
            str([cell for at, cell in enumerate(row) if at != skip]) for row in rows
        )

    return {table.__name__: plain(table) for table in TABLES}


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], Any]) -> None:
    """Let something happen when all is worked out and nothing is written yet."""
    real = importer._write

    def after(engine: Engine, parts: Any) -> int:
        happens()
        return real(engine, parts)

    monkeypatch.setattr(importer, "_write", after)


@sqlite
def test_all_is_worked_out_before_and_others_write_between_the_parts(
    empty: Engine,
    folder: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writing, "PART", 1)
    probe, opened = Probe(empty), []
    monkeypatch.setattr(importer, "check", probe.around(importer.check))
    monkeypatch.setattr(writing, "_values", probe.around(writing._values))
    monkeypatch.setattr(
        importer.time, "sleep", lambda _: opened.append(open_conversation(empty, None))
    )
    import_folder(empty, folder)
    assert len(probe.free) > 8 and all(probe.free)
    # One part a row of these files: 2 + 2 + 2 + 1 + 3 + 2.
    assert len(opened) == 12


@sqlite
def test_an_import_that_was_killed_is_completed_by_the_next(
    empty: Engine,
    folder: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writing, "PART", 1)
    real, left = importer.write_part, [7]

    def killed(session: Any, part: Any) -> int:
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        return real(session, part)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(importer, "write_part", killed)
        import_folder(empty, folder)
    half = keys(empty)
    assert half["OrderRow"] and not half["OrderLineRow"]
    import_folder(empty, folder)
    whole = keys(empty)
    assert [len(rows) for rows in whole.values()] == [2, 2, 2, 1, 3, 2]
    import_folder(empty, folder)
    assert keys(empty) == whole


def test_what_has_not_changed_is_not_written_again(
    empty: Engine,
    folder: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import_folder(empty, folder)
    written: list[Any] = []
    monkeypatch.setattr(importer, "write_part", lambda _, part: written.append(part))
    import_folder(empty, folder)
    assert written == []


def test_money_that_goes_back_while_it_is_worked_out_is_not_undercut(
    empty: Engine,
    folder: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    import_folder(empty, folder)
    path = folder / "order_lines.csv"
    text = path.read_text(encoding="utf-8").replace("129.00,S1", "100.00,S1")
    path.write_text(text, encoding="utf-8")

    def refund() -> None:
        refund_line(
            empty,
            customer_id="C1",
            line_id="L1",
            amount_fen=12_900,
            rule="test",
            idempotency_key="k",
        )

    meanwhile(monkeypatch, refund)
    import_folder(empty, folder)
    with read(empty) as session:
        row = session.get_one(OrderLineRow, "L1")
        assert (row.paid_fen, row.refunded_fen) == (12_900, 12_900)
    assert caplog.records[-1].fields == {  # type: ignore[attr-defined]
        "reason": "changed_since",
        "rows": 1,
    }


def test_who_is_forgotten_while_it_is_worked_out_stays_forgotten(
    empty: Engine,
    folder: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import_folder(empty, folder)
    for path in folder.glob("*.csv"):
        text = path.read_text(encoding="utf-8")
        # Something new in every row, so that each is to be written.
        path.write_text(changed(text), encoding="utf-8")
    refund_line(
        empty,
        customer_id="C1",
        line_id="L1",
        amount_fen=1,
        rule="test",
        idempotency_key="k",
    )
    meanwhile(monkeypatch, lambda: rights.forget_customer(empty, tmp_path, "C1"))
    import_folder(empty, folder)
    forgotten(empty)


def test_who_was_forgotten_is_not_brought_back_by_the_next_export(
    empty: Engine,
    folder: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    import_folder(empty, folder, state=tmp_path)
    refund_line(
        empty,
        customer_id="C1",
        line_id="L1",
        amount_fen=1,
        rule="test",
        idempotency_key="k",
    )
    rights.forget_customer(empty, tmp_path, "C1")
    before = keys(empty)
    taken = import_folder(empty, folder, state=tmp_path)
    # The other customer's rows are taken as ever; a forgotten one refuses nothing.
    assert taken["customers"] == 1 and taken["orders"] == 1
    assert keys(empty) == before
    forgotten(empty)


def changed(text: str) -> str:
    new = text.replace("13900", "13800").replace("2026-", "2025-")
    return new.replace(",1,129.00", ",2,129.00")


def forgotten(engine: Engine) -> None:
    with read(engine) as session:
        owners = set(session.scalars(select(OrderRow.customer_id)))
        owners |= set(session.scalars(select(OrderLineRow.customer_id)))
        assert session.get(CustomerRow, "C1") is None
    assert "C1" not in owners and any(name.startswith("forgotten-") for name in owners)


def test_of_two_imports_at_once_neither_takes_the_others_order(
    empty: Engine,
    folder: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rival = tmp_path / "rival"
    shutil.copytree(folder, rival)
    orders = rival / "orders.csv"
    text = orders.read_text(encoding="utf-8")
    moved = text.replace("202611010001,C1", "202611010001,C2")
    orders.write_text(moved, encoding="utf-8")
    done: list[Any] = []

    def once() -> None:
        if not done:
            done.append(True)
            import_folder(empty, rival)

    meanwhile(monkeypatch, once)
    lines = folder / "order_lines.csv"
    text = lines.read_text(encoding="utf-8")
    lines.write_text(changed(text), encoding="utf-8")
    import_folder(empty, folder)
    with read(empty) as session:
        assert session.get_one(OrderRow, "202611010001").customer_id == "C2"
        for line in ("L1", "L2"):
            assert session.get_one(OrderLineRow, line).customer_id == "C2"
