"""A shop's CSV files: everything is taken, or nothing and every row says why."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine, func, select

from aftercare.cli import _import
from aftercare.services.access import Viewer
from aftercare.services.importer import ImportRefused, import_folder
from aftercare.services.orders import recent_lines, tracks
from aftercare.services.refunds import refund_line
from aftercare.store.models import Base, CustomerRow, OrderLineRow, OrderRow, ProductRow
from aftercare.store.unit_of_work import read

SOURCE = Path(__file__).with_name("files.yml")
FILES: dict[str, Any] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
ANNA = Viewer("talk", "C1")


@pytest.fixture
def engine(empty: Engine) -> Engine:
    return empty


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "files"
    made.mkdir()
    for name, text in FILES["good"].items():
        (made / name).write_text(text, encoding="utf-8")
    return made


def rows(engine: Engine, table: type[Base]) -> int:
    with read(engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def refusals(engine: Engine, folder: Path) -> list[str]:
    with pytest.raises(ImportRefused) as caught:
        import_folder(engine, folder)
    return [str(problem) for problem in caught.value.problems]


def test_what_is_imported_is_what_the_customer_sees(
    engine: Engine, folder: Path
) -> None:
    taken = import_folder(engine, folder)
    assert taken == {
        "customers": 2,
        "products": 2,
        "orders": 2,
        "shipments": 1,
        "order_lines": 3,
        "carrier_events": 2,
    }
    lines = recent_lines(engine, ANNA)
    assert [(x.line_id, x.paid_fen) for x in lines] == [("L1", 12_900), ("L2", 8_800)]
    found = tracks(engine, ANNA, datetime(2026, 11, 5, tzinfo=UTC), "202611010001")
    # 18:00 in Shanghai is ten o'clock in UTC.
    assert found[0].delivered_at == datetime(2026, 11, 4, 10, tzinfo=UTC)
    assert len(found[0].events) == 2
    with read(engine) as session:
        assert session.get_one(OrderRow, "202611020002").paid_fen == 108_800
        assert session.get_one(OrderLineRow, "L2").exclusion_confirmed


@pytest.mark.parametrize(("name", "old", "new", "answer"), FILES["bad"])
def test_one_bad_cell_stops_all_of_it_and_is_named(
    engine: Engine, folder: Path, name: str, old: str, new: str, answer: str
) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    said = refusals(engine, folder)
    assert any(line.startswith(answer) for line in said), said
    assert [rows(engine, table) for table in (CustomerRow, ProductRow, OrderRow)] == [
        0,
        0,
        0,
    ]


def test_a_second_import_brings_up_to_date_and_doubles_nothing(
    engine: Engine, folder: Path
) -> None:
    import_folder(engine, folder)
    path = folder / "products.csv"
    text = path.read_text(encoding="utf-8").replace("129.00", "119.00")
    path.write_text(text, encoding="utf-8")
    import_folder(engine, folder)
    assert rows(engine, OrderLineRow) == 3
    with read(engine) as session:
        assert session.get_one(ProductRow, "P1-1").price_fen == 11_900
    events = tracks(engine, ANNA, datetime(2026, 11, 5, tzinfo=UTC), "202611010001")
    assert len(events[0].events) == 2


def test_an_import_never_touches_money_that_went_back(
    engine: Engine, folder: Path
) -> None:
    import_folder(engine, folder)
    refund_line(
        engine,
        customer_id="C1",
        line_id="L1",
        amount_fen=12_900,
        rule="test",
        idempotency_key="k",
    )
    import_folder(engine, folder)
    with read(engine) as session:
        assert session.get_one(OrderLineRow, "L1").refunded_fen == 12_900
    path = folder / "order_lines.csv"
    text = path.read_text(encoding="utf-8").replace("129.00,S1", "100.00,S1")
    path.write_text(text, encoding="utf-8")
    assert refusals(engine, folder) == [
        "order_lines.csv row 2, column paid: less than was refunded already"
    ]


def test_an_order_never_passes_to_another_customer(
    engine: Engine, folder: Path
) -> None:
    import_folder(engine, folder)
    path = folder / "orders.csv"
    text = path.read_text(encoding="utf-8").replace(
        "202611010001,C1", "202611010001,C2"
    )
    path.write_text(text, encoding="utf-8")
    said = refusals(engine, folder)
    assert said == [
        "orders.csv row 2, column customer_id: "
        "the order already belongs to another customer"
    ]


def test_files_of_chinese_spreadsheets_are_read(engine: Engine, folder: Path) -> None:
    path = folder / "products.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    import_folder(engine, folder)
    with read(engine) as session:
        title = session.get_one(ProductRow, "P1-1").title
    assert title in FILES["good"]["products.csv"]


@pytest.mark.parametrize("raw", [b"\xff\xfe\x00\x81\xff", b'"open\n', b"", b"\x00"])
def test_what_is_no_csv_file_is_refused_in_words(
    engine: Engine, folder: Path, raw: bytes
) -> None:
    (folder / "orders.csv").write_bytes(raw)
    said = refusals(engine, folder)
    assert said and all(line.startswith("orders.csv") for line in said[:1])
    assert rows(engine, CustomerRow) == 0


def test_a_header_without_end_is_one_problem(engine: Engine, folder: Path) -> None:
    # Each title was looked for among all others: a hundred thousand took minutes.
    (folder / "orders.csv").write_bytes(b"a," * 501)
    said = refusals(engine, folder)
    assert [line for line in said if line.startswith("orders.csv")] == [
        "orders.csv row 1: more than 500 columns"
    ]


def test_a_sign_no_column_can_hold_is_refused_in_words(
    engine: Engine, folder: Path
) -> None:
    path = folder / "products.csv"
    head, first, *rest = path.read_text("utf-8").splitlines()
    cells = first.split(",")
    cells[1] += "\0"
    path.write_text("\n".join([head, ",".join(cells), *rest]), "utf-8")
    assert any(
        "a sign that is no text" in line and line.startswith("products.csv row 2")
        for line in refusals(engine, folder)
    )
    assert rows(engine, ProductRow) == 0


def test_a_dry_run_writes_nothing(engine: Engine, folder: Path) -> None:
    assert import_folder(engine, folder, dry_run=True)["orders"] == 2
    assert rows(engine, OrderRow) == 0


def test_the_command_says_what_is_wrong_and_shows_no_value(
    engine: Engine, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / FILES["bad"][9][0]
    text = path.read_text(encoding="utf-8").replace("13900000002", "my phone")
    path.write_text(text, encoding="utf-8")
    assert _import(engine, folder, False) == 1
    said = capsys.readouterr().err
    assert "row 3, column phone" in said and "nothing was imported" in said
    assert "my phone" not in said


def test_an_empty_folder_is_one_sentence(engine: Engine, tmp_path: Path) -> None:
    assert "none of customers.csv" in refusals(engine, tmp_path)[0]
