"""The incidents of a simulated fortnight, and the alerts that would be right."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from benchmarks.fortnight_build import WRONG
from benchmarks.fortnight_plot import DAYS, FIRST, Plot
from benchmarks.fortnight_shop import BEGIN, DAY

FLOOD = frozenset({("volume_jump", "shop"), ("mood", "shop"), ("waits", "shop")})


@dataclass(frozen=True)
class Incident:
    """What was planted, when it began, and the alerts that would be right."""

    name: str
    begins: datetime
    ends: datetime
    kinds: frozenset[tuple[str, str]]
    # So long after its end an alert may still be about it.
    slack: timedelta = 2 * DAY


def incidents(plot: Plot = FIRST) -> list[Incident]:
    """Return what is planted and when."""
    striker, promiser = plot.striker, str(plot.promiser)
    found = [
        _incident("bad batch", plot.bad_days, {("product_faults", plot.bad)}),
        _incident(
            "carrier's strike",
            (plot.strike[0], plot.strike[1] + 1),
            {
                ("carrier_silent", striker),
                ("carrier_stall", striker),
                ("question_rise", "track_logistics"),
                *FLOOD,
            },
        ),
        _incident("ring of accounts", (plot.ring_back[0], DAYS), {("risk_ring", "*")}),
    ]
    if plot.promiser:
        kinds = {("unkept_promise", promiser), ("agent_findings", promiser)}
        found.append(_incident("agent promises", (plot.promises_from, DAYS), kinds))
    if plot.owed:
        kinds = {("refund_due", "shop"), ("refund_overdue", "shop")}
        found.append(_incident("refunds owed by law", (plot.owed_from, DAYS), kinds))
    return found + _more(plot)


def _more(plot: Plot) -> list[Incident]:
    found = []
    if plot.surge is not None:
        day = (plot.surge, plot.surge + 1)
        festival = _incident("festival", day, set(FLOOD))
        found.append(replace(festival, slack=timedelta()))
    if plot.wrong_from is not None:
        kinds = {("article_unhelpful", WRONG)}
        found.append(_incident("wrong article", (plot.wrong_from, DAYS), kinds))
    if plot.late_agent is not None:
        kinds = {("slow_replies", str(plot.late_agent))}
        found.append(_incident("late answers", (plot.late_from, DAYS), kinds))
    if plot.recalled is not None:
        day = (plot.recalled_on, plot.recalled_on + 3)
        kinds = {
            ("question_rise", "ask_warranty"),
            ("product_returns", plot.recalled),
            *FLOOD,
        }
        found.append(_incident("recall by the maker", day, kinds))
    if plot.unpaid_from is not None:
        kinds = {("question_rise", "ask_refund_progress")}
        found.append(_incident("money held back", (plot.unpaid_from, DAYS), kinds))
    return found


def _incident(
    name: str, days: tuple[float, float], kinds: set[tuple[str, str]]
) -> Incident:
    first, last = (BEGIN + n * DAY for n in days)
    return Incident(name, first, last, frozenset(kinds))
