"""The process that tells events to RabbitMQ: `python -m aftercare events`.

One of several relays works at a time (a lease); another takes over when it dies.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from datetime import UTC, datetime

import aio_pika
from aio_pika.abc import AbstractExchange
from aio_pika.exceptions import AMQPException, ChannelInvalidStateError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from aftercare import logs
from aftercare.services.outbox import Event, mark_sent, unsent
from aftercare.settings import Settings
from aftercare.store import leases

log = logging.getLogger("aftercare.events")
LEASE, LEASE_S = "relay", 15.0
LOOK_EVERY_S = 0.5
PAUSE_S = 2.0
CONFIRM_S = 10.0
# A broker that dies between two messages leaves a channel that is no AMQP error.
AWAY = (
    AMQPException,
    ChannelInvalidStateError,
    OSError,
    TimeoutError,
    SQLAlchemyError,
)


def run(engine: Engine, settings: Settings) -> int:
    """Be the relay's process; return the exit code."""
    if not settings.events_url:
        sys.stderr.write("AFTERCARE_EVENTS_URL is not set\n")
        return 2
    logs.configure(settings, "events")
    asyncio.run(relay(engine, settings))
    return 0


async def relay(engine: Engine, settings: Settings) -> None:
    """Tell what is unsent, for ever; wait while the broker or the database is away."""
    holder = leases.holder_name()
    while True:
        try:
            if await asyncio.to_thread(leases.take, engine, LEASE, holder, LEASE_S):
                await _connected(engine, settings, holder)
        except AWAY as error:
            log.warning("events wait", extra={"fields": {"away": type(error).__name__}})
        await asyncio.sleep(PAUSE_S)


async def _connected(engine: Engine, settings: Settings, holder: str) -> None:
    connection = await aio_pika.connect(settings.events_url, timeout=CONFIRM_S)
    async with connection:
        channel = await connection.channel(publisher_confirms=True)
        exchange = await channel.declare_exchange(
            settings.events_exchange, aio_pika.ExchangeType.TOPIC, durable=True
        )
        while await asyncio.to_thread(leases.take, engine, LEASE, holder, LEASE_S):
            found = await asyncio.to_thread(unsent, engine)
            for item in found:
                await _tell(exchange, item)
            if found:
                told = [item.event_id for item in found]
                await asyncio.to_thread(mark_sent, engine, told, datetime.now(UTC))
            else:
                await asyncio.sleep(LOOK_EVERY_S)


async def _tell(exchange: AbstractExchange, item: Event) -> None:
    """Publish one event and wait for the broker's confirmation."""
    message = aio_pika.Message(
        json.dumps(item.body).encode(),
        message_id=item.event_id,
        content_type="application/json",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )
    await exchange.publish(message, routing_key=item.kind, timeout=CONFIRM_S)
