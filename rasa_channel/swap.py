"""Put another model in use between two turns.

The new model is loaded beside the old one, in a thread, while turns go on. Then the
next turn finds the new agent; turns in flight hold the old one and finish on it. Both
share the lock of a conversation and the memory, so a conversation whose next message
comes meanwhile waits for its turn in flight, as always.
"""

from __future__ import annotations

import asyncio
import copy
import hashlib
import logging
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent

log = logging.getLogger(__name__)
ENDING = ".tar.gz"


class SwapRefused(Exception):
    """The model is not put in use; `reason` is a code for the gateway."""

    def __init__(self, status: int, reason: str) -> None:
        """Keep what the asker is told."""
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Swapper:
    """Loads one model at a time; asking twice for the same one loads it once."""

    def __init__(self) -> None:
        """Begin with nothing loading."""
        self._turn = asyncio.Lock()
        # A candidate that guests try: one at a time, for each costs its memory.
        self._tried: Any = None

    async def agent_for(self, app: Any, trial: dict[str, str] | None) -> Any:
        """Return what answers a turn: the model in use, or the one on trial.

        Raises:
            SwapRefused: the model on trial is no such file, or no model.
        """
        if not trial:
            return app.ctx.agent
        file = Path(trial["path"])
        name = file.name.removesuffix(ENDING)
        for known in (app.ctx.agent, self._tried):
            if name_of(known) == name:
                return known
        async with self._turn:
            if name_of(self._tried) != name:
                loop = asyncio.get_running_loop()
                self._tried = await loop.run_in_executor(
                    None, _loaded, app.ctx.agent, file, trial["sha256"]
                )
                log.info("model %s is tried", name)
            return self._tried

    async def use(self, app: Any, path: str, sha256: str) -> str:
        """Put a model file in use in this process and return its name.

        Raises:
            SwapRefused: no such file, another one than was meant, or no model.
        """
        async with self._turn:
            file = Path(path)
            name = file.name.removesuffix(ENDING)
            if name_of(app.ctx.agent) == name:
                return name
            loop = asyncio.get_running_loop()
            new = await loop.run_in_executor(None, _loaded, app.ctx.agent, file, sha256)
            app.ctx.agent = new
            log.info("model %s is in use", name)
            return name


def name_of(agent: Any) -> str | None:
    """Return the name of the model an agent has, None without one."""
    if agent is None or agent.processor is None:
        return None
    return str(agent.processor.model_path.name).removesuffix(ENDING)


def _loaded(old: Any, file: Path, sha256: str) -> Any:
    if not file.is_file() or not file.name.endswith(ENDING):
        raise SwapRefused(404, "no_such_model")
    if hashlib.sha256(file.read_bytes()).hexdigest() != sha256:
        raise SwapRefused(409, "another_file")
    try:
        new = Agent.load(
            str(file),
            tracker_store=_twin(old.tracker_store),
            lock_store=old.lock_store,
            action_endpoint=old.action_endpoint,
        )
    except Exception as error:
        log.error("model not loaded: %s", type(error).__name__)
        raise SwapRefused(422, "not_loaded") from error
    if not new.is_ready():
        raise SwapRefused(422, "not_loaded")
    return new


def _twin(store: Any) -> Any:
    """Return the same memory for another domain: turns in flight keep theirs."""
    return copy.copy(getattr(store, "_tracker_store", store))
