"""When a job is due: pure arithmetic on the shop's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from aftercare.domain.calendar import SHOP_ZONE


@dataclass(frozen=True, slots=True)
class Every:
    """Each so many minutes, counted from the epoch, so that all clocks agree."""

    minutes: int

    def latest(self, now: datetime) -> datetime:
        """Return the newest due moment that is not after `now`."""
        step = self.minutes * 60
        return datetime.fromtimestamp(now.timestamp() // step * step, UTC)


@dataclass(frozen=True, slots=True)
class Daily:
    """Once a day, or a week, at a time of day in Asia/Shanghai (0 = Monday)."""

    at: time
    weekday: int | None = None

    def latest(self, now: datetime) -> datetime:
        """Return the newest due moment that is not after `now`."""
        local = now.astimezone(SHOP_ZONE)
        due = datetime.combine(local.date(), self.at, SHOP_ZONE)
        if due > local:
            due -= timedelta(days=1)
        if self.weekday is not None:
            due -= timedelta(days=(due.weekday() - self.weekday) % 7)
        return due.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class OnRequest:
    """Whenever a person asks; the requests themselves say when."""

    def latest(self, now: datetime) -> datetime:
        """Return `now`: no moment of its own is due."""
        return now


Schedule = Every | Daily | OnRequest
