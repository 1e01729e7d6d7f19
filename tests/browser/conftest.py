"""One headless Chromium for the tests of a module, and a console with a month in it."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import select

from aftercare.domain.conversation import Owner
from aftercare.services.console import case_desk
from aftercare.services.console.audit import Actor
from aftercare.services.transfer import Trigger, transfer
from aftercare.store.cases import CaseRow
from aftercare.store.console import AccountRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.unit_of_work import read, write
from tests.browser.demo import SHOP, Month
from tests.browser.places import ASKS
from tests.integration.stack import READY_S, Stack

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# What the assistant keeps of a talk, as its action server leaves it.
KEPT = {
    "order_no": "8800000000010001",
    "case_kind": "refund",
    "topic": "action_track_parcel",
    "nonce": "n-1",
    "misses": 1,
    "mood": {
        "seq": 1,
        "heard": [
            {"emotion": "worry", "polarity": "negative", "strength": 0.5},
            {"emotion": "anger", "polarity": "negative", "strength": 0.79},
        ],
        "sorry": False,
        "human": False,
        "words": [],
    },
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None and not os.environ.get("AFTERCARE_REQUIRE_SERVICES"):
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    with sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield made
        made.close()


@pytest.fixture(scope="session")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A shop of its own with a month of talks; nobody talks there, so the web alone."""
    stack = Stack(tmp_path_factory.mktemp("month"))
    now = datetime.now(UTC)
    Month(stack.engine, now).write()
    ask_for_a_second(stack, now)
    leave_waiting(stack, now)
    try:
        stack.start("web")
        until_it_answers(stack.url)
        yield stack
    finally:
        stack.stop()


def ask_for_a_second(stack: Stack, now: datetime) -> None:
    """Have an agent ask for more money than they may give alone."""
    name = SHOP["agents"][0]
    with read(stack.engine) as session:
        login = select(AccountRow.id).where(AccountRow.login == f"demo-{name}")
        dear = select(CaseRow.case_no).where(CaseRow.needs_human)
        actor = Actor(session.scalars(login).one(), "demo", name, "agent")
        case_no = session.scalars(dear.order_by(CaseRow.amount_fen.desc())).first()
    assert case_no is not None
    done = case_desk.act(stack.engine, actor, case_no, "finish", now, key="dear")
    assert done.outcome == "second_person_needed"


def leave_waiting(stack: Stack, now: datetime) -> None:
    """Have the last customer, one with orders of every kind, wait for a person."""
    with write(stack.engine) as session:
        newest = select(ConversationRow).order_by(ConversationRow.created_at.desc())
        talk = session.scalars(newest).first()
        assert talk is not None
        talk.owner, talk.customer_id = Owner.BOT, ASKS
        said = select(MessageRow).where(
            MessageRow.conversation_id == talk.id, MessageRow.sender == "customer"
        )
        last = session.scalars(said.order_by(MessageRow.seq.desc())).first()
        assert last is not None and last.understanding is not None
        last.understanding = last.understanding | {"slots": KEPT}
        talk_id = talk.id
    assert transfer(stack.engine, talk_id, Trigger.ASKED, now)


def until_it_answers(url: str) -> None:
    end = time.monotonic() + READY_S
    while time.monotonic() < end:
        try:
            if httpx.get(f"{url}/console/", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise TimeoutError(url)
