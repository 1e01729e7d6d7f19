"""The process that tells events to RabbitMQ: `python -m aftercare events`.

One of several relays works at a time (a lease); another takes over when it dies.
An event counts as told when a queue holds it. The broker confirms, and drops, what no
queue is bound for: that kind waits here, is tried again, and holds up no other kind.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import aio_pika
from aio_pika.abc import AbstractExchange
from aio_pika.exceptions import AMQPException, ChannelInvalidStateError, DeliveryError
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
# A kind that no queue takes is tried again so soon: its receiver may just be starting.
UNHEARD_S = 10.0
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
        # Without the second the library swallows what the broker could not route.
        channel = await connection.channel(
            publisher_confirms=True, on_return_raises=True
        )
        exchange = await channel.declare_exchange(
            settings.events_exchange, aio_pika.ExchangeType.TOPIC, durable=True
        )
        again_at: dict[str, float] = {}
        while await asyncio.to_thread(leases.take, engine, LEASE, holder, LEASE_S):
            now = time.monotonic()
            waiting = {kind for kind, at in again_at.items() if at > now}
            found = await asyncio.to_thread(unsent, engine, waiting)
            told: list[str] = []
            try:
                unheard = await _tell_all(exchange, settings, found, told)
                again_at |= dict.fromkeys(unheard, now + UNHEARD_S)
            finally:
                # Also of a batch that broke off: or all of it would come twice.
                if told:
                    await asyncio.to_thread(mark_sent, engine, told, datetime.now(UTC))
            if not told:
                await asyncio.sleep(LOOK_EVERY_S)


async def _tell_all(
    exchange: AbstractExchange,
    settings: Settings,
    found: Sequence[Event],
    told: list[str],
) -> set[str]:
    """Tell these, note each in `told`; return the kinds that no queue took."""
    unheard: set[str] = set()
    for item in found:
        if item.kind in unheard:
            continue
        if item.kind in settings.events_kinds:
            try:
                await _tell(exchange, item)
            except DeliveryError:
                unheard.add(item.kind)
                fields = {"kind": item.kind}
                log.warning("no queue takes an event", extra={"fields": fields})
                continue
        told.append(item.event_id)
    return unheard


async def _tell(exchange: AbstractExchange, item: Event) -> None:
    """Publish one event and wait for the broker's confirmation.

    Raises:
        DeliveryError: no queue is bound for it, or a full one refused it.
    """
    message = aio_pika.Message(
        json.dumps(item.body).encode(),
        message_id=item.event_id,
        content_type="application/json",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )
    await exchange.publish(message, routing_key=item.kind, timeout=CONFIRM_S)
