"""The trained model in use, held in memory; a broken one is as if it were not.

Reading a model takes up to half a second of processor. Only who asks first for a
name waits for it; a newer version is read beside the talks, which go on with the
one that is held.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class _Place:
    """Where one model of one shop is held; `looking` is taken by who reads it."""

    held: _Held | None = None
    looking: threading.Lock = field(default_factory=threading.Lock)


_places: dict[tuple[str, str], _Place] = {}
_lock = threading.Lock()


def current[Model](engine: Engine, name: str, kind: type[Model]) -> Model | None:
    """Return the model in use if it is of this kind, else None; never raises.

    A version that cannot be read is passed over for the one before it. A new
    version is noticed within a minute, and is in use as soon as it was read.
    """
    with _lock:
        place = _places.setdefault((str(engine.url), name), _Place())
    held = place.held or _first(place, engine, name)
    if time.monotonic() - held.looked_at > LOOK_EVERY_S:
        _look_again(place, engine, name)
    return held.model if isinstance(held.model, kind) else None


def forget() -> None:
    """Drop what is held, so that the next caller looks again."""
    with _lock:
        _places.clear()


def _first(place: _Place, engine: Engine, name: str) -> _Held:
    with place.looking:
        if place.held is None:
            place.held = _look(engine, name, None)
        return place.held


def _look_again(place: _Place, engine: Engine, name: str) -> None:
    """Look for a newer version in a thread, unless one looks already."""
    if not place.looking.acquire(blocking=False):
        return

    def look() -> None:
        try:
            place.held = _look(engine, name, place.held)
        finally:
            place.looking.release()

    threading.Thread(target=look, name=f"model-{name}", daemon=True).start()


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
