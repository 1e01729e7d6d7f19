"""One message in flight per conversation, in order, until it is answered."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Engine

from aftercare import telemetry
from aftercare.domain import trace
from aftercare.services.conversations import (
    Answered,
    Asked,
    Message,
    Reply,
    answer_turn,
    asked_next,
    note_once,
)
from aftercare.services.history import Talk, waiting_conversations
from aftercare.services.surveys import answer_here
from aftercare.web.metrics import Metrics
from aftercare.web.rasa_client import RasaAway, RasaClient, RasaFailed, TurnResult
from aftercare.web.turn_lease import TurnLease

log = logging.getLogger("aftercare.turns")
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 5.0
# Gone for this long is away; a restart of an action server is shorter.
AWAY_AFTER_S = 3.0
RECOVER_EVERY_S = 15.0
# Another process answers here: look again so soon.
RIVAL_PAUSE_S = 0.25
RECOVER_SINCE = timedelta(hours=24)


class Outlet(Protocol):
    """The way to a customer's sockets."""

    async def publish(self, conversation_id: str, messages: list[Message]) -> None:
        """Send committed messages."""

    async def typing(self, conversation_id: str, on: bool) -> None:
        """Show or hide that an answer is being made."""

    async def state(self, conversation_id: str, talk: Talk, rasa: str) -> None:
        """Tell who answers and whether Rasa is there."""


Task = asyncio.Task[None]


