"""What web processes tell each other: this conversation has changed.

Told through Redis at once, and read from the message log every second whether or
not Redis is there: it makes things quick, the database makes them sure.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable

from redis import asyncio as redis
from redis.exceptions import RedisError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from aftercare.services import history
from aftercare.settings import Settings

log = logging.getLogger("aftercare.bus")
CHANNEL = "aftercare:changed"
LOOK_EVERY_S = 1.0
ANSWER_S = 1.0
PAUSE_S = 2.0
LONGEST_QUEUE = 1_000
Heard = Callable[[str], Awaitable[None]]


class Bus:
    """Tells and hears which conversations changed; silent in a single process."""

    def __init__(self, settings: Settings, engine: Engine, heard: Heard) -> None:
        """Keep who is to be told here."""
        self._settings = settings
        self._engine = engine
        self._heard = heard
        self._me = secrets.token_hex(4)
        self._to_tell: asyncio.Queue[str] = asyncio.Queue(LONGEST_QUEUE)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to listen, where there are others."""
        if not self._settings.shared:
            return
        works = [self._follow()]
        if self._settings.redis_url:
            works += [self._listen(), self._send()]
        self._tasks = [asyncio.create_task(work) for work in works]

    async def stop(self) -> None:
        """Stop listening."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def tell(self, talk_id: str) -> None:
        """Tell the others; one too many is left to the message log."""
        if self._settings.shared and self._settings.redis_url:
            try:
                self._to_tell.put_nowait(talk_id)
            except asyncio.QueueFull:
                log.warning("others are told by the log alone")

    def _server(self) -> redis.Redis:
        return redis.Redis.from_url(
            self._settings.redis_url,
            socket_connect_timeout=ANSWER_S,
            health_check_interval=15,
        )

    async def _send(self) -> None:
        server = self._server()
        while True:
            talk_id = await self._to_tell.get()
            try:
                async with asyncio.timeout(ANSWER_S):
                    await server.publish(CHANNEL, f"{self._me} {talk_id}")
            except (RedisError, OSError) as error:
                log.warning("not told: %s", type(error).__name__)
                await asyncio.sleep(PAUSE_S)

    async def _listen(self) -> None:
        while True:
            server = self._server()
            try:
                async with server.pubsub() as channel:
                    await channel.subscribe(CHANNEL)
                    async for item in channel.listen():
                        if item["type"] == "message":
                            await self._take(item["data"].decode())
            except (RedisError, OSError) as error:
                log.warning("not listening: %s", type(error).__name__)
            await server.aclose()
            await asyncio.sleep(PAUSE_S)

    async def _take(self, data: str) -> None:
        who, _, talk_id = data.partition(" ")
        if who != self._me:
            await self._hear(talk_id)

    async def _hear(self, talk_id: str) -> None:
        try:
            await self._heard(talk_id)
        except SQLAlchemyError as error:
            log.warning("a change waits: %s", type(error).__name__)

    async def _follow(self) -> None:
        """Hear of every message of the log once, whoever stored it."""
        cursor: int | None = None
        seen: set[int] = set()
        while True:
            try:
                if cursor is None:
                    cursor = await asyncio.to_thread(history.newest_id, self._engine)
                    found = await self._since(cursor)
                    seen = {message_id for message_id, _ in found}
                found = await self._since(cursor)
            except SQLAlchemyError as error:
                log.warning("the log is not read: %s", type(error).__name__)
                found = []
            fresh = {talk for message_id, talk in found if message_id not in seen}
            if found:
                seen = {message_id for message_id, _ in found}
                cursor = max(seen)
            for talk_id in sorted(fresh):
                await self._hear(talk_id)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _since(self, cursor: int) -> list[tuple[int, str]]:
        return await asyncio.to_thread(history.changed_since, self._engine, cursor)
