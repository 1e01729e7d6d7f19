"""A fortnight of a shop with planted incidents: each is seen, and in time."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from benchmarks.fortnight import incidents, run

HOUR = timedelta(hours=1)
# Hours after its beginning by which an incident must be seen, in steps of six: a
# slow batch needs cases, the law's days are told when three are left.
LATEST = {
    "bad batch": 9 * 24,
    "carrier's strike": 18,
    "ring of accounts": 36,
    "agent promises": 36,
    "refunds owed by law": 4 * 24 + 6,
}


@pytest.mark.skipif(
    not os.environ.get("AFTERCARE_SOAK"), reason="takes a minute: AFTERCARE_SOAK=1"
)
def test_every_incident_is_seen_and_little_else() -> None:
    outcome = run(0, step=6 * HOUR)
    for incident in incidents():
        delay = outcome.delay(incident)
        assert delay is not None and delay <= LATEST[incident.name], incident.name
    assert len(outcome.false) <= 2