class TurnRunner:
    """Answers stored messages; the database is the queue, so a crash loses none."""

    def __init__(
        self,
        engine: Engine,
        rasa: RasaClient,
        outlet: Outlet,
        texts: dict[str, str],
        metrics: Metrics,
        deadline_s: float,
        lease: TurnLease,
    ) -> None:
        """Keep the ways out: to Rasa and to the customer's sockets."""
        self._engine = engine
        self._rasa = rasa
        self._outlet = outlet
        self._texts = texts
        self._metrics = metrics
        self._deadline_s = deadline_s
        self._lease = lease
        self._running: dict[str, Task] = {}
        self._again: set[str] = set()
        self._away: set[str] = set()
        self._recovering: Task | None = None

    def wake(self, conversation_id: str) -> None:
        """Answer what waits in a conversation; a call while at work is kept."""
        if conversation_id in self._running:
            self._again.add(conversation_id)
            return
        task = asyncio.create_task(self._drain(conversation_id))
        self._running[conversation_id] = task

    def start(self) -> None:
        """Answer what an earlier process left, now and whenever any is left."""
        self._lease.start()
        self._recovering = asyncio.create_task(self._recover())

    async def stop(self) -> None:
        """Cancel what is at work; it stays stored and unanswered."""
        tasks = [*self._running.values()]
        if self._recovering is not None:
            tasks.append(self._recovering)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._lease.stop()

    def is_away(self, conversation_id: str) -> str:
        """Return "away" while a message here waits for Rasa, else "ok"."""
        return "away" if conversation_id in self._away else "ok"

    async def _recover(self) -> None:
        while True:
            since = datetime.now(UTC) - RECOVER_SINCE
            try:
                for left in await asyncio.to_thread(
                    waiting_conversations, self._engine, since
                ):
                    self.wake(left)
            except Exception as error:
                log.error("recovery failed: %s", type(error).__name__)
            await asyncio.sleep(RECOVER_EVERY_S)

    async def _drain(self, conversation_id: str) -> None:
        try:
            if await self._wait_for_lease(conversation_id):
                asked = await self._next(conversation_id)
                while asked is not None:
                    asked = await self._answer(conversation_id, asked)
                    if asked is None and conversation_id in self._again:
                        asked = await self._next(conversation_id)
                await self._lease.give_back(conversation_id)
        except Exception as error:
            # The message stays unanswered: recovery comes back to it.
            log.error("turns stopped: %s", type(error).__name__, exc_info=True)
        finally:
            self._running.pop(conversation_id, None)
        if conversation_id in self._again:
            self._again.discard(conversation_id)
            self.wake(conversation_id)

    async def _wait_for_lease(self, conversation_id: str) -> bool:
        """Return True once this process may answer, False once nothing waits."""
        while not await self._lease.take(conversation_id):
            await asyncio.sleep(RIVAL_PAUSE_S)
            found = await asyncio.to_thread(asked_next, self._engine, conversation_id)
            if found is None:
                return False
        return True

    async def _next(self, conversation_id: str) -> Asked | None:
        """Read what to answer next, until no wake came while reading."""
        while True:
            self._again.discard(conversation_id)
            asked = await asyncio.to_thread(asked_next, self._engine, conversation_id)
            if asked is not None or conversation_id not in self._again:
                return asked

    async def _answer(self, conversation_id: str, asked: Asked) -> Asked | None:
        """Answer one message; return the one that was waiting behind it."""
        trace.join(asked.message.trace)
        done = await self._answered(conversation_id, asked)
        await self._outlet.typing(conversation_id, False)
        await self._outlet.publish(conversation_id, done.said)
        was_away = conversation_id in self._away
        self._away.discard(conversation_id)
        if done.owner != asked.owner or was_away:
            after = Talk(asked.customer_id, done.owner)
            await self._outlet.state(conversation_id, after, "ok")
        return done.rest

    async def _own_answer(self, talk_id: str, message: Message) -> TurnResult | None:
        """Answer what is said to a survey: the bot need not be there for that."""
        replies = await asyncio.to_thread(
            answer_here, self._engine, talk_id, message, datetime.now(UTC)
        )
        return None if replies is None else TurnResult(replies, {"survey": True})

    async def _answered(self, conversation_id: str, asked: Asked) -> Answered:
        """Have one message answered and the answer stored; time each stage."""
        started = time.monotonic()
        message, talk = asked.message, Talk(asked.customer_id, asked.owner)
        queued = (datetime.now(UTC) - message.at).total_seconds()
        with telemetry.span("turn"):
            with telemetry.span("rasa"):
                result = await self._own_answer(conversation_id, message)
                if result is None:
                    result = await self._ask(conversation_id, talk, message)
            replied = time.monotonic()
            with telemetry.span("store"):
                done = await asyncio.to_thread(
                    answer_turn,
                    self._engine,
                    conversation_id=conversation_id,
                    to_seq=message.seq,
                    replies=result.replies,
                    now=datetime.now(UTC),
                    understanding=result.understanding,
                )
        ended = time.monotonic()
        self._metrics.turn(ended - started)
        self._metrics.understood(result.understanding)
        stages = {"queue": queued, "rasa": replied - started, "store": ended - replied}
        for name, seconds in stages.items():
            self._metrics.stage(name, seconds)
        took = {f"{name}_ms": round(each * 1000) for name, each in stages.items()}
        log.info("turn", extra={"fields": took | _failed(result)})
        return done

    async def _ask(self, talk_id: str, talk: Talk, message: Message) -> TurnResult:
        """Ask until Rasa is there; say in time, and once, that it is not."""
        deadline = asyncio.create_task(self._tell_late(talk_id, talk))
        started, pause = time.monotonic(), FIRST_PAUSE_S
        try:
            while True:
                await self._outlet.typing(talk_id, True)
                try:
                    return await self._rasa.turn(talk_id, talk.customer_id, message)
                except RasaFailed as error:
                    self._metrics.count("turn_failed", str(error))
                    log.error("turn failed: %s", error)
                    return TurnResult([self._apology()], {"failed": str(error)})
                except RasaAway as error:
                    self._metrics.count("turn_away", str(error))
                    log.warning("rasa away: %s", error)
                await self._outlet.typing(talk_id, False)
                if time.monotonic() - started >= AWAY_AFTER_S:
                    await self._tell_away(talk_id, talk)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
        finally:
            deadline.cancel()

    async def _tell_late(self, talk_id: str, talk: Talk) -> None:
        await asyncio.sleep(self._deadline_s)
        try:
            await self._tell_away(talk_id, talk)
        except Exception as error:
            log.error("not told that Rasa is away: %s", type(error).__name__)

    async def _tell_away(self, talk_id: str, talk: Talk) -> None:
        if talk_id in self._away:
            return
        self._away.add(talk_id)
        said = await asyncio.to_thread(
            note_once, self._engine, talk_id, self._texts["away"], datetime.now(UTC)
        )
        if said is not None:
            self._metrics.count("told_away")
            await self._outlet.publish(talk_id, [said])
        await self._outlet.state(talk_id, talk, "away")

    def _apology(self) -> Reply:
        button: dict[str, Any] = {
            "content_type": "text",
            "title": self._texts["human"],
            "payload": "/request_human",
        }
        return Reply(self._texts["failed"], {"quick_replies": [button]})


def _failed(result: TurnResult) -> dict[str, str]:
    reason = result.understanding.get("failed")
    return {"failed": str(reason)} if reason else {}
