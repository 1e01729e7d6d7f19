"""Agents whose habits differ from their peers': a funnel, not a ranking.

Source: Spiegelhalter 2005, "Funnel plots for comparing institutional
performance": z-scores with over-dispersion estimated from winsorised peers, and
a false discovery rate over all (Benjamini & Hochberg 1995).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import false_discovery_control, norm

WINSOR = 0.1
FEWEST = 20  # handled cases before an agent is compared


@dataclass(frozen=True, slots=True)
class AgentNote:
    """``rate`` against ``peers``; ``z`` above 0 is more than peers do."""

    agent: str
    rate: float
    peers: float
    z: float
    false_alarm: float
    handled: int


def unusual_agents(
    events: Mapping[str, tuple[int, int]], level: float = 0.05
) -> list[AgentNote]:
    """Return agents unlike their peers, most unlike first.

    ``events`` is agent -> (times it happened, cases handled), for example
    exceptions granted or refunds beyond the rule. ``level`` is the share of
    false alarms borne among those named. Fewer than five comparable agents:
    nobody is named.
    """
    if any(not 0 <= k <= n for k, n in events.values()):
        raise ValueError("an event cannot happen more often than cases handled")
    names = sorted(a for a, (_, n) in events.items() if n >= FEWEST)
    if len(names) < 5:
        return []
    count = np.array([events[a][0] for a in names], float)
    handled = np.array([events[a][1] for a in names], float)
    # Peers without the agent: one heavy case must not hide itself.
    others = handled.sum() - handled
    peers = (count.sum() - count + 0.5) / (others + 1)
    # Arcsine: the spread of a share is the same wherever the share lies.
    gap = np.arcsin(np.sqrt((count + 0.375) / (handled + 0.75)))
    z = 2 * np.sqrt(handled + 0.5) * (gap - np.arcsin(np.sqrt(peers)))
    low, high = np.quantile(z, [WINSOR, 1 - WINSOR])
    spread = max(float((np.clip(z, low, high) ** 2).mean()), 1.0)
    z = z / np.sqrt(spread)
    alarm = false_discovery_control(2 * norm.sf(np.abs(z)))
    notes = [
        AgentNote(a, float(c / n), float(p), float(d), float(f), int(n))
        for a, c, n, p, d, f in zip(names, count, handled, peers, z, alarm, strict=True)
        if f <= level
    ]
    return sorted(notes, key=lambda note: -abs(note.z))
