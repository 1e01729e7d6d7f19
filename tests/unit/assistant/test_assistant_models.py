"""Which model is in use: promoted, rolled back, after a restart, and who may not."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from aftercare import model
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.assistant import models
from aftercare.services.assistant.serving import current, folder_of
from aftercare.services.console.audit import Actor, entries
from aftercare.settings import Settings
from aftercare.store.assistant import RasaModelRow
from aftercare.store.unit_of_work import write

BOSS = Actor(1, "boss", "Boss", "admin")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path)


@pytest.fixture(autouse=True)
def own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The project's own model, without training one."""
    path = tmp_path / "own.tar.gz"
    path.write_bytes(b"own")
    monkeypatch.setattr(model, "path_for", lambda _: path)
    monkeypatch.setattr(model, "fingerprint", lambda *_: "project-one")
    return path


def trained(
    engine: Engine,
    settings: Settings,
    name: str,
    now: datetime,
    *,
    judged: bool = True,
    base: str = "project-one",
) -> int:
    path = folder_of(settings) / f"{name}.tar.gz"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(name.encode())
    row = RasaModelRow(
        name=name,
        fingerprint=f"of-{name}",
        base=base,
        data_version="v",
        config="",
        sha256=hashlib.sha256(name.encode()).hexdigest(),
        size=len(name),
        made_by="boss",
        made_at=now,
        took_s=1.0,
        metrics={"candidate": {}} if judged else None,
    )
    with write(engine) as session:
        session.add(row)
        session.flush()
        return row.id


class Rasa:
    """Notes what it was asked to load."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.refuses = False

    def __call__(self, path: Path) -> None:
        if self.refuses:
            raise AftercareError(Reason.ILLEGAL_MOVE, "not_loaded")
        self.names.append(path.name.removesuffix(".tar.gz"))


def test_promoted_and_rolled_back_step_by_step(
    shop: Engine, settings: Settings, now: datetime
) -> None:
    rasa = Rasa()
    ids = {name: trained(shop, settings, name, now) for name in ("a", "b", "c")}
    for name in ids:
        models.promote(shop, settings, BOSS, ids[name], rasa, now)
        assert current(shop, settings).name == name
    for name in ("b", "a", "own"):
        assert models.roll_back(shop, settings, BOSS, rasa, now) == name
        assert current(shop, settings).name == name
    with pytest.raises(AftercareError, match="no model before"):
        models.roll_back(shop, settings, BOSS, rasa, now)
    assert rasa.names == ["a", "b", "c", "b", "a", "own"]
    told, _ = entries(shop, action="model")
    assert [item["action"] for item in told][::-1] == (
        ["model.promote"] * 3 + ["model.rollback"] * 3
    )


def test_what_rasa_cannot_load_changes_nothing(
    shop: Engine, settings: Settings, now: datetime
) -> None:
    rasa = Rasa()
    rasa.refuses = True
    with pytest.raises(AftercareError, match="not_loaded"):
        models.promote(
            shop, settings, BOSS, trained(shop, settings, "a", now), rasa, now
        )
    assert current(shop, settings).name == "own"
    assert models.listed(shop, settings)["history"] == []


def test_not_judged_not_whole_or_not_for_this_project_is_not_promoted(
    shop: Engine, settings: Settings, now: datetime
) -> None:
    rasa = Rasa()
    raw = trained(shop, settings, "raw", now, judged=False)
    other = trained(shop, settings, "other", now, base="project-zero")
    broken = trained(shop, settings, "broken", now)
    (folder_of(settings) / "broken.tar.gz").write_bytes(b"half")
    for one in (raw, other, broken):
        with pytest.raises(AftercareError, match="illegal_move"):
            models.promote(shop, settings, BOSS, one, rasa, now)
    assert rasa.names == []


def test_after_a_restart_the_promoted_one_is_used_unless_the_project_changed(
    shop: Engine,
    settings: Settings,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = trained(shop, settings, "a", now)
    models.promote(shop, settings, BOSS, made, Rasa(), now)
    assert current(shop, settings).name == "a"
    # Its branch was merged: the project is now what the model was trained on.
    monkeypatch.setattr(model, "fingerprint", lambda *_: "of-a")
    assert current(shop, settings).name == "a"
    monkeypatch.setattr(model, "fingerprint", lambda *_: "project-two")
    found = current(shop, settings)
    assert (found.name, found.passed_over) == ("own", "other_project")
    monkeypatch.setattr(model, "fingerprint", lambda *_: "project-one")
    (folder_of(settings) / "a.tar.gz").unlink()
    assert current(shop, settings).passed_over == "gone"
