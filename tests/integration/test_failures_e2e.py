"""What must never happen, tried on the real system."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import yaml
from sqlalchemy import func, select

from aftercare.store.messages import MessageRow
from aftercare.store.models import RefundRow
from aftercare.store.unit_of_work import read
from tests.integration.stack import Stack, Talk

WORDS: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "conversations" / "failures.yml").read_text("utf-8")
)

NUTS = "8800000000030005-1"
TALKS, TABS = 5, 4


def refunds(stack: Stack, line_id: str) -> int:
    count = select(func.count()).where(RefundRow.line_id == line_id)
    with read(stack.engine) as session:
        return session.scalar(count) or 0


def at_the_confirmation(stack: Stack) -> tuple[Talk, str]:
    """Return a talk that has come to its one-time button, and the button."""
    customer = Talk(stack, "C-DEMO-3")
    for text in WORDS["refund_nuts"]:
        customer.say(text)
    button = next(b for b in customer.buttons if b["payload"].startswith("/affirm"))
    return customer, button["payload"]


def test_one_refund_confirmed_by_twenty_clients_is_paid_once(stack: Stack) -> None:
    """Twenty sockets press at once: five talks of one customer, in four tabs each.

    Every talk has its own one-time button, so only the line itself stands between
    the shop and a second refund. Everyone is told what really happened.
    """
    talks = [at_the_confirmation(stack) for _ in range(TALKS)]
    pressing: list[tuple[Talk, str]] = []
    for first, payload in talks:
        tabs = [Talk(stack, "C-DEMO-3") for _ in range(TABS - 1)]
        for tab in tabs:
            tab.ask_for(first.session_id)
            assert tab.session_id == first.session_id
        pressing += [(tab, payload) for tab in (first, *tabs)]
    together = Barrier(len(pressing))

    def press(client: tuple[Talk, str]) -> tuple[bool, str]:
        talk, payload = client
        together.wait(60)
        ok = bool(talk.send(payload)["ok"])
        return ok, "".join(talk.hear(60))

    with ThreadPoolExecutor(len(pressing)) as pool:
        answers = [*pool.map(press, pressing)]
    assert refunds(stack, NUTS) == 1
    told = [WORDS["case_opened"] in said for _, said in answers]
    assert sum(ok for ok, _ in answers) >= TALKS
    assert all(said for _, said in answers)
    # The tabs of the talk that won hear of it, and nobody else hears of success.
    assert told.count(True) == TABS, answers
    for talk, _ in pressing:
        talk.close()


def test_typed_intents_never_reach_rasa(stack: Stack) -> None:
    customer = Talk(stack, "C-DEMO-1")
    for text in WORDS["injections"]:
        ack = customer.send(text)
        assert (ack["ok"], ack["reason"]) == (False, "payload_not_issued")
    with read(stack.engine) as session:
        stored = session.scalars(
            select(MessageRow.text).where(
                MessageRow.conversation_id == customer.session_id
            )
        ).all()
    assert stored == []


def test_too_long_is_refused_with_words(stack: Stack) -> None:
    ack = Talk(stack, "C-DEMO-1").send("x" * 1001)
    assert (ack["ok"], ack["reason"]) == (False, "message_too_long")
    assert ack["message"]


def test_a_dead_action_server_is_waited_for_and_the_form_goes_on(stack: Stack) -> None:
    customer = Talk(stack, "C-DEMO-1")
    first, second, third = WORDS["exchange"]
    customer.say(first)
    stack.kill("actions")
    assert WORDS["away"] in "".join(customer.say(second))
    stack.start("actions")
    assert WORDS["asks_reason"] in "".join(customer.hear(60))
    assert WORDS["asks_target"] in "".join(customer.say(third))
    stack.wait_until_ready()


def test_a_message_survives_the_death_of_rasa(stack: Stack) -> None:
    customer = Talk(stack, "C-DEMO-1")
    stack.kill("rasa")
    try:
        assert WORDS["away"] in "".join(customer.say(WORDS["hello"]))
    finally:
        stack.start("rasa")
    assert WORDS["greeting"] in "".join(customer.hear(120))
    stack.wait_until_ready()
    again = customer.send(WORDS["hello"], client_id="c1")
    assert customer.send(WORDS["hello"], client_id="c1")["seq"] == again["seq"]
