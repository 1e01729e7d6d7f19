"""Talks of invented customers with a running installation, for its console to show.

They go the way of every customer's message, so that what the console then shows
was understood by the model at work and decided by the rules in force.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import socketio
import yaml
from sqlalchemy import Engine, select

from aftercare.settings import Settings
from aftercare.store.models import OrderLineRow, OrderRow, ProductRow
from aftercare.store.unit_of_work import read
from aftercare.web.identity import shop_token

TALKS = Path(__file__).parent / "services" / "seed_data" / "talks.yml"
AT_ONCE = 3
ANSWER_S = 30.0
# An answer may come in several parts: it has ended when no more follow for so long.
STILL_S = 0.5
SEED = 20261126
LATELY = 40  # customers to choose from


@dataclass
class Done:
    """How many talks were held, messages said in them, and left without an answer."""

    talks: int = 0
    said: int = 0
    unanswered: int = 0


class Visitor:
    """One invented customer at the shop's socket."""

    def __init__(self) -> None:
        """Start with nothing heard."""
        self.socket = socketio.AsyncClient(reconnection=False)
        self.heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.session: asyncio.Queue[str] = asyncio.Queue()
        self.socket.on("bot_uttered", self.heard.put)
        self.socket.on("session_confirm", self.session.put)

    async def talk(
        self, url: str, token: str | None, says: list[Any], done: Done
    ) -> None:
        """Say one thing after another, each after the answer to the one before.

        Raises:
            socketio.exceptions.ConnectionError: nothing answers at `url`.
            TimeoutError: no conversation was opened.
        """
        # What is stored is told to people; these are none.
        auth = {"notice": True} | ({"token": token} if token else {})
        await self.socket.connect(url, auth=auth)
        try:
            await self.socket.emit("session_request", {"session_id": None})
            session = await asyncio.wait_for(self.session.get(), ANSWER_S)
            offered: dict[str, str] = {}
            for says_now in says:
                text = self._words(says_now, offered)
                if text is None:
                    continue  # this customer's case offers no such button
                body = {"message": text, "session_id": session}
                body["client_id"] = str(uuid4())
                await self.socket.call("user_uttered", body, timeout=int(ANSWER_S))
                done.said += 1
                offered = await self._answer()
                done.unanswered += not offered
            done.talks += 1
        finally:
            await self.socket.disconnect()

    @staticmethod
    def _words(says: Any, offered: dict[str, str]) -> str | None:
        if isinstance(says, str):
            return says
        fitting = (p for title, p in offered.items() if says["press"] in title)
        return next(fitting, None)

    async def _answer(self) -> dict[str, str]:
        """Return the buttons of an answer by title ("" stands for the answer)."""
        offered: dict[str, str] = {}
        limit = ANSWER_S
        while True:
            try:
                part = await asyncio.wait_for(self.heard.get(), limit)
            except TimeoutError:
                return offered
            offered[""] = ""
            for reply in part.get("quick_replies") or []:
                offered[reply["title"]] = reply["payload"]
            limit = STILL_S


def hold(
    engine: Engine, settings: Settings, url: str, *, most: int | None = None
) -> Done:
    """Hold every talk (or the first `most`) once with the installation at `url`.

    Raises:
        socketio.exceptions.ConnectionError: nothing answers there.
    """
    talks = yaml.safe_load(TALKS.read_text(encoding="utf-8"))["talks"][:most]
    chosen = _customers(engine, [talk["about"] for talk in talks])
    return asyncio.run(_hold(settings, url, talks, chosen))


async def _hold(
    settings: Settings, url: str, talks: list[dict[str, Any]], who: list[str | None]
) -> Done:
    done, free = Done(), asyncio.Semaphore(AT_ONCE)

    async def one(talk: dict[str, Any], customer: str | None) -> None:
        async with free:
            secret, now = settings.shop_jwt_secret, datetime.now(UTC)
            token = shop_token(customer, secret, now) if customer else None
            await Visitor().talk(url, token, talk["say"], done)

    await asyncio.gather(*(one(*pair) for pair in zip(talks, who, strict=True)))
    return done


def _customers(engine: Engine, categories: list[str | None]) -> list[str | None]:
    """Return for each talk one who lately bought a single such thing, or None."""
    query = (
        select(ProductRow.category, OrderLineRow.customer_id)
        .join(OrderLineRow, OrderLineRow.sku == ProductRow.sku)
        .join(OrderRow, OrderRow.order_no == OrderLineRow.order_no)
        .order_by(OrderRow.placed_at.desc())
    )
    with read(engine) as session:
        bought = [(category, who) for category, who in session.execute(query)]
    counts = Counter(bought)
    random = Random(SEED)
    chosen: list[str | None] = []
    for category in categories:
        single = [
            who for kind, who in bought if kind == category and counts[(kind, who)] == 1
        ][:LATELY]
        chosen.append(random.choice(single) if single else None)
    return chosen
