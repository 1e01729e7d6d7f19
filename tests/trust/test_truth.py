"""No promise without its row: every action, every fault of its server, real Rasa.

Soak: 29 actions x 8 faults x before and after the work is done. A commit runs the
actions that write with all faults, and each other action with one.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from socketio.exceptions import SocketIOError
from sqlalchemy import select

from aftercare.domain.conversation import Owner
from aftercare.services.conversations import Reply, append, locked_talk
from aftercare.settings import ROOT
from aftercare.store.cases import CaseRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.models import RefundRow
from aftercare.store.unit_of_work import read, write
from aftercare.web.identity import shop_token
from tests.integration.stack import READY_S, Stack, Talk, free_port
from tests.trust.faults import FAULTS, FaultyLink, faulty_link
from tests.trust.ledger import check_money
from tests.trust.profile import SOAK
from tests.trust.shop import Customer, make_customer, make_product

WORDS: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "truth.yml").read_text(encoding="utf-8")
)
SUCCESS = {name: re.compile(text) for name, text in WORDS["success"].items()}
WRITES = ("action_submit_case", "action_stray_answer", "action_cancel_case")
TOLD_WITHIN_S = 10.0
AT_ONCE = 6


@dataclass(frozen=True, slots=True)
class Cell:
    """One action, one fault, before or after the work was done."""

    action: str
    fault: str
    done: bool


@lru_cache(maxsize=1)
def plans() -> dict[str, dict[str, Any]]:
    """Return the way to each action: as written down, else by a rule outside a form."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((ROOT / "data" / "rules").glob("*.yml")):
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]:
            intents = [step["intent"] for step in rule["steps"] if "intent" in step]
            if rule.get("condition") != [{"active_loop": None}] or len(intents) != 1:
                continue
            for step in rule["steps"]:
                if str(step.get("action", "")).startswith("action_"):
                    found.setdefault(step["action"], {"last": f"/{intents[0]}"})
    return found | WORDS["actions"]


def cells() -> list[Cell]:
    """Return the matrix, or what of it a commit runs."""
    found = []
    for number, action in enumerate(plans()):
        for at, fault in enumerate(FAULTS):
            chosen = SOAK or action in WRITES or at == number % len(FAULTS)
            for done in (True, False):
                if chosen and (SOAK or done is (at % 2 == 0)):
                    found.append(Cell(action, fault, done))
    return found


@pytest.fixture(scope="module")
def link(stack: Stack) -> Iterator[FaultyLink]:
    """The faulty link in the place of the action server, for this module."""
    actions, behind = stack.parts["actions"], free_port()
    stack.kill("actions")
    actions.env["AFTERCARE_ACTIONS_PORT"] = str(behind)
    stack.start("actions")
    try:
        with faulty_link(
            stack.settings.actions_port, f"http://127.0.0.1:{behind}"
        ) as made:
            # What /readyz found is kept some seconds: it may be of the server before.
            wait_for_actions(behind)
            stack.wait_until_ready()
            yield made
    finally:
        stack.kill("actions")
        actions.env.pop("AFTERCARE_ACTIONS_PORT")
        stack.start("actions")
        stack.wait_until_ready()


