"""Notes that mention, signs of the customer's widget, what a hand-over carries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine

from aftercare.services.console import beside, composer, desk, inbox, mentions
from aftercare.services.console.audit import Actor
from aftercare.services.console.families import FAMILIES, family_of, matter_of
from aftercare.services.conversations import Message
from aftercare.services.transfer import Trigger, transfer
from aftercare.settings import ROOT
from aftercare.web.console.signs import Signs
from aftercare.web.dialect import as_bot_uttered

Make = Callable[..., Actor]


def test_a_mentioned_colleague_sees_the_note_until_it_is_seen(
    shop: Engine, now: datetime, talks: Any, actor_of: Make
) -> None:
    li, wang = actor_of("li"), actor_of("wang")
    talk, other = talks.make("one", now=now), talks.make("two", now=now)
    beside.add_note(shop, li, talk, "@wang please look", [wang.account_id or 0], now)
    beside.add_note(shop, li, other, "nobody", [], now)
    assert mentions.unseen(shop, li) == []
    found = mentions.unseen(shop, wang)
    assert [(item["conversation_id"], item["author"]["name"]) for item in found] == [
        (talk, "li")
    ]
    mentions.mark_seen(shop, wang, other, now)
    assert len(mentions.unseen(shop, wang)) == 1
    mentions.mark_seen(shop, wang, talk, now)
    assert mentions.unseen(shop, wang) == []


def test_a_handover_carries_matter_order_and_what_was_understood(
    shop: Engine, now: datetime, talks: Any, actor_of: Make, words: dict[str, str]
) -> None:
    talk = talks.make(words["refund"], now=now)
    intent = {"name": "request_refund", "confidence": 0.93}
    slots = {"order_no": "88000000000101"}
    talks.reply(talk, 1, "?", now, {"intent": intent, "slots": slots})
    seq = talks.say(talk, words["human"], now)
    talks.reply(talk, seq, "!", now, {"intent": {"name": "request_human"}})
    assert transfer(shop, talk, Trigger.REPEATED_FAILURE, now)
    card = inbox.detail(shop, actor_of("li"), talk, now, may_force=False)["handover"]
    assert card["trigger"] == "repeated_failure"
    assert card["skill"] == "refund" and card["language"] == "zh"
    assert card["order_no"] == slots["order_no"]
    assert card["understood"]["name"] == "request_human"
    assert "*" in card["identity"]["phone"]


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        (["hello"], None),
        (["I want to return these shoes please"], "en"),
        (["/request_human"], None),
    ],
)
def test_a_language_is_told_by_sentences(
    typed: list[str], language: str | None, words: dict[str, str]
) -> None:
    assert desk.language_of(typed) == language
    assert desk.language_of([words["phone"]]) == "zh"


def test_every_intent_has_one_family() -> None:
    names = [name for intents in FAMILIES.values() for name in intents]
    assert len(names) == len(set(names))
    domain = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))["intents"]
    listed = {next(iter(i)) if isinstance(i, dict) else i for i in domain}
    assert listed - set(names) == set()
    assert family_of("report_damage") == "problem"
    assert matter_of(["request_human", None, "track_logistics"]) == "parcel"
    assert matter_of(["greet"]) is None


class Sockets:
    """What the signs need of a socket server."""

    def __init__(self, talk: str) -> None:
        self.kept: dict[str, Any] = {"talk": talk}
        self.handlers: dict[str, Any] = {}
        self.sio = self

    def on(self, event: str, handler: Any) -> None:
        self.handlers[event] = handler

    async def get_session(self, _sid: str) -> dict[str, Any]:
        return dict(self.kept)

    async def save_session(self, _sid: str, kept: dict[str, Any]) -> None:
        self.kept = kept


def test_the_widget_s_signs_reach_the_watchers(
    shop: Engine, now: datetime, talks: Any, actor_of: Make
) -> None:
    talk = talks.make("one", "two", now=now)
    transfer(shop, talk, Trigger.ASKED, now)
    told: list[tuple[str, str, Any]] = []
    sockets: Any = Sockets(talk)
    Signs(shop, sockets, lambda *args: told.append(args))

    async def send() -> None:
        await sockets.handlers["typing"]("s", {"on": True})
        await sockets.handlers["typing"]("s", {"on": False})  # too soon
        await sockets.handlers["read"]("s", {"seq": 99})
        sockets.kept.pop("seen")
        await sockets.handlers["read"]("s", {"seq": 1})  # never goes back
        sockets.kept.pop("seen")
        await sockets.handlers["read"]("s", {"seq": "1"})

    asyncio.run(send())
    assert [(event, data.get("on", data.get("seq"))) for _, event, data in told] == [
        ("typing", True),
        ("read", 2),
    ]
    shown = inbox.detail(shop, actor_of("li"), talk, now, may_force=False)
    assert shown["customer_read_seq"] == 2
    assert composer.mark_customer_read(shop, talk, 1) is None


def test_no_sign_of_reading_is_lost_because_it_came_soon(
    shop: Engine, now: datetime, talks: Any
) -> None:
    talk = talks.make("one", "two", "three", now=now)
    transfer(shop, talk, Trigger.ASKED, now)
    told: list[tuple[str, str, Any]] = []
    sockets: Any = Sockets(talk)
    Signs(shop, sockets, lambda *args: told.append(args))

    async def send() -> None:
        read = sockets.handlers["read"]
        await read("s", {"seq": 1})
        # The widget says each number once, and never again.
        await asyncio.gather(*(read("s", {"seq": seq}) for seq in (2, 3, 2)))

    asyncio.run(send())
    assert [data["seq"] for _, _, data in told] == [1, 3]


def test_a_file_reaches_the_customer_with_its_name(now: datetime) -> None:
    file = {"url": "/files/x", "name": "label.pdf", "type": "application/pdf"}
    sent = as_bot_uttered(Message(3, "agent", "", now, {"file": file}))
    assert sent == [
        {
            "text": "label.pdf",
            "metadata": {"seq": 3, "sender": "agent", "file": file},
        }
    ]
