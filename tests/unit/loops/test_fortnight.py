"""A fortnight of a shop with planted incidents: each is seen, and in time."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from benchmarks.fortnight import incidents, run

HOUR = timedelta(hours=1)


@pytest.mark.skipif(
    not os.environ.get("AFTERCARE_SOAK"), reason="takes a minute: AFTERCARE_SOAK=1"
)
def test_every_incident_is_seen_and_little_else() -> None:
    outcome = run(0, step=6 * HOUR)
    for incident in incidents():
        delay = outcome.delay(incident)
        assert delay is not None and delay <= 9 * 24, incident.name
    assert len(outcome.false) <= 2
