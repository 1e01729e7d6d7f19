"""Sees to it that Rasa answers with the model that was chosen.

A Rasa that was restarted, or a second one, may have come up with another model: each
web process looks every few seconds at its own Rasa and asks it to change if need be.
"""

from __future__ import annotations

import asyncio
import logging
import time

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from aftercare import model
from aftercare.domain.errors import AftercareError
from aftercare.services.assistant.loading import loaded, loader
from aftercare.services.assistant.serving import Serving, current
from aftercare.settings import Settings

log = logging.getLogger("aftercare.model")
LOOK_EVERY_S = 10.0
SETTLE_S = 2.0


class ModelKeeper:
    """Compares, now and then, what is chosen with what answers."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        """Keep where both are found."""
        self._settings = settings
        self._engine = engine
        # A model the project's files make later belongs to code that is not running.
        self._own = model.path_for(settings)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._loop())

    async def stop(self) -> None:
        """Stop looking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _loop(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await asyncio.to_thread(self.look)
            except (SQLAlchemyError, AftercareError, OSError) as error:
                log.warning("model not looked after: %s", type(error).__name__)

    def look(self) -> bool:
        """Ask Rasa to change if it has another model; return whether it was asked.

        A promotion is chosen a moment after Rasa has it: what differs must still
        differ then, or this would undo the promotion.
        """
        first = self._differs()
        if first is None:
            return False
        time.sleep(SETTLE_S)
        wanted = self._differs()
        if wanted is None or wanted.name != first.name:
            return False
        loader(self._settings)(wanted.path)
        log.info("model %s put in use, as was chosen", wanted.name)
        return True

    def _differs(self) -> Serving | None:
        """Return what was chosen where Rasa answers with something else."""
        name = loaded(self._settings)
        wanted = current(self._engine, self._settings)
        if wanted.model_id is None and wanted.path != self._own:
            return None
        if name is None or name == wanted.name or not wanted.path.exists():
            return None
        return wanted
