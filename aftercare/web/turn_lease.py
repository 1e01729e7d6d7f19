"""Which web process answers in a conversation: by a lease in the database.

A single process on SQLite needs none: its own table of running turns is enough.
"""

from __future__ import annotations

import asyncio
import logging

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from aftercare.settings import Settings
from aftercare.store import leases

log = logging.getLogger("aftercare.turns")
# A killed process's conversations are taken over after this.
LEASE_S = 12.0
RENEW_S = 4.0


class TurnLease:
    """Takes and gives back conversations, and prolongs what is held."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        """Give this process a name of its own."""
        self._engine = engine
        self._shared = settings.shared
        self.holder = leases.holder_name()
        self._renewing: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to prolong."""
        if self._shared:
            self._renewing = asyncio.create_task(self._renew())

    async def stop(self) -> None:
        """Give everything back."""
        if self._renewing is None:
            return
        self._renewing.cancel()
        await asyncio.gather(self._renewing, return_exceptions=True)
        try:
            await asyncio.to_thread(leases.release, self._engine, self.holder)
        except SQLAlchemyError as error:
            log.warning("leases run out: %s", type(error).__name__)

    async def take(self, name: str) -> bool:
        """Return whether this process may do what the lease is for now."""
        if not self._shared:
            return True
        return await asyncio.to_thread(
            leases.take, self._engine, name, self.holder, LEASE_S
        )

    async def give_back(self, name: str) -> None:
        """Let another process do it next."""
        if self._shared:
            await asyncio.to_thread(leases.release, self._engine, self.holder, name)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            try:
                await asyncio.to_thread(
                    leases.renew, self._engine, self.holder, LEASE_S
                )
            except SQLAlchemyError as error:
                log.warning("leases not prolonged: %s", type(error).__name__)
