"""From a change in the database to events in the browsers that show it."""

from __future__ import annotations

import asyncio
import itertools
import logging
from datetime import UTC, datetime
from typing import Any

from fastapi.encoders import jsonable_encoder
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from aftercare.domain.conversation import Owner
from aftercare.domain.errors import AftercareError
from aftercare.services import loops
from aftercare.services.console import assignment, inbox, transcript, webhooks
from aftercare.services.console.audit import SYSTEM
from aftercare.services.console.desk import Step
from aftercare.services.console.outgoing import client
from aftercare.services.history import find_talk
from aftercare.web.console.live import DESK, NAMESPACE, Live, talk_room
from aftercare.web.console.signs import Signs
from aftercare.web.gateway import Gateway
from aftercare.web.turn_lease import TurnLease

log = logging.getLogger("aftercare.console")
TICK_S = 2.0
# The loops may be a little late; the desk may not.
LOOPS_EVERY = 5
# Of all web processes one looks at the clock and tells the shop.
CLOCK = "desk clock"


class DeskLive(Live):
    """Live events of the desk, and the clock that keeps its promises."""

    def __init__(self, engine: Engine, gateway: Gateway) -> None:
        """Listen to every change the gateway makes."""
        super().__init__(
            engine, gateway.sio, gateway.settings.env, gateway.limits.may_connect
        )
        self._gateway = gateway
        # The last message sent to those who watch a conversation.
        self._told: dict[str, int] = {}
        self._telling: set[str] = set()
        self._stale: set[str] = set()
        self._clock: asyncio.Task[None] | None = None
        self._http = client(gateway.settings.webhooks_private)
        gateway.listener = self.changed
        self._signs = Signs(engine, gateway, self.to_watchers)
        gateway.others = self.changed
        self._lease = TurnLease(engine, gateway.settings)

    def start(self) -> None:
        """Begin to send events and to look at the clock."""
        super().start()
        self._clock = asyncio.create_task(self._keep_promises())

    async def stop(self) -> None:
        """Stop the clock."""
        if self._clock is not None:
            self._clock.cancel()
            await asyncio.gather(self._clock, return_exceptions=True)
        self._http.close()
        await super().stop()

    def changed(self, talk_id: str) -> None:
        """Tell the browsers about a conversation, from any thread."""
        if self.has_audience():
            self.run(self._tell(talk_id))

    def stepped(self, step: Step) -> None:
        """Tell the customer and the browsers what a step changed."""
        self.run(self._step(step))

    def recalled(self, talk_id: str, seq: int) -> None:
        """Show everywhere that a message was taken back."""
        self.run(self._recall(talk_id, seq))

    def agent_types(self, talk_id: str, name: str, on: bool) -> None:
        """Show that an agent is typing."""
        self.run(self._gateway.typing(talk_id, on))
        body = {"conversation_id": talk_id, "who": "agent", "name": name, "on": on}
        self.to_watchers(talk_id, "typing", body)

    def agent_reads(self, talk_id: str, seq: int) -> None:
        """Show the customer how far the one who answers has read."""
        self.run(self._gateway.read(talk_id, seq))

    async def _keep_promises(self) -> None:
        for tick in itertools.count():
            await asyncio.sleep(TICK_S)
            try:
                await self.close_ended()
                if not await self._lease.take(CLOCK):
                    continue  # another process keeps the promises
                now = datetime.now(UTC)
                steps = await asyncio.to_thread(assignment.tick, self._engine, now)
                if tick % LOOPS_EVERY == 0:
                    steps += await asyncio.to_thread(loops.tick, self._engine, now)
                for step in steps:
                    await self._step(step)
                await asyncio.to_thread(self._tell_shop, now)
            except (SQLAlchemyError, AftercareError) as error:
                log.error("the desk's clock missed: %s", type(error).__name__)

    def _tell_shop(self, now: datetime) -> None:
        webhooks.collect(self._engine, now)
        webhooks.deliver(self._engine, self._http, now)

    async def _step(self, step: Step) -> None:
        talk_id = step.conversation_id
        await self._gateway.publish(talk_id, step.said)
        talk = await asyncio.to_thread(find_talk, self._engine, talk_id)
        if talk is None:
            return
        away = self._gateway.turns.is_away(talk_id)
        # Tells the listener too, which is how the browsers learn of it.
        await self._gateway.state(talk_id, talk, away)
        if talk.owner == Owner.BOT:
            self._gateway.turns.wake(talk_id)

    async def _recall(self, talk_id: str, seq: int) -> None:
        body = {"seq": seq}
        await self._gateway.sio.emit("recalled", body, room=talk_id)
        await self._send_messages(talk_id, seq - 1, 1)

    async def _tell(self, talk_id: str) -> None:
        """Tell of a conversation as it is now; one at a time, so the newest is last.

        What changes while it is told is told once more, however often it changed.
        """
        self._stale.add(talk_id)
        if talk_id in self._telling:
            return
        self._telling.add(talk_id)
        try:
            while talk_id in self._stale:
                self._stale.discard(talk_id)
                await self._tell_once(talk_id)
        finally:
            self._telling.discard(talk_id)
            self._stale.discard(talk_id)

    async def _tell_once(self, talk_id: str) -> None:
        now = datetime.now(UTC)
        row = await asyncio.to_thread(inbox.row, self._engine, talk_id, now)
        body = jsonable_encoder(row)
        # Every process hears of the change and tells its own browsers.
        own = {"room": DESK, "namespace": NAMESPACE, "ignore_queue": True}
        await self._sio.emit("conversation", body, **own)
        counts = await asyncio.to_thread(inbox.counts, self._engine, SYSTEM)
        told = {"waiting": counts["waiting"], "all": counts["all"]}
        await self._sio.emit("counts", told, **own)
        after = self._told.pop(talk_id, max(0, row["messages"] - 1))
        if self._watched(talk_id):
            self._told[talk_id] = row["messages"]
            await self._send_messages(talk_id, after, 100)

    async def _watch(self, sid: str, data: Any = None) -> dict[str, Any]:
        """Let a browser watch; it is sent every message from the answer on."""
        found = await super()._watch(sid, data)
        if found["ok"]:
            talk_id = data["conversation_id"]
            seen = await asyncio.to_thread(transcript.last_seq, self._engine, talk_id)
            self._told.setdefault(talk_id, seen)
        return found

    def _watched(self, talk_id: str) -> bool:
        room = talk_room(talk_id)
        return any(self._sio.manager.get_participants(NAMESPACE, room))

    async def _send_messages(self, talk_id: str, after: int, limit: int) -> None:
        """Send to each watcher what that person may read: masked or in clear."""
        room = talk_room(talk_id)
        for sid, _ in list(self._sio.manager.get_participants(NAMESPACE, room)):
            kept = await self._sio.get_session(sid, namespace=NAMESPACE)
            found = await asyncio.to_thread(
                transcript.messages,
                self._engine,
                kept["actor"],
                talk_id,
                after=after,
                limit=limit,
            )
            for message in found["messages"]:
                body: Any = {"conversation_id": talk_id, "message": message}
                await self._sio.emit(
                    "message", jsonable_encoder(body), to=sid, namespace=NAMESPACE
                )
