"""Why a wait is what it is, in codes that a message catalogue words."""

from __future__ import annotations

from analytics.waiting.state import Basis, QueueState

LONG, SHORT = 1.5, 0.67  # times the usual wait
SOON_S = 1800.0


def reason_codes(
    state: QueueState, expected_s: float, usual_s: float | None, basis: Basis
) -> tuple[str, ...]:
    """Return codes, most weighty first; ``usual_s`` is the median of late.

    ``queue_ahead`` | ``next_in_line``, ``longer_than_usual`` |
    ``shorter_than_usual``, ``agents_join_soon`` | ``agents_leave_soon``,
    ``few_agents``, ``little_history``.
    """
    codes = ["next_in_line" if state.position == 1 else "queue_ahead"]
    if usual_s is not None and expected_s > LONG * usual_s:
        codes.append("longer_than_usual")
    elif usual_s is not None and expected_s < SHORT * usual_s:
        codes.append("shorter_than_usual")
    change = sum(c.slots for c in state.plan if c.in_s <= SOON_S)
    if change:
        codes.append("agents_join_soon" if change > 0 else "agents_leave_soon")
    if state.agents_online <= 2:
        codes.append("few_agents")
    if basis == "defaults":
        codes.append("little_history")
    return tuple(codes)
