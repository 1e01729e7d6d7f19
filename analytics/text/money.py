"""Sums of money as decimal yuan."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from analytics.text.pipeline import Token
from analytics.text.tables import table


def amount(tokens: list[Token]) -> str | None:
    """Return the sum that some words name, as decimal yuan, None if it is none.

    "199.5元", "三百五十块", "12块5", "1.2万元".
    """
    spoken = table("spoken")
    total = Decimal(0)
    unit = Decimal(1)
    seen = False
    pending: Decimal | None = None
    for token in tokens:
        if token.role in ("num", "figure"):
            pending = figure(token.text)
            seen = seen or pending is not None
            continue
        scale = spoken["scales"].get(token.text.lower())
        if scale is None or pending is None:
            continue
        unit = Decimal(str(scale))
        total += pending * unit
        pending = None
    if pending is not None:  # "12块5" is half a yuan more; "¥12" has no unit after it
        small = total and pending < 10
        total += pending / 10 if small else pending
    return str(total.normalize().quantize(Decimal("0.01"))) if seen else None


def figure(text: str) -> Decimal | None:
    """Return the number that digits or Chinese figures write, None if none."""
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        return _chinese(text)


def _chinese(text: str) -> Decimal | None:
    spoken = table("spoken")
    values, powers = spoken["values"], spoken["powers"]
    total = section = 0
    digit: int | None = None
    last = 1
    for sign in text:
        if sign in values:
            digit = int(values[sign])
            # "一百零五" is 105, "一百五" is 150.
            last = 10 if digit == 0 else last
        elif sign in powers:
            power = int(powers[sign])
            if power == 10_000:
                total, section = (total + section + (digit or 0)) * power, 0
            else:
                section += (1 if digit is None else digit) * power
            digit, last = None, power
        elif sign != spoken["half"]:
            return None
    if digit is not None:
        section += digit * (last // 10 if last > 10 else 1)
    return Decimal(total + section)
