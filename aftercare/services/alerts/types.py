"""What a watcher reports, and where it is mailed to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func
from sqlalchemy.orm import Session

Severity = Literal["medium", "high"]
# One alert shows so many; the page opens the rest.
MOST_EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class Report:
    """One unusual thing: of what kind, about what, why, and with which examples.

    `causes` names what could be behind it (`product:…`, `carrier:…`), so that
    alerts of one incident are shown together.
    """

    kind: str
    subject: str
    severity: Severity
    figures: dict[str, Any]
    examples: list[str] = field(default_factory=list)
    causes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where mail goes: `url` is smtp://user:password@host:port or smtps://…"""

    url: str
    sender: str
    to: Sequence[str]


def hours_of(session: Session, moment: Any) -> Any:
    """Return a column's hours since the epoch, as an expression of each database."""
    return spans_of(session, moment, 3600)


def spans_of(session: Session, moment: Any, seconds: int) -> Any:
    """Return a column's spans of so many seconds since the epoch, as `hours_of`."""
    if session.get_bind().dialect.name == "sqlite":
        return func.unixepoch(moment) // seconds
    return func.floor(func.extract("epoch", moment) / seconds)


def days_back(session: Session, moment: Any, now: datetime) -> Any:
    """Return how many whole days before `now` a column lies, as an expression."""
    seconds = int(now.timestamp())
    if session.get_bind().dialect.name == "sqlite":
        return (seconds - func.unixepoch(moment)) // 86_400
    return func.floor((seconds - func.extract("epoch", moment)) / 86_400)
