"""Counters of this process as Prometheus text; no personal data, no ids."""

from __future__ import annotations

from collections import Counter

BUCKETS_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 9.0, 30.0)


class Metrics:
    """Counts by name and one label, and the seconds of turns."""

    def __init__(self) -> None:
        """Start at zero."""
        self._counts: Counter[tuple[str, str]] = Counter()
        self._turns: Counter[float] = Counter()
        self._seconds = 0.0
        self._number = 0
        self.sockets = 0

    def count(self, name: str, label: str = "") -> None:
        """Add one; the label is a reason code, never a customer's."""
        self._counts[name, label] += 1

    def turn(self, seconds: float) -> None:
        """Add one answered turn."""
        self._number += 1
        self._seconds += seconds
        for bucket in BUCKETS_S:
            if seconds <= bucket:
                self._turns[bucket] += 1

    def text(self) -> str:
        """Return everything in Prometheus' exposition format."""
        lines = [
            "# TYPE aftercare_sockets gauge",
            f"aftercare_sockets {self.sockets}",
            "# TYPE aftercare_events_total counter",
        ]
        for (name, label), number in sorted(self._counts.items()):
            labels = f'event="{name}",reason="{label}"'
            lines.append(f"aftercare_events_total{{{labels}}} {number}")
        lines.append("# TYPE aftercare_turn_seconds histogram")
        for bucket in BUCKETS_S:
            count = self._turns[bucket]
            lines.append(f'aftercare_turn_seconds_bucket{{le="{bucket}"}} {count}')
        lines.append(f'aftercare_turn_seconds_bucket{{le="+Inf"}} {self._number}')
        lines.append(f"aftercare_turn_seconds_sum {self._seconds:.3f}")
        lines.append(f"aftercare_turn_seconds_count {self._number}")
        return "\n".join(lines) + "\n"
