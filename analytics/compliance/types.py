"""What an audit reads and what it finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Speaker = Literal["customer", "bot", "agent", "system"]
Severity = Literal["low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a talk; ``at`` is aware, ``seq`` counts up."""

    seq: int
    speaker: Speaker
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseFact:
    """A case as it stands: what must be done by ``due``, None where nothing is."""

    case_no: str
    kind: str
    due: datetime | None
    done: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What is committed about a talk.

    Attributes:
        rows: kinds of rows there are, each with the moment it was written:
            refund, exchange, reship, repair, compensation, case.
        handed_over: moments a person was called or came.
    """

    rows: tuple[tuple[str, datetime], ...] = ()
    handed_over: tuple[datetime, ...] = ()
    cases: tuple[CaseFact, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach of one rule, with the sentence it stands on.

    ``start`` and ``end`` are the span of ``sentence`` in the message ``seq``;
    a finding on a case has no message: ``seq`` is None and ``sentence`` empty.
    ``words`` is what matched, ``basis`` the text the rule comes from.
    """

    rule: str
    version: str
    severity: Severity
    basis: str
    seq: int | None
    speaker: str
    sentence: str
    start: int
    end: int
    words: str
    case_no: str | None = None
