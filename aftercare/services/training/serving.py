"""The trained model in use, held in memory; a broken one is as if it were not."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from aftercare.services import analytics_models as models
from aftercare.services.training.pack import unpack

LOOK_EVERY_S = 60.0

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Held:
    looked_at: float
    version: int | None
    model: Any


_held: dict[tuple[str, str], _Held] = {}
_lock = threading.Lock()


def current[Model](engine: Engine, name: str, kind: type[Model]) -> Model | None:
    """Return the model in use if it is of this kind, else None; never raises.

    A version that cannot be read is passed over for the one before it. A new
    version is noticed within a minute.
    """
    key = (str(engine.url), name)
    with _lock:
        held = _held.get(key)
        if held is None or time.monotonic() - held.looked_at > LOOK_EVERY_S:
            held = _held[key] = _look(engine, name, held)
    return held.model if isinstance(held.model, kind) else None


def forget() -> None:
    """Drop what is held, so that the next caller looks again."""
    with _lock:
        _held.clear()


def _look(engine: Engine, name: str, before: _Held | None) -> _Held:
    now = time.monotonic()
    try:
        version = models.version_in_use(engine, name)
        if before is not None and version == before.version:
            return _Held(now, version, before.model)
        for stored in models.unbroken(engine, name):
            try:
                return _Held(now, version, unpack(stored.payload))
            except Exception as error:  # whatever a torn payload does, it ends here
                log.error("model %s %s: %s", name, stored.version, type(error).__name__)
        return _Held(now, version, None)
    except SQLAlchemyError as error:
        log.warning("model %s not looked up: %s", name, type(error).__name__)
        return _Held(now, None, before.model if before else None)
