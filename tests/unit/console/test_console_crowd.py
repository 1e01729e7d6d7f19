"""A crowd at the console's door: memory, threads and links of those outside."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console import accounts, secrets, share
from aftercare.services.console.audit import Actor
from aftercare.services.conversations import receive
from aftercare.services.history import owns

PASSWORD = "correct horse 1"
People = Callable[..., Any]


class Counting(PasswordHasher):
    """The real work on passwords, held back until the crowd is there, and counted."""

    def __init__(self) -> None:
        super().__init__(1, 64, 1)
        self.go = threading.Event()
        self.lock = threading.Lock()
        self.now, self.most, self.calls = 0, 0, 0

    def verify(self, *given: Any) -> Any:
        with self.lock:
            self.calls += 1
            self.now += 1
            self.most = max(self.most, self.now)
        assert self.go.wait(60)
        try:
            return super().verify(*given)
        finally:
            with self.lock:
                self.now -= 1


def test_of_a_crowd_two_are_worked_on_eight_wait_and_the_rest_are_told_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hasher = Counting()
    monkeypatch.setattr(secrets, "_HASHER", hasher)
    kept = hasher.hash(PASSWORD)
    refused = threading.Semaphore(0)

    def guess(number: int) -> str:
        try:
            return str(secrets.password_fits(kept, f"{PASSWORD}{number or ''}"))
        except AftercareError as error:
            refused.release()
            return str(error.reason)

    with ThreadPoolExecutor(40) as crowd:
        found = [crowd.submit(guess, number) for number in range(40)]
        for _ in range(30):
            assert refused.acquire(timeout=60)
        hasher.go.set()
        told = [one.result() for one in found]
    assert told.count(Reason.TOO_MANY_TRIES) == 30
    assert hasher.calls == 10 and hasher.most == secrets.AT_ONCE
    # The line is empty again: the next one is served.
    assert secrets.password_fits(kept, PASSWORD)


def test_without_an_invitation_no_password_is_worked_on(
    console: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked: list[str] = []

    def hashed(password: str) -> str:
        worked.append(password)
        return "x"

    monkeypatch.setattr(accounts, "hash_password", hashed)
    body = {"login": "li", "name": "Li", "password": PASSWORD}
    refused = TestClient(console).post("/invitations/guessed", json=body)
    assert refused.status_code == 404 and worked == []


def test_a_network_is_not_a_hundred_fresh_addresses(console: FastAPI) -> None:
    body = {"login": "", "password": "x"}
    codes = []
    for number in range(101):
        web = TestClient(console, client=(f"2001:db8::{number + 1:x}", 1))
        sent = body | {"login": f"nobody-{number}"}
        codes.append(web.post("/session", json=sent).status_code)
    assert codes == [401] * 100 + [429]
    elsewhere = TestClient(console, client=("2001:db8:0:1::1", 1))
    assert elsewhere.post("/session", json=body | {"login": "a"}).status_code == 401


@pytest.mark.parametrize("end", ["revoked", "over"])
def test_a_trial_ends_with_its_link(shop: Engine, end: str) -> None:
    now = datetime.now(UTC)
    boss = Actor(None, "boss", "Boss", "supervisor")
    links = [share.add(shop, boss, name, 1, now) for name in ("one", "two")]
    ended, other = (
        share.enter(shop, link["link"].rpartition("=")[2], now) for link in links
    )

    def say(talk: str, text: str, at: datetime) -> None:
        given = {"conversation_id": talk, "customer_id": None, "client_id": text}
        receive(shop, **given, text=text, now=at)

    say(ended, "before", now)
    assert owns(shop, ended, None)
    at = now
    if end == "revoked":
        share.revoke(shop, boss, links[0]["id"], now)
        assert not owns(shop, ended, None) and owns(shop, other, None)
        say(other, "another link's", now)
    else:
        at = links[0]["expires_at"]
    with pytest.raises(AftercareError) as refused:
        say(ended, "after", at)
    assert refused.value.reason is Reason.NOT_FOUND
