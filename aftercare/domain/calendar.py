"""Days as the law counts them: in Asia/Shanghai, from the day after an event."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

SHOP_ZONE = ZoneInfo("Asia/Shanghai")


def shop_day(moment: datetime) -> date:
    """Return the calendar day of an aware moment in Asia/Shanghai.

    Raises:
        ValueError: the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(SHOP_ZONE).date()


def days_since(event: datetime, now: datetime) -> int:
    """Count whole days after the event's day: the day after the event is day 1."""
    return (shop_day(now) - shop_day(event)).days


def last_day(event: datetime, days: int) -> date:
    """Return the last day on which a term of so many days may still be used.

    Source: Interim Measures for Seven-Day No-Reason Return (SAIC order 90,
    2017, revised 2020), art. 10: the term starts on the day after sign-off.
    """
    return shop_day(event) + timedelta(days=days)


def business_day(day: date, holidays: frozenset[date] = frozenset()) -> date:
    """Return the day itself, or the next one that is no weekend and no holiday."""
    while day.weekday() >= 5 or day in holidays:
        day += timedelta(days=1)
    return day
