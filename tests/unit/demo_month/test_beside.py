"""The month can be written beside a shop that runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from aftercare import cli_month, scheduler
from aftercare.demo_month import clock, days, fill
from aftercare.services import aside, loops
from aftercare.services.console import assignment
from aftercare.services.jobs import find
from aftercare.services.jobs.runs import claim
from aftercare.services.quality import check
from aftercare.settings import Settings
from aftercare.store.desk import DeskEventRow
from aftercare.store.jobs import JobRunRow
from aftercare.store.unit_of_work import read

# The shop's own work by the clock, between two steps of the month: so many.
EVERY = 25


def test_a_running_shop_takes_nothing_from_the_month(
    shop: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(state_dir=tmp_path)
    ran: list[str] = []
    whole, told = fill.plan, clock.Clock.run

    def between(self: clock.Clock, until: datetime) -> None:
        while self._waiting and self._waiting[0][0] <= until:
            told(self, sorted(item[0] for item in self._waiting[:EVERY])[-1])
            now = datetime.now(UTC)
            assignment.tick(shop, now)
            loops.tick(shop, now)
            for name in ("quality", "alerts"):
                job = find(name)
                assert job is not None
                scheduler.run_due(shop, settings, job, "shop")

    def once(*args: Any) -> bool:
        ran.append(args[2].name)
        return True

    monkeypatch.setattr(clock.Clock, "run", between)
    monkeypatch.setattr(fill, "plan", lambda *args: whole(*args)[-24:])
    monkeypatch.setattr(days, "PLANS", range(0))
    monkeypatch.setattr(cli_month, "JOBS", ())
    monkeypatch.setattr(scheduler, "_run", once)
    assert cli_month.run(shop, settings) == 0
    with read(shop) as session:
        query = select(func.count()).where(DeskEventRow.kind == "lease_expired")
        assert session.scalar(query) == 0
        assert session.scalar(select(func.count()).select_from(JobRunRow)) == 0
    assert not ran
    # And then the shop goes on.
    job = find("quality")
    assert job is not None
    assert scheduler.run_due(shop, settings, job, "shop")
    assert ran == ["quality"]
    assert check.check_ended(shop, datetime.now(UTC))["talks"] > 0


def test_what_the_shop_has_begun_is_waited_for_and_named(
    shop: Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = datetime.now(UTC)
    claim(shop, "train_analytics", now, "shop", now, timedelta(hours=2))
    monkeypatch.setattr(cli_month, "WAIT_S", 0)
    monkeypatch.setattr(cli_month, "LOOK_S", 0)
    assert cli_month.run(shop, Settings(state_dir=tmp_path)) == 1
    told = capsys.readouterr()
    assert "still does train_analytics" in told.out
    assert "busy with train_analytics: try again" in told.err
    # A shop that was left standing would be worse than no month.
    assert not aside.stands_aside(shop, datetime.now(UTC))
