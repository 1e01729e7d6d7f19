"""What the calendar knows beforehand: holidays, shopping festivals, promotions.

Public holidays and the workdays moved for them come from `holidays`; lunar ones
move with the moon. After-sales contacts follow a sale: the column families of a
festival say how they build up, peak, and come back with deliveries and returns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import holidays
import numpy as np
import pandas as pd
import yaml

from analytics.forecast.types import Floats

SPRING = ("Chinese New Year", "Spring Festival")
# Centres and half-widths, in days after the peak, of what comes back.
ECHOES = ((3, 3), (7, 4), (14, 7))


@dataclass(frozen=True, slots=True)
class Festival:
    """One shopping festival of a year; ``weight`` 1 is as big as Double 11."""

    code: str
    peak: date
    lead: int
    lag: int
    weight: float


@dataclass(frozen=True, slots=True)
class Promotion:
    """A sale of the shop's own; ``strength`` 1 is as big as Double 11."""

    first: date
    last: date
    strength: float


@lru_cache(maxsize=1)
def _kinds() -> tuple[dict[str, Any], ...]:
    text = (Path(__file__).parent / "festivals.yml").read_text("utf-8")
    return tuple(yaml.safe_load(text)["festivals"])


def festival_names() -> dict[str, str]:
    """Return the name in Chinese of each festival's code."""
    return {kind["code"]: kind["name"] for kind in _kinds()}


@lru_cache(maxsize=8)
def _public(country: str, first: int, last: int) -> Any:
    return holidays.country_holidays(
        country, years=range(first, last + 1), language="en_US"
    )


def spring_festivals(first: int, last: int) -> list[date]:
    """Return the lunar New Year's day of each year."""
    public = _public("CN", first, last)
    found: dict[int, date] = {}
    for day in sorted(public):
        name = public[day]
        if name.startswith(SPRING) and "Eve" not in name:
            found.setdefault(day.year, day)
    return list(found.values())


def festivals(first: date, last: date) -> list[Festival]:
    """Return the festivals whose peaks lie within two months of the period."""
    years = range(first.year - 1, last.year + 2)
    springs = {day.year: day for day in spring_festivals(years[0], years[-1])}
    out = []
    for kind in _kinds():
        for year in years:
            if "before_spring" in kind:
                if year not in springs:
                    continue
                peak = springs[year] - timedelta(days=kind["before_spring"])
            else:
                peak = date(year, kind["month"], kind["day"])
            if first - timedelta(days=60) <= peak <= last + timedelta(days=60):
                out.append(
                    Festival(
                        kind["code"], peak, kind["lead"], kind["lag"], kind["weight"]
                    )
                )
    return sorted(out, key=lambda festival: festival.peak)


def event_shapes(offset: Floats, lead: int, lag: int) -> dict[str, Floats]:
    """Return the basis of one event by days from its peak: part -> (days,)."""
    ramp = np.where((offset >= -lead) & (offset < 0), (offset + lead) / lead, 0.0)
    out = {"build": ramp, "peak": ((offset >= 0) & (offset <= 1)).astype(float)}
    for centre, half in ECHOES:
        bump = np.clip(1 - np.abs(offset - centre) / half, 0, None)
        out[f"after{centre}"] = np.where(offset <= lag, bump, 0.0)
    return out


