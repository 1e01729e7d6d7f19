"""One clock for all that happens: each story is told a step at a time, in order."""

from __future__ import annotations

import heapq
from collections.abc import Generator
from datetime import datetime, timedelta

from aftercare.domain.calendar import SHOP_ZONE

# A story does something and yields the moment of what it does next.
Story = Generator[datetime, None, None]
# A part of a story that says whether it came off.
Part = Generator[datetime, None, bool]
OPENS, SHUTS = 9, 22


class Clock:
    """Runs stories side by side, always the earliest moment first."""

    def __init__(self) -> None:
        """Start with nothing to tell."""
        self._waiting: list[tuple[datetime, int, Story]] = []
        self._number = 0

    def begin(self, at: datetime, story: Story) -> None:
        """Let a story begin at a moment."""
        self._number += 1
        heapq.heappush(self._waiting, (at, self._number, story))

    def run(self, until: datetime) -> None:
        """Tell everything up to a moment; what would come later is left untold."""
        while self._waiting and self._waiting[0][0] <= until:
            _, number, story = heapq.heappop(self._waiting)
            following = next(story, None)
            if following is not None:
                heapq.heappush(self._waiting, (following, number, story))


def in_hours(at: datetime) -> datetime:
    """Return the moment itself while people work, else when they begin again."""
    local = at.astimezone(SHOP_ZONE)
    if OPENS <= local.hour < SHUTS:
        return at
    opens = local.replace(hour=OPENS, minute=local.minute % 25, second=local.second)
    return opens if local.hour < OPENS else opens + timedelta(days=1)
