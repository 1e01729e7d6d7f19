"""Families of intents: what a report counts by and an agent is skilled in."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import yaml

FAMILIES: dict[str, list[str]] = yaml.safe_load(
    (Path(__file__).parent / "families.yml").read_text(encoding="utf-8")
)
_OF = {intent: family for family, intents in FAMILIES.items() for intent in intents}
# What says nothing of the matter itself: a question for a person, a greeting.
IDLE = frozenset({"service", "talk"})


def family_of(intent: str | None) -> str:
    """Return the family of an intent; what is in none is small talk."""
    return _OF.get(intent or "", "talk")


def matter_of(intents: Iterable[str | None]) -> str | None:
    """Return the family of the first intent that is about a matter, else None."""
    families = (family_of(intent) for intent in intents)
    return next((family for family in families if family not in IDLE), None)
