"""Personal data covered up, wherever a conversation is shown or taken out.

What is personal, and where it is, `analytics.text` says; here it is kept for
texts that are shown again and again.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from aftercare.cover import BY_SIGNS
from analytics.text import mask

TEXTS = yaml.safe_load(
    (Path(__file__).parent / "texts.yml").read_text(encoding="utf-8")
)


@lru_cache(maxsize=4096)
def mask_text(text: str) -> str:
    """Return a text without names, addresses, accounts and personal numbers.

    Numbers of twelve digits and more (orders, bank cards) are covered too.
    """
    return mask(text)


def mask_numbers(text: str) -> str:
    """Return a text without personal numbers and mail addresses; names stay."""
    return mask(text, BY_SIGNS)


def mask_all(value: Any) -> Any:
    """Return a JSON value with every string in it masked; keys stay."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, list):
        return [mask_all(item) for item in value]
    if isinstance(value, dict):
        return {key: mask_all(item) for key, item in value.items()}
    return value


def mask_phone(phone: str) -> str:
    """Return a phone number with its middle covered."""
    return phone[:3] + "****" + phone[-4:] if len(phone) > 7 else "*" * len(phone)


def mask_name(name: str) -> str:
    """Return a name of which only the family name is left."""
    return name[:1] + "*" * max(1, len(name) - 1) if name else ""
