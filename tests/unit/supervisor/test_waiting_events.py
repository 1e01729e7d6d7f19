"""The doctor names events that no queue of the broker took, and only then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from aftercare import doctor
from aftercare.settings import Settings
from aftercare.store.engine import make_engine
from aftercare.store.migrations import upgrade
from aftercare.store.scale import OutboxRow
from aftercare.store.unit_of_work import write

SAID = "AFTERCARE_EVENTS_KINDS"


@pytest.mark.parametrize(
    ("minutes", "url", "said"),
    [
        (11, "amqp://127.0.0.1:1/", True),
        (9, "amqp://127.0.0.1:1/", False),
        (11, "", False),
    ],
)
def test_events_that_wait_long_are_named(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    minutes: int,
    url: str,
    said: bool,
) -> None:
    settings = Settings(state_dir=tmp_path, events_url=url)
    engine = make_engine(settings.database_url)
    upgrade(engine)
    since = datetime.now(UTC) - timedelta(minutes=minutes)
    row = {"event_id": "e1", "kind": "case.moved", "body": {}, "at": since}
    with write(engine) as session:
        session.execute(insert(OutboxRow).values(**row))
    doctor.report(settings)
    told = capsys.readouterr()
    assert (SAID in told.out + told.err) is said
    assert (f"1 events have waited since {since:%Y-%m-%d %H:%M}" in told.out) is said
