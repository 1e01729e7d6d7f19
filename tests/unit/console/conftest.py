"""The console's API on a real database, and people of every role to use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from aftercare.services.console import accounts
from aftercare.services.console.audit import Actor
from aftercare.services.console.rights import Role
from aftercare.services.conversations import Reply, answer, open_conversation, receive
from aftercare.settings import Settings
from aftercare.store.console import AccountRow
from aftercare.store.unit_of_work import write
from aftercare.web.console.app import create_console
from aftercare.web.gateway import Gateway

SECRET = "s" * 40
PASSWORD = "correct horse 1"
WORDS = yaml.safe_load(
    (Path(__file__).parent / "words.yml").read_text(encoding="utf-8")
)


@pytest.fixture
def words() -> dict[str, Any]:
    """Chinese texts for the tests."""
    return WORDS


@pytest.fixture
def settings(shop: Engine, tmp_path: Path) -> Settings:
    return Settings(
        state_dir=tmp_path,
        project_dir=tmp_path / "project",
        database_url=str(shop.url),
        shop_jwt_secret=SECRET,
        internal_secret=SECRET[::-1] + "y",
    )


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep Argon2id, with less memory: many accounts are made here."""
    from argon2 import PasswordHasher

    from aftercare.services.console import secrets

    monkeypatch.setattr(secrets, "_HASHER", PasswordHasher(1, 64, 1))


@pytest.fixture
def console(settings: Settings, shop: Engine) -> FastAPI:
    return create_console(settings, shop, Gateway(settings, shop, {"malformed": "?"}))


class Person:
    """A signed-in browser."""

    def __init__(self, app: FastAPI, account_id: int, login: str) -> None:
        self.id = account_id
        self.http = TestClient(app, base_url="http://console.test")
        self.signed = self.http.post(
            "/session", json={"login": login, "password": PASSWORD}
        )
        assert self.signed.status_code == 200, self.signed.text
        self.csrf = self.signed.json()["csrf"]
        self.http.headers["X-CSRF-Token"] = self.csrf

    def get(self, path: str, **query: Any) -> Any:
        found = self.http.get(path, params=query)
        assert found.status_code == 200, found.text
        return found.json()

    def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        found = self.http.post(path, json=body)
        assert found.status_code == status, found.text
        return found.json() if found.content else None


@pytest.fixture
def person_of(console: FastAPI, shop: Engine) -> Callable[..., Person]:
    """Make people: `person_of("agent")`, `person_of("agent", "second")`."""

    def make(role: str, name: str = "") -> Person:
        login = name or f"the-{role}"
        made = accounts.add(shop, login, login, PASSWORD, Role(role), datetime.now(UTC))
        return Person(console, made, login)

    return make


@dataclass
class Talks:
    """Conversations with what was said in them."""

    engine: Engine

    def make(
        self, *texts: str, customer: str | None = "C-DEMO-1", now: datetime
    ) -> str:
        talk = open_conversation(self.engine, customer)
        for text in texts:
            self.say(talk, text, now, customer)
        return talk

    def say(
        self, talk: str, text: str, now: datetime, customer: str | None = "C-DEMO-1"
    ) -> int:
        said = receive(
            self.engine,
            conversation_id=talk,
            customer_id=customer,
            client_id=f"c{now.timestamp()}{text[:20]}{len(text)}",
            text=text,
            now=now,
        )
        return said.seq

    def reply(
        self,
        talk: str,
        seq: int,
        text: str,
        now: datetime,
        understanding: dict[str, Any] | None = None,
    ) -> None:
        answer(
            self.engine,
            conversation_id=talk,
            to_seq=seq,
            replies=[Reply(text)],
            now=now,
            understanding=understanding,
        )


@pytest.fixture
def talks(shop: Engine) -> Iterator[Talks]:
    yield Talks(shop)


@pytest.fixture
def actor_of(shop: Engine) -> Callable[..., Actor]:
    """Make people without a browser, fast."""

    def make(login: str, role: str = "agent", **more: Any) -> Actor:
        with write(shop) as session:
            row = AccountRow(
                login=login,
                name=login,
                password_hash="-",
                role=role,
                created_at=datetime.now(UTC),
                **({"skills": [], "languages": ["zh"]} | more),
            )
            session.add(row)
            session.flush()
            return Actor(row.id, login, login, role)

    return make
