"""Anna and Bob in the demo shop, and actions that look into it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

import actions.base
import actions.knowledge
import actions.mood
import actions.shop
from aftercare.services.knowledge.answers import Librarian
from aftercare.settings import ROOT, Settings
from aftercare.store.engine import make_engine
from tests.trust.doors import all_actions
from tests.trust.world import World, make_world

SECRET = "a" * 40


@pytest.fixture(scope="module")
def library(shop_file: Path) -> Iterator[Librarian]:
    """The articles, read before anybody asks: they are the same for everybody."""
    engine = make_engine(f"sqlite:///{shop_file}")
    made = Librarian(engine, ROOT / "models" / "knowledge.npz")
    made.find("warm", datetime.now(UTC))
    actions.mood.warm()
    yield made
    engine.dispose()


@pytest.fixture
def settings(
    shop: Engine, library: Librarian, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    found = Settings(
        state_dir=tmp_path,
        database_url=shop.url.render_as_string(hide_password=False),
        shop_jwt_secret=SECRET,
        internal_secret=SECRET[::-1] + "b",
    )
    monkeypatch.setattr(actions.base, "get_settings", lambda: found)
    monkeypatch.setattr(actions.knowledge, "librarian", lambda: library)
    for module in _users_of_the_shop():
        monkeypatch.setattr(module, "shop_engine", lambda: shop)
    return found


def _users_of_the_shop() -> list[Any]:
    all_actions()
    return [
        module
        for name, module in list(sys.modules.items())
        if name.startswith("actions") and hasattr(module, "shop_engine")
    ]


@pytest.fixture
def world(shop: Engine, settings: Settings) -> World:
    return make_world(shop, settings.state_dir)