def wait_for_actions(port: int) -> None:
    end = time.monotonic() + READY_S
    while True:
        try:
            url = f"http://127.0.0.1:{port}/health"
            if httpx.get(url, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass  # not there yet
        assert time.monotonic() < end, "the actions did not start"
        time.sleep(0.2)


def offer(stack: Stack, talk_id: str, payload: str) -> None:
    """Let the bot have offered a button, so that the gateway lets it in."""
    with write(stack.engine) as session:
        talk = locked_talk(session, talk_id)
        assert talk is not None
        buttons = {"quick_replies": [{"title": "t", "payload": payload}]}
        append(session, talk, "bot", Reply("", buttons), datetime.now(UTC))


def send(stack: Stack, talk: Talk, text: str) -> int:
    """Send a text or a button's payload; return its number."""
    if text == WORDS["confirm"]:
        text = next(b["payload"] for b in talk.buttons if '"nonce"' in b["payload"])
    if text.startswith("/"):
        offer(stack, talk.session_id, text)
    ack = talk.send(text)
    assert ack["ok"], ack
    return int(ack["seq"])


def said_after(stack: Stack, talk_id: str, seq: int) -> list[MessageRow]:
    with read(stack.engine) as session:
        return list(
            session.scalars(
                select(MessageRow).where(
                    MessageRow.conversation_id == talk_id,
                    MessageRow.seq > seq,
                    MessageRow.sender != "customer",
                )
            )
        )


def wait_for_words(stack: Stack, talk_id: str, seq: int, limit: float) -> float:
    """Return after how many seconds anything at all was said."""
    begun = time.monotonic()
    while not said_after(stack, talk_id, seq):
        assert time.monotonic() - begun < limit, "silence"
        time.sleep(0.05)
    return time.monotonic() - begun


def wait_for_answer(stack: Stack, talk_id: str, seq: int) -> None:
    end = time.monotonic() + 60
    query = select(MessageRow.answered_at).where(
        MessageRow.conversation_id == talk_id, MessageRow.seq == seq
    )
    while True:
        with read(stack.engine) as session:
            if session.scalar(query) is not None:
                return
        assert time.monotonic() < end, "never answered"
        time.sleep(0.05)


def check_promises(stack: Stack, talk_id: str, customer: str | None) -> None:
    """Everything promised in a conversation stands in a committed row."""
    texts = [row.text for row in said_after(stack, talk_id, 0)]
    whole = "\n".join(texts)
    with read(stack.engine) as session:
        talk = session.get_one(ConversationRow, talk_id)
        own = {
            case.case_no: case
            for case in session.scalars(
                select(CaseRow).where(CaseRow.customer_id == customer)
            )
        }
        paid = [
            f"{fen / 100:.2f}"
            for fen in session.scalars(
                select(RefundRow.amount_fen).where(RefundRow.case_no.in_(own))
            )
        ]
        for number in SUCCESS["case"].findall(whole):
            assert number in own, number
        for number in SUCCESS["cancelled"].findall(whole):
            assert own[number].state == "cancelled", number
        for name in ("refund", "paid"):
            for amount in SUCCESS[name].findall(whole):
                assert amount in paid, (amount, paid)
        if SUCCESS["handover"].search(whole):
            assert talk.owner in (Owner.WAITING, Owner.HUMAN)


def run_cell(stack: Stack, link: FaultyLink, cell: Cell) -> str:
    """Play one cell; return what went wrong, nothing if nothing did."""
    plan = plans()[cell.action]
    shopper: Customer | None = None
    token = None
    if not plan.get("guest"):
        shopper = make_customer(stack.engine, datetime.now(UTC))
        token = shop_token(
            str(shopper.viewer.customer_id),
            stack.settings.shop_jwt_secret,
            datetime.now(UTC),
        )
    talk = Talk(stack, None, token)
    try:
        names = {}
        if shopper is not None:
            names = {"{line}": shopper.lines[4], "{unshipped}": shopper.lines[0]}
        for text in plan.get("steps", []):
            send(stack, talk, fill(text, names))
            said = talk.hear(30)
            found = SUCCESS["case"].search("".join(said))
            if found:
                names["{case}"] = found[1]
        link.arm(talk.session_id, cell.action, cell.fault, done=cell.done)
        last = fill(plan["last"], names)
        payload = last
        seq = send(stack, talk, last)
        wait_for_words(stack, talk.session_id, seq, TOLD_WITHIN_S + 2)
        if cell.fault == "hang":
            link.free.set()
        wait_for_answer(stack, talk.session_id, seq)
        assert (talk.session_id, cell.action) in link.happened, "not called"
        customer = None if shopper is None else shopper.viewer.customer_id
        check_promises(stack, talk.session_id, customer)
        if cell.action in WRITES and shopper is not None:
            # Asked again, the truth comes out, and nothing is done twice.
            again = send(stack, talk, payload)
            wait_for_answer(stack, talk.session_id, again)
            check_promises(stack, talk.session_id, customer)
            check_money(stack.engine, shopper.lines)
    except (AssertionError, StopIteration, OSError, SocketIOError) as error:
        texts = [row.text for row in said_after(stack, talk.session_id, 0)]
        return f"{cell}: {type(error).__name__} {error}: {texts[-3:]}"
    finally:
        talk.close()
    return ""


def fill(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(name, value)
    return text


def test_no_promise_without_its_row(stack: Stack, link: FaultyLink) -> None:
    make_product(stack.engine)
    matrix = [cell for cell in cells() if cell.fault != "hang"]
    hanging = [cell for cell in cells() if cell.fault == "hang"]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        wrong = list(pool.map(lambda c: run_cell(stack, link, c), matrix))
        for at in range(0, len(hanging), AT_ONCE):
            link.free.clear()
            part = hanging[at : at + AT_ONCE]
            wrong += pool.map(lambda c: run_cell(stack, link, c), part)
    assert [one for one in wrong if one] == []


def test_the_matrix_names_every_action() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    assert set(domain["actions"]) <= set(plans())
