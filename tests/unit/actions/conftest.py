"""A customer at the demo shop, whose turns run real actions on a real database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import Engine

from actions.base import ServiceAction
from actions.shop import shop_engine
from actions.texts import texts
from actions.turn import Turn
from aftercare.services.access import Viewer
from aftercare.services.conversations import open_conversation
from aftercare.services.orders import LineView, recent_lines
from aftercare.settings import get_settings

WORDS = Path(__file__).with_name("words.yml")


@dataclass
class Answer:
    """What an action said, and what it left in the slots."""

    messages: list[dict[str, Any]]
    events: list[dict[str, Any]]

    @property
    def text(self) -> str:
        return "\n".join(str(item.get("text") or "") for item in self.messages)

    @property
    def payloads(self) -> list[str]:
        return [b["payload"] for m in self.messages for b in m.get("buttons") or []]

    @property
    def slots(self) -> dict[str, Any]:
        return {e["name"]: e["value"] for e in self.events if e["event"] == "slot"}


@dataclass
class Customer:
    """One talk: its slots go from turn to turn as Rasa would carry them."""

    engine: Engine
    now: datetime
    customer_id: str | None
    slots: dict[str, Any] = field(default_factory=dict)
    seq: int = 0

    def __post_init__(self) -> None:
        talk = open_conversation(self.engine, self.customer_id)
        self.viewer = Viewer(talk, self.customer_id)

    def turn(self, text: str, intent: str = "inform", **more: Any) -> Turn:
        self.seq += 1
        usual: dict[str, Any] = {
            "ranking": (intent,),
            "given": {},
            "numbers": (),
            "requested": self.slots.get("requested_slot"),
            "fresh": True,
            "now": self.now,
            "seq": self.seq,
        }
        return Turn(
            viewer=self.viewer,
            text=text,
            intent=intent,
            slots=dict(self.slots),
            **(usual | more),
        )

    def hear(self, action: ServiceAction, turn: Turn) -> Answer:
        said = CollectingDispatcher()
        found = Answer(said.messages, action._work(turn, said))
        self.slots.update(found.slots)
        return found

    def line(self, word: str) -> LineView:
        lines = recent_lines(self.engine, self.viewer, gifts=True)
        return next(line for line in lines if word in f"{line.title} {line.variant}")


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said must not depend on how busy the machine is that runs the tests."""
    monkeypatch.setattr("actions.recommend.LIMIT_S", 60.0)


@pytest.fixture
def engine(
    shop_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    """The actions' own engine, on a fresh copy of the demo shop."""
    copy = tmp_path / "demo.db"
    shutil.copy(shop_file, copy)
    monkeypatch.setenv("AFTERCARE_DATABASE_URL", f"sqlite:///{copy}")
    monkeypatch.setenv("AFTERCARE_STATE_DIR", str(tmp_path))
    get_settings.cache_clear()
    shop_engine.cache_clear()
    yield shop_engine()
    shop_engine().dispose()
    get_settings.cache_clear()
    shop_engine.cache_clear()


@pytest.fixture
def anna(engine: Engine, now: datetime) -> Customer:
    return Customer(engine, now, "C-DEMO-1")


@pytest.fixture
def ben(engine: Engine, now: datetime) -> Customer:
    return Customer(engine, now, "C-DEMO-2")


@pytest.fixture
def cleo(engine: Engine, now: datetime) -> Customer:
    return Customer(engine, now, "C-DEMO-3")


@pytest.fixture
def guest(engine: Engine, now: datetime) -> Customer:
    return Customer(engine, now, None)


@pytest.fixture(scope="session")
def words() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="session")
def say() -> dict[str, str]:
    found: dict[str, str] = texts()["say"]
    return found
