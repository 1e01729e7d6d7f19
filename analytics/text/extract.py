"""The one extraction of facts from a text, for masking, evaluation and marking."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from analytics.text.addresses import places
from analytics.text.money import amount
from analytics.text.names import names
from analytics.text.normalise import fold
from analytics.text.numbers import numbers
from analytics.text.pipeline import analyse
from analytics.text.tables import table

# Of two that overlap the earlier kind stays.
KINDS: Final = (
    "id_card",
    "bank_card",
    "phone",
    "email",
    "tracking_number",
    "order_number",
    "account",
    "money",
    "address",
    "date",
    "name",
    "place",
)
# What needs the dictionary and the matcher; the others are found by their signs.
_BY_WORDS: Final = frozenset({"money", "date", "address", "name", "place"})
_RANK = {kind: rank for rank, kind in enumerate(KINDS)}
_MAIL_SIGNS = frozenset("._%+-")
_MAIL_NAME, _MAIL_HOST = 64, 255  # RFC 5321, section 4.5.3.1
_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-]{4,24}")
# Without a digit, an "@" or a sign beyond ASCII a text holds nothing of ours.
_WORTH = re.compile(r"[0-9@]|[^\x00-\x7f]")

Span = tuple[str, int, int, str]


@dataclass(frozen=True, slots=True)
class Entity:
    """One fact: its kind (see ``KINDS``), its place in the text as it was given
    (``start`` up to ``end``), and its value: digits of a number, decimal yuan of
    a sum, otherwise the folded words.
    """

    kind: str
    start: int
    end: int
    value: str


def extract(text: str, kinds: Collection[str] = KINDS) -> tuple[Entity, ...]:
    """Return what of ``kinds`` is in ``text``, in reading order, without overlaps.

    Takes any length, in time linear in it, and is safe to call from threads.
    """
    if not _WORTH.search(text):
        return ()
    folded = fold(text)
    spans = [*numbers(folded.text), *_mails(folded.text), *_accounts(folded.text)]
    if not folded.text.isascii() and not _BY_WORDS.isdisjoint(kinds):
        spans += _spoken(folded.text)
    return tuple(
        Entity(kind, *folded.span(start, end), value)
        for kind, start, end, value in _without_overlaps(spans)
        if kind in kinds
    )


def warm() -> None:
    """Load the dictionary and the matcher now, so that no caller waits for them."""
    analyse(str(table("numbers")["joints"]))


def _spoken(text: str) -> Iterator[Span]:
    tokens, matches = analyse(text)
    for match in matches:
        chosen = tokens[match.first : match.last]
        start, end = chosen[0].start, chosen[-1].end
        value = amount(chosen) if match.name == "money" else text[start:end]
        if value is not None:
            yield match.name, start, end, value
    yield from places(text, tokens)
    yield from names(text, tokens)


def _without_overlaps(spans: list[Span]) -> list[Span]:
    free: list[Span] = []
    used: set[int] = set()
    for span in sorted(spans, key=lambda s: (_RANK[s[0]], s[1] - s[2], s[1])):
        covered = range(span[1], span[2])
        if used.isdisjoint(covered):
            used.update(covered)
            free.append(span)
    return sorted(free, key=lambda span: span[1])


def _mails(text: str) -> Iterator[Span]:
    """Addresses of e-mail, read outwards from each "@"."""
    place = text.find("@")
    while place >= 0:
        start, end = place, place + 1
        while start > 0 and place - start < _MAIL_NAME and _mail(text[start - 1]):
            start -= 1
        while end < len(text) and end - place < _MAIL_HOST and _mail(text[end]):
            end += 1
        value = text[start:end].rstrip(".")
        if start < place and "." in value[place - start :].strip("."):
            yield "email", start, start + len(value), value
        place = text.find("@", end)


def _mail(sign: str) -> bool:
    return sign.isascii() and (sign.isalnum() or sign in _MAIL_SIGNS)


def _accounts(text: str) -> Iterator[Span]:
    """Names of accounts elsewhere: only after a word that announces one."""
    lower = text.lower()
    joints = frozenset(str(table("numbers")["account_joints"]))
    for cue in _account_cues():
        place = lower.find(cue)
        while place >= 0:
            start = place + len(cue)
            for _ in range(4):
                start += start < len(text) and text[start] in joints
            hit = _ACCOUNT.match(text, start)
            if hit:
                yield "account", start, hit.end(), hit.group()
            place = lower.find(cue, place + len(cue))


@cache
def _account_cues() -> tuple[str, ...]:
    cues = table("numbers")["accounts"]["account"]
    return tuple(sorted(cues, key=len, reverse=True))
