"""Personal data covered up, wherever a conversation is shown or taken out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

TEXTS = yaml.safe_load(
    (Path(__file__).parent / "texts.yml").read_text(encoding="utf-8")
)
_MASKS = [
    (re.compile(item["pattern"]), item["front"], item["back"])
    for item in TEXTS["masks"]
]


def mask_text(text: str) -> str:
    """Return a text without e-mails, identity and phone numbers, addresses.

    Numbers of twelve digits and more (orders, bank cards) are covered too.
    """
    for pattern, front, back in _MASKS:
        text = pattern.sub(_coverer(front, back), text)
    return text


def _coverer(front: int, back: int) -> Callable[[re.Match[str]], str]:
    return lambda found: _cover(found[0], front, back)


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
    return _cover(phone, 3, 4) if len(phone) > 7 else "*" * len(phone)


def mask_name(name: str) -> str:
    """Return a name of which only the family name is left."""
    return name[:1] + "*" * max(1, len(name) - 1) if name else ""


def _cover(text: str, front: int, back: int) -> str:
    return text[:front] + "****" + (text[-back:] if back else "")
