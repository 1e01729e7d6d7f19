"""The month is written once, into the demo shop alone, the same for the same seed."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from aftercare import cli_month
from aftercare.demo_month import days, fill
from aftercare.demo_month.goods import Piece, Refused, pieces
from aftercare.demo_month.plan import DAY, DAYS, Visit, plan
from aftercare.services.jobs import JOBS
from aftercare.settings import Settings
from aftercare.store.console import ConsoleSettingRow
from aftercare.store.messages import ConversationRow
from aftercare.store.models import Base, CustomerRow, OrderRow, ProductRow
from aftercare.store.unit_of_work import read, write
from tests.conftest import NOW

SINCE = NOW - DAYS * DAY


def sizes(engine: Engine) -> dict[str, int]:
    with read(engine) as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def test_a_second_run_changes_nothing(month: Engine) -> None:
    fill.finish(month, NOW)
    before = sizes(month)
    assert fill.fill(month, NOW + DAY) is None
    assert sizes(month) == before


def test_one_seed_gives_one_month(shop: Engine) -> None:
    free = pieces(shop, SINCE)
    once, again = plan(list(free), NOW, 1), plan(list(free), NOW, 1)
    assert once == again
    assert once != plan(list(free), NOW, 2)
    taken = [visit.piece.line_id for visit in once if visit.piece]
    assert len(taken) == len(set(taken))


def test_a_run_that_was_cut_off_is_gone_on_with(
    shop: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, cut = plan, 12

    def shortened(free: list[Piece], now: object, seed: int) -> list[Visit]:
        return whole(free, NOW, seed)[:cut]

    monkeypatch.setattr(fill, "plan", shortened)
    monkeypatch.setattr(days, "ROUNDS", ())
    first = fill.fill(shop, NOW)
    assert first is not None
    assert first.talks == 12
    cut = 20
    second = fill.fill(shop, NOW + DAY)
    assert second is not None
    assert second.talks == 20
    with read(shop) as session:
        ids = session.scalars(select(ConversationRow.id).order_by(ConversationRow.id))
        assert [int(name[6:9]) for name in ids] == list(range(1, 21))


@pytest.mark.parametrize("what", ["customers", "products", "orders"])
def test_somebodys_own_data_is_not_mixed_with_invented_talks(
    shop: Engine, what: str
) -> None:
    with write(shop) as session:
        if what == "customers":
            row = CustomerRow(id="7", name="-", phone="-", created_at=NOW)
        elif what == "products":
            row = ProductRow(
                sku="own", spu="own", title="-", variant="-", category="-", price_fen=1
            )
        else:
            row = OrderRow(
                order_no="A1",
                customer_id="C00001",
                placed_at=NOW,
                paid_at=NOW,
                paid_fen=1,
                receiver_phone="-",
                receiver_region="-",
            )
        session.add(row)
    before = sizes(shop)
    with pytest.raises(Refused, match=f"not the demo shop: 1 {what}"):
        fill.fill(shop, NOW)
    assert sizes(shop) == before


def test_an_empty_database_is_refused(empty: Engine) -> None:
    with pytest.raises(Refused, match="empty"):
        fill.fill(empty, NOW)
    with read(empty) as session:
        assert session.scalar(select(func.count()).select_from(ConsoleSettingRow)) == 0


def test_the_verb_says_why_it_refuses(
    empty: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli_month.run(empty, Settings(state_dir=tmp_path)) == 1
    assert "the database is empty" in capsys.readouterr().err
    secret = "s" * 32
    production = Settings(
        env="production",
        state_dir=tmp_path,
        shop_jwt_secret=secret,
        internal_secret=secret,
    )
    assert cli_month.run(empty, production) == 1
    assert "demo shop only" in capsys.readouterr().err


def test_the_verb_does_a_nights_work_once_and_opens_the_door(
    shop: Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    done: list[str] = []
    monkeypatch.setattr(fill, "plan", lambda *_: [])
    monkeypatch.setattr(days, "ROUNDS", ())
    monkeypatch.setattr(
        cli_month.scheduler, "do", lambda _, __, name, ___: done.append(name)
    )
    settings = Settings(state_dir=tmp_path)
    with warnings.catch_warnings():
        assert cli_month.run(shop, settings) == 0
    assert "/console/#/invite/" in capsys.readouterr().out
    nightly = {job.name for job in JOBS if job.requests is None}
    assert set(done) == nightly - {"purge", "risk_rings"}
    assert cli_month.run(shop, settings) == 0
    assert "there already" in capsys.readouterr().out
    assert len(done) == len(cli_month.JOBS)
