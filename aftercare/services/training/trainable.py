"""What a model must say of itself to be trained, weighed and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine


class TooFewError(Exception):
    """The shop's data do not yet suffice; what served before goes on serving."""

    def __init__(self, rows: int, needed: int) -> None:
        """Keep both numbers for the report."""
        super().__init__(f"{rows} rows, {needed} needed")
        self.rows = rows


@dataclass(frozen=True, slots=True)
class Trained:
    """A fitted model with what was measured on data it had not seen.

    `rival` measures another model in the same way on the same data; without it
    a new version is held against the figure kept with the old one.
    """

    model: Any
    rows: int
    metrics: dict[str, float]
    rival: Callable[[Any], float] | None = None


@dataclass(frozen=True, slots=True)
class Trainable:
    """One model of the shop.

    Attributes:
        train: fits from the database as it was at a moment; it may raise
            TooFewError, or anything: then nothing changes.
        metric: the figure that decides between an old and a new version.
        higher: whether more of it is better.
        floor: worse than this is never taken into use; None sets no floor.
        limit: the process that trains is ended after so long.
        slack: share by which a new version may measure worse: noise of a night.
    """

    name: str
    train: Callable[[Engine, datetime], Trained]
    metric: str
    higher: bool
    floor: float | None = None
    limit: timedelta = timedelta(minutes=10)
    slack: float = 0.02

    def good(self, new: float, old: float | None) -> bool:
        """Return whether a new figure clears the floor and is no worse than an old.

        NaN is never good.
        """
        if new != new:
            return False
        sign = 1.0 if self.higher else -1.0
        if self.floor is not None and sign * (new - self.floor) < 0:
            return False
        if old is None or old != old:
            return True
        return sign * (new - old) >= -self.slack * abs(old)
