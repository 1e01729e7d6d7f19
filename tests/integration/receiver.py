"""A shop's program that listens to the events of the broker."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import aio_pika
from aio_pika.exceptions import AMQPException

EXCHANGE = "aftercare.events"
WAIT_S = 100


async def bind(url: str, name: str) -> None:
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel()
        exchange = await channel.declare_exchange(EXCHANGE, "topic", durable=True)
        queue = await channel.declare_queue(name, durable=True)
        await queue.bind(exchange, "#")


async def until_bound(url: str, name: str) -> None:
    """Bind as soon as the broker takes a connection: its port opens before."""
    end = time.monotonic() + WAIT_S
    while True:
        try:
            return await bind(url, name)
        except (AMQPException, OSError):
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.2)


async def received(url: str, name: str, *, gone: bool = False) -> list[dict[str, Any]]:
    connection = await aio_pika.connect(url)
    found = []
    async with connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(name, durable=True)
        while (item := await queue.get(fail=False)) is not None:
            async with item.process():
                found.append(json.loads(item.body))
        if gone:
            await queue.delete()
    return found
