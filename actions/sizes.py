"""Sizes of shoes and clothes as messages name them."""

from __future__ import annotations

import re

# A shoe size or a letter, standing alone: sizes of phones and fridges are longer.
SIZE = re.compile(
    r"(?<![0-9.])(?:3[3-9]|4[0-9])(?![0-9.])|(?<![A-Za-z0-9])(?:X{0,3}[SL]|M)(?![A-Za-z0-9])",
    re.IGNORECASE,
)
# A number in a longer message counts something else.
SHORT = 12


def size_named(text: str) -> str | None:
    """Return the size a short message names, None if it names none."""
    return last_size(text) if len(text) <= SHORT else None


def last_size(text: str) -> str | None:
    """Return the size a message names last, which is the one that is wanted."""
    found = SIZE.findall(text)
    return str(found[-1]).upper() if found else None
