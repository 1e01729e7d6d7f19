"""The last good version of a model stays in use."""

from __future__ import annotations

from sqlalchemy import Engine, update

from aftercare.services import analytics_models as models
from aftercare.store.jobs import ModelRow
from aftercare.store.unit_of_work import write
from tests.conftest import NOW


def _keep(engine: Engine, payload: bytes, good: bool = True) -> int:
    return models.keep(
        engine, "waits", payload, rows=3, metrics={"mae": 1.0}, good=good, now=NOW
    )


def test_nothing_learned_yet(empty: Engine) -> None:
    assert models.in_use(empty, "waits") is None
    assert models.version_in_use(empty, "waits") is None


def test_a_worse_version_is_kept_but_not_used(empty: Engine) -> None:
    _keep(empty, b"first")
    assert _keep(empty, b"second", good=False) == 2
    found = models.in_use(empty, "waits")
    assert found is not None
    assert (found.version, found.payload) == (1, b"first")
    states = [(row["version"], row["state"]) for row in models.versions(empty)]
    assert states == [(2, "refused"), (1, "live")]


def test_a_broken_payload_falls_back_to_the_version_before(empty: Engine) -> None:
    _keep(empty, b"first")
    _keep(empty, b"second")
    with write(empty) as session:
        session.execute(
            update(ModelRow).where(ModelRow.version == 2).values(payload=b"torn")
        )
    found = models.in_use(empty, "waits")
    assert found is not None
    assert found.payload == b"first"


def test_old_versions_go_but_never_the_one_in_use(empty: Engine) -> None:
    _keep(empty, b"good")
    for number in range(8):
        _keep(empty, bytes([number]), good=False)
    numbers = [row["version"] for row in models.versions(empty)]
    assert numbers == [9, 8, 7, 6, 5, 1]
