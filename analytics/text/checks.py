"""Check digits: what tells a real number from one that looks like it."""

from __future__ import annotations

from datetime import date

# GB 11643-1999: weights 2^(17-i) mod 11, and the sign for each remainder.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_SIGNS = "10X98765432"
# First two digits of the administrative divisions, GB/T 2260, and 83 for Taiwan
# residents' permits.
_PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54"
    " 61 62 63 64 65 71 81 82 83".split()
)
# Issuers: China UnionPay 62 and 81, Visa 4, Mastercard 51-55 and 22-27, JCB 35,
# and the older domestic ranges 60, 68, 69, 90, 94, 95, 98.
_ISSUERS = ("62", "81", "4", "5", "22", "23", "24", "25", "26", "27", "35") + (
    "60",
    "68",
    "69",
    "90",
    "94",
    "95",
    "98",
)


def luhn(digits: str) -> bool:
    """Return whether the last digit checks the others (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, sign in enumerate(reversed(digits)):
        value = int(sign) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def bank_card(digits: str) -> bool:
    """Return whether 16 to 19 digits are a bank card's number."""
    return 16 <= len(digits) <= 19 and digits.startswith(_ISSUERS) and luhn(digits)


def id_card(number: str) -> bool:
    """Return whether 18 signs are a resident's identity number (GB 11643-1999)."""
    body, sign = number[:17], number[17:].upper()
    if len(number) != 18 or not body.isdigit() or body[:2] not in _PROVINCES:
        return False
    try:
        born = date(int(body[6:10]), int(body[10:12]), int(body[12:14]))
    except ValueError:
        return False
    if not 1900 <= born.year <= 2100:
        return False
    total = sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True))
    return sign == _SIGNS[total % 11]


def id_card_15(number: str) -> bool:
    """Return whether 15 digits have the form of the identity numbers before 2000.

    They carry no check digit, so the caller needs a word beside it.
    """
    if len(number) != 15 or not number.isdigit() or number[:2] not in _PROVINCES:
        return False
    try:
        date(1900 + int(number[6:8]), int(number[8:10]), int(number[10:12]))
    except ValueError:
        return False
    return True
