"""Whole processes, searched: what planted people said stands in no log and no metric.

With `AFTERCARE_SOAK=1` Rasa and its libraries speak at their loudest (DEBUG).
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from socketio.exceptions import SocketIOError
from sqlalchemy import update
from websockets.sync.client import connect

from aftercare.store.models import CustomerRow, OrderRow
from aftercare.store.unit_of_work import write
from aftercare.web.identity import shop_token
from tests.integration.stack import Stack, Talk, running
from tests.trust.canaries import Canary, canaries, found_in
from tests.trust.profile import SOAK
from tests.trust.shop import make_customer, make_product

PARTS = ("web", "rasa", "actions")
PEOPLE = canaries(12, seed=20261128)


@pytest.fixture(scope="module")
def loud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of its own, whose logs hold this test alone."""
    before = os.environ.get("LOG_LEVEL")
    if SOAK:
        os.environ["LOG_LEVEL"] = "DEBUG"
    try:
        with running(tmp_path_factory.mktemp("loud")) as made:
            yield made
    finally:
        if before is None:
            os.environ.pop("LOG_LEVEL", None)


def logs(stack: Stack) -> dict[str, str]:
    """Return what every process has written, by its name."""
    folder = stack.settings.state_dir / "log"
    return {
        file.stem: file.read_text(encoding="utf-8", errors="replace")
        for file in folder.glob("*.log")
    }


def customer_named(stack: Stack, one: Canary) -> tuple[Talk, list[str]]:
    """Return the talk of a customer whose row and orders hold planted values."""
    made = make_customer(stack.engine, datetime.now(UTC))
    name = str(made.viewer.customer_id)
    with write(stack.engine) as session:
        mine = CustomerRow.id == name
        new = {"name": one.name, "phone": one.phone}
        session.execute(update(CustomerRow).where(mine).values(**new))
        orders = OrderRow.customer_id == name
        where = {"receiver_phone": one.phone, "receiver_region": one.address[:60]}
        session.execute(update(OrderRow).where(orders).values(**where))
    secret = stack.settings.shop_jwt_secret
    return Talk(stack, None, shop_token(name, secret, datetime.now(UTC))), made.lines


def talk_and_fail(stack: Stack, one: Canary, number: int) -> None:
    """Say who one is, as a guest and as a customer, also where nobody listens."""
    guest = Talk(stack, None)
    guest.say(one.says(number), wait=60)
    guest.send(f'/inform{{"detail":"{one.phone}"}}')
    guest.send(one.address * 60)
    guest.close()
    talk, lines = customer_named(stack, one)
    talk.say(f"/request_human {one.phone}"[:14], wait=60)
    talk.say(one.says(number + 1), wait=60)
    talk.close()
    assert lines


def knock(stack: Stack, one: Canary) -> None:
    """Put personal data where only code belongs: paths, frames, broken bodies."""
    said = one.says(4)
    with httpx.Client(base_url=stack.url, trust_env=False, timeout=30) as web:
        web.get(f"/api/invitations/{one.phone}")
        web.get(f"/files/{one.id_card}")
        web.get(f"/{one.phone}?card={one.bank_card}")
        web.post("/api/session", content=f'{{"login": "{one.phone}", {said}')
        web.post("/api/session", json={"login": one.phone, "password": said})
        web.post("/upload", content=said.encode(), headers={"x-session": one.phone})
        web.post("/demo/login", content=said.encode())
    url = stack.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    for frame in (
        f'42["user_uttered",{{"message":"{said}"',
        f"42{one.phone}",
        f"4{said}",
        f'42["{said}",{{}}]',
        f'45{one.phone}-["user_uttered"]',
    ):
        with connect(url, proxy=None) as raw:
            raw.recv()
            raw.send("40")
            raw.recv()
            raw.send(frame)


def locked(stack: Stack, one: Canary) -> None:
    """Speak while nothing can be stored: the database's own error names the values."""
    talk = Talk(stack, None)
    rival = sqlite3.connect(str(stack.engine.url.database), isolation_level=None)
    rival.execute("BEGIN IMMEDIATE")
    try:
        talk.send(one.says(0))
    except SocketIOError:
        pass  # it waits for longer than this client does
    finally:
        rival.execute("ROLLBACK")
        rival.close()
        talk.close()


def test_nothing_personal_is_in_what_the_processes_write(loud: Stack) -> None:
    make_product(loud.engine)
    for number, one in enumerate(PEOPLE[:8]):
        talk_and_fail(loud, one, number)
    for one in PEOPLE[8:10]:
        knock(loud, one)
    locked(loud, PEOPLE[10])
    loud.kill("actions")
    unheard = Talk(loud, None)
    unheard.say(PEOPLE[11].says(2), wait=30)
    unheard.close()
    loud.start("actions")
    time.sleep(1)
    written = logs(loud)
    assert all(len(written[name]) > 200 for name in PARTS), {
        name: len(text) for name, text in written.items()
    }
    # The faults are told, by their codes.
    assert "actions_away" in written["web"]
    if SOAK:
        assert "DEBUG" in written["rasa"]
    held = {name: found_in(text, PEOPLE) for name, text in written.items()}
    assert {name: found for name, found in held.items() if found} == {}
    metrics = httpx.get(f"{loud.url}/metrics", trust_env=False).text
    assert "aftercare_" in metrics and found_in(metrics, PEOPLE) == []
