"""One message in flight per conversation, in order, until it is answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from aftercare.domain.conversation import Owner
from aftercare.services import history
from aftercare.services.conversations import Message, Reply, answer, unanswered
from aftercare.services.history import note, owner_of, waiting_conversations
from aftercare.web.rasa_client import RasaAway, RasaClient, RasaFailed, TurnResult

log = logging.getLogger("aftercare.turns")
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 10.0
Publish = Callable[[str, list[Message]], Awaitable[None]]
Typing = Callable[[str, bool], Awaitable[None]]


class TurnRunner:
    """Answers stored messages; the database is the queue, so a crash loses none."""

    def __init__(
        self,
        engine: Engine,
        rasa: RasaClient,
        publish: Publish,
        typing: Typing,
        texts: dict[str, str],
    ) -> None:
        """Keep the ways out: to Rasa and to the customer's sockets."""
        self._engine = engine
        self._rasa = rasa
        self._publish = publish
        self._typing = typing
        self._texts = texts
        self._running: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()

    def wake(self, conversation_id: str) -> None:
        """Answer what waits in a conversation; a call while at work is kept."""
        if conversation_id in self._running:
            self._again.add(conversation_id)
            return
        task = asyncio.create_task(self._drain(conversation_id))
        self._running[conversation_id] = task

    async def recover(self) -> int:
        """Wake every conversation left unanswered by an earlier process."""
        waiting = await asyncio.to_thread(waiting_conversations, self._engine)
        for conversation_id in waiting:
            self.wake(conversation_id)
        return len(waiting)

    async def stop(self) -> None:
        """Cancel what is at work; it stays stored and unanswered."""
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _drain(self, conversation_id: str) -> None:
        try:
            while True:
                self._again.discard(conversation_id)
                waiting = await asyncio.to_thread(
                    unanswered, self._engine, conversation_id
                )
                owner = await asyncio.to_thread(owner_of, self._engine, conversation_id)
                if owner == Owner.HUMAN or not waiting:
                    if conversation_id in self._again:
                        continue
                    return
                await self._answer(conversation_id, waiting[0])
        except Exception:
            log.exception("turns stopped")
        finally:
            self._running.pop(conversation_id, None)

    async def _answer(self, conversation_id: str, message: Message) -> None:
        result = await self._ask(conversation_id, message)
        said = await asyncio.to_thread(
            answer,
            self._engine,
            conversation_id=conversation_id,
            to_seq=message.seq,
            replies=result.replies,
            now=datetime.now(UTC),
            understanding=result.understanding,
        )
        await self._typing(conversation_id, False)
        await self._publish(conversation_id, said)

    async def _ask(self, conversation_id: str, message: Message) -> TurnResult:
        """Ask until Rasa is there; say once that it is away."""
        pause, told = FIRST_PAUSE_S, False
        customer = await asyncio.to_thread(
            history.customer_of, self._engine, conversation_id
        )
        while True:
            await self._typing(conversation_id, True)
            try:
                return await self._rasa.turn(conversation_id, customer, message)
            except RasaFailed as error:
                log.error("turn failed: %s", error)
                return TurnResult([self._apology()], {"failed": str(error)})
            except RasaAway as error:
                log.warning("rasa away: %s", error)
            await self._typing(conversation_id, False)
            if not told:
                told = True
                await self._tell_away(conversation_id)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)

    async def _tell_away(self, conversation_id: str) -> None:
        said = await asyncio.to_thread(
            note,
            self._engine,
            conversation_id,
            self._texts["away"],
            datetime.now(UTC),
        )
        await self._publish(conversation_id, [said])

    def _apology(self) -> Reply:
        button: dict[str, Any] = {
            "content_type": "text",
            "title": self._texts["human"],
            "payload": "/request_human",
        }
        return Reply(self._texts["failed"], {"quick_replies": [button]})
