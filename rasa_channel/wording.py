"""The words of clauses: where they end, which are marked, what they lack."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

SOURCE = Path(__file__).with_name("clauses.yml")


@lru_cache(maxsize=1)
def words() -> dict[str, Any]:
    """Return the words of clauses.yml."""
    found: dict[str, Any] = YAML(typ="safe").load(SOURCE.read_text(encoding="utf-8"))
    return found


def says_yes(text: str) -> bool:
    """Return whether a message only says yes to what was offered."""
    known = words()
    plain = text.strip()
    agrees = known["agrees"]
    return plain in agrees or plain.rstrip(known["particles"]) in agrees


def split(text: str) -> list[str]:
    """Return the clauses of a text, none of them empty."""
    parts = (part.strip() for part in re.split(words()["breaks"], text))
    return [part for part in parts if part]


def joined(clauses: Sequence[str]) -> str:
    """Return clauses as one text."""
    return ",".join(clauses)


def is_marked(clause: str) -> bool:
    """Return whether a clause says itself that it is another matter."""
    known = words()
    within = any(word in clause for word in known["also_within"])
    return within or clause.startswith(tuple(known["also"]))


def bare(clause: str) -> str:
    """Return a clause without the word that joined it on."""
    for word in sorted(words()["also"], key=len, reverse=True):
        if clause.startswith(word) and len(clause) > len(word):
            return clause[len(word) :]
    return clause


def is_choice(text: str) -> bool:
    """Return whether a text gives the choice between two ways of one matter."""
    return any(word in text for word in words()["choice"])


def tells_of_failing(clause: str) -> bool:
    """Return whether a clause says that something does not work, and asks nothing."""
    return bool(re.search(words()["fails"], clause)) and tells(clause)


def tells(clause: str) -> bool:
    """Return whether a clause has no sign of a question, nor of urging."""
    return re.search(words()["asking"], clause) is None
