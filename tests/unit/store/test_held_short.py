"""Nothing slow is done while the write lock is held, and who holds it long is named."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import Engine, select, text

from aftercare import cli_jobs, scheduler
from aftercare.services import files
from aftercare.services.console import mask
from aftercare.services.conversations import open_conversation
from aftercare.services.jobs import claim
from aftercare.services.knowledge import gaps
from aftercare.services.knowledge.answers import note_use
from aftercare.services.quality.check import check_live
from aftercare.services.risk import notes
from aftercare.settings import Settings
from aftercare.store import unit_of_work
from aftercare.store.knowledge import ArticleUseRow
from aftercare.store.messages import MessageRow
from aftercare.store.unit_of_work import read, write
from benchmarks.compliance import talks
from tests.unit.loops.conftest import talk
from tests.unit.loops.test_risk_desk import plant

MINUTE = timedelta(minutes=1)
sqlite = pytest.mark.parametrize("shop", ["sqlite"], indirect=True)


class Probe:
    """Wraps slow work: each call notes whether anybody else could write meanwhile."""

    def __init__(self, shop: Engine) -> None:
        self._file = str(shop.url.database)
        self.free: list[bool] = []

    def around(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def probed(*given: Any, **named: Any) -> Any:
            self.free.append(self._free())
            return work(*given, **named)

        return probed

    def _free(self) -> bool:
        rival = sqlite3.connect(self._file, isolation_level=None, timeout=0)
        try:
            rival.execute("BEGIN IMMEDIATE")
            rival.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return False
        finally:
            rival.close()
        return True


@pytest.fixture
def probe(shop: Engine, monkeypatch: pytest.MonkeyPatch) -> Probe:
    made = Probe(shop)
    mask.mask_text.cache_clear()
    monkeypatch.setattr(mask, "mask", made.around(mask.mask))
    return made


def ask_in_vain(shop: Engine, now: datetime, count: int) -> None:
    for number in range(count):
        name = open_conversation(shop, None)
        said = f"can you wrap it as a gift {number}"
        row = MessageRow(
            conversation_id=name, seq=1, sender="customer", text=said, at=now
        )
        with write(shop) as session:
            session.add(row)
        note_use(shop, name, 1, "ask_product_usage", None, now)


@sqlite
def test_gaps_are_masked_and_grouped_before_the_write(
    shop: Engine, now: datetime, probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gaps, "groups", probe.around(gaps.groups))
    ask_in_vain(shop, now, 4)
    assert gaps.draft_gaps(shop, now) == {"questions": 4, "drafts": 1}
    assert len(probe.free) == 5 and all(probe.free)


def test_what_changed_since_it_was_read_is_not_drafted_twice(
    shop: Engine, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_in_vain(shop, now, 4)
    real = gaps.groups

    def rivalled(texts: list[str]) -> Any:
        monkeypatch.setattr(gaps, "groups", real)
        assert gaps.draft_gaps(shop, now)["drafts"] == 1
        return real(texts)

    monkeypatch.setattr(gaps, "groups", rivalled)
    assert gaps.draft_gaps(shop, now)["drafts"] == 0


def test_who_was_forgotten_since_it_was_read_is_in_no_draft(
    shop: Engine, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_in_vain(shop, now, 3)
    real = gaps.groups

    def forgotten(texts: list[str]) -> Any:
        with write(shop) as session:
            one = session.scalars(select(ArticleUseRow)).first()
            session.delete(one)
        return real(texts)

    monkeypatch.setattr(gaps, "groups", forgotten)
    assert gaps.draft_gaps(shop, now)["drafts"] == 0


@sqlite
def test_findings_are_masked_before_the_write(
    shop: Engine, now: datetime, probe: Probe
) -> None:
    promise = next(t for t in talks() if t.label == "promise_without_row").said
    talk(shop, "promised", [(s.speaker, s.text, now) for s in promise])
    assert check_live(shop, now + MINUTE) == 1
    assert probe.free and all(probe.free)


@sqlite
def test_whose_returns_are_unusual_is_worked_out_before_the_write(
    shop: Engine, now: datetime, probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes, "_figures", probe.around(notes._figures))
    plant(shop, now)
    assert notes.write_notes(shop, now)["notes"] == 6
    assert len(probe.free) >= 6 and all(probe.free)


@sqlite
def test_a_picture_is_on_the_disk_before_the_write(
    shop: Engine,
    now: datetime,
    probe: Probe,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Path, "write_bytes", probe.around(Path.write_bytes))
    name, picture = open_conversation(shop, None), tmp_path / "one.png"
    Image.new("RGB", (8, 8)).save(picture)
    raw = picture.read_bytes()
    for _ in range(files.MOST_PER_TALK):
        files.store_picture(shop, tmp_path, name, raw, now)
    with pytest.raises(files.AftercareError):
        files.store_picture(shop, tmp_path, name, raw, now)
    assert all(probe.free)
    # What was refused leaves no file behind.
    assert len(list((tmp_path / "files").iterdir())) == files.MOST_PER_TALK


def hold(engine: Engine) -> None:
    with write(engine) as session:
        session.execute(text("SELECT 1"))
        time.sleep(0.02)


def test_who_held_the_lock_for_long_is_named_without_any_words(
    shop: Engine, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(shop)
    assert not caplog.records
    monkeypatch.setattr(unit_of_work, "LONG_S", 0.01)
    with caplog.at_level(logging.WARNING):
        hold(shop)
    fields = caplog.records[-1].fields  # type: ignore[attr-defined]
    assert fields["reason"] == "write_lock_held"
    assert fields["by"] == f"{__name__}.hold"
    assert 0.02 <= fields["held_s"] < 5
    with read(shop) as session:
        session.execute(text("SELECT 1"))
        time.sleep(0.02)
    assert len(caplog.records) == 1  # who reads holds nothing


def test_the_scheduler_is_not_put_behind_and_a_run_only_by_a_little(
    shop: Engine, now: datetime, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given: list[int] = []
    monkeypatch.setattr(os, "nice", given.append)
    monkeypatch.setattr(scheduler, "FIRST_LOOK_S", 0)
    for part in ("_look", "_watch"):
        monkeypatch.setattr(scheduler, part, lambda *_: None)
    settings = Settings(state_dir=tmp_path)
    scheduler.loop(shop, settings)
    assert given == []
    run_id = claim(shop, "alerts", now, "w", now, MINUTE)
    parser = cli_jobs.argparse.ArgumentParser()
    cli_jobs.add_parser(parser)
    words = ["do", "alerts", "--run", str(run_id), "--worker", "w"]
    chosen = parser.parse_args([*words, "--due", now.isoformat()])
    assert cli_jobs.run(shop, settings, chosen) == 0
    assert given == [cli_jobs.NICENESS]