class EventCalendar:
    """Regressors by day for a country's holidays, festivals and own promotions.

    Args:
        country: ISO code as `holidays` knows it; "CN" adds the lunar New Year.
        shopping: whether the Chinese shopping festivals move this series.
        promotions: the shop's own sales, past and planned.
        month_ends: whether the first and last open days of a month differ
            (pay days, statements).
    """

    def __init__(
        self,
        country: str = "CN",
        *,
        shopping: bool = True,
        promotions: Sequence[Promotion] = (),
        month_ends: bool = False,
    ) -> None:
        self.country = country
        self.shopping = shopping
        self.promotions = tuple(promotions)
        self.month_ends = month_ends

    def regressors(self, days: pd.DatetimeIndex) -> pd.DataFrame:
        """Return one row a day: event columns named ``family:code``."""
        columns = self._holidays(days)
        if self.shopping:
            columns |= self._festivals(days)
        if self.promotions:
            columns |= self._promotions(days)
        if self.month_ends:
            columns |= _month_ends(days)
        frame = pd.DataFrame(columns, index=days)
        return frame.loc[:, (frame != 0).any()]

    def _holidays(self, days: pd.DatetimeIndex) -> dict[str, Floats]:
        public = _public(self.country, days[0].year - 1, days[-1].year + 1)
        dates = [day.date() for day in days]
        off = np.array([day in public for day in dates], float)
        moved: set[date] = getattr(public, "weekend_workdays", set())
        out = {
            "holiday:off": off,
            "holiday:moved_workday": np.array([d in moved for d in dates], float),
            "holiday:day_after": np.array(
                [_closed_before(d, public) for d in dates], float
            ),
        }
        if self.country == "CN":
            out |= self._spring(days)
        return out

    def _spring(self, days: pd.DatetimeIndex) -> dict[str, Floats]:
        steps = {"before": (-10, -1), "week": (0, 6), "after": (7, 15)}
        out = {f"holiday:spring_{name}": np.zeros(len(days)) for name in steps}
        for new_year in spring_festivals(days[0].year - 1, days[-1].year + 1):
            offset = _offsets(days, new_year)
            for name, (low, high) in steps.items():
                hit = (offset >= low) & (offset <= high)
                out[f"holiday:spring_{name}"] += hit
        return out

    def _festivals(self, days: pd.DatetimeIndex) -> dict[str, Floats]:
        out: dict[str, Floats] = {}
        for festival in festivals(days[0].date(), days[-1].date()):
            away = _offsets(days, festival.peak)
            shapes = event_shapes(away, festival.lead, festival.lag)
            for part, shape in shapes.items():
                for owner in ("any", festival.code):
                    key = f"festival:{owner}:{part}"
                    have = out.get(key, np.zeros(len(days)))
                    out[key] = have + festival.weight * shape
        return out

    def _promotions(self, days: pd.DatetimeIndex) -> dict[str, Floats]:
        out: dict[str, Floats] = {}
        for sale in self.promotions:
            during = (days.date >= sale.first) & (days.date <= sale.last)
            shapes = {"during": during.astype(float)}
            shapes |= event_shapes(_offsets(days, sale.last), 1, 21)
            for part in ("during", *(f"after{centre}" for centre, _ in ECHOES)):
                key = f"promotion:{part}"
                have = out.get(key, np.zeros(len(days)))
                out[key] = have + sale.strength * shapes[part]
        return out


def _offsets(days: pd.DatetimeIndex, peak: date) -> Floats:
    return np.asarray((days - pd.Timestamp(peak)).days, float)


def _closed_before(day: date, public: Any) -> bool:
    """Whether the last weekday before ``day`` was a holiday."""
    back = day - timedelta(days=1)
    while back.weekday() >= 5 and back not in public:
        back -= timedelta(days=1)
    return back in public and day not in public


def _month_ends(days: pd.DatetimeIndex) -> dict[str, Floats]:
    """Return marks of the first three and last two weekdays of each month."""
    start = days.to_period("M").start_time
    first = np.busday_count(start.values.astype("M8[D]"), days.values.astype("M8[D]"))
    after = days.to_period("M").end_time.normalize() + pd.DateOffset(days=1)
    last = np.busday_count(days.values.astype("M8[D]"), after.values.astype("M8[D]"))
    out = {f"month:first{n + 1}": (first == n).astype(float) for n in range(3)}
    return out | {f"month:last{n}": (last == n).astype(float) for n in (1, 2)}
